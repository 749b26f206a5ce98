//! A JSON body under a bearer token: registration.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::Response;

use super::bearer;
use super::client::refused;
use super::form::{FormRefused, has_type, read_body};
use crate::protocol::audit::Origin;
use crate::protocol::error::OAuthError;
use crate::web::App;

/// The body, not yet read as JSON, and who sent it.
pub struct JsonRequest {
    /// The token of the `Authorization` header, if there is one.
    pub token: Option<String>,
    /// What was sent.
    pub body: Bytes,
    /// From where.
    pub origin: Origin,
}

impl FromRequest<App> for JsonRequest {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let origin = request.extensions().get::<Origin>().cloned();
        let token = bearer(request.headers());
        // RFC 7591 §3.1: "the client or developer sends an HTTP POST to the client registration endpoint
        // with a content type of "application/json"." No form of another site can send that, and no page
        // without being asked for its origin.
        let json = has_type(request.headers(), "application/json");
        let body = read_body(app, request).await.map_err(refused)?;
        if !json {
            let error = OAuthError::invalid_request("the body must be application/json");
            return Err(refused(FormRefused::Bad(error)));
        }
        Ok(Self {
            token,
            body,
            origin: origin.unwrap_or_default(),
        })
    }
}
