//! `/account/sessions/end`, `/account/sessions/end-others`

use axum::extract::State;
use axum::response::Response;

use super::overview::{self, Said};
use crate::base::ids::SessionId;
use crate::flows::logout::LogoutAsked;
use crate::flows::session::Ending;
use crate::web::App;
use crate::web::extract::{Form, SignedIn};
use crate::web::pages::sign_out;
use crate::web::respond;
use crate::web::views::{ErrorKind, Notice};

/// `POST`
pub async fn end(State(app): State<App>, member: SignedIn<Form>) -> Response {
    let (visitor, person) = (member.visitor(), member.person());
    let Ok(id) = member.from.text("session_id").parse() else {
        return respond::error_page(visitor, ErrorKind::BadRequest, None);
    };
    if SessionId(id) == person.session().id {
        return sign_out::end(&app, visitor, LogoutAsked::default()).await;
    }
    // Somebody else's session is simply not found: the statement names the person.
    match app
        .end_session(
            person,
            SessionId(id),
            Ending::EndedByOwner,
            visitor.origin.clone(),
        )
        .await
    {
        Ok(_) => overview::page(&app, &member, Said::done(Notice::SessionEnded)).await,
        Err(error) => respond::internal_page(visitor, &error),
    }
}

/// `POST`: everybody else is out.
pub async fn end_others(State(app): State<App>, member: SignedIn<Form>) -> Response {
    let visitor = member.visitor();
    match app
        .end_other_sessions(
            member.person(),
            visitor.device.as_ref(),
            visitor.origin.clone(),
        )
        .await
    {
        Ok(_) => overview::page(&app, &member, Said::done(Notice::OthersEnded)).await,
        Err(error) => respond::internal_page(visitor, &error),
    }
}
