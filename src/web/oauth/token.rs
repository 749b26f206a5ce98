//! `/token` (RFC 6749 §3.2).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::App;
use crate::web::extract::ClientRequest;
use crate::web::respond;

/// `POST`
pub async fn token(State(app): State<App>, request: ClientRequest) -> Response {
    let ClientRequest {
        caller,
        params,
        origin,
    } = request;
    match app.token(caller, &params, origin).await {
        Ok(Ok(tokens)) => respond::json_no_store(StatusCode::OK, &tokens),
        Ok(Err(error)) => respond::oauth_error(&error),
        Err(error) => respond::internal(&error),
    }
}
