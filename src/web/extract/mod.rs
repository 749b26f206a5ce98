//! What handlers take from a request, checked on the way.

pub mod bearer;
pub mod client;
pub mod form;
pub mod json;
pub mod visitor;

pub use bearer::bearer;
pub use client::ClientRequest;
pub use form::{Form, read_form};
pub use json::JsonRequest;
pub use visitor::Visitor;
