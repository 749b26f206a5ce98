//! `/sign-in/passkey`: no name and no password; `/.well-known/passkey-endpoints`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{sign_in, step};
use crate::crypto::webauthn::Refused;
use crate::flows::passkeys::{PasskeyAnswer, PasskeyRefusal, PasskeySignIn};
use crate::web::App;
use crate::web::assets::Asset;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::oauth::discovery::cached;
use crate::web::respond;
use crate::web::views::{self, Alert, PasskeyAlert};

/// What a form of ours brought back.
#[must_use]
pub fn answer(form: &Form) -> PasskeyAnswer {
    PasskeyAnswer {
        state: form.text("state"),
        credential: form.text("credential"),
        browser: form.visitor.browser(),
    }
}

/// Why it opened nothing, for whoever tried.
#[must_use]
pub const fn alert(refusal: PasskeyRefusal) -> Alert {
    Alert::Passkey(match refusal {
        PasskeyRefusal::Expired | PasskeyRefusal::Refused(Refused::AnotherChallenge) => {
            PasskeyAlert::Expired
        }
        PasskeyRefusal::Refused(Refused::NotVerified) => PasskeyAlert::NotVerified,
        PasskeyRefusal::Refused(Refused::Cloned) => PasskeyAlert::Suspended,
        // The same words whether it was removed, is somebody else's or its account is disabled.
        _ => PasskeyAlert::Unknown,
    })
}

/// The prompt of the sign-in page, if there are passkeys.
pub fn prompt<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
) -> Option<views::PasskeyPrompt> {
    let prompt = app.sign_in_prompt(pending.from.as_ref().browser())?;
    let ticket = pending.ticket();
    let fresh = ticket.map(|ticket| authorize::path("/sign-in", ticket));
    Some(views::PasskeyPrompt {
        options: prompt.options,
        state: prompt.state,
        fresh: fresh.unwrap_or_else(|| "/sign-in".to_owned()),
    })
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let visitor = &pending.from.visitor;
    let answer = answer(&pending.from);
    let outcome = app
        .sign_in_with_passkey(answer, visitor.visit(), visitor.origin.clone())
        .await;
    match outcome {
        Ok(PasskeySignIn::SignedIn { signed_in, device }) => {
            let path = visitor.onward(pending.ticket());
            let entered = visitor.enter(&signed_in, device.as_ref(), &path).await;
            entered.unwrap_or_else(|error| respond::internal_page(visitor, &error))
        }
        Ok(PasskeySignIn::More(entering)) => {
            let path = step::path(pending.ticket());
            let waits = visitor.wait_as(entering, pending.ticket(), &path).await;
            waits.unwrap_or_else(|error| respond::internal_page(visitor, &error))
        }
        Ok(PasskeySignIn::Refused(why)) => {
            sign_in::refused(&app, &pending, StatusCode::UNAUTHORIZED, alert(why))
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `GET /.well-known/passkey-endpoints`: where passkeys are made and looked after, for those who keep them
/// (W3C, "A Well-Known URL for Relying Party Passkey Endpoints").
pub async fn endpoints(State(app): State<App>, headers: HeaderMap) -> Response {
    if !app.config.has_passkeys() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let body = serde_json::json!({
        "enroll": app.url("/account/passkeys/new"),
        "manage": app.url("/account#passkeys"),
    });
    let bytes = body.to_string().into_bytes();
    let etag = Asset::hashed("", bytes.clone()).etag;
    cached(&headers, &etag, "application/json", 3_600, bytes)
}
