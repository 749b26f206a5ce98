//! What can be used and is probably not meant: told, not refused.

use super::Config;
use super::registration::RegistrationMode;
use super::sign_up::SignUpMode;

impl Config {
    /// A sentence for each setting that works and may surprise.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        [
            self.mail_goes_to_the_log(),
            self.issuer_is_elsewhere(),
            self.passkeys_are_off(),
            self.strangers_reach_inside(),
            self.nobody_ends_tls(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn mail_goes_to_the_log(&self) -> Option<String> {
        let promised = self.sign_up.mode == SignUpMode::Open && self.mail.url.is_none();
        promised.then(|| {
            "sign_up.mode is open and mail.url is not set: the letters that confirm an address go \
             to the log, which is good for a trial only"
                .to_owned()
        })
    }

    /// WebAuthn knows names only.
    fn passkeys_are_off(&self) -> Option<String> {
        let off = self.passkeys.enabled && !self.has_passkeys();
        off.then(|| {
            let issuer = self.server.issuer.as_str();
            format!("server.issuer is {issuer}, an IP address: there are no passkeys")
        })
    }

    /// Whoever registers a client names URLs that we fetch.
    fn strangers_reach_inside(&self) -> Option<String> {
        let open = self.registration.mode == RegistrationMode::Open;
        let reached = self.outbound.allow_private_networks && !self.server.issuer.is_loopback();
        (open && reached).then(|| {
            "registration.mode is open and outbound.allow_private_networks is on: anybody can make \
             Tessera ask servers inside your network"
                .to_owned()
        })
    }

    /// Something in front has to, then; and unless it is trusted, everybody comes from its address.
    fn nobody_ends_tls(&self) -> Option<String> {
        let server = &self.server;
        let alone = server.issuer.is_https()
            && server.tls.files().is_none()
            && server.trusted_proxies.is_empty();
        alone.then(|| {
            "server.issuer is https, server.tls is not set and server.trusted_proxies is empty: if a \
             proxy ends TLS, name its network in server.trusted_proxies, or everybody shares one \
             address in limits and logs; if none does, nobody can connect"
                .to_owned()
        })
    }

    /// An issuer on this machine that nothing of ours listens on: right behind a forwarded port,
    /// and a mistake otherwise.
    fn issuer_is_elsewhere(&self) -> Option<String> {
        let (issuer, listen) = (&self.server.issuer, self.server.listen);
        if !issuer.is_loopback() || listen.port() == 0 {
            return None;
        }
        let reached = listen.ip().is_loopback() || listen.ip().is_unspecified();
        if reached && issuer.url().port_or_known_default() == Some(listen.port()) {
            return None;
        }
        Some(format!(
            "server.issuer is {} and server.listen is {listen}: unless something forwards the one \
             to the other, people will not find Tessera",
            issuer.as_str()
        ))
    }
}
