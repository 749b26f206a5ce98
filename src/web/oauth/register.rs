//! `/register` (RFC 7591) and `/register/{client_id}` (RFC 7592).

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::flows::register::{Refused, Registered};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::web::App;
use crate::web::extract::RegistrationRequest;
use crate::web::respond;

/// `POST /register`
pub async fn create(State(app): State<App>, request: RegistrationRequest) -> Response {
    let token = request.token.as_deref();
    let made = app.register(token, &request.body, request.origin).await;
    answer(&app, StatusCode::CREATED, token, made)
}

/// `GET /register/{client_id}`
pub async fn read(State(app): State<App>, request: RegistrationRequest) -> Response {
    let token = request.token.as_deref();
    let found = app.registration(&request.client_id, token).await;
    answer(&app, StatusCode::OK, token, found)
}

/// `PUT /register/{client_id}`
pub async fn update(State(app): State<App>, request: RegistrationRequest) -> Response {
    let token = request.token.as_deref();
    let changed = app
        .update_registration(&request.client_id, token, &request.body, request.origin)
        .await;
    answer(&app, StatusCode::OK, token, changed)
}

/// `DELETE /register/{client_id}`
pub async fn delete(State(app): State<App>, request: RegistrationRequest) -> Response {
    let token = request.token.as_deref();
    match app
        .unregister(&request.client_id, token, request.origin)
        .await
    {
        // RFC 7592 §2.3: "the authorization server MUST respond with an HTTP 204 No Content message."
        Ok(Ok(())) => {
            let no_store = [(header::CACHE_CONTROL, "no-store")];
            (StatusCode::NO_CONTENT, no_store).into_response()
        }
        Ok(Err(why)) => refused(&app, token, &why),
        Err(error) => respond::internal(&error),
    }
}

fn answer(app: &App, status: StatusCode, token: Option<&str>, result: Registered) -> Response {
    match result {
        Ok(Ok(client)) => respond::json_no_store(status, &client),
        Ok(Err(why)) => refused(app, token, &why),
        Err(error) => respond::internal(&error),
    }
}

fn refused(app: &App, token: Option<&str>, why: &Refused) -> Response {
    match why {
        Refused::Token => {
            // RFC 7592 §2.1: the same for a client that does not exist.
            let error = OAuthError::new(
                ErrorCode::InvalidToken,
                "the token is wrong, expired, spent or for another registration",
            );
            respond::bearer_error(token.map(|_| &error), app.issuer())
        }
        Refused::Slowed(wait) => respond::slowed(*wait),
        Refused::Error(error) => respond::oauth_error(error),
    }
}
