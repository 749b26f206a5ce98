//! Floor 0: the configuration, one file per section, parsed and checked once at start.
//!
//! Layers, the later wins: the defaults in each section's file, `tessera.toml`, the environment
//! (`TESSERA__SECTION__KEY`). All problems are reported together, and an unknown key is one.

mod accounts;
mod assurance;
mod branding;
mod captcha;
mod checks;
mod claims;
mod codes;
mod database;
mod error;
mod issuer;
mod keys;
mod load;
mod log;
mod mail;
mod outbound;
mod passkeys;
mod passwords;
mod print;
mod protocol;
mod recovery;
mod registration;
mod retention;
mod section;
mod server;
mod sessions;
mod sign_up;
mod sms;
mod tables;
mod throttle;
mod tokens;
mod value;
mod warnings;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

pub use accounts::AccountsConfig;
pub use assurance::{AssuranceConfig, LevelSetting, ScopeLevel, SecondFactor};
pub use branding::{BrandingConfig, Colour};
pub use captcha::CaptchaConfig;
pub use claims::{ClaimMapping, ClaimsConfig};
pub use codes::CodesConfig;
pub use database::{DatabaseConfig, DatabaseUrl, Engine};
pub use error::{ConfigError, Problem};
pub use issuer::Issuer;
pub use keys::{EncryptionAlg, KeysConfig, SigningAlg};
pub use load::{DEFAULT_FILE, ENVIRONMENT_PREFIX};
pub use log::{LogConfig, LogFormat};
pub use mail::{MailConfig, Sender, SmtpUrl};
pub use outbound::OutboundConfig;
pub use passkeys::{Aaguid, Attestation, ModelName, PasskeysConfig};
pub use passwords::{MAX_PASSWORD_BYTES, OWASP_FLOOR, PasswordsConfig};
pub use protocol::ProtocolConfig;
pub use recovery::{RecoveryConfig, RecoveryProof};
pub use registration::{
    RegistrableGrant, RegistrationConfig, RegistrationMode, StatementIssuer, StatementKeys,
};
pub use retention::RetentionConfig;
pub use section::{Entry, Origin};
pub use server::{ServerConfig, TlsConfig};
pub use sessions::SessionsConfig;
pub use sign_up::{SignUpConfig, SignUpMode};
pub use sms::{MIN_SECRET, SmsConfig, WebhookUrl};
pub use tables::Tables;
pub use throttle::ThrottleConfig;
pub use tokens::TokensConfig;
pub use value::ByteSize;

use section::{Readable as _, Reader};
use value::{Raw, Setting as _};

/// A day, as a duration to multiply.
const DAY: Duration = Duration::from_hours(24);

/// Reads a duration as the configuration writes it ("30s", "10m", "8h", "90d"), also elsewhere.
///
/// # Errors
/// In words, what would be right.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    Duration::parse(&Raw::Text(text.to_owned())).map_err(|right| format!("must be {right}"))
}

/// The whole effective configuration. Secrets in it neither print nor serialise.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where Tessera is reached, and how much it takes from a stranger.
    pub server: ServerConfig,
    /// The database and its pool.
    pub database: DatabaseConfig,
    /// Signing keys and the master key.
    pub keys: KeysConfig,
    /// Lifetimes of codes and tokens.
    pub tokens: TokensConfig,
    /// Claims of the deployment's own.
    pub claims: ClaimsConfig,
    /// What is off unless somebody needs it.
    pub protocol: ProtocolConfig,
    /// Argon2id and the rules for new passwords.
    pub passwords: PasswordsConfig,
    /// Passkeys.
    pub passkeys: PasskeysConfig,
    /// Levels of assurance.
    pub assurance: AssuranceConfig,
    /// One-time codes.
    pub codes: CodesConfig,
    /// The way back for who has lost every second factor.
    pub recovery: RecoveryConfig,
    /// Limits of a browser's session.
    pub sessions: SessionsConfig,
    /// Failed logins.
    pub throttle: ThrottleConfig,
    /// A puzzle after failed logins.
    pub captcha: CaptchaConfig,
    /// Self-registration of people.
    pub sign_up: SignUpConfig,
    /// What people do with their own accounts.
    pub accounts: AccountsConfig,
    /// Registration of applications by themselves.
    pub registration: RegistrationConfig,
    /// Outgoing mail.
    pub mail: MailConfig,
    /// Outgoing text messages.
    pub sms: SmsConfig,
    /// Requests that Tessera makes itself.
    pub outbound: OutboundConfig,
    /// The log.
    pub log: LogConfig,
    /// Name, colour, logo, links and languages of the pages.
    pub branding: BrandingConfig,
    /// Deletion of what has ended.
    pub retention: RetentionConfig,
    entries: Vec<Entry>,
}

