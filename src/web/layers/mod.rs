//! What surrounds every request.

pub mod cors;
pub mod headers;
pub mod request;
