//! `/sign-in/set-up`: where everybody needs a second factor, whoever has none sets one up on the way in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::{onward, step};
use crate::flows::Internal;
use crate::flows::otp::{Enrolled, Enroller};
use crate::web::App;
use crate::web::account::{authenticator, recovery};
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::{self, AppOffer, SetUpFactor};

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
        Ok(Some(enroller)) => app.offer_totp(&enroller),
        Err(error) => Err(error),
    };
    match found {
        Ok(offered) => {
            let offer = authenticator::shown(&offered, String::new());
            page(&pending, offer, StatusCode::OK, views::Form::default())
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

fn page<From: AsRef<Visitor>>(
    pending: &Pending<From>,
    offer: AppOffer,
    status: StatusCode,
    form: views::Form,
) -> Response {
    let visitor = pending.from.as_ref();
    let view = SetUpFactor {
        page: visitor.page(),
        form,
        request: pending.ticket().map(str::to_owned),
        client: pending.client_name(),
        offer,
    };
    let mut response = visitor.show_towards(pending.target().as_deref(), view);
    *response.status_mut() = status;
    response
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
    let visitor = &pending.from.visitor;
    let Some(enroller) = enroller(app, pending).await? else {
        return Ok(visitor.go(&step::path(pending.ticket())));
    };
    let first = authenticator::first_code(&pending.from);
    let outcome = app
        .confirm_totp(
            &enroller,
            first.clone(),
            visitor.visit(),
            visitor.origin.clone(),
        )
        .await?;
    let Enrolled::Done {
        signed_in,
        device,
        codes,
    } = outcome
    else {
        let offer = authenticator::again(app, &enroller, first)?;
        let form = authenticator::refusal(&outcome);
        return Ok(page(pending, offer, StatusCode::UNPROCESSABLE_ENTITY, form));
    };
    let next = onward(pending.ticket());
    let next = codes.map_or_else(
        || visitor.go(&next),
        |codes| recovery::shown(visitor, &codes, &next).into_response(),
    );
    visitor.enter_with(&signed_in, device.as_ref(), next).await
}
