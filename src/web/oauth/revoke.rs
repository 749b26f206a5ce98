//! `/revoke` (RFC 7009).

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::web::App;
use crate::web::extract::ClientRequest;
use crate::web::respond;

/// `POST`
pub async fn revoke(State(app): State<App>, request: ClientRequest) -> Response {
    let token = match request.params.require("token") {
        Ok(token) => token,
        Err(error) => return respond::oauth_error(&error),
    };
    match app
        .revoke_token(&request.caller, token, request.origin)
        .await
    {
        Ok(()) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response(),
        Err(error) => respond::internal(&error),
    }
}
