//! Who may do what: permissions, roles, where and when they are held, and the one decision over them.
//! Pure; `flows/access.rs` brings the facts.

mod decide;
mod permission;
pub mod power;
mod role;
#[cfg(test)]
mod tests;

pub use decide::{
    Caller, Decision, Held, Permit, Reason, Tenant, Within, decide, effective_roles, explain,
    powers, scopes_allowed,
};
pub use permission::{Pattern, Permission};
pub use power::Power;
pub use role::{Role, RoleName, RoleProblem, Roles};
