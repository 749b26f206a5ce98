//! `/account/sessions/end`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::overview;
use crate::base::ids::SessionId;
use crate::web::App;
use crate::web::extract::Form;
use crate::web::respond;
use crate::web::views::{self, ErrorKind, Notice};

/// `POST`
pub async fn end(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let Some(signed_in) = visitor.signed_in() else {
        return visitor.go("/sign-in");
    };
    let Ok(id) = form.text("session_id").parse() else {
        return respond::error_page(visitor, ErrorKind::BadRequest, None);
    };
    // Somebody else's session is simply not found: the statement names the person.
    match app
        .end_session(signed_in, SessionId(id), visitor.origin.clone())
        .await
    {
        Ok(_) if SessionId(id) == signed_in.session().id => visitor.go("/"),
        Ok(_) => {
            let notice = Some(Notice::SessionEnded);
            overview::page(
                &app,
                visitor,
                StatusCode::OK,
                notice,
                views::Form::default(),
            )
            .await
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}
