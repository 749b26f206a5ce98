//! The protocol's endpoints: one file of refusals each.

mod authorize;
mod client_assertions;
mod client_secrets;
mod disabled;
mod register;
mod register_limits;
mod register_outside;
mod resources;
mod token;
