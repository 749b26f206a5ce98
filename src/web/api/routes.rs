//! Every URL of the API. Guard of each handler: [`Allowed`](super::caller::Allowed), an access token for this API
//! with the scope, of who has the permission. No cookies, and no CORS: browsers of other sites read nothing.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};

use super::{
    belongings, clients, deployment, docs, groups, once, openapi, organisations, problem, roles,
    sessions, settings, users,
};
use crate::web::routes::LOGO_LIMIT;
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
        .route("/api/v1/users",                        get(users::list).post(users::create))
        .route("/api/v1/users/{user_id}",              get(users::read).patch(users::change).delete(users::delete))
        .route("/api/v1/users/{user_id}/disable",      post(users::disable))
        .route("/api/v1/users/{user_id}/enable",       post(users::enable))
        .route("/api/v1/users/{user_id}/password-reset", post(users::reset_password))
        .route("/api/v1/users/{user_id}/sessions",     get(belongings::sessions).delete(belongings::end_sessions))
        .route("/api/v1/users/{user_id}/sessions/{session_id}", delete(belongings::end_session))
        .route("/api/v1/users/{user_id}/credentials",  get(belongings::credentials))
        .route("/api/v1/users/{user_id}/credentials/{credential_id}", delete(belongings::remove_credential))
        .route("/api/v1/users/{user_id}/consents",     get(belongings::consents))
        .route("/api/v1/users/{user_id}/consents/{client_id}", delete(belongings::revoke_consent))
        .route("/api/v1/sessions",                     get(sessions::list))
        .route("/api/v1/sessions/end-all",             post(sessions::end_all))
        .route("/api/v1/sessions/{session_id}",        get(sessions::read).delete(sessions::end))
        .route("/api/v1/groups",                       get(groups::list).post(groups::create))
        .route("/api/v1/groups/{group_id}",            get(groups::read).put(groups::rename).delete(groups::delete))
        .route("/api/v1/groups/{group_id}/members",    get(groups::members))
        .route("/api/v1/groups/{group_id}/members/{user_id}", put(groups::add_member).delete(groups::remove_member))
        .route("/api/v1/organisations",                get(organisations::list).post(organisations::create))
        .route("/api/v1/organisations/{id}",           get(organisations::read).put(organisations::change).delete(organisations::delete))
        .route("/api/v1/roles",                        get(roles::list).post(roles::create))
        .route("/api/v1/roles/{name}",                 get(roles::read).put(roles::replace).delete(roles::delete))
        .route("/api/v1/role-grants",                  get(roles::list_grants).post(roles::grant))
        .route("/api/v1/role-grants/{grant_id}",       delete(roles::revoke))
        .route("/api/v1/keys",                         get(deployment::list_keys))
        .route("/api/v1/keys/rotate",                  post(deployment::rotate_key))
        .route("/api/v1/resource-servers",             get(deployment::list_resources).post(deployment::create_resource))
        .route("/api/v1/resource-servers/{identifier}", get(deployment::read_resource).put(deployment::replace_resource).delete(deployment::delete_resource))
        .route("/api/v1/settings",                     get(settings::read).put(settings::replace))
        .route("/api/v1/settings/logo",                put(settings::replace_logo).delete(settings::delete_logo).layer(DefaultBodyLimit::max(LOGO_LIMIT)))
        .route("/api/v1/audit-events",                 get(deployment::list_events))
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
