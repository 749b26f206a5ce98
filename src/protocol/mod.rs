//! Floor 2: the rules of OAuth 2.0 and OpenID Connect. Pure: no async, no SQL, no HTTP server.

pub mod authorize;
pub mod client;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod grant;
pub mod params;
pub mod pkce;
pub mod redirect_uri;
pub mod registration;
pub mod scope;
