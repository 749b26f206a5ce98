//! `/introspect` (RFC 7662, RFC 9701).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use crate::flows::encryption::Formed;
use crate::protocol::client_auth::ClaimError;
use crate::web::App;
use crate::web::extract::ClientRequest;
use crate::web::respond;

/// RFC 9701 §4, §5.
const JWT: &str = "application/token-introspection+jwt";

/// `POST`
pub async fn introspect(
    State(app): State<App>,
    headers: HeaderMap,
    request: ClientRequest,
) -> Response {
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
    match app.introspect(&proven, token, accepts_jwt(&headers)).await {
        Ok(Ok(Formed::Json(answer))) => respond::json_no_store(StatusCode::OK, &answer),
        Ok(Ok(Formed::Jwt(jwt))) => respond::jwt_no_store(JWT, jwt),
        Ok(Err(error)) => respond::oauth_error(&error),
        Err(error) => respond::internal(&error),
    }
}

/// RFC 9701 §4: "using an Accept HTTP header field set to application/token-introspection+jwt".
fn accepts_jwt(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|mime| mime.trim().eq_ignore_ascii_case(JWT))
}
