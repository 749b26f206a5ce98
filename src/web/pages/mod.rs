//! Pages for people who are signing in, or out, or up.

pub mod assets;
pub mod consent;
pub mod fields;
pub mod health;
pub mod home;
pub mod reset;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::App;
use super::extract::Visitor;
use crate::flows::Internal;
use crate::flows::authorize::{Checked, Next};

/// The query of a page: the ticket of a pending request, or the token of a one-time link. Whatever
/// else it holds, and however broken it is, never fails a page.
#[derive(Debug, Default)]
pub struct PageQuery {
    /// The pending authorization request.
    pub request: Option<String>,
    /// A one-time link.
    pub token: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let first = |wanted: &str| {
            form_urlencoded::parse(query)
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        Ok(Self {
            request: first("request"),
            token: first("token"),
        })
    }
}

/// The request that waits behind a page, checked anew.
pub enum Pending {
    /// There is none.
    None,
    /// There is one.
    Request(Box<Checked>),
    /// Its ticket is too old, or not ours.
    Expired,
    /// It no longer passes.
    Elsewhere(Next),
}

impl Pending {
    /// Opens a ticket.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn open(
        app: &App,
        visitor: &Visitor,
        ticket: Option<&str>,
    ) -> Result<Self, Internal> {
        let Some(ticket) = ticket else {
            return Ok(Self::None);
        };
        let Some(ticket) = app.open_ticket(ticket, visitor.browser())? else {
            return Ok(Self::Expired);
        };
        Ok(
            match app.consent_request(&ticket.query, ticket.arrival).await? {
                Ok(checked) => Self::Request(Box::new(checked)),
                Err(next) => Self::Elsewhere(next),
            },
        )
    }

    /// The request, if there is one.
    #[must_use]
    pub fn checked(&self) -> Option<&Checked> {
        match self {
            Self::Request(checked) => Some(checked),
            _ => None,
        }
    }

    /// The name of the client that waits.
    #[must_use]
    pub fn client_name(&self) -> Option<String> {
        self.checked()
            .map(|checked| checked.client.display_name().to_owned())
    }

    /// Where the client wants its answer: forms on the way must be allowed to end there.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        self.checked()
            .map(|checked| checked.request.redirect_uri().as_str().to_owned())
    }
}

/// Where a page goes when it is done: on with the request, or to the account.
#[must_use]
pub fn onward(ticket: Option<&str>) -> String {
    ticket.map_or_else(
        || "/account".to_owned(),
        |ticket| super::oauth::authorize::path("/continue", ticket),
    )
}

/// Speaks the language that the pending request asks for.
pub fn speak(visitor: &mut Visitor, pending: &Pending, headers: &axum::http::HeaderMap) {
    if let Some(checked) = pending.checked() {
        let wished = checked.request.ui_locales().join(" ");
        if !wished.is_empty() {
            visitor.prefer(&wished, headers);
        }
    }
}
