//! `[registration]`: whether applications may register themselves, and within which limits.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::DAY;
use super::section::section;
use super::value::{Raw, Setting, quoted, text, words};

words! {
    /// Who may register a client over HTTP (RFC 7591).
    RegistrationMode {
        /// Nobody: the endpoint is not there.
        Off = "off",
        /// Whoever has an initial access token.
        Token = "token",
        /// Anybody.
        Open = "open",
    }
}

words! {
    /// A grant type that may be open to registration.
    RegistrableGrant {
        /// People sign in.
        AuthorizationCode = "authorization_code",
        /// And stay signed in.
        RefreshToken = "refresh_token",
        /// Machines.
        ClientCredentials = "client_credentials",
        /// Tokens through the browser, where `protocol.front_channel_tokens` is on.
        Implicit = "implicit",
    }
}

section! {
    /// Registration of applications by themselves (RFC 7591, RFC 7592, OpenID Connect
    /// Registration).
    RegistrationConfig {
        /// Default off: then the endpoint does not exist. `token` asks for an initial access token
        /// (`tessera client registration-token create`), `open` for nothing. With `token` and no
        /// token, nobody new comes in and those who are there still look after themselves.
        mode: RegistrationMode = RegistrationMode::Off;
        /// The scopes that may be registered; a client that names none gets them all. Default the
        /// ones of OpenID Connect: what they open is a person's own, and the person is asked.
        scopes: Vec<String> = ["openid", "profile", "email", "address", "phone", "offline_access"]
            .map(str::to_owned)
            .to_vec();
        /// The grant types that may be registered. Default without `client_credentials`: no person
        /// stands behind such a token, so a stranger could get one alone.
        grant_types: Vec<RegistrableGrant> =
            vec![RegistrableGrant::AuthorizationCode, RegistrableGrant::RefreshToken];
        /// How long a client secret works. Default none, which is for ever: a client that does not
        /// know how to renew its secret would stop one day. With it, a client gets a new secret when
        /// it updates its registration (RFC 7592) in the second half of this time.
        secret_lifetime: Option<Duration> = None;
        /// How many clients that registered themselves there may be. Default 10000: no honest
        /// installation has so many, and the database of a small machine takes them.
        max_clients: u32 = 10_000;
        /// Registrations and updates of one address within `throttle.window` that cost nothing, where
        /// `mode` is open; then waits grow as after failed logins. Default 20: a developer's day,
        /// or an office whose desktop programs register at once.
        per_address: u32 = 20;
        /// A client that registered itself is deleted after so long without a token request or an
        /// update, unless somebody's grant lives. `""` keeps it for ever. Default 90 d: as long as
        /// a refresh token may live in all.
        purge_unused_after: Option<Duration> = Some(90 * DAY);
        /// Whose software statements are believed (RFC 7591 §2.3), each `ISSUER=KEYS`, where KEYS is
        /// the https URL of a JWK set or a file with one. Default none: every statement is refused.
        software_statement_issuers: Vec<StatementIssuer> = Vec::new();
    }
}

impl RegistrationConfig {
    /// Whether the endpoint is there.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.mode != RegistrationMode::Off
    }
}

/// Somebody whose software statements are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementIssuer {
    /// The `iss` of its statements, byte for byte.
    pub issuer: String,
    /// Where its keys are.
    pub keys: StatementKeys,
}

/// Where the keys of an issuer of software statements are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKeys {
    /// A JWK set on this machine.
    File(PathBuf),
    /// A JWK set elsewhere, fetched like any `jwks_uri`.
    Uri(Url),
}

impl Setting for StatementIssuer {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .and_then(|text| text.split_once('='))
            .map(|(issuer, keys)| (issuer.trim(), keys.trim()))
            .filter(|(issuer, keys)| !issuer.is_empty() && !keys.is_empty())
            .and_then(|(issuer, keys)| {
                let keys = if keys.contains("://") {
                    let url = Url::parse(keys).ok()?;
                    matches!(url.scheme(), "https" | "http").then_some(StatementKeys::Uri(url))?
                } else {
                    StatementKeys::File(keys.into())
                };
                Some(Self {
                    issuer: issuer.to_owned(),
                    keys,
                })
            })
            .ok_or_else(|| {
                "an issuer and its keys, like https://directory.example=/etc/keys.json".to_owned()
            })
    }

    fn show(&self) -> String {
        let keys = match &self.keys {
            StatementKeys::File(path) => path.to_string_lossy().into_owned(),
            StatementKeys::Uri(url) => url.to_string(),
        };
        quoted(&format!("{}={keys}", self.issuer))
    }
}
