//! `/`: what this is, or the way to one's account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::App;
use crate::web::extract::Visitor;
use crate::web::views::Home;

/// `GET`
pub async fn home(State(app): State<App>, visitor: Visitor) -> Response {
    if visitor.signed_in().is_some() {
        return visitor.go("/account");
    }
    let page = Home {
        page: visitor.page(),
        sign_up: app.sign_up_is_open(),
    };
    visitor.show(StatusCode::OK, page)
}
