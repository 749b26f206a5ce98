//! What handlers take from a request, checked on the way.

pub mod admin;
pub mod authorization;
pub mod client;
pub mod cookies;
mod entering;
pub mod form;
pub mod pending;
pub mod recent;
pub mod registration;
pub mod signed_in;
pub mod upload;
pub mod visitor;
mod wanted;

pub use admin::{Admin, AdminForm, Chosen};
pub use authorization::bearer;
pub use client::ClientRequest;
pub use form::{Form, Posted, is_foreign, read_form};
pub use pending::Pending;
pub use recent::Recent;
pub use registration::RegistrationRequest;
pub use signed_in::SignedIn;
pub use upload::Upload;
pub use visitor::Visitor;
