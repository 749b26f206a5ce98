//! What every way to make a client shares, be it registration, the administration or a file: its identifier, its
//! secret, and what this installation demands. What is done to one: `administration/client_changes.rs`.

use std::time::Duration;

use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::uuid_v7;
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata, ClientSecret};
use crate::storage::clients;

/// Begins every client secret, so that secret scanners find one that leaked.
pub const SECRET_PREFIX: &str = "tss_";

/// Seals the secrets of `client_secret_jwt`, whose HMAC needs them in clear.
pub const SECRET_PURPOSE: &str = "client-secret";

/// How long old secrets keep working after a rotation, unless somebody says otherwise: a day lets
/// every deployment of the client pick up the new one.
pub const DEFAULT_OVERLAP: Duration = Duration::from_hours(24);

/// They keep working for a month at most: who rotates a secret wants the old one gone.
pub const MAX_OVERLAP: Duration = Duration::from_hours(24 * 30);

/// The new secret; with the secret as it is stored.
pub(super) fn new_secret(
    tessera: &Tessera,
    method: AuthMethod,
    lifetime: Option<Duration>,
) -> Result<Option<(Secret<String>, ClientSecret)>, Internal> {
    if !method.has_secret() {
        return Ok(None);
    }
    let (first, second) = (tessera.entropy.token(), tessera.entropy.token());
    let secret = Secret::new(match method {
        // RFC 7518 §3.2: as long as the hash of HS512, 64 bytes, or longer.
        AuthMethod::ClientSecretJwt => {
            format!("{SECRET_PREFIX}{}{}", first.expose(), second.expose())
        }
        _ => format!("{SECRET_PREFIX}{}", first.expose()),
    });
    let stored = stored_secret(tessera, method, &secret, lifetime)?;
    Ok(Some((secret, stored)))
}

/// A secret as it is stored.
pub(super) fn stored_secret(
    tessera: &Tessera,
    method: AuthMethod,
    secret: &Secret<String>,
    lifetime: Option<Duration>,
) -> Result<ClientSecret, Internal> {
    let bytes = secret.expose().as_bytes();
    let sealed = match method {
        AuthMethod::ClientSecretJwt => Some(tessera.master.seal(SECRET_PURPOSE, bytes)?),
        _ => None,
    };
    Ok(ClientSecret {
        id: uuid_v7(tessera.now(), &tessera.entropy),
        digest: secret.digest(),
        sealed,
        expires_at: lifetime.map(|lifetime| tessera.now() + lifetime),
    })
}

/// A client that is not stored yet, and its secret if it has one.
pub(super) fn new_client(
    tessera: &Tessera,
    metadata: ClientMetadata,
    secret_lifetime: Option<Duration>,
) -> Result<(Client, Option<Secret<String>>), Internal> {
    let now = tessera.now();
    let method = metadata.token_endpoint_auth_method;
    let (secret, stored) = new_secret(tessera, method, secret_lifetime)?.unzip();
    let client = Client {
        id: ClientId::new(uuid_v7(now, &tessera.entropy).to_string()),
        metadata,
        secrets: stored.into_iter().collect(),
        disabled: false,
        by_stranger: false,
        organisation: None,
        version: 1,
        created_at: now,
    };
    Ok((client, secret))
}

/// Why an operator cannot register this client here, if there is a reason: what depends on this
/// installation, or on what the client publishes.
pub async fn problem(tessera: &Tessera, metadata: &ClientMetadata) -> Option<String> {
    if let Some(problem) = level_problem(tessera, metadata) {
        return Some(problem);
    }
    let error = tessera.check_sector(metadata).await.err()?;
    let uri = metadata
        .sector_identifier_uri
        .as_deref()
        .unwrap_or_default();
    // The operator may know what a stranger is not told: the log says why it could not be fetched.
    Some(format!("{} ({uri})", error.description()))
}

/// What is wrong with the levels of assurance that an operator names for a client, if anything. A name
/// that a stranger registers is no mistake: discovery says which there are.
pub(super) fn level_problem(tessera: &Tessera, metadata: &ClientMetadata) -> Option<String> {
    let levels = &tessera.assurance.levels;
    let named = metadata
        .default_acr_values
        .iter()
        .chain(&metadata.minimum_acr);
    let unknown = named.into_iter().find(|name| levels.find(name).is_none())?;
    let known = levels.names().join(", ");
    Some(format!(
        "{unknown} is no level of assurance here; there are {known}"
    ))
}

/// Whether there is any client, past the cache.
///
/// # Errors
/// If the database does not answer.
pub async fn are_there_any(tessera: &Tessera) -> Result<bool, Internal> {
    let mut reader = &tessera.store;
    Ok(!clients::page(&mut reader, "", 1).await?.is_empty())
}
