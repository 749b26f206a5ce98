//! `/sign-out`: RP-Initiated Logout, and the way out for whoever comes without an application.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::PageQuery;
use crate::flows::Internal;
use crate::flows::logout::LogoutAsked;
use crate::protocol::logout::Flaw;
use crate::web::App;
use crate::web::extract::{Form, Posted, Visitor};
use crate::web::oauth::authorize::path;
use crate::web::respond;
use crate::web::views::{Continue, ErrorKind, SignOut, SignedOut};

/// `GET`: an application's request, or the ticket of one.
pub async fn show(
    State(app): State<App>,
    mut visitor: Visitor,
    page: PageQuery,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = match &page.request {
        Some(ticket) => reopen(&app, &mut visitor, Some(ticket)).await,
        None => look(&app, &mut visitor, query.as_bytes()).await,
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(error) => return respond::internal_page(&visitor, &error),
    };
    if let Some(wished) = &asked.ui_locales {
        visitor.prefer(wished);
    }
    match (visitor.signed_in().is_some(), asked.return_to.as_deref()) {
        (true, _) if asked.proven => end(&app, &visitor, asked).await,
        (true, _) => ask(&visitor, asked),
        // Nobody to sign out, and the application itself asks: it gets its answer.
        // But not to a stranger's application, which anybody's link could name (RFC 9700 §4.11.2).
        (false, Some(location)) if asked.hinted && !asked.of_stranger() => {
            visitor.go_away(location)
        }
        (false, _) => visitor.show(StatusCode::OK, signed_out(&visitor, Vec::new(), &asked)),
    }
}

/// `POST`: the answer of our own page, or an application's request (RP-Initiated Logout §2: "OPs MUST
/// support the use of the HTTP GET and POST methods"). The latter goes on by GET: a cross-site POST
/// does not bring the session cookie along, and must never do more than a link could.
pub async fn submit(State(app): State<App>, posted: Posted) -> Response {
    // Whoever asks for nothing is no application.
    let nothing = posted.params.iter().next().is_none();
    let ours = ["csrf", "decision"];
    if nothing || ours.iter().any(|name| posted.params.get(name).is_some()) {
        return match posted.ours() {
            Ok(form) => decided(&app, form).await,
            Err(refused) => *refused,
        };
    }
    // Not `visitor.go`: that would set cookies anew in a browser that only did not send them.
    match app.make_ticket(&posted.params, posted.visitor.arrival()) {
        Ok(ticket) => Redirect::to(&path("/sign-out", &ticket)).into_response(),
        Err(error) => respond::internal_page(&posted.visitor, &error),
    }
}

async fn decided(app: &App, mut form: Form) -> Response {
    let ticket = form.ticket();
    match form.get("decision") {
        Some("stay") => return form.visitor.go("/"),
        Some("logout") => {}
        _ => return respond::error_page(&form.visitor, ErrorKind::BadRequest, None),
    }
    match reopen(app, &mut form.visitor, ticket.as_deref()).await {
        // Meanwhile somebody else is who would be signed out: they are asked.
        Ok(asked) if form.text("person") != person(&form.visitor) => ask(&form.visitor, asked),
        Ok(asked) => end(app, &form.visitor, asked).await,
        Err(error) => respond::internal_page(&form.visitor, &error),
    }
}

/// The session that the hint names may be of another account of this browser than the active one.
async fn look(app: &App, visitor: &mut Visitor, query: &[u8]) -> Result<LogoutAsked, Internal> {
    if let Some(meant) = app.meant_by_logout(query, visitor.accounts()).await? {
        visitor.speak_as(meant);
    }
    app.check_logout(query, visitor.arrival(), visitor.signed_in())
        .await
}

/// The request of a ticket, looked at anew. With one that is too old, or without any, the person may
/// sign out all the same.
async fn reopen(
    app: &App,
    visitor: &mut Visitor,
    ticket: Option<&str>,
) -> Result<LogoutAsked, Internal> {
    let opened = app.open_ticket(ticket.unwrap_or_default(), visitor.browser())?;
    let query = opened.map(|ticket| ticket.query).unwrap_or_default();
    look(app, visitor, query.as_bytes()).await
}

fn ask(visitor: &Visitor, asked: LogoutAsked) -> Response {
    let target = asked.return_to.clone();
    let page = SignOut {
        page: visitor.page(),
        client: asked.client_name(visitor.lang().tag()),
        flaw: asked.flaw.map(Flaw::parameter),
        request: asked.ticket,
        person: person(visitor),
    };
    visitor.show_towards(target.as_deref(), page)
}

/// The session that would end; empty for nobody's.
fn person(visitor: &Visitor) -> String {
    let person = visitor.signed_in();
    person.map_or_else(String::new, |person| person.session().id.to_string())
}

/// Ends the session of this browser. What it gets then: the applications' frames, and the way back.
pub async fn end(app: &App, visitor: &Visitor, asked: LogoutAsked) -> Response {
    let frames = match visitor.signed_in() {
        Some(signed_in) => app.sign_out(signed_in, visitor.origin.clone()).await,
        None => Ok(Vec::new()),
    };
    let left = match frames {
        Ok(frames) => leave(visitor, frames, &asked).await,
        Err(error) => Err(error),
    };
    left.unwrap_or_else(|error| respond::internal_page(visitor, &error))
}

async fn leave(
    visitor: &Visitor,
    frames: Vec<String>,
    asked: &LogoutAsked,
) -> Result<Response, Internal> {
    let response = match &asked.return_to {
        Some(location) if frames.is_empty() => visitor.go_away(location),
        _ => visitor.show_with_frames(&frames.clone(), signed_out(visitor, frames, asked)),
    };
    visitor.leave(response).await
}

fn signed_out(visitor: &Visitor, frames: Vec<String>, asked: &LogoutAsked) -> SignedOut {
    let mut page = visitor.page();
    page.user = None;
    SignedOut {
        page,
        others: visitor.has_others(),
        flaw: asked.flaw.map(Flaw::parameter),
        next: asked.return_to.clone().map(|url| Continue {
            client: asked.client_name(visitor.lang().tag()).unwrap_or_default(),
            url,
            // Nobody said that this is wanted: a link waits for a click.
            at_once: !frames.is_empty(),
        }),
        frames,
    }
}
