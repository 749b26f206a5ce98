//! `/keys`, `/resource-servers` and `/audit-events`: what belongs to the whole deployment.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::caller::Allowed;
use super::exchange::{IfMatch, Json, Path, Query, answer, created, done, tagged};
use super::groups::NameQuery;
use super::page::{Asked, Page, sought};
use super::problem::{Code, Problem};
use crate::base::Timestamp;
use crate::crypto::jose::KeyAlgorithm;
use crate::flows::administration::{Found, Refused};
use crate::protocol::access::power::{
    ReadAudit, ReadKeys, ReadResources, WriteKeys, WriteResources,
};
use crate::protocol::audit::Kind;
use crate::protocol::audit_search::{self, EventSearch};
use crate::protocol::key_lifecycle::{KeyRecord, RotateNow};
use crate::protocol::resource_server::ResourceServer;
use crate::web::App;

/// A key, without its private half.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub(super) struct KeyView {
    kid: String,
    alg: String,
    /// `pending`, `active`, `retired` or `revoked`.
    state: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_at: Option<String>,
}

fn keys(records: Vec<KeyRecord>) -> Page<KeyView> {
    let view = |key: KeyRecord| KeyView {
        kid: key.kid,
        alg: key.alg.to_string(),
        state: key.state.as_str().to_owned(),
        created_at: key.created_at.rfc3339(),
        activated_at: key.activated_at.map(Timestamp::rfc3339),
        retired_at: key.retired_at.map(Timestamp::rfc3339),
    };
    Page {
        items: records.into_iter().map(view).collect(),
        next_cursor: None,
    }
}

/// Lists the keys.
///
/// All of them at once.
#[utoipa::path(get, path = "/keys", tag = "Deployment", operation_id = "listKeys",
    security(("oauth" = ["keys:read"])), responses((status = 200, body = Page<KeyView>)))]
pub(super) async fn list_keys(
    State(app): State<App>,
    allowed: Allowed<ReadKeys>,
) -> Result<Response, Problem> {
    let records = app.list_keys(&allowed.permit).await?.map_err(absent)?;
    Ok(answer(&keys(records)))
}

/// What is rotated, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRotation {
    /// The algorithm of the key: `RS256`.
    alg: String,
    /// The successor signs at once, instead of being published ahead. Who caches the keys refuses its tokens for a
    /// while.
    #[serde(default)]
    at_once: bool,
}

/// Rotates a key.
#[utoipa::path(post, path = "/keys/rotate", tag = "Deployment", operation_id = "rotateKey", request_body = KeyRotation,
    security(("oauth" = ["keys:write"])), responses((status = 200, body = Page<KeyView>)))]
pub(super) async fn rotate_key(
    State(app): State<App>,
    allowed: Allowed<WriteKeys>,
    Json(rotation): Json<KeyRotation>,
) -> Result<Response, Problem> {
    let alg: KeyAlgorithm = rotation
        .alg
        .parse()
        .map_err(|_| Problem::new(Code::InvalidRequest, "alg is no algorithm of a key"))?;
    let wish = if rotation.at_once {
        RotateNow::AtOnce(alg)
    } else {
        RotateNow::Scheduled(alg)
    };
    let records = app
        .rotate_key(&allowed.permit, wish)
        .await?
        .map_err(absent)?;
    Ok(answer(&keys(records)))
}

/// A resource server (RFC 8707): an audience of access tokens.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResourceServer)]
pub(super) struct ResourceBody {
    /// What `resource` names, and `aud` afterwards.
    identifier: String,
    /// Its name for people.
    name: String,
    /// The scopes that mean something there, each with a sentence for the consent page.
    #[serde(default)]
    scopes: BTreeMap<String, String>,
    /// How long its access tokens live, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_token_lifetime: Option<u64>,
    /// What signs its access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_token_signed_response_alg: Option<String>,
    /// `jwt` or `opaque`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_token_format: Option<String>,
    /// Whether discovery tells everybody its scopes.
    #[serde(default)]
    published: bool,
}

