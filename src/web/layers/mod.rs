//! What surrounds every request.

pub mod carried;
pub mod cors;
pub mod headers;
pub mod request;
