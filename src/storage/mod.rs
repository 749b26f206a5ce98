//! Floor 3: the only user of sqlx. One SQL text for SQLite and PostgreSQL; one file per aggregate.

pub mod account_recoveries;
pub mod accounts;
pub mod attempts;
pub mod audit;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod dump;
pub mod email_changes;
pub mod endings;
mod engine;
pub mod error;
pub mod events;
pub mod factors;
pub mod grants;
pub mod keys;
pub mod links;
pub mod logouts;
pub mod otp;
pub mod outbox;
pub mod passkeys;
pub mod phones;
pub mod presence;
pub mod purge;
mod recorder;
pub mod recovery;
pub mod registrations;
pub mod resource_servers;
mod row;
pub mod sent_codes;
pub mod sessions;
pub mod settings;
pub mod store;
pub mod tokens;
pub mod tx;
pub mod users;
mod value;
pub mod watch;
mod writer;

pub use error::StorageError;
pub use store::Store;
pub use tx::{Reader, Tx};

pub(crate) use row::Row;
pub(crate) use value::{Value, args};