impl ResourceBody {
    fn of(server: &ResourceServer) -> Result<Self, Problem> {
        let written = serde_json::to_value(server).and_then(serde_json::from_value);
        Ok(written.map_err(crate::flows::Internal::other)?)
    }

    fn server(&self) -> Result<ResourceServer, Problem> {
        let read = serde_json::to_value(self).and_then(serde_json::from_value);
        read.map_err(|error| {
            Problem::new(
                Code::InvalidRequest,
                format!("the body cannot be read: {error}"),
            )
        })
    }
}

/// Lists resource servers.
#[utoipa::path(get, path = "/resource-servers", tag = "Deployment", operation_id = "listResourceServers", params(NameQuery),
    security(("oauth" = ["resources:read"])), responses((status = 200, body = Page<ResourceBody>)))]
pub(super) async fn list_resources(
    State(app): State<App>,
    allowed: Allowed<ReadResources>,
    Query(query): Query<NameQuery>,
) -> Result<Response, Problem> {
    let key = ("resource-servers", &query.q);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let sought = sought(query.q.as_deref())?;
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app
        .list_resource_servers(&allowed.permit, sought.as_ref(), after, limit)
        .await?;
    let listed = listed.map_err(absent)?;
    let items: Result<Vec<_>, _> = listed
        .items
        .iter()
        .map(|(one, _)| ResourceBody::of(one))
        .collect();
    let (items, next) = (items?, listed.next);
    let listed = crate::flows::administration::Listed { items, next };
    Ok(answer(&asked.page(&app, listed)?))
}

/// Registers a resource server.
#[utoipa::path(post, path = "/resource-servers", tag = "Deployment", operation_id = "createResourceServer",
    request_body = ResourceBody,
    security(("oauth" = ["resources:write"])), responses((status = 201, body = ResourceBody)))]
pub(super) async fn create_resource(
    State(app): State<App>,
    allowed: Allowed<WriteResources>,
    Json(body): Json<ResourceBody>,
) -> Result<Response, Problem> {
    let server = body.server()?;
    let put = app.put_resource_server(allowed.permit, server, None, allowed.origin);
    let (server, version) = put.await?.map_err(absent)?;
    let name: String = form_urlencoded::byte_serialize(server.identifier.as_bytes()).collect();
    let location = format!("{}/resource-servers/{name}", app.api());
    Ok(created(
        &location,
        Some(version),
        &ResourceBody::of(&server)?,
    ))
}

/// Reads a resource server.
#[utoipa::path(get, path = "/resource-servers/{identifier}", tag = "Deployment", operation_id = "readResourceServer",
    params(("identifier" = String, Path, description = "The identifier, percent-encoded")),
    security(("oauth" = ["resources:read"])), responses((status = 200, body = ResourceBody)))]
pub(super) async fn read_resource(
    State(app): State<App>,
    allowed: Allowed<ReadResources>,
    Path(identifier): Path<String>,
) -> Result<Response, Problem> {
    let found = app
        .find_resource_server(&allowed.permit, known(&identifier)?)
        .await?;
    let (server, version) = found.map_err(absent)?;
    Ok(tagged(version, &ResourceBody::of(&server)?))
}

/// Describes a resource server anew.
///
/// Tokens that are out stay as they are until they expire.
#[utoipa::path(put, path = "/resource-servers/{identifier}", tag = "Deployment", operation_id = "replaceResourceServer",
    params(("identifier" = String, Path, description = "The identifier, percent-encoded")), request_body = ResourceBody,
    security(("oauth" = ["resources:write"])), responses((status = 200, body = ResourceBody)))]
pub(super) async fn replace_resource(
    State(app): State<App>,
    allowed: Allowed<WriteResources>,
    Path(identifier): Path<String>,
    IfMatch(expected): IfMatch,
    Json(body): Json<ResourceBody>,
) -> Result<Response, Problem> {
    let server = body.server()?;
    if server.identifier != known(&identifier)? {
        return Err(Problem::new(
            Code::InvalidRequest,
            "the identifier cannot change",
        ));
    }
    let put = app.put_resource_server(allowed.permit, server, Some(expected), allowed.origin);
    let (server, version) = put.await?.map_err(absent)?;
    Ok(tagged(version, &ResourceBody::of(&server)?))
}

