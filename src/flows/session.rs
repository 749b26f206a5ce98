//! placeholder
use crate::storage::{sessions::Session, users::User};
/// placeholder
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    session: Session,
}
impl SignedIn {
    /// placeholder
    pub const fn user(&self) -> &User {
        &self.user
    }
    /// placeholder
    pub const fn session(&self) -> &Session {
        &self.session
    }
}
