//! The protocol's endpoints: one file of refusals each.

mod authorize;
mod claims;
mod client_assertions;
mod client_secrets;
mod custom_claims;
mod disabled;
mod encrypted_requests;
mod encryption;
mod hints;
mod logout;
mod logout_delivery;
mod organisations;
pub mod register;
mod register_limits;
mod register_outside;
mod request_objects;
mod resource_servers;
mod resources;
mod response_types;
mod step_up;
mod subjects;
mod token;
