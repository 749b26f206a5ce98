//! `/userinfo` (OpenID Connect Core §5.3): the token in the header or the form, never in the query.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::flows::encryption::Formed;
use crate::protocol::error::OAuthError;
use crate::web::App;
use crate::web::extract::bearer;
use crate::web::extract::client::refused;
use crate::web::extract::form::{is_form, read_form};
use crate::web::respond;

/// `GET`
pub async fn get(State(app): State<App>, headers: HeaderMap) -> Response {
    match bearer(&headers) {
        Ok(token) => answer(&app, token).await,
        Err(error) => respond::bearer_error(Some(&error), app.issuer()),
    }
}

/// `POST`
pub async fn post(State(app): State<App>, request: Request) -> Response {
    let in_header = match bearer(request.headers()) {
        Ok(token) => token,
        Err(error) => return respond::bearer_error(Some(&error), app.issuer()),
    };
    let mut in_form = None;
    if is_form(request.headers()) {
        match read_form(&app, request).await {
            Ok(form) => in_form = form.get("access_token").map(str::to_owned),
            Err(why) => return refused(why),
        }
    }
    // RFC 6750 §2: "Clients MUST NOT use more than one method to transmit the token in each
    // request."
    if in_header.is_some() && in_form.is_some() {
        return respond::bearer_error(
            Some(&OAuthError::invalid_request("the token was sent twice")),
            app.issuer(),
        );
    }
    answer(&app, in_header.or(in_form)).await
}

async fn answer(app: &App, token: Option<String>) -> Response {
    let Some(token) = token else {
        return respond::bearer_error(None, app.issuer());
    };
    match app.userinfo(&token).await {
        Ok(Ok(Formed::Json(claims))) => respond::json_no_store(StatusCode::OK, &claims),
        Ok(Ok(Formed::Jwt(jwt))) => respond::jwt_no_store("application/jwt", jwt),
        Ok(Err(error)) => respond::bearer_error(Some(&error), app.issuer()),
        Err(error) => respond::internal(&error),
    }
}
