//! `/sign-in/recover`: somebody has the password and nothing else; `/recover`: behind the links of letters
//! about it, and of an operator.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PageQuery, letters, set_up_factor, step};
use crate::base::{Secret, Timestamp};
use crate::flows::Internal;
use crate::flows::account_recovery::{Begun, Opened, WayBack};
use crate::protocol::account_recovery::{Recovery, Stage};
use crate::storage::users::User;
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::messages::{date, duration};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::{self, Alert, Answer, Ask, ComeBack, Field, Lost, Problem};

const STOP: Answer = Answer {
    id: "stop",
    label: "recover-stop",
};

/// The page, with the request that waits.
#[must_use]
pub fn path(ticket: Option<&str>) -> String {
    ticket.map_or_else(
        || "/sign-in/recover".to_owned(),
        |ticket| authorize::path("/sign-in/recover", ticket),
    )
}

async fn way<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
) -> Result<Option<WayBack>, Internal> {
    let visitor = pending.from.as_ref();
    match visitor.entering(pending.ticket()).await? {
        Some(entering) => app.way_back(&entering).await,
        None => Ok(None),
    }
}

/// `GET /sign-in/recover`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    match way(&app, &pending).await {
        Ok(Some(way)) => page(&pending, way, StatusCode::OK, views::Form::default()),
        // Who proved nothing, or has nothing to lose: the step page knows.
        Ok(None) => visitor.go(&step::path(pending.ticket())),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn page<From: AsRef<Visitor>>(
    pending: &Pending<From>,
    way: WayBack,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = pending.from.as_ref();
    let page = visitor.page();
    let brand = ("brand", page.brand.name.clone());
    let (text, names) = match way {
        WayBack::None => ("lost-none-text", vec![brand]),
        WayBack::AskOperator => ("lost-operator-text", vec![brand]),
        WayBack::Begin(wait) => {
            let span = ("span", duration(visitor.lang(), wait));
            ("lost-begin-text", vec![brand, span])
        }
        WayBack::Begun(ready) if ready <= page.now => ("lost-ready-text", Vec::new()),
        WayBack::Begun(ready) => ("lost-begun-text", vec![on(visitor, ready)]),
    };
    let wait = form.wait();
    let view = Lost {
        page,
        form,
        request: pending.ticket().map(str::to_owned),
        text,
        names,
        begin: matches!(way, WayBack::Begin(_)),
    };
    respond::come_again(visitor.show(status, view), wait)
}

fn on(visitor: &Visitor, at: Timestamp) -> (&'static str, String) {
    ("date", date(visitor.lang(), at))
}

/// `POST /sign-in/recover`
pub async fn begin(State(app): State<App>, pending: Pending<Form>) -> Response {
    let visitor = &pending.from.visitor;
    let begun = match visitor.entering(pending.ticket()).await {
        Ok(Some(entering)) => {
            let (lang, origin) = (visitor.lang().tag(), visitor.origin.clone());
            app.begin_recovery(&entering, lang, origin).await
        }
        Ok(None) => Ok(Begun::Refused),
        Err(error) => Err(error),
    };
    match begun {
        Ok(Begun::Until(ready)) => {
            let form = views::Form::default();
            page(&pending, WayBack::Begun(ready), StatusCode::OK, form)
        }
        Ok(Begun::Slowed(wait)) => {
            let form = views::Form::failed(Alert::SlowDown { wait });
            let way = WayBack::Begin(app.config.recovery.wait);
            page(&pending, way, StatusCode::TOO_MANY_REQUESTS, form)
        }
        Ok(Begun::Refused) => visitor.go(&path(pending.ticket())),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /recover`
pub async fn show_link(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let token = Secret::new(query.token.unwrap_or_default());
    match app.peek_recovery(&token).await {
        Ok(Some((user, recovery))) => question(&visitor, &token, (user, recovery)),
        Ok(None) => letters::expired(&visitor),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

fn question(visitor: &Visitor, token: &Secret<String>, about: (User, Recovery)) -> Response {
    let (user, recovery) = about;
    let page = visitor.page();
    if recovery.stage(page.now) == Stage::Ready {
        let form = views::Form::default();
        return come_back(visitor, token, user.username, StatusCode::OK, form);
    }
    let view = Ask {
        page,
        title: "recover-waiting-title",
        text: "recover-waiting-text",
        names: vec![("user", user.username), on(visitor, recovery.ready_at)],
        points: Vec::new(),
        action: "/recover",
        token: token.expose().clone(),
        answers: vec![STOP, letters::LOCK],
    };
    visitor.show(StatusCode::OK, view)
}

fn come_back(
    visitor: &Visitor,
    token: &Secret<String>,
    username: String,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let wait = form.wait();
    let view = ComeBack {
        page: visitor.page(),
        form,
        token: token.expose().clone(),
        username,
    };
    respond::come_again(visitor.show(status, view), wait)
}

/// `POST /recover`
pub async fn answer(State(app): State<App>, form: Form) -> Response {
    let (visitor, token) = (&form.visitor, Secret::new(form.text("token")));
    let done = match form.text("decision").as_str() {
        "stop" => stop(&app, visitor, &token).await,
        "lock" => {
            let (lang, origin) = (visitor.lang().tag(), visitor.origin.clone());
            let locked = app.deny_recovery(&token, lang, origin).await;
            locked.map(|locked| letters::is_locked(visitor, locked))
        }
        _ => go_on(&app, &form, &token).await,
    };
    done.unwrap_or_else(|error| respond::internal_page(visitor, &error))
}

async fn stop(app: &App, visitor: &Visitor, token: &Secret<String>) -> Result<Response, Internal> {
    let Some((user, _)) = app.peek_recovery(token).await? else {
        return Ok(letters::expired(visitor));
    };
    app.cancel_recovery(user.id, "by_letter", visitor.origin.clone())
        .await?;
    let onward = Some(("/sign-in", "recover-stopped-button"));
    let (title, text) = ("recover-stopped-title", "recover-stopped-text");
    Ok(letters::told(visitor, title, text, onward))
}

async fn go_on(app: &App, form: &Form, token: &Secret<String>) -> Result<Response, Internal> {
    let visitor = &form.visitor;
    let Some((user, recovery)) = app.peek_recovery(token).await? else {
        return Ok(letters::expired(visitor));
    };
    let password = Secret::new(form.text("password"));
    let (visit, origin) = (visitor.visit(), visitor.origin.clone());
    let (status, again) = match app.open_recovery(token, password, &visit, origin).await {
        Ok(Opened::Entering(entering)) => {
            let next = set_up_factor::path(None);
            return visitor.wait_as(entering, None, &next).await;
        }
        Ok(Opened::Wrong) => {
            let wrong = vec![(Field::Password, Problem::WrongPassword)];
            (StatusCode::UNAUTHORIZED, views::Form::with_problems(wrong))
        }
        Ok(Opened::Slowed(wait)) => (
            StatusCode::TOO_MANY_REQUESTS,
            views::Form::failed(Alert::SlowDown { wait }),
        ),
        // Not yet: the page says when.
        Ok(Opened::Refused) => return Ok(question(visitor, token, (user, recovery))),
        Err(Internal::Busy) => (
            StatusCode::SERVICE_UNAVAILABLE,
            views::Form::failed(Alert::Busy),
        ),
        Err(error) => return Err(error),
    };
    Ok(come_back(visitor, token, user.username, status, again))
}
