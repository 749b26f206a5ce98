//! `GET /account/events`

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use crate::base::ids::EventId;
use crate::flows::activity::Happening;
use crate::web::App;
use crate::web::extract::{SignedIn, Visitor};
use crate::web::respond;
use crate::web::views::account::{AccountEvent, AllEvents, events};

/// How many fit on a page.
const PAGE: usize = 50;
/// One more than is shown tells whether there are older ones.
const BATCH: i64 = 51;

/// The event after which the page begins. What is none begins at the newest.
pub struct Before(Option<EventId>);

impl<S: Sync> FromRequestParts<S> for Before {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let before = form_urlencoded::parse(query).find(|(name, _)| name == "before");
        Ok(Self(
            before.and_then(|(_, id)| id.parse().ok()).map(EventId),
        ))
    }
}

/// `GET`
pub async fn show(
    State(app): State<App>,
    member: SignedIn<Visitor>,
    Before(before): Before,
) -> Response {
    let visitor = member.visitor();
    match app.activity(member.person(), before, BATCH).await {
        Ok(mut found) => {
            let is_last = found.len() <= PAGE;
            found.truncate(PAGE);
            let last = found.last().filter(|_| !is_last).map(|last| last.id);
            let view = AllEvents {
                page: visitor.page(),
                older: last.map(|id| format!("/account/events?before={id}")),
                events: found.into_iter().map(view).collect(),
            };
            visitor.show(StatusCode::OK, view)
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// In plain words.
#[must_use]
pub fn view(happening: Happening) -> AccountEvent {
    let fact = |name: &str| happening.facts.get(name).and_then(|fact| fact.as_str());
    let how = fact("how").or(fact("change")).unwrap_or_default();
    AccountEvent {
        at: happening.at,
        what: events::words(&happening.kind, happening.worked, how),
        refused: !happening.worked,
        address: happening.address,
    }
}
