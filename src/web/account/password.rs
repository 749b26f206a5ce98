//! `/account/password`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::overview::{self, Said};
use crate::base::Secret;
use crate::flows::password_change::PasswordChange;
use crate::web::App;
use crate::web::extract::{Form, Recent};
use crate::web::pages::fields::problem;
use crate::web::respond;
use crate::web::views::account::Section;
use crate::web::views::{self, Alert, Field, Notice, Problem};

/// `POST`
///
/// Only by who proved a moment ago all that the account asks for: the old password alone, in a session from
/// before there was a second factor, must not put the owner out.
pub async fn change(State(app): State<App>, recent: Recent<Form>) -> Response {
    let (form, visitor) = (&recent.member.from, recent.visitor());
    let changed = app
        .change_password(
            recent.proof(),
            Secret::new(form.text("current_password")),
            Secret::new(form.text("password")),
            &visitor.visit(),
            visitor.origin.clone(),
        )
        .await;
    let wrong = |field, problem| views::Form::with_problems(vec![(field, problem)]);
    let said = match changed {
        Ok(PasswordChange::Changed) => Said::done(Notice::PasswordChanged),
        Ok(PasswordChange::WrongPassword) => Said::refused(
            StatusCode::FORBIDDEN,
            Section::Password,
            wrong(Field::CurrentPassword, Problem::WrongPassword),
        ),
        Ok(PasswordChange::Refused(why)) => Said::refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            Section::Password,
            wrong(Field::Password, problem(why)),
        ),
        Ok(PasswordChange::Slowed(wait)) => Said::refused(
            StatusCode::TOO_MANY_REQUESTS,
            Section::Password,
            views::Form::failed(Alert::SlowDown { wait }),
        ),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    overview::page(&app, &recent.member, said).await
}