/// Removes a resource server.
#[utoipa::path(delete, path = "/resource-servers/{identifier}", tag = "Deployment", operation_id = "deleteResourceServer",
    params(("identifier" = String, Path, description = "The identifier, percent-encoded")),
    security(("oauth" = ["resources:write"])), responses((status = 204)))]
pub(super) async fn delete_resource(
    State(app): State<App>,
    allowed: Allowed<WriteResources>,
    Path(identifier): Path<String>,
    IfMatch(expected): IfMatch,
) -> Result<Response, Problem> {
    let identifier = known(&identifier)?.to_owned();
    let removed = app.remove_resource_server(allowed.permit, identifier, expected, allowed.origin);
    removed.await?.map_err(absent)?;
    Ok(done())
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(super) struct AuditEvent(Map<String, Value>);

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Of this kind: `client.created`.
    kind: Option<String>,
    /// Done by this one, by its name in the log: `user:ID`, `client:ID`, `operator`.
    actor: Option<String>,
    /// About this one: any fact of the event is this identifier.
    about: Option<String>,
    /// Only what failed (`true`), or only what did not.
    failed: Option<bool>,
    /// From this address.
    address: Option<String>,
    /// In this request.
    request_id: Option<String>,
    /// This instant and later: `2026-07-01T00:00:00Z`.
    since: Option<String>,
    /// Before this instant.
    until: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

impl EventQuery {
    fn search(self) -> Result<EventSearch, Problem> {
        let wrong = |words: &str| Problem::new(Code::InvalidRequest, words.to_owned());
        let kind =
            |text: String| Kind::parse(&text).ok_or_else(|| wrong("kind is no kind of event"));
        let instant = |text: String| {
            Timestamp::parse_rfc3339(&text)
                .ok_or_else(|| wrong("since and until are instants (RFC 3339)"))
        };
        let address = |text: String| {
            audit_search::address(&text).ok_or_else(|| wrong("address is no IP address"))
        };
        Ok(EventSearch {
            kind: self.kind.map(kind).transpose()?,
            actor: self.actor,
            about: self.about,
            failed: self.failed,
            address: self.address.map(address).transpose()?,
            request_id: self.request_id,
            since: self.since.map(instant).transpose()?,
            until: self.until.map(instant).transpose()?,
        })
    }
}

/// Lists the audit log.
///
/// The newest first.
#[utoipa::path(get, path = "/audit-events", tag = "Deployment", operation_id = "listAuditEvents", params(EventQuery),
    security(("oauth" = ["audit:read"])), responses((status = 200, body = Page<AuditEvent>)))]
pub(super) async fn list_events(
    State(app): State<App>,
    allowed: Allowed<ReadAudit>,
    Query(query): Query<EventQuery>,
) -> Result<Response, Problem> {
    let key = (
        "audit-events",
        (&query.kind, &query.actor, &query.about, query.failed),
        (
            &query.address,
            &query.request_id,
            &query.since,
            &query.until,
        ),
    );
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let (after, limit) = (asked.after.clone(), asked.limit);
    let search = query.search()?;
    let listed = app
        .search_events(&allowed.permit, &search, after, limit)
        .await?;
    let event = |found: Found| AuditEvent(found.body.as_object().cloned().unwrap_or_default());
    Ok(answer(
        &asked.page(&app, listed.map_err(absent)?.map(event))?,
    ))
}

/// Other characters are in no identifier, and no database takes all of them.
fn known(identifier: &str) -> Result<&str, Problem> {
    let is_one = identifier.bytes().all(|byte| byte.is_ascii_graphic());
    is_one
        .then_some(identifier)
        .ok_or_else(|| Problem::of(Code::NotFound))
}

fn absent(refused: Refused) -> Problem {
    Problem::refused(refused, Code::NotFound)
}
