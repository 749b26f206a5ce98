//! `/clients`

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::caller::Allowed;
use super::exchange::{IfMatch, Json, Path, Query, Raw, answer, created, done, tagged};
use super::metadata::Metadata;
use super::page::{Asked, Page, sought};
use super::problem::{Code, Problem};
use crate::base::{Secret, Timestamp};
use crate::flows::administration::{ClientFilter, ClientKind};
use crate::flows::clients::{DEFAULT_OVERLAP, MAX_OVERLAP};
use crate::protocol::access::power::{ReadClients, WriteClients};
use crate::protocol::client::{Client, ClientId};
use crate::protocol::registration::registration_response;
use crate::web::App;

/// What a client is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Signs nobody in: it acts for itself.
    Machine,
    /// Cannot keep a secret.
    Public,
    /// Can.
    Confidential,
}

impl From<ClientKind> for Kind {
    fn from(kind: ClientKind) -> Self {
        match kind {
            ClientKind::Machine => Self::Machine,
            ClientKind::Public => Self::Public,
            ClientKind::Confidential => Self::Confidential,
        }
    }
}

impl From<Kind> for ClientKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Machine => Self::Machine,
            Kind::Public => Self::Public,
            Kind::Confidential => Self::Confidential,
        }
    }
}

/// A secret, by its name: the value is shown once, where it is made.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientSecret)]
struct SecretLine {
    /// Its name.
    id: String,
    /// When it stops to work; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

/// A client.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub(super) struct ClientView {
    client_id: String,
    /// The organisation that it belongs to; absent: the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<String>,
    kind: Kind,
    /// Answered as if it did not exist: disabled itself, or of a closed organisation.
    disabled: bool,
    /// It registered itself, and nobody approved of that.
    self_registered: bool,
    created_at: String,
    #[schema(value_type = Metadata)]
    metadata: Value,
    /// Those that work; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets: Option<Vec<SecretLine>>,
    /// The new secret, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl ClientView {
    fn line(client: &Client) -> Self {
        let mut metadata = registration_response(client, None, None);
        if let Some(members) = metadata.as_object_mut() {
            for elsewhere in ["client_id", "client_id_issued_at", "software_statement"] {
                members.remove(elsewhere);
            }
        }
        Self {
            client_id: client.id.to_string(),
            organisation_id: client.organisation.map(|id| id.to_string()),
            kind: ClientKind::of(client).into(),
            disabled: client.disabled,
            self_registered: client.by_stranger,
            created_at: client.created_at.rfc3339(),
            metadata,
            secrets: None,
            client_secret: None,
        }
    }

    fn whole(client: &Client, secret: Option<&Secret<String>>) -> Self {
        let line = |secret: &crate::protocol::client::ClientSecret| SecretLine {
            id: secret.id.to_string(),
            expires_at: secret.expires_at.map(Timestamp::rfc3339),
        };
        Self {
            secrets: Some(client.secrets.iter().map(line).collect()),
            client_secret: secret.map(|secret| secret.expose().clone()),
            ..Self::line(client)
        }
    }
}

/// Which clients.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClientQuery {
    /// The beginnings of words of the name or the identifier.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Disabled or not.
    disabled: Option<bool>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many at most; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Lists clients.
#[utoipa::path(get, path = "/clients", tag = "Clients", operation_id = "listClients", params(ClientQuery),
    security(("oauth" = ["clients:read"])), responses((status = 200, body = Page<ClientView>)))]
pub(super) async fn list(
    State(app): State<App>,
    allowed: Allowed<ReadClients>,
    Query(query): Query<ClientQuery>,
) -> Result<Response, Problem> {
    let key = ("clients", &query.q, query.disabled, query.kind);
    let asked = Asked::read(&app, (query.cursor.as_deref(), query.limit), &key)?;
    let filter = ClientFilter {
        sought: sought(query.q.as_deref())?,
        disabled: query.disabled,
        kind: query.kind.map(ClientKind::from),
    };
    let (after, limit) = (asked.after.clone(), asked.limit);
    let listed = app
        .list_clients(&allowed.permit, &filter, after, limit)
        .await?;
    let page = asked.page(&app, listed.map(|client| ClientView::line(&client)))?;
    Ok(answer(&page))
}

/// Registers a client.
///
/// The body is client metadata as at the registration endpoint (RFC 7591), and what only administrators may
/// set. The client belongs to the organisation in which the caller acts. A secret is shown this once.
#[utoipa::path(post, path = "/clients", tag = "Clients", operation_id = "createClient", request_body = Metadata,
    security(("oauth" = ["clients:write"])), responses((status = 201, body = ClientView)))]
pub(super) async fn create(
    State(app): State<App>,
    allowed: Allowed<WriteClients>,
    Raw(body): Raw,
) -> Result<Response, Problem> {
    let made = app
        .create_client(allowed.permit, &body, allowed.origin)
        .await?;
    let (client, secret) = made.map_err(|why| Problem::refused(why, Code::OrganisationNotFound))?;
    let location = format!("{}/clients/{}", app.api(), client.id);
    let view = ClientView::whole(&client, secret.as_ref());
    Ok(created(&location, Some(client.version), &view))
}

/// Reads a client.
#[utoipa::path(get, path = "/clients/{client_id}", tag = "Clients", operation_id = "readClient",
    params(("client_id" = String, Path, description = "The client")),
    security(("oauth" = ["clients:read"])), responses((status = 200, body = ClientView)))]
