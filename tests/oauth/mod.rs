//! The protocol's endpoints: one file of refusals each.

mod authorize;
mod client_assertions;
mod client_secrets;
mod disabled;
mod resources;
mod token;
