//! `/check-session` (Session Management §3.3): a frame in pages of applications. It reads one cookie,
//! answers `unchanged`, `changed` or `error`, and asks nobody.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::web::layers::headers::Framable;
use crate::web::views::CheckSession;
use crate::web::{App, assets};

/// `GET`
pub async fn frame(State(app): State<App>) -> Response {
    let page = CheckSession {
        script: assets::url("check_session.js"),
        cookie: app.cookie_name(crate::web::extract::visitor::STATE),
    };
    let mut response = page.into_response();
    response.extensions_mut().insert(Framable);
    response
}
