//! What handlers take from a request, checked on the way.

pub mod authorization;
pub mod client;
pub mod form;
pub mod registration;
pub mod visitor;

pub use authorization::bearer;
pub use client::ClientRequest;
pub use form::{Form, read_form};
pub use registration::RegistrationRequest;
pub use visitor::Visitor;
