//! `/sessions`: those of everybody whom the caller may see. They do not change: they have no versions.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Allowed;
use super::exchange::{Path, Query, answer, done, id};
use super::page::{Asked, Page, sought};
use super::problem::{Code, Problem};
use super::users::user_id;
use crate::base::ids::SessionId;
use crate::flows::administration::{SessionFilter, Sweep};
use crate::protocol::access::power::{ReadSessions, WriteSessions};
use crate::protocol::assurance::Proofs;
use crate::protocol::audit_search::address;
use crate::protocol::client::ClientId;
use crate::storage::live_sessions::LiveSession;
use crate::web::App;
use crate::web::extract::bearer;
use crate::web::respond;

/// A signed-in browser, and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveSession)]
pub(super) struct LiveSessionView {
    id: String,
    user: SessionUser,
    user_agent: String,
    /// Where it was at sign-in.
    address: String,
    /// How the person proved who they are (RFC 8176).
    amr: Vec<String>,
    /// The clients that they signed in to.
    client_ids: Vec<String>,
    created_at: String,
    last_seen_at: String,
    /// It ends then, unless it is used.
    expires_at: String,
}

/// Whose a session is.
#[derive(Serialize, ToSchema)]
struct SessionUser {
    id: String,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl From<LiveSession> for LiveSessionView {
    fn from(one: LiveSession) -> Self {
        let session = one.session;
        Self {
            id: session.id.to_string(),
            user: SessionUser {
                id: session.user_id.to_string(),
                username: one.username,
                name: one.name,
            },
            amr: Proofs::amr(session.proofs.iter()),
            client_ids: one.clients.iter().map(ToString::to_string).collect(),
            created_at: session.created_at.rfc3339(),
            last_seen_at: session.last_seen_at.rfc3339(),
            expires_at: session.expires_at.min(session.idle_expires_at).rfc3339(),
            user_agent: session.user_agent,
            address: session.address,
        }
    }
}

/// Which sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SessionQuery {
    /// The beginnings of words of the person's user name, e-mail address or name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The IP address at which it began.
    address: Option<String>,
    /// A client that the person signed in to.
    client_id: Option<String>,
    /// The person.
    user_id: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Lists live sessions.
///
/// The newest first; where many are searched by `q`, in the order of the words that were found.
#[utoipa::path(get, path = "/sessions", tag = "Sessions", operation_id = "listAllSessions", params(SessionQuery),
    security(("oauth" = ["sessions:read"])), responses((status = 200, body = Page<LiveSessionView>)))]
pub(super) async fn list(
    State(app): State<App>,
    allowed: Allowed<ReadSessions>,
    Query(query): Query<SessionQuery>,
) -> Result<Response, Problem> {
    let SessionQuery {
        q,
        address: at,
        client_id,
        user_id: of,
        ..
    } = &query;
    let key = ("sessions", q, at, client_id, of);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let no_address = || Problem::new(Code::InvalidRequest, "address must be an IP address");
    let at = at
        .as_deref()
        .map(|text| address(text).ok_or_else(no_address));
    let filter = SessionFilter {
        sought: sought(q.as_deref())?,
        address: at.transpose()?,
        client: client_id.as_deref().map(ClientId::new),
        user: of.as_deref().map(user_id).transpose()?,
    };
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app.list_live_sessions(&allowed.permit, &filter, after, limit);
    let listed = listed.await?.map(LiveSessionView::from);
    Ok(answer(&asked.page(&app, listed)?))
}

/// Reads a live session.
#[utoipa::path(get, path = "/sessions/{session_id}", tag = "Sessions", operation_id = "readSession",
    params(("session_id" = String, Path, description = "The session")), extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["sessions:read"])), responses((status = 200, body = LiveSessionView)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadSessions>,
    Path(session): Path<String>,
) -> Result<Response, Problem> {
    let session = SessionId(id(&session, Code::NotFound)?);
    let found = app.live_session(&allowed.permit, session).await?;
    let found = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    Ok(answer(&LiveSessionView::from(found)))
}

/// Ends a session.
///
/// The applications that the person signed in to are told.
#[utoipa::path(delete, path = "/sessions/{session_id}", tag = "Sessions", operation_id = "endSessionById",
    params(("session_id" = String, Path, description = "The session")), extensions(("x-no-version" = json!(true))),
    security(("oauth" = ["sessions:write"])), responses((status = 204)))]
pub(super) async fn end(
    State(app): State<App>,
    allowed: Allowed<WriteSessions>,
    Path(session): Path<String>,
) -> Result<Response, Problem> {
    let session = SessionId(id(&session, Code::NotFound)?);
    let ended = app.end_live_session(allowed.permit, session, allowed.origin);
    let absent = |refused| Problem::refused(refused, Code::NotFound);
    ended.await?.map_err(absent)?;
    Ok(done())
}

/// How the end of all sessions went.
#[derive(Serialize, ToSchema)]
#[schema(as = EndedSessions)]
pub(super) struct Ended {
    /// How many ended; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<usize>,
}

/// Ends the sessions of everybody.
///
/// For an emergency: everybody in the deployment, or in the organisation, has to sign in again, but for the person
/// whose token it is. Where that takes longer than a moment, the answer is 202, and it goes on by itself.
#[utoipa::path(post, path = "/sessions/end-all", tag = "Sessions", operation_id = "endAllSessions",
    extensions(("x-no-version" = json!(true))), security(("oauth" = ["sessions:write"])),
    responses((status = 200, body = Ended), (status = 202, body = Ended)))]
pub(super) async fn end_all(
    State(app): State<App>,
    headers: HeaderMap,
    allowed: Allowed<WriteSessions>,
) -> Result<Response, Problem> {
    let token = bearer(&headers).ok().flatten().unwrap_or_default();
    let kept = app.session_behind(&token).await?;
    let swept = app.end_everybody(allowed.permit, kept, allowed.origin);
    Ok(match swept.await? {
        Sweep::Ended(ended) => answer(&Ended { ended: Some(ended) }),
        Sweep::GoesOn => respond::json_no_store(StatusCode::ACCEPTED, &Ended { ended: None }),
    })
}
