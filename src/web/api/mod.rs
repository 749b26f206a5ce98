//! The administration as an API: `/api/v1`. Each handler takes the proof that its caller may
//! ([`caller::Allowed`]), and is described by `utoipa` where it stands.

mod belongings;
mod caller;
mod clients;
mod deployment;
mod docs;
mod exchange;
mod groups;
mod metadata;
mod once;
mod openapi;
mod organisations;
mod page;
mod problem;
mod roles;
mod routes;
mod sessions;
mod settings;
mod users;

pub use openapi::Document;
pub use problem::Code;
pub use routes::routes;

/// Where the API says who gives tokens for it (RFC 9728 §3.1).
const METADATA: &str = "/.well-known/oauth-protected-resource/api/v1";
