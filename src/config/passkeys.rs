//! `[passkeys]`: which authenticators may sign people in.

use std::path::PathBuf;

use uuid::Uuid;

use super::Config;
use super::section::section;
use super::value::{Raw, Setting, quoted, text, words};

words! {
    /// What an authenticator has to show of itself when a passkey is set up.
    Attestation {
        /// Nothing.
        None = "none",
        /// A certificate of its maker.
        Direct = "direct",
    }
}

section! {
    /// Passkeys (WebAuthn).
    PasskeysConfig {
        /// Whether people may set up passkeys and sign in with them. Default true: nothing resists phishing
        /// better. They are bound to the host name of `server.issuer`: off while that is an IP address, and
        /// all are lost when the name changes.
        enabled: bool = true;
        /// `direct` asks authenticators for a certificate of their maker, and refuses those that have none
        /// that `attestation_roots` vouches for, which is nearly every passkey on a telephone or in a password
        /// manager. That is for people of one company with keys that it handed out. Default `none`.
        attestation: Attestation = Attestation::None;
        /// A file with the certificates of the makers (PEM), whose word for the model counts. Default none.
        attestation_roots: Option<PathBuf> = None;
        /// The models that may be set up, by AAGUID. Default none, which means all; only with `attestation`
        /// `direct`, because an authenticator that need not prove its model can claim any.
        allowed_models: Vec<Aaguid> = Vec::new();
        /// What models are called, each `AAGUID=NAME`, before the names that Tessera knows. Default none.
        model_names: Vec<ModelName> = Vec::new();
    }
}

impl Config {
    /// Whether there are passkeys: they need a host with a name (WebAuthn §5.1.2, "effective domain").
    #[must_use]
    pub fn has_passkeys(&self) -> bool {
        self.passkeys.enabled && self.server.issuer.url().domain().is_some()
    }
}

impl PasskeysConfig {
    /// Who is asked for a certificate is told which ones count.
    pub(super) fn attestation_is_whole(&self) -> bool {
        let whole = self.attestation_roots.is_some() && !self.allowed_models.is_empty();
        self.attestation == Attestation::None || whole
    }
}

/// The model of an authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aaguid(pub Uuid);

impl Setting for Aaguid {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .and_then(|text| Uuid::parse_str(text).ok())
            .map(Self)
            .ok_or_else(|| "an AAGUID like 2fc0579f-8113-47ea-b116-bb5a8db9202a".to_owned())
    }

    fn show(&self) -> String {
        quoted(&self.0.to_string())
    }
}

/// What a model is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// The model.
    pub model: Aaguid,
    /// Its name, at most 64 characters.
    pub name: String,
}

impl Setting for ModelName {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let right = || "an AAGUID and a name of at most 64 characters, joined by =".to_owned();
        let (model, name) = text(raw)
            .and_then(|text| text.split_once('='))
            .ok_or_else(right)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 64 || name.contains(char::is_control) {
            return Err(right());
        }
        Ok(Self {
            model: Aaguid::parse(&Raw::Text(model.trim().to_owned())).map_err(|_| right())?,
            name: name.to_owned(),
        })
    }

    fn show(&self) -> String {
        quoted(&format!("{}={}", self.model.0, self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

    fn load(lines: &str) -> Result<Config, String> {
        Config::from_layers("t.toml", Some(lines), std::iter::empty()).map_err(|e| e.to_string())
    }

    #[test]
    fn models_are_read_printed_and_read_again() {
        let roots = std::env::temp_dir().join("tessera-attestation-roots.pem");
        std::fs::write(&roots, "").unwrap();
        let file = format!(
            "[passkeys]\nattestation = \"direct\"\nattestation_roots = {:?}\n\
             allowed_models = [\"{MODEL}\"]\nmodel_names = [\"{MODEL}=House key\"]\n",
            roots.display().to_string()
        );
        let config = load(&file).unwrap();
        assert_eq!(config.passkeys.allowed_models[0].0.to_string(), MODEL);
        assert_eq!(config.passkeys.model_names[0].name, "House key");
        let again = load(&config.print()).unwrap();
        assert_eq!(again.passkeys.model_names, config.passkeys.model_names);
    }

    #[test]
    fn models_that_nobody_vouches_for_are_refused() {
        for wrong in [
            format!("allowed_models = [\"{MODEL}\"]"),
            "attestation = \"direct\"".to_owned(),
            format!("attestation = \"direct\"\nallowed_models = [\"{MODEL}\"]"),
            "allowed_models = [\"YubiKey\"]".to_owned(),
            format!("model_names = [\"{MODEL}\"]"),
            "attestation_roots = \"/nowhere/roots.pem\"".to_owned(),
        ] {
            let error = load(&format!("[passkeys]\n{wrong}\n")).unwrap_err();
            assert!(error.contains("passkeys."), "{wrong}: {error}");
        }
    }

    #[test]
    fn an_issuer_without_a_name_has_no_passkeys_and_says_so() {
        let of = |issuer: &str| {
            load(&format!(
                "[server]\nissuer = \"{issuer}\"\nlisten = \"127.0.0.1:8080\"\n"
            ))
            .unwrap()
        };
        let nameless = of("http://127.0.0.1:8080");
        assert!(!nameless.has_passkeys());
        assert!(nameless.warnings().iter().any(|w| w.contains("passkeys")));
        let named = of("http://localhost:8080");
        assert!(named.has_passkeys() && named.warnings().is_empty());
    }
}