impl Config {
    /// Every key with its effective value (a TOML literal, secrets redacted) and its origin, in
    /// the order of the documentation, as they were when the configuration was loaded.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where the value of a key comes from, if somebody said it: a file, or a variable.
    #[must_use]
    pub fn said_by(&self, key: &str) -> Option<String> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        match &entry.origin {
            Origin::Default | Origin::Follows(_) => None,
            said => Some(said.to_string()),
        }
    }

    /// From merged layers: the configuration with defaults in place of what is wrong, and all
    /// that is wrong.
    fn read(values: BTreeMap<String, (Raw, Origin)>) -> (Self, Vec<Problem>) {
        let mut reader = Reader::new(values);
        let r = &mut reader;
        let mut config = Self {
            server: ServerConfig::read(r, "server", ServerConfig::default()),
            database: DatabaseConfig::read(r, "database", DatabaseConfig::default()),
            keys: KeysConfig::read(r, "keys", KeysConfig::default()),
            tokens: TokensConfig::read(r, "tokens", TokensConfig::default()),
            claims: ClaimsConfig::read(r, "claims", ClaimsConfig::default()),
            protocol: ProtocolConfig::read(r, "protocol", ProtocolConfig::default()),
            passwords: PasswordsConfig::read(r, "passwords", PasswordsConfig::default()),
            passkeys: PasskeysConfig::read(r, "passkeys", PasskeysConfig::default()),
            assurance: AssuranceConfig::read(r, "assurance", AssuranceConfig::default()),
            codes: CodesConfig::read(r, "codes", CodesConfig::default()),
            recovery: RecoveryConfig::read(r, "recovery", RecoveryConfig::default()),
            sessions: SessionsConfig::read(r, "sessions", SessionsConfig::default()),
            throttle: ThrottleConfig::read(r, "throttle", ThrottleConfig::default()),
            captcha: CaptchaConfig::read(r, "captcha", CaptchaConfig::default()),
            sign_up: SignUpConfig::read(r, "sign_up", SignUpConfig::default()),
            accounts: AccountsConfig::read(r, "accounts", AccountsConfig::default()),
            registration: RegistrationConfig::read(
                r,
                "registration",
                RegistrationConfig::default(),
            ),
            mail: MailConfig::read(r, "mail", MailConfig::default()),
            sms: SmsConfig::read(r, "sms", SmsConfig::default()),
            outbound: OutboundConfig::read(r, "outbound", OutboundConfig::default()),
            log: LogConfig::read(r, "log", LogConfig::default()),
            branding: BrandingConfig::read(r, "branding", BrandingConfig::default()),
            retention: RetentionConfig::read(r, "retention", RetentionConfig::default()),
            entries: Vec::new(),
        };
        let problems;
        (config.entries, problems) = reader.finish();
        config.follow_listen();
        (config, problems)
    }

    /// Who only moves the listener to another port means to find Tessera there: an issuer that
    /// nobody named goes with it.
    fn follow_listen(&mut self) {
        let port = self.server.listen.port();
        let issuer = self
            .entries
            .iter_mut()
            .find(|entry| entry.key == "server.issuer" && entry.origin == Origin::Default);
        // Port 0 is chosen when it is bound: too late for a name.
        if let Some(entry) = issuer
            && port != 0
            && let Some(follower) = Issuer::on_this_machine(port)
            && follower != self.server.issuer
        {
            entry.shown = value::Setting::show(&follower);
            entry.origin = Origin::Follows("server.listen");
            self.server.issuer = follower;
        }
    }
}

impl Default for Config {
    /// What `tessera serve` runs with when nobody says anything.
    fn default() -> Self {
        Self::read(BTreeMap::new()).0
    }
}
