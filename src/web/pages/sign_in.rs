//! `/sign-in`

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::{PageQuery, Pending, onward, speak};
use crate::base::Secret;
use crate::flows::Internal;
use crate::flows::login::{SignInAttempt, SignInOutcome};
use crate::web::App;
use crate::web::extract::{Form, Visitor};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::{self, Alert, ErrorKind, SignIn};

/// `GET`
pub async fn show(
    State(app): State<App>,
    mut visitor: Visitor,
    query: PageQuery,
    headers: HeaderMap,
) -> Response {
    let pending = match Pending::open(&app, &visitor, query.request.as_deref()).await {
        Ok(Pending::Expired) => {
            return respond::error_page(&visitor, ErrorKind::ExpiredRequest, None);
        }
        Ok(Pending::Elsewhere(next)) => return authorize::show(&visitor, next),
        Ok(pending) => pending,
        Err(error) => return respond::internal_page(&visitor, &error),
    };
    speak(&mut visitor, &pending, &headers);
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
        ..view(&app, &visitor, &pending, query.request)
    };
    visitor.show_towards(pending.target().as_deref(), view)
}

/// `GET /sign-in/switch`: somebody else wants to sign in.
pub async fn switch(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let pending = match Pending::open(&app, &visitor, query.request.as_deref()).await {
        Ok(Pending::Expired) => {
            return respond::error_page(&visitor, ErrorKind::ExpiredRequest, None);
        }
        Ok(Pending::Elsewhere(next)) => return authorize::show(&visitor, next),
        Ok(pending) => pending,
        Err(error) => return respond::internal_page(&visitor, &error),
    };
    let view = view(&app, &visitor, &pending, query.request);
    visitor.show_towards(pending.target().as_deref(), view)
}

fn view(app: &App, visitor: &Visitor, pending: &Pending, ticket: Option<String>) -> SignIn {
    SignIn {
        page: visitor.page(),
        form: views::Form::default(),
        notice: None,
        client: pending.client_name(),
        request: ticket,
        username: String::new(),
        again: false,
        sign_up: app.sign_up_is_open(),
        forgot_password: app.mailer.can_send(),
    }
}

/// `POST`
pub async fn submit(State(app): State<App>, form: Form) -> Response {
    let ticket = form.ticket();
    let pending = match Pending::open(&app, &form.visitor, ticket.as_deref()).await {
        Ok(Pending::Expired) => {
            return respond::error_page(&form.visitor, ErrorKind::ExpiredRequest, None);
        }
        Ok(Pending::Elsewhere(next)) => return authorize::show(&form.visitor, next),
        Ok(pending) => pending,
        Err(error) => return respond::internal_page(&form.visitor, &error),
    };
    let username = form.text("username");
    let attempt = SignInAttempt {
        login: username.clone(),
        password: Secret::new(form.text("password")),
        device: form.visitor.device.clone(),
        user_agent: form.visitor.user_agent.clone(),
        current: form
            .visitor
            .signed_in()
            .map(|signed_in| signed_in.session().id),
    };
    let again = |alert| SignIn {
        form: views::Form::failed(alert),
        username,
        ..view(&app, &form.visitor, &pending, ticket.clone())
    };
    let outcome = app.sign_in(attempt, form.visitor.origin.clone()).await;
    let (status, alert, wait) = match outcome {
        Ok(SignInOutcome::SignedIn { signed_in, device }) => {
            let path = onward(ticket.as_deref());
            let entered = form
                .visitor
                .enter(signed_in.session().id, device.as_ref(), &path)
                .await;
            return entered.unwrap_or_else(|error| respond::internal_page(&form.visitor, &error));
        }
        Ok(SignInOutcome::Wrong) => (StatusCode::UNAUTHORIZED, Alert::WrongCredentials, None),
        Ok(SignInOutcome::Slowed { retry_after }) => (
            StatusCode::TOO_MANY_REQUESTS,
            Alert::SlowDown { wait: retry_after },
            Some(retry_after.as_secs().max(1)),
        ),
        Err(Internal::Busy) => (StatusCode::SERVICE_UNAVAILABLE, Alert::Busy, Some(2)),
        Err(error) => return respond::internal_page(&form.visitor, &error),
    };
    let mut response = form
        .visitor
        .show_towards(pending.target().as_deref(), again(alert));
    *response.status_mut() = status;
    if let Some(Ok(value)) = wait.map(|wait| HeaderValue::from_str(&wait.to_string())) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
