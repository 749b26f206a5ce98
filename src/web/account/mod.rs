//! What a person may see and change about the account.

pub mod applications;
pub mod authenticator;
pub mod overview;
pub mod passkeys;
pub mod password;
pub mod recovery;
pub mod sessions;
