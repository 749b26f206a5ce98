//! Every URL of the API. Guard of each handler: [`Allowed`](super::caller::Allowed), an access token for this API
//! with the scope, of who has the permission. No cookies, and no CORS: browsers of other sites read nothing.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use super::{clients, docs, once, openapi, problem};
use crate::web::{App, layers};

/// The API.
#[rustfmt::skip]
pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/api/v1/clients",                      get(clients::list).post(clients::create))
        .route("/api/v1/clients/{client_id}",          get(clients::read).put(clients::replace).delete(clients::delete))
        .route("/api/v1/clients/{client_id}/disable",  post(clients::disable))
        .route("/api/v1/clients/{client_id}/enable",   post(clients::enable))
        .route("/api/v1/clients/{client_id}/secrets",  post(clients::renew_secret))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), once::once))
        .layer(from_fn_with_state(app.clone(), problem::finish))
        .merge(documents())
}

/// What describes the API: for anybody, with nothing of this deployment in it.
#[rustfmt::skip]
fn documents() -> Router<App> {
    Router::new()
        .route("/.well-known/oauth-protected-resource/api/v1", get(openapi::protected_resource))
        .route("/api/v1/openapi.json",                 get(openapi::document))
        .method_not_allowed_fallback(crate::web::respond::method_not_allowed)
        .layer(from_fn(layers::cors::anybody))
        .route("/api/v1/docs",                         get(docs::show))
}
