//! Floor 2: the rules of OAuth 2.0 and OpenID Connect. Pure: no async, no SQL, no HTTP server.

pub mod account_rules;
pub mod accounts;
pub mod audit;
pub mod authorize;
pub mod claims;
pub mod claims_request;
pub mod client;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod grant;
pub mod key_lifecycle;
pub mod localized;
pub mod logo;
pub mod logout;
pub mod or_none;
pub mod oxide;
pub mod params;
pub mod pkce;
pub mod redirect_uri;
pub mod registration;
pub mod scope;
pub mod session_state;
pub mod throttle;
pub mod token;
