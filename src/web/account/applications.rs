//! `/account/applications/revoke`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::overview;
use crate::protocol::client::ClientId;
use crate::web::App;
use crate::web::extract::Form;
use crate::web::respond;
use crate::web::views::{self, Notice};

/// `POST`
pub async fn revoke(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let Some(signed_in) = visitor.signed_in() else {
        return visitor.go("/sign-in");
    };
    let client = ClientId::new(form.text("client_id"));
    match app
        .revoke_application(signed_in, &client, visitor.origin.clone())
        .await
    {
        Ok(()) => {
            let notice = Some(Notice::AccessRevoked);
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
