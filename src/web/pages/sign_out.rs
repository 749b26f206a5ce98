//! `/sign-out`: the person is asked, and the session ends. What a client may add to it
//! (RP-Initiated Logout) is the business of a later step: `post_logout_redirect_uri` is not obeyed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::App;
use crate::web::extract::{Form, Visitor};
use crate::web::respond;
use crate::web::views::{ErrorKind, SignOut, SignedOut};

/// `GET`
pub async fn show(visitor: Visitor) -> Response {
    if visitor.signed_in().is_none() {
        let page = SignedOut {
            page: visitor.page(),
            others: visitor.has_others(),
        };
        return visitor.show(StatusCode::OK, page);
    }
    let page = SignOut {
        page: visitor.page(),
        client: None,
        request: None,
    };
    visitor.show(StatusCode::OK, page)
}

/// `POST`
pub async fn submit(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    match form.get("decision") {
        Some("stay") => return visitor.go("/"),
        Some("logout") => {}
        _ => return respond::error_page(visitor, ErrorKind::BadRequest, None),
    }
    if let Some(signed_in) = visitor.signed_in()
        && let Err(error) = app.sign_out(signed_in, visitor.origin.clone()).await
    {
        return respond::internal_page(visitor, &error);
    }
    let mut page = visitor.page();
    page.user = None;
    let others = visitor.has_others();
    let response = visitor.show(StatusCode::OK, SignedOut { page, others });
    match visitor.leave(response).await {
        Ok(response) => response,
        Err(error) => respond::internal_page(visitor, &error),
    }
}
