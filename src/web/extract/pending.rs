//! The authorization request that waits behind a page.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;

use super::{Form, Visitor};
use crate::flows::Internal;
use crate::flows::authorize::{Checked, Next};
use crate::web::App;
use crate::web::oauth::authorize;
use crate::web::pages::PageQuery;
use crate::web::respond;
use crate::web::views::ErrorKind;

/// The request that waits behind a page (a `Visitor`) or its form, checked anew. Who comes too late,
/// or with a request that no longer passes, is answered before the handler is asked.
pub struct Pending<From> {
    /// The page's visitor, or the form.
    pub from: From,
    ticket: Option<String>,
    checked: Option<Box<Checked>>,
}

impl<From> Pending<From> {
    /// The request, if there is one.
    #[must_use]
    pub fn checked(&self) -> Option<&Checked> {
        self.checked.as_deref()
    }

    /// Takes the request out, to go on with it.
    #[must_use]
    pub fn take(&mut self) -> Option<Checked> {
        self.checked.take().map(|checked| *checked)
    }

    /// Its ticket, as it came.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        self.ticket.as_deref()
    }

    /// Where the client wants its answer: forms on the way must be allowed to end there.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        self.checked()
            .map(|checked| checked.request.redirect_uri().as_str().to_owned())
    }
}

impl<From: AsRef<Visitor>> Pending<From> {
    /// The name of the client that waits, for who looks at the page.
    #[must_use]
    pub fn client_name(&self) -> Option<String> {
        let lang = self.from.as_ref().lang().tag();
        self.checked()
            .map(|checked| checked.client.name_in(lang).to_owned())
    }
}

impl<From: AsRef<Visitor> + AsMut<Visitor>> Pending<From> {
    async fn open(app: &App, mut from: From, ticket: Option<String>) -> Result<Self, Response> {
        let visitor = from.as_ref();
        let checked = match &ticket {
            None => None,
            Some(ticket) => match reopen(app, visitor, ticket).await {
                Ok(Some(Ok(checked))) => Some(Box::new(checked)),
                Ok(Some(Err(next))) => return Err(authorize::show(visitor, next)),
                Ok(None) => {
                    return Err(respond::error_page(
                        visitor,
                        ErrorKind::ExpiredRequest,
                        None,
                    ));
                }
                Err(error) => return Err(respond::internal_page(visitor, &error)),
            },
        };
        if let Some(checked) = &checked {
            match app.meant_by(checked, from.as_ref().present()).await {
                Ok(Some(meant)) => from.as_mut().speak_as(meant),
                Ok(None) => {}
                Err(error) => return Err(respond::internal_page(from.as_ref(), &error)),
            }
            // The page speaks the language that the application asks for.
            let wished = checked.request.ui_locales().join(" ");
            if !wished.is_empty() {
                from.as_mut().prefer(&wished);
            }
        }
        Ok(Self {
            from,
            ticket,
            checked,
        })
    }
}

/// `None`: the ticket is too old, or not ours. The inner error: its request no longer passes.
async fn reopen(
    app: &App,
    visitor: &Visitor,
    ticket: &str,
) -> Result<Option<Result<Checked, Next>>, Internal> {
    let Some(ticket) = app.open_ticket(ticket, visitor.browser())? else {
        return Ok(None);
    };
    app.consent_request(&ticket.query, ticket.arrival)
        .await
        .map(Some)
}

impl FromRequestParts<App> for Pending<Visitor> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let Ok::<_, Infallible>(query) = PageQuery::from_request_parts(parts, app).await;
        Self::open(app, visitor, query.request).await
    }
}

impl FromRequest<App> for Pending<Form> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let form = Form::from_request(request, app).await?;
        let ticket = form.ticket();
        Self::open(app, form, ticket).await
    }
}
