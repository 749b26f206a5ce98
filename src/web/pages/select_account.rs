//! `/select-account`: the accounts of this browser (OpenID Connect Core §3.1.2.1
//! `prompt=select_account`).

use axum::extract::State;
use axum::response::Response;

use super::sign_in;
use crate::base::ids::SessionId;
use crate::flows::Internal;
use crate::storage::accounts::Member;
use crate::web::App;
use crate::web::extract::{Form, Pending, Visitor};
use crate::web::oauth::authorize::path;
use crate::web::respond;
use crate::web::views::{AccountChoice, Continue, ErrorKind, SelectAccount, SignedOut};

/// `GET`
pub async fn show(State(app): State<App>, pending: Pending<Visitor>) -> Response {
    let visitor = &pending.from;
    let members = match app.members(visitor.accounts()).await {
        Ok(members) => members,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    if members.is_empty() {
        return visitor.go(&with_ticket("/sign-in", pending.ticket()));
    }
    let here = visitor.signed_in().map(|signed_in| signed_in.session().id);
    let view = SelectAccount {
        page: visitor.page(),
        client: pending.client_name(),
        request: pending.ticket().map(str::to_owned),
        accounts: members
            .into_iter()
            .map(|member| choice(member, here))
            .collect(),
    };
    visitor.show_towards(pending.target().as_deref(), view)
}

fn choice(member: Member, here: Option<SessionId>) -> AccountChoice {
    AccountChoice {
        session_id: member.session_id.to_string(),
        name: member.name,
        email: member.email,
        is_live: member.is_live,
        current: Some(member.session_id) == here,
    }
}

/// `POST`
pub async fn submit(State(app): State<App>, pending: Pending<Form>) -> Response {
    let form = &pending.from;
    let visitor = &form.visitor;
    let answer = match (form.get("account"), form.get("decision")) {
        (Some(account), None) => match account.parse() {
            Ok(id) => choose(&app, &pending, SessionId(id)).await,
            Err(_) => return respond::error_page(visitor, ErrorKind::BadRequest, None),
        },
        (None, Some("logout_all")) => leave_all(&app, &pending).await,
        _ => return respond::error_page(visitor, ErrorKind::BadRequest, None),
    };
    answer.unwrap_or_else(|error| respond::internal_page(visitor, &error))
}

/// On with a session that lives; one that has ended is signed in to again. What is not in the list of
/// this browser is nothing here.
async fn choose(
    app: &App,
    pending: &Pending<Form>,
    session: SessionId,
) -> Result<Response, Internal> {
    let visitor = &pending.from.visitor;
    let accounts = visitor.accounts();
    let chosen = app
        .choose_account(accounts, session, visitor.origin.clone())
        .await?;
    if let Some(chosen) = chosen {
        let response = visitor.go(&visitor.onward(pending.ticket()));
        return visitor.keep(&chosen, response).await;
    }
    let members = app.members(accounts).await?;
    let ended = members
        .into_iter()
        .find(|member| member.session_id == session);
    Ok(match ended {
        Some(member) => sign_in::as_one(app, pending, member.username),
        None => visitor.go(&with_ticket("/select-account", pending.ticket())),
    })
}

/// A request that waits goes on with a sign-in, after the applications' frames if there are any.
async fn leave_all(app: &App, pending: &Pending<Form>) -> Result<Response, Internal> {
    let visitor = &pending.from.visitor;
    let frames = app
        .sign_out_of_all(visitor.accounts(), &visitor.origin)
        .await?;
    let next = pending.ticket().map(|ticket| path("/sign-in", ticket));
    let response = match next {
        Some(next) if frames.is_empty() => visitor.go(&next),
        next => {
            let mut page = visitor.page();
            page.user = None;
            let view = SignedOut {
                page,
                others: false,
                flaw: None,
                next: next.map(|url| Continue {
                    client: pending.client_name().unwrap_or_default(),
                    url,
                    at_once: true,
                }),
                frames: frames.clone(),
            };
            visitor.show_with_frames(&frames, view)
        }
    };
    visitor.leave_all(response).await
}

fn with_ticket(page: &str, ticket: Option<&str>) -> String {
    ticket.map_or_else(|| page.to_owned(), |ticket| path(page, ticket))
}
