//! `/sign-in/email-link`: asks for a link; `/sign-in/link`: where it leads. Nothing happens before a button
//! is pressed there, because software follows the links in mail.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PageQuery, step};
use crate::base::Secret;
use crate::flows::magic_link::{LinkFound, LinkRequest, LinkSignIn};
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::{
    self, Alert, AskForLink, CheckYourMail, ErrorKind, Field, LinkUnusable, MailPurpose, Problem,
    UseLink,
};

/// `GET /sign-in/email-link`
pub async fn show_ask(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let hint = pending
        .checked()
        .and_then(|checked| checked.request.login_hint());
    let typed = hint.unwrap_or_default().to_owned();
    let form = views::Form::default();
    ask_page(&app, &pending, StatusCode::OK, form, typed)
}

fn ask_page<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
    status: StatusCode,
    form: views::Form,
    identifier: String,
) -> Response {
    let visitor = pending.from.as_ref();
    if !app.sends_links() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    let wait = form.wait();
    let view = AskForLink {
        page: visitor.page(),
        form,
        request: pending.ticket().map(str::to_owned),
        identifier,
    };
    respond::come_again(visitor.show(status, view), wait)
}

/// `POST /sign-in/email-link`
pub async fn ask(State(app): State<App>, pending: Pending<Form>) -> Response {
    let visitor = &pending.from.visitor;
    let identifier = pending.from.text("identifier");
    if !app.sends_links() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    if identifier.trim().is_empty() {
        let form = views::Form::with_problems(vec![(Field::Identifier, Problem::Missing)]);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return ask_page(&app, &pending, status, form, identifier);
    }
    let request = LinkRequest {
        login: identifier.clone(),
        browser: visitor.browser(),
        ticket: pending.ticket().map(str::to_owned),
    };
    let (visit, origin) = (visitor.visit(), visitor.origin.clone());
    match app.request_link(request, &visit, origin).await {
        Ok(None) => {
            let page = CheckYourMail {
                page: visitor.page(),
                purpose: MailPurpose::SignInLink,
                sent_to: identifier,
                request: pending.from.ticket(),
            };
            visitor.show(StatusCode::OK, page)
        }
        Ok(Some(wait)) => {
            let form = views::Form::failed(Alert::SlowDown { wait });
            let status = StatusCode::TOO_MANY_REQUESTS;
            ask_page(&app, &pending, status, form, identifier)
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /sign-in/link`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>, query: PageQuery) -> Response {
    let visitor = &pending.from;
    let token = Secret::new(query.token.unwrap_or_default());
    match app.find_link(&token, visitor.browser()).await {
        // The letter has no room for the request: it goes on where it waited.
        Ok(LinkFound::Here {
            ticket: Some(ticket),
            ..
        }) if pending.ticket() != Some(ticket.as_str()) => {
            let path = authorize::path("/sign-in/link", &ticket);
            visitor.go(&format!("{path}&{}", query_of(&token)))
        }
        Ok(LinkFound::Here { username, .. }) => {
            let view = UseLink {
                page: visitor.page(),
                client: pending.client_name(),
                request: pending.ticket().map(str::to_owned),
                token: token.expose().clone(),
                username,
            };
            visitor.show_towards(pending.target().as_deref(), view)
        }
        Ok(LinkFound::Elsewhere) => unusable(visitor, true),
        Ok(LinkFound::Expired) => unusable(visitor, false),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn query_of(token: &Secret<String>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token.expose())
        .finish()
}

/// `POST /sign-in/link`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let visitor = &pending.from.visitor;
    let token = Secret::new(pending.from.text("token"));
    let (visit, origin) = (visitor.visit(), visitor.origin.clone());
    let outcome = app
        .sign_in_by_link(&token, visitor.browser(), visit, origin)
        .await;
    let entered = match outcome {
        Ok(LinkSignIn::SignedIn { signed_in, device }) => {
            let path = visitor.onward(pending.ticket());
            visitor.enter(&signed_in, device.as_ref(), &path).await
        }
        Ok(LinkSignIn::More(entering)) => {
            let path = step::path(pending.ticket());
            visitor.wait_as(entering, pending.ticket(), &path).await
        }
        Ok(LinkSignIn::Elsewhere) => return unusable(visitor, true),
        Ok(LinkSignIn::Expired) => return unusable(visitor, false),
        Err(error) => Err(error),
    };
    entered.unwrap_or_else(|error| respond::internal_page(visitor, &error))
}

fn unusable(visitor: &Visitor, elsewhere: bool) -> Response {
    let status = if elsewhere {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::GONE
    };
    let page = visitor.page();
    visitor.show(status, LinkUnusable { page, elsewhere })
}
