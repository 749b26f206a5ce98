//! `/sign-in/step`: one more proof; `/sign-in/unmet`: there is none to give.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PageQuery, onward};
use crate::base::Secret;
use crate::flows::Internal;
use crate::flows::step::{Answer, Prover, StepOutcome};
use crate::protocol::assurance::Method;
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::{self, Alert, ErrorKind, Field, Problem, Step, StepMethod, Unmet};

/// The page, with the request that waits.
#[must_use]
pub fn path(ticket: Option<&str>) -> String {
    ticket.map_or_else(
        || "/sign-in/step".to_owned(),
        |ticket| authorize::path("/sign-in/step", ticket),
    )
}

/// The page, for somebody who wants to change something at `to`.
#[must_use]
pub fn path_before(to: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("to", to)
        .finish();
    format!("/sign-in/step?{query}")
}

/// Only ever one of our own account pages: a link must not lead people elsewhere.
fn own_page(to: &str) -> &str {
    let ours = to == "/account" || to.starts_with("/account/") || to.starts_with("/account#");
    let plain = to
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_#".contains(&b));
    if ours && plain { to } else { "/account" }
}

/// Who proves, and what may be proven.
struct Asked {
    prover: Prover,
    username: String,
    offer: Vec<Method>,
}

async fn asked<From>(app: &App, pending: &Pending<From>) -> Result<Option<Asked>, Internal>
where
    From: AsRef<Visitor>,
{
    let visitor = pending.from.as_ref();
    if let Some(entering) = visitor.entering().await? {
        let offer = app.next_of(&entering).await?;
        return Ok(offer.map(|offer| Asked {
            prover: Prover::Entering(entering),
            username: String::new(),
            offer,
        }));
    }
    let Some(person) = visitor.signed_in() else {
        return Ok(None);
    };
    let offer = match pending.checked() {
        Some(checked) => app.missing_for(checked, visitor.present()).await?,
        None => app.recently(person).await?.err(),
    };
    Ok(offer.map(|offer| Asked {
        prover: Prover::SignedIn(Box::new(person.clone())),
        username: person.user().username.clone(),
        offer,
    }))
}

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>, query: PageQuery) -> Response {
    let visitor = &pending.from;
    let to = query.to.as_deref().map_or("/account", own_page);
    match asked(&app, &pending).await {
        Ok(Some(asked)) => {
            let wished = query.with.as_deref().and_then(Method::parse);
            page(
                &pending,
                &asked,
                wished,
                to,
                StatusCode::OK,
                views::Form::default(),
            )
        }
        // Nothing is missing, or nobody has begun: the way on tells which.
        Ok(None) if pending.ticket().is_some() => visitor.go(&onward(pending.ticket())),
        Ok(None) if visitor.signed_in().is_some() => visitor.go(to),
        Ok(None) => visitor.go(visitor.way_in()),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn page<From: AsRef<Visitor>>(
    pending: &Pending<From>,
    asked: &Asked,
    wished: Option<Method>,
    to: &str,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = pending.from.as_ref();
    let wished = wished.filter(|method| asked.offer.contains(method));
    let Some(method) = wished.or(asked.offer.first().copied()) else {
        return respond::error_page(visitor, ErrorKind::Forbidden, None);
    };
    let others = asked.offer.iter().filter(|other| **other != method);
    let wait = form.wait();
    let view = Step {
        page: visitor.page(),
        form,
        request: pending.ticket().map(str::to_owned),
        to: to.to_owned(),
        client: pending.client_name(),
        username: asked.username.clone(),
        method: StepMethod(method.as_str()),
        others: others
            .map(|other| {
                (
                    StepMethod(other.as_str()),
                    with(pending.ticket(), to, *other),
                )
            })
            .collect(),
    };
    let mut response = visitor.show_towards(pending.target().as_deref(), view);
    *response.status_mut() = status;
    respond::come_again(response, wait)
}

fn with(ticket: Option<&str>, to: &str, method: Method) -> String {
    let before = match ticket {
        Some(ticket) => path(Some(ticket)),
        None => path_before(to),
    };
    format!("{before}&with={}", method.as_str())
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let form = &pending.from;
    let visitor = &form.visitor;
    let to = form.text("to");
    let to = own_page(&to);
    let method = Method::parse(&form.text("method"));
    let found = match asked(&app, &pending).await {
        Ok(found) => found,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let (Some(asked), Some(method)) = (found, method) else {
        // Too late, or done in another tab: the page knows the way on.
        return visitor.go(&path(pending.ticket()));
    };
    let answer = match method {
        Method::Password => Answer::Password(Secret::new(form.text("password"))),
        other => Answer::Code(other, Secret::new(form.text("code"))),
    };
    let prover = asked.prover.clone();
    let outcome = app
        .step(prover, answer, visitor.visit(), visitor.origin.clone())
        .await;
    let (status, again) = match outcome {
        Ok(StepOutcome::SignedIn { signed_in, device }) => {
            let next = pending
                .ticket()
                .map_or(to.to_owned(), |ticket| onward(Some(ticket)));
            let entered = visitor.enter(&signed_in, device.as_ref(), &next).await;
            return entered.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        Ok(StepOutcome::More(entering)) => {
            let next = path(pending.ticket());
            let waits = visitor.wait_as(&entering, &next).await;
            return waits.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        Ok(StepOutcome::Wrong) => (StatusCode::UNAUTHORIZED, wrong(method)),
        Ok(StepOutcome::Slowed { retry_after }) => (
            StatusCode::TOO_MANY_REQUESTS,
            views::Form::failed(Alert::SlowDown { wait: retry_after }),
        ),
        Ok(StepOutcome::Expired) => return visitor.go(visitor.way_in()),
        Err(Internal::Busy) => (
            StatusCode::SERVICE_UNAVAILABLE,
            views::Form::failed(Alert::Busy),
        ),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    page(&pending, &asked, Some(method), to, status, again)
}

fn wrong(method: Method) -> views::Form {
    views::Form::with_problems(vec![match method {
        Method::Password => (Field::Password, Problem::WrongPassword),
        _ => (Field::Code, Problem::WrongCode),
    }])
}

/// `GET /sign-in/unmet`
pub async fn unmet(State(_): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    let Some(client) = pending.client_name() else {
        return visitor.go("/account");
    };
    let view = Unmet {
        page: visitor.page(),
        client,
        request: pending.ticket().map(str::to_owned),
    };
    visitor.show_towards(pending.target().as_deref(), view)
}

/// `POST /sign-in/unmet`: back to the application, with what it is called there.
pub async fn give_up(State(app): State<App>, mut pending: Pending<Form>) -> Response {
    let checked = pending.take();
    let visitor = &pending.from.visitor;
    match checked {
        Some(checked) => authorize::show(visitor, app.answer_unmet(checked)),
        None => visitor.go("/account"),
    }
}
