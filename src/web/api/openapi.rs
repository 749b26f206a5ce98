//! The OpenAPI 3.1 document, made from the handlers. What all of them have in common is said once, here.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::problem::{Code, ProblemDetails};
use super::{
    belongings, caller, clients, deployment, groups, organisations, roles, sessions, settings,
    users,
};
use crate::base::Digest;
use crate::flows::Tessera;
use crate::protocol::access::power;
use crate::protocol::discovery::{endpoint, paths};
use crate::web::App;
use crate::web::oauth::discovery::cached;

#[derive(OpenApi)]
#[openapi(
    info(title = "Tessera administration", version = "1", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(
        clients::list, clients::create, clients::read, clients::replace, clients::delete, clients::disable,
        clients::enable, clients::renew_secret, users::list, users::create, users::read, users::change,
        users::delete, users::disable, users::enable, users::reset_password, belongings::sessions,
        belongings::end_sessions, belongings::end_session, belongings::credentials,
        belongings::remove_credential, belongings::consents, belongings::revoke_consent, sessions::list,
        sessions::read, sessions::end, sessions::end_all, groups::list,
        groups::create, groups::read, groups::rename, groups::delete, groups::members, groups::add_member,
        groups::remove_member, organisations::list, organisations::create, organisations::read,
        organisations::change, organisations::delete, roles::list, roles::create, roles::read, roles::replace,
        roles::delete, roles::list_grants, roles::grant, roles::revoke, deployment::list_keys,
        deployment::rotate_key, deployment::list_resources, deployment::create_resource,
        deployment::read_resource, deployment::replace_resource, deployment::delete_resource,
        deployment::list_events, settings::read, settings::replace, settings::replace_logo, settings::delete_logo,
    ),
    components(schemas(ProblemDetails<'_>)),
)]
struct Api;

/// The document of this deployment, written once.
pub struct Document {
    /// As a value: the page about it reads it.
    pub value: Value,
    bytes: Arc<Vec<u8>>,
    etag: String,
    protected: Value,
}

impl Document {
    /// Writes it.
    #[must_use]
    pub fn new(tessera: &Tessera) -> Self {
        let issuer = tessera.issuer();
        let mut value = serde_json::to_value(Api::openapi()).unwrap_or_default();
        value["info"]["description"] = "Callers use Tessera's own access tokens. What a caller may do is what \
            their roles and the scopes of their token both allow. Errors are problem details (RFC 9457) with a \
            stable code."
            .into();
        value["servers"] = json!([{ "url": tessera.api() }]);
        value["components"]["securitySchemes"] = security(issuer);
        let every = value["paths"].as_object_mut().into_iter().flatten();
        for (_, item) in every {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(method, operation);
            }
        }
        let bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
        let etag = URL_SAFE_NO_PAD.encode(&Digest::of(&bytes).as_bytes()[..12]);
        Self {
            value,
            bytes: Arc::new(bytes),
            etag: format!("\"{etag}\""),
            protected: json!({
                "resource": tessera.api(),
                "authorization_servers": [issuer],
                "scopes_supported": scopes().keys().collect::<Vec<_>>(),
                "bearer_methods_supported": ["header"],
                "resource_name": "Administration",
                "resource_documentation": format!("{}/docs", tessera.api()),
            }),
        }
    }
}

fn scopes() -> Map<String, Value> {
    let described = power::ALL.iter().zip(power::MEANINGS);
    described
        .map(|(one, meaning)| (one.to_string(), meaning.trim().into()))
        .collect()
}

fn security(issuer: &str) -> Value {
    let token = endpoint(issuer, paths::TOKEN);
    json!({ "oauth": {
        "type": "oauth2",
        "description": format!("Access tokens of this server with resource={} and nothing else.", endpoint(issuer, paths::API)),
        "flows": {
            "authorizationCode": {
                "authorizationUrl": endpoint(issuer, paths::AUTHORIZE), "tokenUrl": token, "scopes": scopes(),
            },
            "clientCredentials": { "tokenUrl": token, "scopes": scopes() },
        },
    } })
}

/// What the framework around a handler takes and answers.
fn complete(method: &str, operation: &mut Value) {
    let marked = operation
        .as_object_mut()
        .and_then(|members| members.remove("x-if-match"))
        .is_some();
    let mut extra = vec![json!({
        "name": caller::ORGANISATION, "in": "query", "schema": { "type": "string", "format": "uuid" },
        "description": "The organisation in which the caller acts. Needed by who has the permission in several.",
    })];
    let changes = matches!(method, "put" | "patch" | "delete");
    let unversioned = operation
        .as_object_mut()
        .and_then(|members| members.remove("x-no-version"))
        .is_some();
    if marked || (changes && !unversioned) {
        extra.push(json!({
            "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string" },
            "description": "The ETag of the version that is changed, or *.",
        }));
    }
    if method == "post" && !marked {
        extra.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
            "description": "Any text of the caller's: a request that comes again with it within 24 hours is answered as before.",
        }));
    }
    let mut parameters = operation["parameters"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    parameters.extend(extra);
    operation["parameters"] = parameters.into();
    operation["responses"]["default"] = json!({
        "description": "A problem",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let versioned = ["200", "201"].iter().find(|status| {
        let body =
            &operation["responses"][**status]["content"]["application/json"]["schema"]["$ref"];
        body.as_str().is_some_and(|name| !name.contains("Page_"))
    });
    let versioned = versioned.filter(|_| !unversioned);
    if let Some(status) = versioned.copied() {
        operation["responses"][status]["headers"] = json!({ "ETag": {
            "description": "The version", "schema": { "type": "string" },
        } });
    }
}

/// Every code with its status and what it means.
#[must_use]
pub fn codes() -> Vec<(&'static str, u16, &'static str)> {
    let mut all = Code::ALL.to_vec();
    all.sort_by_key(|(name, status, _)| (*status, *name));
    all
}

/// `GET /api/v1/openapi.json`
pub async fn document(State(app): State<App>, headers: HeaderMap) -> Response {
    let document = &app.api;
    let bytes = document.bytes.as_ref().clone();
    cached(&headers, &document.etag, "application/json", 300, bytes)
}

/// `GET /.well-known/oauth-protected-resource/api/v1` (RFC 9728)
pub async fn protected_resource(State(app): State<App>) -> Response {
    let bytes = app.api.protected.to_string();
    cached(
        &HeaderMap::new(),
        &app.api.etag,
        "application/json",
        300,
        bytes,
    )
}
