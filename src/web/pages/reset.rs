//! `/forgot-password` and `/reset-password`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::PageQuery;
use super::fields::problem;
use crate::base::Secret;
use crate::flows::reset_password::Reset;
use crate::web::App;
use crate::web::extract::{Form, Visitor};
use crate::web::respond;
use crate::web::views::{
    self, Alert, CheckYourMail, ErrorKind, Field, ForgotPassword, LinkExpired, MailPurpose,
    PasswordChanged, Problem, ResetPassword,
};

/// `GET /forgot-password`
pub async fn show_request(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    // Nothing is promised that cannot be sent.
    if !app.mailer.can_send() {
        return respond::error_page(&visitor, ErrorKind::NotFound, None);
    }
    let page = ForgotPassword {
        page: visitor.page(),
        form: views::Form::default(),
        request: query.request,
        identifier: String::new(),
    };
    visitor.show(StatusCode::OK, page)
}

/// `POST /forgot-password`
pub async fn request(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    if !app.mailer.can_send() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    let identifier = form.text("identifier");
    let ticket = form.ticket();
    let refused = |form: views::Form| ForgotPassword {
        page: visitor.page(),
        form,
        request: ticket.clone(),
        identifier: identifier.clone(),
    };
    if identifier.trim().is_empty() {
        let form = views::Form::with_problems(vec![(Field::Identifier, Problem::Missing)]);
        return visitor.show(StatusCode::UNPROCESSABLE_ENTITY, refused(form));
    }
    let asked = app
        .request_reset(&identifier, visitor.lang().tag(), visitor.origin.clone())
        .await;
    match asked {
        Ok(None) => {
            let page = CheckYourMail {
                page: visitor.page(),
                purpose: MailPurpose::ResetPassword,
                sent_to: identifier.clone(),
                request: form.ticket(),
            };
            visitor.show(StatusCode::OK, page)
        }
        Ok(Some(wait)) => {
            let form = views::Form::failed(Alert::SlowDown { wait });
            let response = visitor.show(StatusCode::TOO_MANY_REQUESTS, refused(form));
            respond::come_again(response, Some(wait))
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /reset-password`
pub async fn show_reset(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    reset_page(
        &app,
        &visitor,
        &token,
        StatusCode::OK,
        views::Form::default(),
    )
    .await
}

async fn reset_page(
    app: &App,
    visitor: &Visitor,
    token: &Secret<String>,
    status: StatusCode,
    form: views::Form,
) -> Response {
    match app.peek_reset(token).await {
        Ok(Some(user)) => {
            let page = ResetPassword {
                page: visitor.page(),
                form,
                token: token.expose().clone(),
                username: user.username,
                password_min: app.config.passwords.min_length,
            };
            visitor.show(status, page)
        }
        Ok(None) => expired(visitor),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `POST /reset-password`
pub async fn reset(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let token = Secret::new(form.text("token"));
    let password = Secret::new(form.text("password"));
    let changed = app
        .reset_password(
            &token,
            password,
            visitor.lang().tag(),
            visitor.origin.clone(),
        )
        .await;
    match changed {
        Ok(Reset::Changed(device)) => {
            let page = PasswordChanged {
                page: visitor.page(),
                request: None,
            };
            let mut response = visitor.show(StatusCode::OK, page);
            if let Some(device) = &device {
                visitor.be_known(&mut response, device);
            }
            response
        }
        Ok(Reset::Expired) => expired(visitor),
        Ok(Reset::Refused(why)) => {
            let form = views::Form::with_problems(vec![(Field::Password, problem(why))]);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            reset_page(&app, visitor, &token, status, form).await
        }
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
