//! `/account/applications/revoke`

use axum::extract::State;
use axum::response::Response;

use super::overview::{self, Said};
use crate::protocol::client::ClientId;
use crate::web::App;
use crate::web::extract::{Form, SignedIn};
use crate::web::respond;
use crate::web::views::Notice;

/// `POST`
pub async fn revoke(State(app): State<App>, member: SignedIn<Form>) -> Response {
    let visitor = member.visitor();
    let client = ClientId::new(member.from.text("client_id"));
    match app
        .revoke_application(member.person(), &client, visitor.origin.clone())
        .await
    {
        Ok(()) => overview::page(&app, &member, Said::done(Notice::AccessRevoked)).await,
        Err(error) => respond::internal_page(visitor, &error),
    }
}
