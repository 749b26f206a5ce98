//! `/account/recovery`: codes for a bad day.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::authenticator;
use super::overview::{self, Said};
use crate::flows::recovery::RecoveryCodes;
use crate::web::App;
use crate::web::extract::{Form, Recent, SignedIn, Visitor};
use crate::web::respond;
use crate::web::views::{Notice, RecoveryCodesShown, RecoveryPage};

/// `GET`
pub async fn show(State(app): State<App>, member: Recent<Visitor>) -> Response {
    let visitor = member.visitor();
    let section = match authenticator::section(&app, member.member.person()).await {
        Ok(section) => section,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let view = RecoveryPage {
        page: visitor.page(),
        left: section.recovery_left,
        few: section.few,
    };
    visitor.show(StatusCode::OK, view)
}

/// `POST`: new ones, and the old ones are void.
pub async fn renew(State(app): State<App>, member: Recent<Form>) -> Response {
    let visitor = member.visitor();
    let made = app
        .renew_recovery_codes(member.proof(), visitor.lang().tag(), visitor.origin.clone())
        .await;
    match made {
        Ok(Some(codes)) => {
            let page = shown(visitor, &codes, "/account", None);
            visitor.show(StatusCode::OK, page)
        }
        // Nothing to stand in for, or too late: the page knows.
        Ok(None) => visitor.go("/account/recovery"),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `POST /account/recovery/stop`: the owner is here, and nobody needs a way back.
pub async fn stop(State(app): State<App>, member: SignedIn<Form>) -> Response {
    let (visitor, id) = (member.visitor(), member.person().user().id);
    let stopped = app
        .cancel_recovery(id, "by_owner", visitor.origin.clone())
        .await;
    match stopped {
        Ok(_) => overview::page(&app, &member, Said::done(Notice::RecoveryStopped)).await,
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// The page that shows them, once; it goes on at `next`. With good news on top, where they come with some.
#[must_use]
pub fn shown(
    visitor: &Visitor,
    codes: &RecoveryCodes,
    next: &str,
    notice: Option<Notice>,
) -> RecoveryCodesShown {
    RecoveryCodesShown {
        page: visitor.page(),
        notice,
        codes: codes.iter().map(|code| code.expose().clone()).collect(),
        next: next.to_owned(),
    }
}
