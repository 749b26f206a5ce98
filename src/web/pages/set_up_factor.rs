//! `/sign-in/set-up`: where everybody needs a second factor, whoever has none sets one up on the way in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::step;
use crate::flows::Internal;
use crate::flows::enrol::{Enroller, FactorSetUp};
use crate::flows::otp::Enrolled;
use crate::flows::passkey_settings::PasskeyAdded;
use crate::web::App;
use crate::web::account::{authenticator, passkeys, recovery};
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::{self, AppOffer, PasskeyPrompt, SetUpFactor};

/// The page, with the request that waits.
#[must_use]
pub fn path(ticket: Option<&str>) -> String {
    ticket.map_or_else(
        || "/sign-in/set-up".to_owned(),
        |ticket| authorize::path("/sign-in/set-up", ticket),
    )
}

async fn enroller<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
) -> Result<Option<Enroller>, Internal> {
    let visitor = pending.from.as_ref();
    match visitor.entering(pending.ticket()).await? {
        Some(entering) => app.may_enrol(&entering).await,
        None => Ok(None),
    }
}

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    let found = match enroller(&app, &pending).await {
        // The step page knows what is to be done instead.
        Ok(None) => return visitor.go(&step::path(pending.ticket())),
        Ok(Some(enroller)) => first_page(&app, &pending, &enroller).await,
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| respond::internal_page(visitor, &error))
}

async fn first_page(
    app: &App,
    pending: &Pending<Visitor>,
    enroller: &Enroller,
) -> Result<Response, Internal> {
    let offer = authenticator::shown(&app.offer_totp(enroller)?, String::new());
    let shown = Shown {
        enroller,
        offer,
        form: views::Form::default(),
    };
    page(app, pending, shown, StatusCode::OK).await
}

/// What the page shows.
struct Shown<'a> {
    enroller: &'a Enroller,
    offer: AppOffer,
    form: views::Form,
}

async fn page<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
    shown: Shown<'_>,
    status: StatusCode,
) -> Result<Response, Internal> {
    let visitor = pending.from.as_ref();
    let prompt = app.offer_passkey(shown.enroller, visitor.browser()).await?;
    let view = SetUpFactor {
        page: visitor.page(),
        form: shown.form,
        request: pending.ticket().map(str::to_owned),
        client: pending.client_name(),
        offer: shown.offer,
        passkey: prompt.map(|prompt| PasskeyPrompt {
            options: prompt.options,
            state: prompt.state,
            fresh: path(pending.ticket()),
        }),
    };
    let mut response = visitor.show_towards(pending.target().as_deref(), view);
    *response.status_mut() = status;
    Ok(response)
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let visitor = &pending.from.visitor;
    match confirm(&app, &pending).await {
        Ok(response) => response,
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn confirm(app: &App, pending: &Pending<Form>) -> Result<Response, Internal> {
    let (form, visitor) = (&pending.from, &pending.from.visitor);
    let Some(enroller) = enroller(app, pending).await? else {
        return Ok(visitor.go(&step::path(pending.ticket())));
    };
    let refused = if form.get("credential").is_some() {
        match passkeys::made(app, &enroller, form).await? {
            PasskeyAdded::Done(done) => return set_up(pending, done).await,
            refused => Shown {
                enroller: &enroller,
                offer: authenticator::shown(&app.offer_totp(&enroller)?, String::new()),
                form: views::Form::failed(passkeys::refusal(&refused)),
            },
        }
    } else {
        let first = authenticator::first_code(form);
        let (visit, origin) = (visitor.visit(), visitor.origin.clone());
        match app
            .confirm_totp(&enroller, first.clone(), visit, origin)
            .await?
        {
            Enrolled::Done(done) => return set_up(pending, done).await,
            refused => Shown {
                enroller: &enroller,
                offer: authenticator::again(app, &enroller, first)?,
                form: authenticator::refusal(&refused),
            },
        }
    };
    page(app, pending, refused, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn set_up(pending: &Pending<Form>, done: FactorSetUp) -> Result<Response, Internal> {
    let visitor = &pending.from.visitor;
    let next = visitor.onward(pending.ticket());
    let next = done.codes.map_or_else(
        || visitor.go(&next),
        |codes| recovery::shown(visitor, &codes, &next, None).into_response(),
    );
    visitor
        .enter_with(&done.signed_in, done.device.as_ref(), next)
        .await
}
