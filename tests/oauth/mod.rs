//! The protocol's endpoints: one file of refusals each.

mod authorize;
mod register;
mod register_limits;
mod register_outside;
mod resources;
mod token;
