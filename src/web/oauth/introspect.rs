//! `/introspect` (RFC 7662).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::protocol::client_auth::ClaimError;
use crate::web::App;
use crate::web::extract::ClientRequest;
use crate::web::respond;

/// `POST`
pub async fn introspect(State(app): State<App>, request: ClientRequest) -> Response {
    let proven = match request.caller.authenticated() {
        Ok(proven) => proven,
        // A public client proves nothing: for this endpoint, it came without credentials.
        Err(error) => {
            let refused = ClaimError {
                error,
                tried_http_auth: false,
            };
            return respond::client_error(&refused, app.issuer(), true);
        }
    };
    let token = match request.params.require("token") {
        Ok(token) => token,
        Err(error) => return respond::oauth_error(&error),
    };
    match app.introspect(&proven, token).await {
        Ok(answer) => respond::json_no_store(StatusCode::OK, &answer),
        Err(error) => respond::internal(&error),
    }
}
