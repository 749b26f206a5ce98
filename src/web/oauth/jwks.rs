//! `/jwks`: the public keys (RFC 7517 §5), prebuilt.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::discovery::cached;
use crate::web::{App, respond};

/// `GET`
pub async fn jwks(State(app): State<App>, headers: HeaderMap) -> Response {
    match app.keys.current() {
        Ok(keys) => cached(
            &headers,
            keys.etag(),
            "application/jwk-set+json",
            app.config.keys.jwks_max_age.as_secs(),
            keys.jwks().to_vec(),
        ),
        Err(error) => respond::internal(&error),
    }
}
