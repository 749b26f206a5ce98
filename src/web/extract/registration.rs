//! A request of a client about its registration: a bearer token, and a JSON body where one is sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::Method;
use axum::response::Response;

use super::authorization::bearer;
use super::client::refused;
use super::form::{FormRefused, has_type, read_body};
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::protocol::error::OAuthError;
use crate::web::App;
use crate::web::respond;

/// What was sent, and by whom.
pub struct RegistrationRequest {
    /// The last part of the path.
    pub client_id: ClientId,
    /// The token of the `Authorization` header, if there is one.
    pub token: Option<String>,
    /// The body, not yet read as JSON.
    pub body: Bytes,
    /// From where.
    pub origin: Origin,
}

impl FromRequest<App> for RegistrationRequest {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let origin = request.extensions().get::<Origin>().cloned();
        let token = bearer(request.headers())
            .map_err(|error| respond::bearer_error(Some(&error), app.issuer()))?;
        // Not decoded: our identifiers need no escapes, and what cannot be decoded names nobody.
        let name = request.uri().path().rsplit('/').next().unwrap_or_default();
        let client_id = ClientId::new(name);
        // RFC 7591 §3.1: "the client or developer sends an HTTP POST to the client registration endpoint
        // with a content type of "application/json"." No form of another site can send that, and no page
        // without being asked for its origin.
        let has_body = matches!(*request.method(), Method::POST | Method::PUT);
        let fits = !has_body || has_type(request.headers(), "application/json");
        let body = read_body(app, request).await.map_err(refused)?;
        if !fits {
            let error = OAuthError::invalid_request("the body must be application/json");
            return Err(refused(FormRefused::Bad(error)));
        }
        Ok(Self {
            client_id,
            token,
            body,
            origin: origin.unwrap_or_default(),
        })
    }
}
