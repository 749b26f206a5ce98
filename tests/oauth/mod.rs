//! The protocol's endpoints: one file of refusals each.

mod authorize;
mod claims;
mod resources;
mod response_types;
mod subjects;
mod token;
