//! What a person may see and change about the account.

pub mod applications;
pub mod authenticator;
pub mod data;
pub mod delete;
pub mod email;
pub mod events;
pub mod overview;
pub mod passkeys;
pub mod password;
pub mod phone;
pub mod profile;
pub mod recovery;
pub mod sessions;
