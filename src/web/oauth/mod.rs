//! The protocol's endpoints, one file each.

pub mod authorize;
pub mod check_session;
pub mod discovery;
pub mod introspect;
pub mod jwks;
pub mod register;
pub mod revoke;
pub mod token;
pub mod userinfo;
