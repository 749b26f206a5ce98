//! Floor 4: use cases. Rules + storage + crypto, one transaction each.

pub mod access;
pub mod access_tokens;
pub mod account;
pub mod account_recovery;
pub mod accounts;
pub mod activity;
pub mod administration;
pub mod admission;
pub mod answer;
pub mod assurance;
mod audit_index;
mod audit_retention;
pub mod audit_stream;
pub mod authorize;
pub mod backchannel;
pub mod backup;
mod captcha;
pub mod client_auth;
pub mod client_keys;
pub mod clients;
pub mod consent;
pub mod custom_claims;
pub mod deletion;
mod devices;
pub mod email_change;
pub mod encryption;
pub mod enrol;
pub mod factors;
pub mod grants;
pub mod groups;
pub mod hotp;
mod id_token_hint;
pub mod internal;
pub mod introspect;
pub mod issue;
pub mod keyring;
pub mod letters;
pub mod login;
pub mod logo;
pub mod logout;
pub mod magic_link;
pub mod master_key;
pub mod notices;
pub mod organisations;
pub mod otp;
pub mod outbox;
pub mod passkey_settings;
pub mod passkeys;
pub mod password_change;
pub mod passwords;
pub mod people;
pub mod phone;
pub mod profile;
pub mod purge;
pub mod recovery;
pub mod recovery_turns;
pub mod refusals;
pub mod register;
mod registration_request;
pub mod registration_tokens;
pub mod registry;
pub mod request_object;
pub mod reset_password;
pub mod revoke;
pub mod roles;
pub mod rotate_keys;
pub mod sectors;
pub mod sent_codes;
pub mod session;
pub mod set_up;
pub mod settings;
pub mod sign_up;
pub mod software_statement;
pub mod statistics;
pub mod step;
mod streaks;
pub mod subject;
pub mod throttle;
pub mod ticket;
pub mod userinfo;

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod audit_end_tests;
#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod backup_tests;
#[cfg(test)]
mod operator_tests;
#[cfg(test)]
mod people_tests;
#[cfg(test)]
mod step_tests;

use std::sync::Arc;

use crate::base::{Clock, Entropy, Timestamp};
use crate::config::Config;
use crate::crypto::leaked::LeakedPasswords;
use crate::crypto::password::{PasswordCost, PasswordPool};
use crate::crypto::seal::MasterKey;
use crate::crypto::webauthn::RelyingParty;
use crate::outside::syslog::Receiver;
use crate::outside::{Captcha, Mailer, Outbound, Texter};
use crate::protocol::assurance::AssurancePolicy;
use crate::protocol::audit::{Event, Origin};
use crate::protocol::custom_claims::CustomClaims;
use crate::protocol::token::Lifetimes;
use crate::storage::audit::{Chain, Entry};
use crate::storage::{Store, Tx};

pub use internal::{Internal, Outcome};

/// Everything that a use case may need, made once at start. Cheap to clone.
#[derive(Clone)]
pub struct Tessera(Arc<Parts>);

/// The parts of [`Tessera`].
pub struct Parts {
    /// The checked configuration.
    pub config: Config,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where random bytes come from.
    pub entropy: Entropy,
    /// The database.
    pub store: Store,
    /// The root of everything sealed.
    pub master: Arc<MasterKey>,
    /// Argon2 on a bounded pool.
    pub passwords: PasswordPool,
    /// Passwords that nobody may choose.
    pub leaked: Option<LeakedPasswords>,
    /// Who had passwords rated lately.
    pub ratings: passwords::Ratings,
    /// The deployment's own claims.
    pub custom_claims: CustomClaims,
    /// The levels of assurance.
    pub assurance: AssurancePolicy,
    /// We, as authenticators of passkeys see us; nothing where there are no passkeys.
    pub relying_party: Option<RelyingParty>,
    /// The clients in memory.
    pub clients: registry::Clients,
    /// Keys that clients publish, in memory.
    pub client_keys: client_keys::ClientKeys,
    /// Request objects that clients publish, in memory.
    pub fetched_objects: request_object::FetchedObjects,
    /// Sector documents that clients publish, in memory.
    pub sectors: sectors::Sectors,
    /// Logos that clients publish, in memory.
    pub logos: logo::Logos,
    /// Which refusals were recorded lately.
    pub refusals: refusals::Refusals,
    /// The signing keys in memory.
    pub keys: keyring::Keys,
    /// What administrators chose, in memory.
    pub settings: settings::Known,
    /// Guarded outgoing requests.
    pub outbound: Outbound,
    /// Outgoing mail.
    pub mailer: Mailer,
    /// Outgoing text messages.
    pub texter: Texter,
    /// A puzzle after failed logins.
    pub captcha: Captcha,
    /// Where the audit log goes as well.
    pub syslog: Option<Receiver>,
}