pub(super) async fn read(
    State(app): State<App>,
    allowed: Allowed<ReadClients>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = app.find_client(&allowed.permit, &client_id(&id)?).await?;
    let client = found.ok_or_else(|| Problem::of(Code::ClientNotFound))?;
    Ok(tagged(client.version, &ClientView::whole(&client, None)))
}

/// Replaces the metadata of a client.
///
/// What is absent gets its default. Where another way to prove itself needs a secret, it is shown this once.
#[utoipa::path(put, path = "/clients/{client_id}", tag = "Clients", operation_id = "replaceClient",
    params(("client_id" = String, Path, description = "The client")), request_body = Metadata,
    security(("oauth" = ["clients:write"])), responses((status = 200, body = ClientView)))]
pub(super) async fn replace(
    State(app): State<App>,
    allowed: Allowed<WriteClients>,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Raw(body): Raw,
) -> Result<Response, Problem> {
    let id = client_id(&id)?;
    let replaced = app
        .replace_client(allowed.permit, id, &body, version, allowed.origin)
        .await?;
    let (client, secret) = replaced.map_err(absent)?;
    let view = ClientView::whole(&client, secret.as_ref());
    Ok(tagged(client.version, &view))
}

/// Removes a client.
///
/// Its secrets, consents, grants and tokens go with it.
#[utoipa::path(delete, path = "/clients/{client_id}", tag = "Clients", operation_id = "deleteClient",
    params(("client_id" = String, Path, description = "The client")),
    security(("oauth" = ["clients:write"])), responses((status = 204)))]
pub(super) async fn delete(
    State(app): State<App>,
    allowed: Allowed<WriteClients>,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    let id = client_id(&id)?;
    let removed = app.remove_client(allowed.permit, id, version, allowed.origin);
    removed.await?.map_err(absent)?;
    Ok(done())
}

/// Disables a client.
///
/// It is answered as if it did not exist, and its tokens are refused.
#[utoipa::path(post, path = "/clients/{client_id}/disable", tag = "Clients", operation_id = "disableClient",
    params(("client_id" = String, Path, description = "The client")), extensions(("x-if-match" = json!(true))),
    security(("oauth" = ["clients:write"])), responses((status = 200, body = ClientView)))]
pub(super) async fn disable(
    State(app): State<App>,
    allowed: Allowed<WriteClients>,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    switch(&app, allowed, &id, true, version).await
}

/// Enables a client.
#[utoipa::path(post, path = "/clients/{client_id}/enable", tag = "Clients", operation_id = "enableClient",
    params(("client_id" = String, Path, description = "The client")), extensions(("x-if-match" = json!(true))),
    security(("oauth" = ["clients:write"])), responses((status = 200, body = ClientView)))]
pub(super) async fn enable(
    State(app): State<App>,
    allowed: Allowed<WriteClients>,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    switch(&app, allowed, &id, false, version).await
}

async fn switch(
    app: &App,
    allowed: Allowed<WriteClients>,
    id: &str,
    disabled: bool,
    version: Option<i64>,
) -> Result<Response, Problem> {
    let id = client_id(id)?;
    let switched = app.switch_client(allowed.permit, id, disabled, version, allowed.origin);
    let client = switched.await?.map_err(absent)?;
    Ok(tagged(client.version, &ClientView::whole(&client, None)))
}

/// How a secret takes the place of others.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// For how many seconds the older ones work yet: a day if absent, a month at most.
    #[schema(minimum = 0, maximum = 2_592_000)]
    overlap_seconds: Option<u32>,
}

/// Gives a client a new secret.
///
/// It is shown this once.
#[utoipa::path(post, path = "/clients/{client_id}/secrets", tag = "Clients", operation_id = "rotateClientSecret",
    params(("client_id" = String, Path, description = "The client")), request_body = Rotation,
    security(("oauth" = ["clients:write"])), responses((status = 201, body = ClientView)))]
pub(super) async fn renew_secret(
    State(app): State<App>,
    allowed: Allowed<WriteClients>,
    Path(id): Path<String>,
    Json(rotation): Json<Rotation>,
) -> Result<Response, Problem> {
    let id = client_id(&id)?;
    let overlap = match rotation.overlap_seconds {
        None => DEFAULT_OVERLAP,
        Some(seconds) => match Duration::from_secs(seconds.into()) {
            overlap if overlap <= MAX_OVERLAP => overlap,
            _ => {
                let words = format!("overlap_seconds must be {} at most", MAX_OVERLAP.as_secs());
                return Err(Problem::new(Code::InvalidRequest, words));
            }
        },
    };
    let renewed = app.renew_secret(allowed.permit, id, overlap, allowed.origin);
    let (client, secret) = renewed.await?.map_err(absent)?;
    let location = format!("{}/clients/{}", app.api(), client.id);
    let view = ClientView::whole(&client, Some(&secret));
    Ok(created(&location, Some(client.version), &view))
}

fn absent(refused: crate::flows::administration::Refused) -> Problem {
    Problem::refused(refused, Code::ClientNotFound)
}

/// What has other characters is no identifier that we gave out, and no database takes all of them.
pub(super) fn client_id(text: &str) -> Result<ClientId, Problem> {
    if text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(ClientId::new(text))
    } else {
        Err(Problem::of(Code::ClientNotFound))
    }
}
