//! `/account/phone`: the telephone that codes are sent to.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::recovery;
use crate::flows::Internal;
use crate::flows::phone::{PhoneAsked, PhoneConfirmed};
use crate::flows::session::SignedIn as Person;
use crate::web::App;
use crate::web::extract::{Form, Recent, Visitor};
use crate::web::respond;
use crate::web::views::{
    self, Alert, ErrorKind, Field, Notice, PhoneLine, PhonePage, PhoneSection, Problem,
};

const PAGE: &str = "/account/phone";

/// What the page says about what was just done.
#[derive(Default)]
struct Said {
    status: StatusCode,
    notice: Option<Notice>,
    form: views::Form,
    typed: Option<String>,
}

impl Said {
    fn refused(status: StatusCode, form: views::Form) -> Self {
        Self {
            status,
            form,
            ..Self::default()
        }
    }
}

/// `GET`
pub async fn show(State(app): State<App>, member: Recent<Visitor>) -> Response {
    page(&app, &member, Said::default()).await
}

async fn page<From: AsRef<Visitor>>(app: &App, member: &Recent<From>, said: Said) -> Response {
    let visitor = member.visitor();
    // Nothing is promised that cannot be sent.
    if !app.sends_texts() {
        return respond::error_page(visitor, ErrorKind::NotFound, None);
    }
    let (status, wait) = (said.status, said.form.wait());
    match view(app, member, said).await {
        Ok(view) => respond::come_again(visitor.show(status, view), wait),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn view<From: AsRef<Visitor>>(
    app: &App,
    member: &Recent<From>,
    said: Said,
) -> Result<PhonePage, Internal> {
    let person = member.member.person();
    let known = line(app, person).await?;
    let pending = app.pending_phone(person).await?;
    let pending = pending.map(|number| number.as_str().to_owned());
    Ok(PhonePage {
        page: member.visitor().page(),
        notice: said.notice,
        form: said.form,
        known,
        typed: said.typed.or_else(|| pending.clone()).unwrap_or_default(),
        pending,
    })
}

async fn line(app: &App, person: &Person) -> Result<Option<PhoneLine>, Internal> {
    let mut reader = &app.store;
    let known = app.telephone(&mut reader, person.user().id).await?;
    Ok(known.map(|known| PhoneLine {
        number: known.number.as_str().to_owned(),
        since: known.since,
    }))
}

/// What the account page says about it; `None` where there are no text messages.
///
/// # Errors
/// If the database does not answer.
pub async fn section(app: &App, person: &Person) -> Result<Option<PhoneSection>, Internal> {
    if !app.sends_texts() {
        return Ok(None);
    }
    let known = line(app, person).await?;
    let number = known.map(|known| known.number);
    Ok(Some(PhoneSection { number }))
}

/// `POST`
pub async fn submit(State(app): State<App>, member: Recent<Form>) -> Response {
    if !app.sends_texts() {
        return respond::error_page(member.visitor(), ErrorKind::NotFound, None);
    }
    match member.member.from.text("change").as_str() {
        "add" => ask(&app, &member).await,
        "confirm" => confirm(&app, &member).await,
        "remove" => remove(&app, &member).await,
        _ => respond::error_page(member.visitor(), ErrorKind::BadRequest, None),
    }
}

async fn ask(app: &App, member: &Recent<Form>) -> Response {
    let visitor = member.visitor();
    let typed = member.member.from.text("phone");
    let (lang, origin) = (visitor.lang().tag(), visitor.origin.clone());
    let problem = |problem| {
        let form = views::Form::with_problems(vec![(Field::Phone, problem)]);
        Said::refused(StatusCode::UNPROCESSABLE_ENTITY, form)
    };
    let said = match app.ask_phone(member.proof(), &typed, lang, origin).await {
        // The page shows where the code went, and asks for it.
        Ok(PhoneAsked::Sent | PhoneAsked::Stale) => return visitor.go(PAGE),
        Ok(PhoneAsked::Refused) => problem(Problem::NotAPhone),
        Ok(PhoneAsked::Unchanged) => problem(Problem::Unchanged),
        Ok(PhoneAsked::Slowed(wait)) => Said::refused(
            StatusCode::TOO_MANY_REQUESTS,
            views::Form::failed(Alert::SlowDown { wait }),
        ),
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let typed = Some(typed);
    page(app, member, Said { typed, ..said }).await
}

async fn confirm(app: &App, member: &Recent<Form>) -> Response {
    let visitor = member.visitor();
    let code = member.member.from.text("code");
    let (visit, origin) = (visitor.visit(), visitor.origin.clone());
    let confirmed = app
        .confirm_phone(member.proof(), &code, visit, origin)
        .await;
    match confirmed {
        Ok(PhoneConfirmed::Done { signed_in, codes }) => {
            let next = codes.map_or_else(
                || visitor.go(PAGE),
                |codes| recovery::shown(visitor, &codes, "/account", None).into_response(),
            );
            let entered = visitor.enter_with(&signed_in, None, next).await;
            entered.unwrap_or_else(|error| respond::internal_page(visitor, &error))
        }
        Ok(PhoneConfirmed::Wrong) => {
            let form = views::Form::with_problems(vec![(Field::Code, Problem::WrongCode)]);
            let said = Said::refused(StatusCode::UNPROCESSABLE_ENTITY, form);
            page(app, member, said).await
        }
        Ok(PhoneConfirmed::Stale) => visitor.go(PAGE),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn remove(app: &App, member: &Recent<Form>) -> Response {
    let visitor = member.visitor();
    let (lang, origin) = (visitor.lang().tag(), visitor.origin.clone());
    let removed = app.remove_phone(member.proof(), lang, origin).await;
    match removed {
        Ok(true) => {
            let notice = Some(Notice::PhoneRemoved);
            let said = Said {
                notice,
                ..Said::default()
            };
            page(app, member, said).await
        }
        // Removed in another tab, or too late: the page knows.
        Ok(false) => visitor.go(PAGE),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
