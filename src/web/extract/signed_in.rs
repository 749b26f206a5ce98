//! The guard of everything that only a signed-in person may see or change.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::response::Response;

use super::{Form, Visitor};
use crate::flows::session::SignedIn as Proof;
use crate::web::App;

/// A page's visitor, or the form of one, with the proof of who it is. A handler that asks for it
/// cannot forget the check: anybody else was sent to sign in before.
pub struct SignedIn<From> {
    /// The page's visitor, or the form.
    pub from: From,
    person: Proof,
}

impl<From: AsRef<Visitor>> SignedIn<From> {
    /// The error gives back who is nobody yet.
    pub(super) fn guard(from: From) -> Result<Self, From> {
        match from.as_ref().signed_in().cloned() {
            Some(person) => Ok(Self { from, person }),
            None => Err(from),
        }
    }

    /// The person.
    #[must_use]
    pub const fn person(&self) -> &Proof {
        &self.person
    }

    /// The same person, read again after a change.
    #[must_use]
    pub fn renewed(self, person: Proof) -> Self {
        Self { person, ..self }
    }

    /// Who looks at the page.
    #[must_use]
    pub fn visitor(&self) -> &Visitor {
        self.from.as_ref()
    }
}

impl FromRequestParts<App> for SignedIn<Visitor> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        Self::guard(visitor).map_err(|stranger| {
            let page = parts.uri.path_and_query();
            stranger.sign_in_for(page.map(PathAndQuery::as_str))
        })
    }
}

impl FromRequest<App> for SignedIn<Form> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let form = Form::from_request(request, app).await?;
        Self::guard(form).map_err(|form| form.visitor.sign_in_for(None))
    }
}