impl std::ops::Deref for Tessera {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Tessera {
    /// Puts the parts together. Nothing is read from the database yet.
    ///
    /// # Errors
    /// If a setting cannot be used (a CA file without certificates, a mail sender that is none, a claim
    /// that is the protocol's).
    pub fn new(
        config: Config,
        master: MasterKey,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, Internal> {
        let master = Arc::new(master);
        let store = Store::open(
            config.database.url.expose(),
            config.database.max_connections,
            config.database.acquire_timeout,
            Chain::new(Arc::clone(&master)),
        )?;
        let cost = PasswordCost {
            memory_kib: config.passwords.memory_kib,
            iterations: config.passwords.iterations,
            parallelism: config.passwords.parallelism,
        };
        let workers = match config.passwords.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let pool = PasswordPool::new(cost, workers, config.passwords.queue)
            .map_err(|error| Internal::other(format!("{error:?}")))?;
        let leaked = passwords::leaked(&config.passwords)?;
        let outbound = Outbound::new(&config.outbound).map_err(Internal::other)?;
        let mailer = Mailer::new(&config.mail, &config.server.issuer).map_err(Internal::other)?;
        let texter = Texter::new(&config.sms, &config.outbound).map_err(Internal::other)?;
        let captcha = Captcha::new(&config.captcha, &config.outbound).map_err(Internal::other)?;
        let syslog = Receiver::new(&config.audit.syslog).map_err(Internal::other)?;
        let custom_claims = custom_claims::read(&config.claims)?;
        let assurance = assurance::read(&config.assurance)?;
        let relying_party = passkeys::relying_party(&config)?;
        let settings = settings::Known::new(&config)?;
        Ok(Self(Arc::new(Parts {
            config,
            custom_claims,
            assurance,
            relying_party,
            clock,
            entropy,
            store,
            master,
            passwords: pool,
            leaked,
            ratings: passwords::Ratings::default(),
            clients: registry::Clients::default(),
            client_keys: client_keys::ClientKeys::default(),
            sectors: sectors::Sectors::default(),
            fetched_objects: request_object::FetchedObjects::default(),
            logos: logo::Logos::default(),
            refusals: refusals::Refusals::default(),
            keys: keyring::Keys::default(),
            settings,
            outbound,
            mailer,
            texter,
            captcha,
            syslog,
        })))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The issuer identifier, byte-equal to every `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.config.server.issuer.as_str()
    }

    /// An absolute URL of this server; `path` begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// How long things live.
    #[must_use]
    pub fn lifetimes(&self) -> Lifetimes {
        let tokens = &self.config.tokens;
        Lifetimes {
            access_token: tokens.access_token_lifetime,
            id_token: tokens.id_token_lifetime,
            code: tokens.code_lifetime,
            refresh_idle: tokens.refresh_idle_lifetime,
            refresh: tokens.refresh_lifetime,
            refresh_retry: tokens.refresh_retry_window,
        }
    }

    /// Adds an event to a transaction.
    pub fn record(&self, tx: &mut Tx<'_>, event: &Event, origin: &Origin) {
        tx.record(Entry::new(event, origin, self.now(), &self.entropy));
    }

    /// Writes an event in a transaction of its own, where nothing else changed.
    ///
    /// # Errors
    /// If it could not be written: what it records must then not be answered.
    pub async fn record_alone(&self, event: Event, origin: Origin) -> Result<(), Internal> {
        let entry = Entry::new(&event, &origin, self.now(), &self.entropy);
        Ok(self.store.record(entry).await?)
    }
}
