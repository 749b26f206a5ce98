//! Every URL, its methods and its guards on one screen.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::session_store::SessionRows;
use super::{App, account, admin, api, layers, oauth, pages, respond};
use crate::flows::Tessera;

/// A logo, also in base64, and what a form wraps around it.
pub(super) const LOGO_LIMIT: usize = crate::protocol::logo::MAX_BYTES / 3 * 4 + (16 << 10);

/// The whole of HTTP over a running [`Tessera`].
pub fn router(tessera: Tessera) -> Router {
    let app = App::new(tessera);
    let limit = app.config.server.max_body.bytes();
    let patience = app.config.server.request_timeout;
    Router::new()
        .merge(public_documents())
        .merge(token_endpoints(&app))
        .merge(registration(&app))
        .merge(people(&app))
        // Its own table: `api/routes.rs`.
        .merge(api::routes(&app))
        .fallback(respond::not_found)
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(DefaultBodyLimit::max(limit))
        // Slow-loris, with a body. What is slow on our side (the database, the password pool) gives
        // up before, with 503.
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            patience,
        ))
        .layer(CatchPanicLayer::custom(respond::panicked))
        .layer(from_fn_with_state(app.clone(), layers::headers::secure))
        .layer(from_fn_with_state(app.clone(), layers::request::observe))
        .with_state(app)
}

/// Bytes that anybody may read, from anywhere.
#[rustfmt::skip]
fn public_documents() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration",       get(oauth::discovery::document))
        .route("/.well-known/oauth-authorization-server", get(oauth::discovery::document))
        .route("/.well-known/passkey-endpoints",          get(pages::passkey::endpoints))
        .route("/jwks",                                   get(oauth::jwks::jwks))
        // Before the layer: a preflight is an OPTIONS that no route has.
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(from_fn(layers::cors::anybody))
        .route("/check-session",                          get(oauth::check_session::frame))
        .route("/assets/{*path}",                         get(pages::assets::asset))
        .route("/favicon.ico",                            get(pages::assets::favicon))
        .route("/clients/{client_id}/logo",               get(pages::logo::logo))
        .route("/logo",                                   get(pages::logo::ours))
        .route("/healthz",                                get(pages::health::healthz))
        .route("/readyz",                                 get(pages::health::readyz))
}

/// Guard: the client's own proof or a bearer token. No cookies; CORS for registered origins.
#[rustfmt::skip]
fn token_endpoints(app: &App) -> Router<App> {
    Router::new()
        .route("/token",      post(oauth::token::token))
        .route("/userinfo",   get(oauth::userinfo::get).post(oauth::userinfo::post))
        .route("/introspect", post(oauth::introspect::introspect))
        .route("/revoke",     post(oauth::revoke::revoke))
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), layers::cors::registered))
}

/// Guard: an initial access token where `registration.mode` asks for one; below, the client's own
/// registration access token. No cookies; CORS for registered origins: a page of anybody else must not
/// be able to register itself from inside a network that its visitor is in.
#[rustfmt::skip]
fn registration(app: &App) -> Router<App> {
    if !app.config.registration.is_on() {
        return Router::new();
    }
    Router::new()
        .route("/register",             post(oauth::register::create))
        .route("/register/{client_id}", get(oauth::register::read).put(oauth::register::update).delete(oauth::register::delete))
        .method_not_allowed_fallback(respond::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), layers::cors::registered))
}

