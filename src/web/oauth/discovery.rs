//! `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: bytes that are
//! written once.

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::Digest;
use crate::crypto::jose::JwsAlgorithm;
use crate::flows::settings::Looks;
use crate::flows::{Tessera, rotate_keys};
use crate::protocol::claims;
use crate::protocol::discovery::{ServerView, metadata};
use crate::protocol::resource_server::ResourceServers;
use crate::protocol::scope;
use crate::web::App;

/// The metadata document of this deployment: written again when a resource server or the settings have changed.
pub struct Documents(RwLock<Arc<Written>>);

struct Written {
    servers: Arc<ResourceServers>,
    looks: Arc<Looks>,
    bytes: Vec<u8>,
    etag: String,
}

impl Documents {
    /// Writes the document as it is without resource servers: the database is asked with the first
    /// request.
    #[must_use]
    pub fn new(tessera: &Tessera) -> Self {
        let none = Arc::new(ResourceServers::none());
        Self(RwLock::new(Arc::new(Written::new(tessera, none))))
    }

    /// The document as it is now. Where the database does not answer, as it was: some clients give up
    /// everything that they know when one fetch fails.
    async fn current(&self, tessera: &Tessera) -> Arc<Written> {
        let last = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let servers = match tessera.resource_servers().await {
            Ok(servers) => servers,
            Err(error) => {
                tracing::warn!(%error, "the metadata cannot be brought up to date");
                return last;
            }
        };
        if Arc::ptr_eq(&servers, &last.servers) && Arc::ptr_eq(&tessera.looks(), &last.looks) {
            return last;
        }
        let written = Arc::new(Written::new(tessera, servers));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&written);
        written
    }
}

impl Written {
    fn new(tessera: &Tessera, servers: Arc<ResourceServers>) -> Self {
        let signing = rotate_keys::signing(&tessera.config).unwrap_or_default();
        let opening = rotate_keys::opening(&tessera.config).unwrap_or_default();
        let assertion: Vec<&str> = JwsAlgorithm::ALL.iter().map(|alg| alg.as_str()).collect();
        let protocol = &tessera.config.protocol;
        let unsigned = protocol.takes_unsigned_request_objects().then_some("none");
        let asymmetric = JwsAlgorithm::ALL.iter().filter(|alg| !alg.is_symmetric());
        let request_objects: Vec<_> = unsigned
            .into_iter()
            .chain(asymmetric.map(|alg| alg.as_str()))
            .collect();
        let mut claim_names = vec!["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr"];
        for claim in claims::supported() {
            claim_names.push(claim);
        }
        claim_names.extend(tessera.custom_claims.names());
        let scopes = scopes(tessera, &servers);
        let looks = tessera.looks();
        let locales: Vec<&str> = looks.languages.iter().map(String::as_str).collect();
        let view = ServerView {
            issuer: tessera.issuer(),
            signing_algs: &signing,
            assertion_algs: &assertion,
            request_object_algs: &request_objects,
            opening_algs: &opening,
            signed_requests: protocol.require_signed_request_object,
            unsigned_id_tokens: protocol.unsigned_id_tokens,
            scopes: &scopes,
            claims: &claim_names,
            acr_values: &tessera.assurance.levels.names(),
            ui_locales: &locales,
            registration_open: tessera.config.registration.is_on(),
            sign_up_open: tessera.sign_up_is_open(),
            front_channel_tokens: protocol.front_channel_tokens,
        };
        let bytes = serde_json::to_vec(&metadata(&view)).unwrap_or_default();
        let etag = URL_SAFE_NO_PAD.encode(&Digest::of(&bytes).as_bytes()[..12]);
        Self {
            servers,
            looks,
            bytes,
            etag: format!("\"{etag}\""),
        }
    }
}

/// RFC 8414 §2, of `scopes_supported`: "Servers MAY choose not to advertise some supported scope values":
/// those of a resource server are told where its description says so.
fn scopes<'a>(tessera: &'a Tessera, servers: &'a ResourceServers) -> Vec<&'a str> {
    let mut scopes = scope::OF_OPENID.to_vec();
    let own = tessera.custom_claims.scopes();
    for scope in own.into_iter().chain(servers.published_scopes()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// `GET`
pub async fn document(State(app): State<App>, headers: HeaderMap) -> Response {
    let document = app.documents.current(&app).await;
    cached(
        &headers,
        &document.etag,
        "application/json",
        300,
        document.bytes.clone(),
    )
}

/// Bytes with an entity tag: 304 where the caller has them (RFC 9110 §13.1.2).
pub fn cached(
    headers: &HeaderMap,
    etag: &str,
    mime: &'static str,
    max_age: u64,
    bytes: impl IntoResponse,
) -> Response {
    let fresh = [
        (header::ETAG, etag.to_owned()),
        (header::CACHE_CONTROL, format!("public, max-age={max_age}")),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags == "*" || tags.split(',').any(|tag| tag.trim() == etag));
    if known {
        return (StatusCode::NOT_MODIFIED, fresh).into_response();
    }
    let mut response = (fresh, bytes).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static(mime),
    );
    response
}
