//! `/sign-in/step`: one more proof; `/sign-in/unmet`: there is none to give.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PageQuery, lost, passkey, recovery_left, set_up_factor};
use crate::base::Secret;
use crate::flows::Internal;
use crate::flows::sent_codes::Sent;
use crate::flows::step::{Answer, Prover, StepOutcome};
use crate::protocol::assurance::Method;
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::own_page::own_page;
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

/// Only ever one of our own pages: a link must not lead people elsewhere.
fn back_to(to: &str) -> &str {
    own_page(to).unwrap_or("/account")
}

/// Who proves, and what may be proven.
struct Asked {
    prover: Prover,
    username: String,
    offer: Vec<Method>,
}

impl Asked {
    /// Somebody with the password, who is asked for more.
    fn may_be_lost(&self) -> bool {
        match &self.prover {
            Prover::Entering(entering) => entering
                .proofs()
                .iter()
                .any(|proof| proof.of.method == Method::Password),
            Prover::SignedIn(_) => false,
        }
    }

    /// The preferred method, else the first that is offered.
    fn method(&self, wished: Option<Method>) -> Option<Method> {
        let wished = wished.filter(|method| self.offer.contains(method));
        wished.or(self.offer.first().copied())
    }
}

/// `to` is where somebody who is signed in wants to change something; empty for anybody else.
async fn asked<From>(
    app: &App,
    pending: &Pending<From>,
    to: &str,
) -> Result<Option<Asked>, Internal>
where
    From: AsRef<Visitor>,
{
    let visitor = pending.from.as_ref();
    let entering = visitor.entering(pending.ticket()).await?;
    if let Some(entering) = entering.filter(|_| to.is_empty())
        && let Some(offer) = app.next_of(&entering).await?
    {
        return Ok(Some(Asked {
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
    let to = query.to.as_deref().map_or("", back_to);
    match asked(&app, &pending, to).await {
        Ok(Some(asked)) => {
            if let Some(path) = instead(&app, &asked, pending.ticket()).await {
                return visitor.go(&path);
            }
            let wished = query.with.as_deref().and_then(Method::parse);
            let form = views::Form::default();
            page(&app, &pending, &asked, wished, to, StatusCode::OK, form).await
        }
        // Nothing is missing, or nobody has begun: the way on tells which.
        Ok(None) if pending.ticket().is_some() => visitor.go(&visitor.onward(pending.ticket())),
        Ok(None) if visitor.signed_in().is_some() => {
            visitor.go(if to.is_empty() { "/account" } else { to })
        }
        Ok(None) => visitor.go(visitor.way_in()),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// Nothing to give: the page to set something up, or to find a way back. Where the database does not answer,
/// the next page says so.
async fn instead(app: &App, asked: &Asked, ticket: Option<&str>) -> Option<String> {
    let Prover::Entering(entering) = &asked.prover else {
        return None;
    };
    if !asked.offer.is_empty() {
        return None;
    }
    if let Ok(Some(_)) = app.may_enrol(entering).await {
        return Some(set_up_factor::path(ticket));
    }
    let way = app.way_back(entering).await;
    way.is_ok_and(|way| way.is_some())
        .then(|| lost::path(ticket))
}

async fn page<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
    asked: &Asked,
    wished: Option<Method>,
    to: &str,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = pending.from.as_ref();
    let Some(method) = asked.method(wished) else {
        return respond::error_page(visitor, ErrorKind::Forbidden, None);
    };
    let sending = match visitor.tessera().sending(&asked.prover, method).await {
        Ok(sending) => sending,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let others = asked.offer.iter().filter(|other| **other != method);
    let wait = form.wait();
    let passkey = match method {
        Method::Passkey => prompt(app, visitor, asked, with(pending.ticket(), to, method)).await,
        _ => Ok(None),
    };
    let passkey = match passkey {
        Ok(passkey) => passkey,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let view = Step {
        page: visitor.page(),
        form,
        request: pending.ticket().map(str::to_owned),
        to: to.to_owned(),
        client: pending.client_name(),
        username: asked.username.clone(),
        method: StepMethod(method.as_str()),
        sending,
        passkey,
        // Who has not even proven the first factor is led nowhere by it.
        lost: asked.may_be_lost().then(|| lost::path(pending.ticket())),
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

async fn prompt(
    app: &App,
    visitor: &Visitor,
    asked: &Asked,
    fresh: String,
) -> Result<Option<views::PasskeyPrompt>, Internal> {
    let prompt = app
        .step_prompt(asked.prover.user(), visitor.browser())
        .await?;
    Ok(prompt.map(|prompt| views::PasskeyPrompt {
        options: prompt.options,
        state: prompt.state,
        fresh,
    }))
}

fn with(ticket: Option<&str>, to: &str, method: Method) -> String {
    let before = if ticket.is_some() || to.is_empty() {
        path(ticket)
    } else {
        path_before(to)
    };
    let joint = if before.contains('?') { '&' } else { '?' };
    format!("{before}{joint}with={}", method.as_str())
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let form = &pending.from;
    let visitor = &form.visitor;
    let to = form.text("to");
    let to = if to.is_empty() { "" } else { back_to(&to) };
    let method = Method::parse(&form.text("method"));
    let found = match asked(&app, &pending, to).await {
        Ok(found) => found,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    // What is not asked for is not taken: a right password must not make room for more guesses at a code.
    let wanted = found.filter(|asked| method.is_some_and(|method| asked.offer.contains(&method)));
    let (Some(asked), Some(method)) = (wanted, method) else {
        // Too late, or done in another tab: the page knows the way on.
        return visitor.go(&path(pending.ticket()));
    };
    if form.get("send").is_some() {
        return send(&app, &pending, &asked, method, to).await;
    }
    let answer = match method {
        Method::Passkey => Answer::Passkey(passkey::answer(form)),
        Method::Password => Answer::Password(Secret::new(form.text("password"))),
        Method::Hotp if form.get("next").is_some() => Answer::Pair(
            Secret::new(form.text("first")),
            Secret::new(form.text("next")),
        ),
        other => Answer::Code(other, Secret::new(form.text("code"))),
    };
    let prover = asked.prover.clone();
    let outcome = app
        .step(prover, answer, visitor.visit(), visitor.origin.clone())
        .await;
    let (status, again) = match outcome {
        Ok(StepOutcome::SignedIn { signed_in, device }) => {
            let next = match (method, pending.ticket()) {
                // It looks how many are left, and goes on.
                (Method::RecoveryCode, ticket) => recovery_left::path(ticket),
                (_, None) if !to.is_empty() => to.to_owned(),
                (_, ticket) => visitor.onward(ticket),
            };
            let entered = visitor.enter(&signed_in, device.as_ref(), &next).await;
            return entered.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        Ok(StepOutcome::More(entering)) => {
            let next = path(pending.ticket());
            let waits = visitor.wait_as(entering, pending.ticket(), &next).await;
            return waits.unwrap_or_else(|error| respond::internal_page(visitor, &error));
        }
        Ok(StepOutcome::Wrong) => {
            let pair = form.get("next").is_some();
            (StatusCode::UNAUTHORIZED, wrong(method, pair))
        }
        Ok(StepOutcome::Refused(why)) => (
            StatusCode::UNAUTHORIZED,
            views::Form::failed(passkey::alert(why)),
        ),
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
    page(&app, &pending, &asked, Some(method), to, status, again).await
}

/// Sends a code, and asks for it.
async fn send(
    app: &App,
    pending: &Pending<Form>,
    asked: &Asked,
    method: Method,
    to: &str,
) -> Response {
    let visitor = &pending.from.visitor;
    if !matches!(method, Method::EmailCode | Method::SmsCode) {
        return respond::error_page(visitor, ErrorKind::BadRequest, None);
    }
    let sent = app
        .send_code(
            &asked.prover,
            method,
            &visitor.visit(),
            visitor.origin.clone(),
        )
        .await;
    match sent {
        Ok(Sent::Sent) => visitor.go(&with(pending.ticket(), to, method)),
        Ok(Sent::Slowed(wait)) => {
            let slow = views::Form::failed(Alert::SlowDown { wait });
            let status = StatusCode::TOO_MANY_REQUESTS;
            page(app, pending, asked, Some(method), to, status, slow).await
        }
        Ok(Sent::Expired) => visitor.go(&path(pending.ticket())),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn wrong(method: Method, pair: bool) -> views::Form {
    views::Form::with_problems(vec![match method {
        Method::Hotp if pair => (Field::First, Problem::WrongPair),
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
    let declined = pending.from.text("declined") == "yes";
    let visitor = &pending.from.visitor;
    match checked {
        Some(checked) if declined => authorize::show(visitor, app.answer_declined(checked)),
        Some(checked) => authorize::show(visitor, app.answer_unmet(checked)),
        None => visitor.go("/account"),
    }
}