/// Guard of every POST: the anti-forgery token (`extract::Form`), but for `/authorize` and an
/// application's logout request at `/sign-out`, which do what a link could. Guard of `/account`: `extract::SignedIn`,
/// and `extract::Recent` where something that matters changes. Behind the links of letters (`/sign-in/link`, `/not-me`, `/email-change`,
/// `/recover`, `/undo-deletion`): a one-time token.
#[rustfmt::skip]
fn people(app: &App) -> Router<App> {
    Router::new()
        // The way of an authorization request, and back from a sign-out: an application may have opened it
        // in a popup.
        .route("/authorize",                   get(oauth::authorize::get).post(oauth::authorize::post))
        .route("/continue",                    get(oauth::authorize::resume))
        .route("/sign-in",                     get(pages::sign_in::show).post(pages::sign_in::submit))
        .route("/sign-in/another",             get(pages::sign_in::another))
        .route("/sign-in/passkey",             get(pages::sign_in::show).post(pages::passkey::submit))
        .route("/sign-in/step",                get(pages::step::show).post(pages::step::submit))
        .route("/sign-in/email-link",          get(pages::sign_in_link::show_ask).post(pages::sign_in_link::ask))
        .route("/sign-in/link",                get(pages::sign_in_link::show).post(pages::sign_in_link::submit))
        .route("/sign-in/set-up",              get(pages::set_up_factor::show).post(pages::set_up_factor::submit))
        .route("/sign-in/recover",             get(pages::lost::show).post(pages::lost::begin))
        .route("/sign-in/recovery-left",       get(pages::recovery_left::show))
        .route("/sign-in/unmet",               get(pages::step::unmet).post(pages::step::give_up))
        .route("/select-account",              get(pages::select_account::show).post(pages::select_account::submit))
        .route("/consent",                     get(pages::consent::show).post(pages::consent::submit))
        .route("/sign-out",                    get(pages::sign_out::show).post(pages::sign_out::submit))
        .route("/sign-up",                     get(pages::sign_up::show).post(pages::sign_up::submit))
        .route("/forgot-password",             get(pages::reset::show_request).post(pages::reset::request))
        .layer(from_fn(layers::headers::keep_opener))
        .route("/verify-email",                get(pages::sign_up::show_confirm).post(pages::sign_up::confirm))
        .route("/reset-password",              get(pages::reset::show_reset).post(pages::reset::reset))
        .route("/password-strength",           post(pages::strength::rate))
        .route("/setup",                       get(pages::setup::show).post(pages::setup::submit))
        .route("/",                            get(pages::home::home))
        .route("/account",                     get(account::overview::show))
        .route("/account/profile",             get(account::profile::show).post(account::profile::submit))
        .route("/account/email",               get(account::email::show).post(account::email::submit))
        .route("/account/authenticator",       get(account::authenticator::show).post(account::authenticator::submit))
        .route("/account/phone",               get(account::phone::show).post(account::phone::submit))
        .route("/account/recovery",            get(account::recovery::show).post(account::recovery::renew))
        .route("/account/recovery/stop",       post(account::recovery::stop))
        .route("/account/passkeys/new",        get(account::passkeys::show_new).post(account::passkeys::add))
        .route("/account/passkeys/{id}",       get(account::passkeys::show).post(account::passkeys::change))
        .route("/account/password",            get(account::overview::show).post(account::password::change))
        .route("/account/applications/revoke", post(account::applications::revoke))
        .route("/account/sessions/end",        post(account::sessions::end))
        .route("/account/sessions/end-others", post(account::sessions::end_others))
        .route("/account/events",              get(account::events::show))
        .route("/account/data",                get(account::data::download))
        .route("/account/delete",              get(account::delete::show).post(account::delete::submit))
        .merge(administration())
        .route("/not-me",                      get(pages::letters::show_not_me).post(pages::letters::not_me))
        .route("/email-change",                get(pages::letters::show_email).post(pages::letters::email))
        .route("/recover",                     get(pages::lost::show_link).post(pages::lost::answer))
        .route("/undo-deletion",               get(pages::letters::show_undo).post(pages::letters::undo))
        .layer(sessions(app))
}

