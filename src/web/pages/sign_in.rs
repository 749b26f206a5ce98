//! `/sign-in`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{passkey, puzzle, step};
use crate::base::Secret;
use crate::flows::Internal;
use crate::flows::login::{SignInAttempt, SignInOutcome};
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::respond;
use crate::web::views::{self, Alert, SignIn};

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    let hint = pending
        .checked()
        .and_then(|checked| checked.request.login_hint())
        .map(str::to_owned);
    // Asked again although signed in: the name is known.
    let known = visitor
        .signed_in()
        .map(|signed_in| signed_in.user().username.clone());
    let again = known.is_some() && pending.checked().is_some();
    let view = SignIn {
        username: hint.or(known.filter(|_| again)).unwrap_or_default(),
        again,
        ..view(&app, &pending)
    };
    let login = view.username.clone();
    puzzle::show(&app, &pending, &login, view).await
}

/// `GET /sign-in/another`: somebody else wants to sign in.
pub async fn another(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let view = view(&app, &pending);
    puzzle::show(&app, &pending, "", view).await
}

/// The page for one account whose session has ended, or must be proven again.
pub fn as_one<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
    username: String,
) -> Response {
    let view = SignIn {
        username,
        again: true,
        ..view(app, pending)
    };
    let visitor = pending.from.as_ref();
    visitor.show_towards(pending.target().as_deref(), view)
}

fn view<From: AsRef<Visitor>>(app: &App, pending: &Pending<From>) -> SignIn {
    SignIn {
        page: pending.from.as_ref().page(),
        form: views::Form::default(),
        notice: None,
        client: pending.client_name(),
        request: pending.ticket().map(str::to_owned),
        username: String::new(),
        again: false,
        sign_up: app.sign_up_is_open(),
        forgot_password: app.mailer.can_send(),
        magic_link: app.sends_links(),
        passkey: passkey::prompt(app, pending),
        puzzle: None,
    }
}

/// The page again, with what went wrong.
pub fn refused<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
    status: StatusCode,
    alert: Alert,
) -> Response {
    let view = SignIn {
        form: views::Form::failed(alert),
        ..view(app, pending)
    };
    let visitor = pending.from.as_ref();
    let mut response = visitor.show_towards(pending.target().as_deref(), view);
    *response.status_mut() = status;
    response
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let form = &pending.from;
    let visitor = &form.visitor;
    let username = form.text("username");
    let attempt = SignInAttempt {
        login: username.clone(),
        password: Secret::new(form.text("password")),
        visit: visitor.visit(),
        captcha: Some(form.text(&app.config.captcha.field)),
    };
    let again = |alert| SignIn {
        form: views::Form::failed(alert),
        username,
        ..view(&app, &pending)
    };
    let login = attempt.login.clone();
    let outcome = app.sign_in(attempt, visitor.origin.clone()).await;
    let (status, alert) = match outcome {
        Ok(SignInOutcome::SignedIn { signed_in, device }) => {
            let path = visitor.onward(pending.ticket());
            let entered = visitor.enter(&signed_in, device.as_ref(), &path).await;
            return entered.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        Ok(SignInOutcome::More(entering)) => {
            let path = step::path(pending.ticket());
            let waits = visitor.wait_as(entering, pending.ticket(), &path).await;
            return waits.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        Ok(SignInOutcome::Puzzle) => (StatusCode::FORBIDDEN, Alert::Puzzle),
        Ok(SignInOutcome::Wrong) => (StatusCode::UNAUTHORIZED, Alert::WrongCredentials),
        Ok(SignInOutcome::Slowed { retry_after }) => (
            StatusCode::TOO_MANY_REQUESTS,
            Alert::SlowDown { wait: retry_after },
        ),
        Err(Internal::Busy) => (StatusCode::SERVICE_UNAVAILABLE, Alert::Busy),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let mut response = puzzle::show(&app, &pending, &login, again(alert)).await;
    *response.status_mut() = status;
    respond::come_again(response, alert.wait())
}
