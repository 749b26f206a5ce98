//! `/users/{user_id}/sessions`, `/credentials`, `/consents`. None of them changes: they have no versions.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Allowed;
use super::clients::client_id;
use super::exchange::{Path, answer, done, id};
use super::page::Page;
use super::problem::{Code, Problem};
use super::users::user_id;
use crate::base::Timestamp;
use crate::base::ids::SessionId;
use crate::flows::administration::{Credential, Refused};
use crate::protocol::access::power::{ReadSessions, ReadUsers, WriteSessions, WriteUsers};
use crate::storage::consents::Consent;
use crate::storage::sessions::Session;
use crate::web::App;

/// A signed-in browser.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionView {
    id: String,
    user_agent: String,
    address: String,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            id: session.id.to_string(),
            user_agent: session.user_agent,
            address: session.address,
            created_at: session.created_at.rfc3339(),
            last_seen_at: session.last_seen_at.rfc3339(),
            expires_at: session.expires_at.min(session.idle_expires_at).rfc3339(),
        }
    }
}

/// A way to sign in that a person set up.
#[derive(Serialize, ToSchema)]
#[schema(as = Credential)]
pub(super) struct CredentialView {
    id: String,
    /// `passkey`, `totp` or `hotp`.
    method: String,
    /// What its owner calls it.
    name: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl From<Credential> for CredentialView {
    fn from(one: Credential) -> Self {
        Self {
            id: one.id.to_string(),
            method: one.method.as_str().to_owned(),
            name: one.name,
            created_at: one.created_at.rfc3339(),
            last_used_at: one.last_used_at.map(Timestamp::rfc3339),
        }
    }
}

/// All ways in which a person can prove who they are.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
pub(super) struct CredentialsView {
    /// There is a password.
    password: bool,
    /// There is a telephone for codes.
    phone: bool,
    /// How many recovery codes are left.
    recovery_codes: i64,
    /// Passkeys, and what makes one-time codes.
    devices: Vec<CredentialView>,
}

/// What a person allowed an application.
#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
pub(super) struct ConsentView {
    client_id: String,
    scope: String,
    resources: Vec<String>,
    granted_at: String,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            client_id: consent.client_id.to_string(),
            scope: consent.scope.to_string(),
            resources: consent.resources,
            granted_at: consent.granted_at.rfc3339(),
        }
    }
}

fn whole<T: ToSchema>(items: impl IntoIterator<Item = impl Into<T>>) -> Page<T> {
    Page {
        items: items.into_iter().map(Into::into).collect(),
        next_cursor: None,
    }
}

fn nobody() -> Problem {
    Problem::of(Code::UserNotFound)
}

fn absent(refused: Refused) -> Problem {
    Problem::refused(refused, Code::NotFound)
}

/// Lists a person's live sessions.
///
/// The latest used first, all of them at once.
#[utoipa::path(get, path = "/users/{user_id}/sessions", tag = "Sessions", operation_id = "listSessions",
    params(("user_id" = String, Path, description = "The person")),
    security(("oauth" = ["sessions:read"])), responses((status = 200, body = Page<SessionView>)))]
pub(super) async fn sessions(
    State(app): State<App>,
    allowed: Allowed<ReadSessions>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let found = app.list_sessions(&allowed.permit, user_id(&user)?).await?;
    Ok(answer(&whole::<SessionView>(found.ok_or_else(nobody)?)))
}

/// Ends all of a person's sessions.
#[utoipa::path(delete, path = "/users/{user_id}/sessions", tag = "Sessions", operation_id = "endSessions",
    params(("user_id" = String, Path, description = "The person")), extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["sessions:write"])), responses((status = 204)))]
pub(super) async fn end_sessions(
    State(app): State<App>,
    allowed: Allowed<WriteSessions>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let user = user_id(&user)?;
    let ended = app.end_sessions_of(allowed.permit, user, None, allowed.origin);
    ended.await?.map_err(super::users::absent)?;
    Ok(done())
}

/// Ends one session.
#[utoipa::path(delete, path = "/users/{user_id}/sessions/{session_id}", tag = "Sessions", operation_id = "endSession",
    params(("user_id" = String, Path, description = "The person"), ("session_id" = String, Path, description = "The session")),
    extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["sessions:write"])), responses((status = 204)))]
pub(super) async fn end_session(
    State(app): State<App>,
    allowed: Allowed<WriteSessions>,
    Path((user, session)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (user, session) = (user_id(&user)?, id(&session, Code::NotFound)?);
    let which = Some(SessionId(session));
    let ended = app.end_sessions_of(allowed.permit, user, which, allowed.origin);
    ended.await?.map_err(absent)?;
    Ok(done())
}

/// Lists how a person can prove who they are.
#[utoipa::path(get, path = "/users/{user_id}/credentials", tag = "Users", operation_id = "listCredentials",
    params(("user_id" = String, Path, description = "The person")),
    security(("oauth" = ["users:read"])), responses((status = 200, body = CredentialsView)))]
pub(super) async fn credentials(
    State(app): State<App>,
    allowed: Allowed<ReadUsers>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let found = app.credentials_of(&allowed.permit, user_id(&user)?).await?;
    let all = found.ok_or_else(nobody)?;
    Ok(answer(&CredentialsView {
        password: all.password,
        phone: all.phone,
        recovery_codes: all.recovery_codes,
        devices: all.devices.into_iter().map(Into::into).collect(),
    }))
}

/// Takes a passkey or a device away.
///
/// What it proved in live sessions is forgotten, and its owner is told by a letter.
#[utoipa::path(delete, path = "/users/{user_id}/credentials/{credential_id}", tag = "Users", operation_id = "deleteCredential",
    params(("user_id" = String, Path, description = "The person"), ("credential_id" = String, Path, description = "The passkey or device")),
    extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["users:write"])), responses((status = 204)))]
pub(super) async fn remove_credential(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path((user, credential)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (user, credential) = (user_id(&user)?, id(&credential, Code::NotFound)?);
    let removed = app.remove_credential(allowed.permit, user, credential, allowed.origin);
    removed.await?.map_err(absent)?;
    Ok(done())
}

/// Lists what a person allowed applications.
///
/// The latest first, all of them at once.
#[utoipa::path(get, path = "/users/{user_id}/consents", tag = "Users", operation_id = "listConsents",
    params(("user_id" = String, Path, description = "The person")),
    security(("oauth" = ["users:read"])), responses((status = 200, body = Page<ConsentView>)))]
pub(super) async fn consents(
    State(app): State<App>,
    allowed: Allowed<ReadUsers>,
    Path(user): Path<String>,
) -> Result<Response, Problem> {
    let found = app.consents_of(&allowed.permit, user_id(&user)?).await?;
    Ok(answer(&whole::<ConsentView>(found.ok_or_else(nobody)?)))
}

/// Takes back what a person allowed an application.
///
/// Everything that came from it ends.
#[utoipa::path(delete, path = "/users/{user_id}/consents/{client_id}", tag = "Users", operation_id = "revokeConsent",
    params(("user_id" = String, Path, description = "The person"), ("client_id" = String, Path, description = "The application")),
    extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["users:write"])), responses((status = 204)))]
pub(super) async fn revoke_consent(
    State(app): State<App>,
    allowed: Allowed<WriteUsers>,
    Path((user, client)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (user, client) = (user_id(&user)?, client_id(&client)?);
    let revoked = app.revoke_consent(allowed.permit, user, client, allowed.origin);
    revoked.await?.map_err(absent)?;
    Ok(done())
}
