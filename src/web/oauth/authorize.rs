//! `/authorize` (RFC 6749 §3.1) and `/continue`, where the sign-in pages hand back to it.

use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::flows::authorize::Next;
use crate::protocol::authorize::{Delivery, PageError, SignInReason};
use crate::protocol::client::Client;
use crate::protocol::error::ErrorCode;
use crate::web::App;
use crate::web::extract::{Visitor, form};
use crate::web::pages::PageQuery;
use crate::web::pages::consent::place;
use crate::web::respond;
use crate::web::views::{ConfirmReturn, ErrorKind, FormPost};

/// `GET`
pub async fn get(State(app): State<App>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let next = app
        .authorize(
            query.as_bytes(),
            visitor.arrival(),
            visitor.present(),
            &visitor.origin,
        )
        .await;
    match next {
        Ok(next) => show(&visitor, next),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

/// `POST`: checked, then on by GET. A cross-site POST does not bring the `SameSite=Lax` session
/// cookie along; the redirect does.
pub async fn post(State(app): State<App>, visitor: Visitor, request: Request) -> Response {
    let body = match form::read_bytes(&app, request).await {
        Ok(body) => body,
        Err(why) => return why.page(&visitor),
    };
    match app.accept_request(&body, visitor.arrival()).await {
        // Not `visitor.go`: that would set cookies anew in a browser that only did not send them.
        Ok(Ok(ticket)) => Redirect::to(&path("/continue", &ticket)).into_response(),
        Ok(Err(next)) => show(&visitor, next),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

/// `GET /continue`
pub async fn resume(State(app): State<App>, visitor: Visitor, query: PageQuery) -> Response {
    let ticket = match app.open_ticket(
        query.request.as_deref().unwrap_or_default(),
        visitor.browser(),
    ) {
        Ok(Some(ticket)) => ticket,
        Ok(None) => return respond::error_page(&visitor, ErrorKind::ExpiredRequest, None),
        Err(error) => return respond::internal_page(&visitor, &error),
    };
    let next = app
        .authorize(
            ticket.query.as_bytes(),
            ticket.arrival,
            visitor.present(),
            &visitor.origin,
        )
        .await;
    match next {
        Ok(next) => show(&visitor, next),
        Err(error) => respond::internal_page(&visitor, &error),
    }
}

/// The response for what comes next.
pub fn show(visitor: &Visitor, next: Next) -> Response {
    match next {
        Next::Page(error) => respond::error_page(visitor, kind(error), Some(error.as_str().into())),
        Next::SignIn(checked, reason) => {
            let page = match reason {
                SignInReason::NoSession => visitor.way_in(),
                // Not the one who is signed in.
                SignInReason::OtherUser => "/sign-in/another",
                SignInReason::Prompted | SignInReason::TooLongAgo => "/sign-in",
            };
            visitor.go(&path(page, &checked.ticket))
        }
        // Sends on to `/sign-in` where there is nothing to select from.
        Next::SelectAccount(checked) => visitor.go(&path("/select-account", &checked.ticket)),
        Next::SignUp(checked) => visitor.go(&path("/sign-up", &checked.ticket)),
        Next::StepUp(checked, _) => visitor.go(&path("/sign-in/step", &checked.ticket)),
        Next::Unmet(checked) => visitor.go(&path("/sign-in/unmet", &checked.ticket)),
        Next::Consent(checked) => visitor.go(&path("/consent", &checked.ticket)),
        Next::Respond(delivery, client) => deliver(visitor, delivery, &client),
        Next::ConfirmReturn(delivery, code) => confirm(visitor, delivery, code),
    }
}

/// Names the place that the browser would be sent to, and nothing that the client says of itself.
fn confirm(visitor: &Visitor, delivery: Delivery, code: ErrorCode) -> Response {
    let (url, fields) = match delivery {
        Delivery::Redirect { location } => (location, None),
        Delivery::FormPost { action, fields } => (action, Some(owned(fields))),
    };
    let page = ConfirmReturn {
        page: visitor.page(),
        host: place(&url),
        code: code.as_str(),
        url: url.clone(),
        fields,
    };
    visitor.show_towards(Some(&url), page)
}

fn owned(fields: Vec<(&'static str, String)>) -> Vec<(String, String)> {
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn deliver(visitor: &Visitor, delivery: Delivery, client: &Client) -> Response {
    match delivery {
        Delivery::Redirect { location } => visitor.go_away(&location),
        Delivery::FormPost { action, fields } => {
            let page = FormPost {
                page: visitor.page(),
                action: action.clone(),
                client: client.name_in(visitor.lang().tag()).to_owned(),
                params: owned(fields),
            };
            visitor.show_towards(Some(&action), (StatusCode::OK, page))
        }
    }
}

/// One of our pages, with the ticket.
#[must_use]
pub fn path(page: &str, ticket: &str) -> String {
    // A ticket is base64url and a dot: nothing to encode.
    format!("{page}?request={ticket}")
}

const fn kind(error: PageError) -> ErrorKind {
    match error {
        PageError::UnknownClient | PageError::ClientIdMissing | PageError::ClientIdRepeated => {
            ErrorKind::UnknownClient
        }
        PageError::RedirectUriMissing
        | PageError::RedirectUriRepeated
        | PageError::RedirectUriMismatch => ErrorKind::BadRedirectUri,
        PageError::Malformed | PageError::RequestObject => ErrorKind::BadRequest,
    }
}
