//! `/sign-up` and `/verify-email`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PageQuery, fields};
use crate::base::Secret;
use crate::flows::sign_up::{SignUp as Outcome, SignUpRequest};
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::respond;
use crate::web::views::{
    self, Alert, CheckYourMail, ConfirmEmail, EmailVerified, ErrorKind, LinkExpired, MailPurpose,
    SignUp,
};

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    if !app.sign_up_is_open() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    visitor.show(StatusCode::OK, view(&app, &pending))
}

fn view<From: AsRef<Visitor>>(app: &App, pending: &Pending<From>) -> SignUp {
    SignUp {
        page: pending.from.as_ref().page(),
        form: views::Form::default(),
        client: pending.client_name(),
        request: pending.ticket().map(str::to_owned),
        email: String::new(),
        name: String::new(),
        password_min: app.config.passwords.min_length,
    }
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let form = &pending.from;
    let visitor = &form.visitor;
    if !app.sign_up_is_open() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    let ticket = pending.ticket().map(str::to_owned);
    let (email, name) = (form.text("email"), form.text("name"));
    let request = SignUpRequest {
        email: email.clone(),
        name: name.clone(),
        password: Secret::new(form.text("password")),
        lang: visitor.lang().tag().to_owned(),
        ticket: ticket.clone(),
        browser: visitor.browser(),
    };
    let (status, form) = match app.request_sign_up(request, visitor.origin.clone()).await {
        Ok(Outcome::LetterSent) => {
            let page = CheckYourMail {
                page: visitor.page(),
                purpose: MailPurpose::SignUp,
                sent_to: email,
                request: ticket,
            };
            return visitor.show(StatusCode::OK, page);
        }
        Ok(Outcome::Refused(problems)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, fields::form(problems))
        }
        Ok(Outcome::Slowed(wait)) => (
            StatusCode::TOO_MANY_REQUESTS,
            views::Form::failed(Alert::SlowDown { wait }),
        ),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let wait = form.wait();
    let page = SignUp {
        form,
        email,
        name,
        ..view(&app, &pending)
    };
    respond::come_again(visitor.show(status, page), wait)
}

/// `GET /verify-email`: a button, so that software that follows links in mail does not spend it.
pub async fn show_confirm(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    match app.peek_sign_up(&token).await {
        Ok(Some(email)) => {
            let page = ConfirmEmail {
                page: visitor.page(),
                token: token.expose().clone(),
                email,
            };
            visitor.show(StatusCode::OK, page)
        }
        Ok(None) => expired(&visitor),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

/// `POST /verify-email`
pub async fn confirm(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let token = Secret::new(form.text("token"));
    match app
        .confirm_sign_up(&token, visitor.browser(), visitor.origin.clone())
        .await
    {
        Ok(Some(confirmed)) if confirmed.choose_password.is_some() => {
            visitor.go(&confirmed.choose_password.unwrap_or_default())
        }
        Ok(Some(confirmed)) => {
            let page = EmailVerified {
                page: visitor.page(),
                request: confirmed.ticket,
            };
            visitor.show(StatusCode::OK, page)
        }
        Ok(None) => expired(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn expired(visitor: &Visitor) -> Response {
    let page = LinkExpired {
        page: visitor.page(),
        setup: false,
    };
    visitor.show(StatusCode::GONE, page)
}
