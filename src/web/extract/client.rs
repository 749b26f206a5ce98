//! A request of a client at the token, introspection or revocation endpoint.

use axum::extract::{FromRequest, Request};
use axum::response::Response;

use super::authorization::authorization;
use super::form::{FormRefused, read_form};
use crate::flows::client_auth::Caller;
use crate::protocol::audit::Origin;
use crate::protocol::discovery::paths;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::web::App;
use crate::web::respond;

/// The form of a client that was made out and, unless it is public, has proven itself.
pub struct ClientRequest {
    /// Who calls.
    pub caller: Caller,
    /// What it sent.
    pub params: Params,
    /// From where.
    pub origin: Origin,
}

impl FromRequest<App> for ClientRequest {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let origin = request
            .extensions()
            .get::<Origin>()
            .cloned()
            .unwrap_or_default();
        let is_introspection = request.uri().path() == paths::INTROSPECT;
        let authorization = authorization(request.headers())
            .map_err(|error| respond::oauth_error(&error))?
            .map(|value| value.as_bytes().to_vec());
        let params = read_form(app, request).await.map_err(refused)?;
        match app
            .authenticate_client(authorization.as_deref(), &params, &origin)
            .await
        {
            Ok(Ok(caller)) => Ok(Self {
                caller,
                params,
                origin,
            }),
            Ok(Err(error)) => Err(respond::client_error(
                &error,
                app.issuer(),
                is_introspection,
            )),
            Err(error) => Err(respond::internal(&error)),
        }
    }
}

/// A body that was not read, at an endpoint for machines.
pub fn refused(why: FormRefused) -> Response {
    match why {
        FormRefused::TooLarge => {
            let error = OAuthError::invalid_request("the body is too large");
            let mut response = respond::oauth_error(&error);
            *response.status_mut() = axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            response
        }
        FormRefused::Bad(error) => respond::oauth_error(&error),
    }
}
