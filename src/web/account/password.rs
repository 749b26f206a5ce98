//! `/account/password`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::overview;
use crate::base::Secret;
use crate::flows::account::PasswordChange;
use crate::web::App;
use crate::web::extract::Form;
use crate::web::pages::fields::problem;
use crate::web::respond;
use crate::web::views::{self, Alert, Field, Notice, Problem};

/// `POST`
pub async fn change(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let Some(signed_in) = visitor.signed_in() else {
        return visitor.go("/sign-in");
    };
    let changed = app
        .change_password(
            signed_in,
            Secret::new(form.text("current_password")),
            Secret::new(form.text("password")),
            visitor.lang().tag(),
            visitor.origin.clone(),
        )
        .await;
    let (status, notice, form) = match changed {
        Ok(PasswordChange::Changed) => (
            StatusCode::OK,
            Some(Notice::PasswordChanged),
            views::Form::default(),
        ),
        Ok(PasswordChange::WrongPassword) => (
            StatusCode::FORBIDDEN,
            None,
            views::Form::with_problems(vec![(Field::CurrentPassword, Problem::WrongPassword)]),
        ),
        Ok(PasswordChange::Refused(why)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            None,
            views::Form::with_problems(vec![(Field::Password, problem(why))]),
        ),
        Ok(PasswordChange::Slowed(wait)) => (
            StatusCode::TOO_MANY_REQUESTS,
            None,
            views::Form::failed(Alert::SlowDown { wait }),
        ),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    overview::page(&app, visitor, status, notice, form).await
}
