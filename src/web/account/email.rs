//! `/account/email`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::overview::{self, Said};
use crate::flows::email_change::EmailChangeAsked;
use crate::web::App;
use crate::web::extract::{Form, Recent, Visitor};
use crate::web::pages::fields::problem;
use crate::web::respond;
use crate::web::views::account::ChangeEmail;
use crate::web::views::{self, Alert, ErrorKind, Field, Notice};

/// `GET`
pub async fn show(State(app): State<App>, recent: Recent<Visitor>) -> Response {
    page(
        &app,
        &recent,
        StatusCode::OK,
        views::Form::default(),
        String::new(),
    )
}

fn page<From: AsRef<Visitor>>(
    app: &App,
    recent: &Recent<From>,
    status: StatusCode,
    form: views::Form,
    typed: String,
) -> Response {
    let visitor = recent.visitor();
    // Nothing is promised that cannot be sent.
    if !app.mailer.can_send() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    let wait = form.wait();
    let view = ChangeEmail {
        page: visitor.page(),
        form,
        address: recent.member.person().user().email.clone(),
        typed,
        both: app.config.accounts.confirm_old_email,
    };
    respond::come_again(visitor.show(status, view), wait)
}

/// `POST`
pub async fn submit(State(app): State<App>, recent: Recent<Form>) -> Response {
    let visitor = recent.visitor();
    let typed = recent.member.from.text("email");
    if !app.mailer.can_send() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    let lang = visitor.lang().tag();
    let asked = app
        .request_email_change(recent.proof(), &typed, lang, visitor.origin.clone())
        .await;
    let (status, form) = match asked {
        Ok(EmailChangeAsked::LettersSent) => {
            return overview::page(&app, &recent.member, Said::done(Notice::EmailAsked)).await;
        }
        Ok(EmailChangeAsked::Refused(why)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            views::Form::with_problems(vec![(Field::Email, problem(why))]),
        ),
        Ok(EmailChangeAsked::Slowed(wait)) => (
            StatusCode::TOO_MANY_REQUESTS,
            views::Form::failed(Alert::SlowDown { wait }),
        ),
        Ok(EmailChangeAsked::Stale) => return visitor.go("/account"),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    page(&app, &recent, status, form, typed)
}