/// Guard: `extract::Admin`, with the permission in its type; what changes something asks for a recent proof
/// too (`extract::AdminForm`), on the page of the form, so that its GET stands at the same path.
#[rustfmt::skip]
fn administration() -> Router<App> {
    Router::new()
        .route("/admin",                              get(admin::overview::show))
        .route("/admin/clients",                      get(admin::clients::list))
        .route("/admin/clients/new",                  get(admin::client_edit::show_new).post(admin::client_edit::create))
        .route("/admin/clients/{id}",                 get(admin::clients::show))
        .route("/admin/clients/{id}/edit",            get(admin::client_edit::show_edit).post(admin::client_edit::change))
        .route("/admin/clients/{id}/mend",            get(admin::client_edit::show_mend).post(admin::client_edit::mend))
        .route("/admin/clients/{id}/secret",          get(admin::client_edit::show_renew).post(admin::client_edit::renew))
        .route("/admin/clients/{id}/try",             get(admin::trials::show).post(admin::trials::begin))
        .route("/admin/clients/{id}/try/{trial}",     get(admin::trials::finish))
        .route("/admin/clients/{id}/{what}",          get(admin::clients::show_confirm).post(admin::clients::confirmed))
        .route("/admin/users",                        get(admin::users::list))
        .route("/admin/users/new",                    get(admin::user_edit::show_new).post(admin::user_edit::create))
        .route("/admin/users/{id}",                   get(admin::users::show))
        .route("/admin/users/{id}/edit",              get(admin::user_edit::show_edit).post(admin::user_edit::change))
        .route("/admin/users/{id}/credentials",       get(admin::user_edit::back).post(admin::user_edit::remove_credential))
        .route("/admin/users/{id}/consents",          get(admin::user_edit::back).post(admin::user_edit::revoke_consent))
        .route("/admin/users/{id}/sessions",          get(admin::user_edit::back).post(admin::user_edit::end_sessions))
        .route("/admin/users/{id}/{what}",            get(admin::user_edit::show_confirm).post(admin::user_edit::confirmed))
        .route("/admin/sessions",                     get(admin::sessions::list))
        .route("/admin/sessions/end-all",             get(admin::sessions::show_end_all).post(admin::sessions::end_all))
        .route("/admin/sessions/{id}/end",            get(admin::sessions::show_end).post(admin::sessions::end))
        .route("/admin/resources",                    get(admin::resources::list))
        .route("/admin/resources/new",                get(admin::resources::show_new).post(admin::resources::create))
        .route("/admin/resources/{name}/edit",        get(admin::resources::show_edit).post(admin::resources::change))
        .route("/admin/resources/{name}/delete",      get(admin::resources::show_delete).post(admin::resources::delete))
        .route("/admin/audit",                        get(admin::audit::list))
        .route("/admin/audit/export",                 get(admin::audit::export))
        .route("/admin/settings",                     get(admin::settings::show))
        .route("/admin/settings/looks",               get(admin::settings::show_edit).post(admin::settings::change))
        .route("/admin/settings/logo",                get(admin::settings::show_logo).post(admin::settings::change_logo).layer(DefaultBodyLimit::max(LOGO_LIMIT)))
        .route("/admin/settings/sample.css",          get(admin::settings::sample))
        .route("/admin/groups",                       get(admin::groups::list))
        .route("/admin/groups/new",                   get(admin::groups::show_new).post(admin::groups::create))
        .route("/admin/groups/{id}",                  get(admin::groups::show))
        .route("/admin/groups/{id}/edit",             get(admin::groups::show_edit).post(admin::groups::change))
        .route("/admin/groups/{id}/delete",           get(admin::groups::show_delete).post(admin::groups::delete))
        .route("/admin/roles",                        get(admin::roles::list))
        .route("/admin/roles/new",                    get(admin::roles::show_new).post(admin::roles::create))
        .route("/admin/roles/{name}",                 get(admin::roles::show))
        .route("/admin/roles/{name}/edit",            get(admin::roles::show_edit).post(admin::roles::change))
        .route("/admin/roles/{name}/delete",          get(admin::roles::show_delete).post(admin::roles::delete))
        .route("/admin/roles/{name}/grant",           get(admin::role_grants::show_grant).post(admin::role_grants::grant))
        .route("/admin/roles/{name}/holders/{id}/revoke", get(admin::role_grants::show_revoke).post(admin::role_grants::revoke))
        .route("/admin/organisations",                get(admin::organisations::list))
        .route("/admin/organisations/new",            get(admin::organisations::show_new).post(admin::organisations::create))
        .route("/admin/organisations/{name}/edit",    get(admin::organisations::show_edit).post(admin::organisations::change))
        .route("/admin/organisations/{name}/delete",  get(admin::organisations::show_delete).post(admin::organisations::delete))
        .route("/admin/keys",                         get(admin::keys::list))
        .route("/admin/keys/rotate",                  get(admin::keys::show_rotate).post(admin::keys::rotate))
        .route("/admin/keys/{kid}/revoke",            get(admin::keys::show_revoke).post(admin::keys::revoke))
        .layer(from_fn(layers::carried::carry))
}

/// The browser session. Our own row decides when it ends; the cookie only has to live as long.
fn sessions(app: &App) -> SessionManagerLayer<SessionRows> {
    let lifetime = app.config.sessions.absolute_lifetime + Duration::from_mins(1);
    let lifetime = time::Duration::try_from(lifetime).unwrap_or(time::Duration::DAY);
    SessionManagerLayer::new(SessionRows::new(app.tessera.clone()))
        .with_name(app.cookie_name("tessera"))
        .with_secure(app.is_https())
        .with_http_only(true)
        // Lax, not Strict: the way back from a client is a cross-site navigation.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(lifetime))
}
