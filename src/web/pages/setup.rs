//! `/setup`: the first administrator.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PageQuery, fields};
use crate::base::Secret;
use crate::flows::account::NewUser;
use crate::flows::set_up::{SetUp, SetUpLink};
use crate::web::App;
use crate::web::extract::{Form, Visitor};
use crate::web::respond;
use crate::web::views::{self, AlreadySetUp, LinkExpired, Notice, SetupAdmin, SignIn};

/// `GET`
pub async fn show(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    match app.peek_set_up(&token).await {
        Ok(SetUpLink::Works) => {
            let page = view(&app, &visitor, &token);
            visitor.show(StatusCode::OK, page)
        }
        Ok(link) => dead(&visitor, link),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

fn view(app: &App, visitor: &Visitor, token: &Secret<String>) -> SetupAdmin {
    SetupAdmin {
        page: visitor.page(),
        form: views::Form::default(),
        token: token.expose().clone(),
        username: String::new(),
        email: String::new(),
        password_min: app.config.passwords.min_length,
    }
}

fn dead(visitor: &Visitor, link: SetUpLink) -> Response {
    let page = visitor.page();
    if link == SetUpLink::AlreadySetUp {
        return visitor.show(StatusCode::GONE, AlreadySetUp { page });
    }
    visitor.show(StatusCode::GONE, LinkExpired { page, setup: true })
}

/// `POST`
pub async fn submit(State(app): State<App>, form: Form) -> Response {
    let visitor = &form.visitor;
    let token = Secret::new(form.text("token"));
    let (username, email) = (form.text("username"), form.text("email"));
    let new = NewUser {
        username: username.trim().to_owned(),
        email: email.trim().to_owned(),
        name: form.text("name"),
        password: Secret::new(form.text("password")),
        administrator: true,
        email_verified: false,
    };
    match app
        .create_first_admin(&token, new, visitor.origin.clone())
        .await
    {
        Ok(SetUp::Created(user)) => {
            let page = SignIn {
                page: visitor.page(),
                form: views::Form::default(),
                notice: Some(Notice::AccountCreated),
                puzzle: None,
                client: None,
                request: None,
                username: user.username,
                again: false,
                sign_up: app.sign_up_is_open(),
                forgot_password: app.mailer.can_send(),
                magic_link: false,
                passkey: None,
            };
            visitor.show(StatusCode::OK, page)
        }
        Ok(SetUp::Refused(link)) => dead(visitor, link),
        Ok(SetUp::Problems(problems)) => {
            let page = SetupAdmin {
                form: fields::form(problems),
                username,
                email,
                ..view(&app, visitor, &token)
            };
            visitor.show(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}
