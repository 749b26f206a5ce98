//! The protocol's endpoints: one file of refusals each.

mod authorize;
mod resources;
mod token;
