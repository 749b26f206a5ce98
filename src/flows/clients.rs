//! Administration of clients. What changes takes effect at once here, and within a second on
//! other nodes.

use std::time::Duration;

use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::uuid_v7;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata, ClientSecret};
use crate::storage::clients;

/// Begins every client secret, so that secret scanners find one that leaked.
pub const SECRET_PREFIX: &str = "tss_";

/// Seals the secrets of `client_secret_jwt`, whose HMAC needs them in clear.
pub const SECRET_PURPOSE: &str = "client-secret";

/// How long old secrets keep working after a rotation, unless somebody says otherwise: a day lets
/// every deployment of the client pick up the new one.
pub const DEFAULT_OVERLAP: Duration = Duration::from_hours(24);

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

/// Registers a client. The secret, if its way to prove itself has one, is shown this once.
///
/// # Errors
/// If it could not be stored.
pub async fn create(
    tessera: &Tessera,
    metadata: ClientMetadata,
    actor: Actor,
    origin: Origin,
) -> Result<(Client, Option<Secret<String>>), Internal> {
    let (client, secret) = new_client(tessera, metadata, None)?;
    let event = Event::new(Kind::ClientCreated, actor)
        .with("client_id", &client.id)
        .with("client_name", &client.metadata.client_name);
    let new = client.clone();
    tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move {
                clients::insert(tx, &new).await?;
                Ok(true)
            })
        })
        .await?;
    Ok((client, secret))
}

/// Why a client got no new secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSecret {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// It proves itself in another way, or not at all.
    #[error("this client does not authenticate with a secret")]
    WithoutSecrets,
}

/// Gives a client a new secret, shown this once. Older ones work for `overlap` yet; zero ends them
/// at once.
///
/// # Errors
/// The inner one says why there is none; the outer one that it could not be stored.
pub async fn rotate_secret(
    tessera: &Tessera,
    id: &ClientId,
    overlap: Duration,
    actor: Actor,
    origin: Origin,
) -> Result<Result<Secret<String>, NoSecret>, Internal> {
    let now = tessera.now();
    let Some(client) = find(tessera, id).await? else {
        return Ok(Err(NoSecret::UnknownClient));
    };
    let method = client.metadata.token_endpoint_auth_method;
    let Some((secret, stored)) = new_secret(tessera, method, None)? else {
        return Ok(Err(NoSecret::WithoutSecrets));
    };
    let event = Event::new(Kind::ClientSecretRotated, actor)
        .with("client_id", id)
        .with("secret_id", stored.id)
        .with("overlap_seconds", overlap.as_secs());
    let id = id.clone();
    let rotated = tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move {
                // Under the transaction: it may have been deleted since.
                if clients::find(tx, &id, now).await?.is_none() {
                    return Ok(false);
                }
                clients::add_secret(tx, &id, &stored, now).await?;
                clients::expire_other_secrets(tx, &id, stored.id, now + overlap).await?;
                Ok(true)
            })
        })
        .await?;
    Ok(if rotated {
        Ok(secret)
    } else {
        Err(NoSecret::UnknownClient)
    })
}

/// Disables or enables a client; false if there is none. A disabled one is answered as if it did
/// not exist, and its tokens are refused.
///
/// # Errors
/// If it could not be stored.
pub async fn set_disabled(
    tessera: &Tessera,
    id: &ClientId,
    disabled: bool,
    actor: Actor,
    origin: Origin,
) -> Result<bool, Internal> {
    let event = Event::new(Kind::ClientChanged, actor)
        .with("client_id", id)
        .with("disabled", disabled);
    let (id, now) = (id.clone(), tessera.now());
    tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move {
                let at = disabled.then_some(now);
                Ok(clients::set_disabled(tx, &id, at, now).await?)
            })
        })
        .await
}

/// Removes a client with its secrets, consents, grants and tokens; false if there is none.
///
/// # Errors
/// If it could not be stored.
pub async fn delete(
    tessera: &Tessera,
    id: &ClientId,
    actor: Actor,
    origin: Origin,
) -> Result<bool, Internal> {
    let event = Event::new(Kind::ClientDeleted, actor).with("client_id", id);
    let id = id.clone();
    tessera
        .change_registry(event, origin, move |tx| {
            Box::pin(async move { Ok(clients::delete(tx, &id).await?) })
        })
        .await
}

/// The client as it is stored now, past the cache.
///
/// # Errors
/// If the database does not answer.
pub async fn find(tessera: &Tessera, id: &ClientId) -> Result<Option<Client>, Internal> {
    let mut reader = &tessera.store;
    Ok(clients::find(&mut reader, id, tessera.now()).await?)
}

/// At most `limit` clients, oldest first, after the one named `after` (empty: from the start).
///
/// # Errors
/// If the database does not answer.
pub async fn page(tessera: &Tessera, after: &str, limit: i64) -> Result<Vec<Client>, Internal> {
    let mut reader = &tessera.store;
    Ok(clients::page(&mut reader, after, limit).await?)
}
