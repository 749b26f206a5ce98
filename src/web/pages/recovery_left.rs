//! `/sign-in/recovery-left`: a recovery code was used, and few are left.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::flows::recovery::FEW;
use crate::web::App;
use crate::web::extract::{Pending, Visitor};
use crate::web::oauth::authorize;
use crate::web::respond;
use crate::web::views::RecoveryLeft;

/// The page, with the request that waits.
#[must_use]
pub fn path(ticket: Option<&str>) -> String {
    ticket.map_or_else(
        || "/sign-in/recovery-left".to_owned(),
        |ticket| authorize::path("/sign-in/recovery-left", ticket),
    )
}

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    let next = visitor.onward(pending.ticket());
    let Some(person) = visitor.signed_in() else {
        return visitor.go(&next);
    };
    match app.recovery_codes_left(person.user().id).await {
        Ok(left) if left <= FEW => {
            let view = RecoveryLeft {
                page: visitor.page(),
                left: usize::try_from(left).unwrap_or_default(),
                next,
            };
            visitor.show(StatusCode::OK, view)
        }
        Ok(_) => visitor.go(&next),
        Err(error) => respond::internal_page(visitor, &error),
    }
}
