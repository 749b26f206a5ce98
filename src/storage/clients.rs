//! Clients and their secrets.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Reader, Row, StorageError, Tx, args, words};
use crate::base::Timestamp;
use crate::base::ids::OrganisationId;
use crate::protocol::client::{Client, ClientId, ClientMetadata, ClientSecret};

/// The topic under which changes are announced.
pub const TOPIC: &str = "clients";

macro_rules! columns {
    ($table:literal) => {
        concat!(
            $table,
            ".client_id, ",
            $table,
            ".metadata, ",
            $table,
            ".by_stranger, ",
            $table,
            ".organisation_id, ",
            $table,
            ".version, ",
            $table,
            ".created_at, ",
            $table,
            ".disabled_at, ",
            "(SELECT disabled_at FROM organisation o WHERE o.id = ",
            $table,
            ".organisation_id) AS closed_at"
        )
    };
}
pub(super) use columns;

/// Finds a client with those of its secrets that still work at `now`.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    id: &ClientId,
    now: Timestamp,
) -> Result<Option<Client>, StorageError> {
    let Some(row) = reader
        .row(
            concat!(
                "SELECT ",
                columns!("client"),
                " FROM client WHERE client_id = $1"
            ),
            args![id.as_str()],
        )
        .await?
    else {
        return Ok(None);
    };
    let secrets = reader
        .rows(
            "SELECT id, hash, sealed, expires_at FROM client_secret \
             WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY id DESC",
            args![id.as_str(), now],
        )
        .await?;
    let mut client = read(&row)?;
    client.secrets = secrets.iter().map(read_secret).collect::<Result<_, _>>()?;
    Ok(Some(client))
}

pub(super) fn read(row: &Row) -> Result<Client, StorageError> {
    Ok(Client {
        id: ClientId::new(row.text("client_id")?),
        metadata: row.json("metadata")?,
        secrets: Vec::new(),
        // Of a closed organisation, nothing works.
        disabled: row.time_or_null("disabled_at")?.is_some()
            || row.time_or_null("closed_at")?.is_some(),
        by_stranger: row.get("by_stranger")?,
        organisation: row
            .get::<Option<Uuid>>("organisation_id")?
            .map(OrganisationId),
        version: row.get("version")?,
        created_at: row.time("created_at")?,
    })
}

fn read_secret(row: &Row) -> Result<ClientSecret, StorageError> {
    Ok(ClientSecret {
        id: row.id("id")?,
        digest: row.digest("hash")?,
        sealed: row.get("sealed")?,
        expires_at: row.time_or_null("expires_at")?,
    })
}

/// Clients in the order of their identifiers, without secrets: those after `after`.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    after: &str,
    limit: i64,
) -> Result<Vec<Client>, StorageError> {
    reader
        .rows(
            concat!(
                "SELECT ",
                columns!("client"),
                " FROM client WHERE client_id > $1 ORDER BY client_id LIMIT $2"
            ),
            args![after, limit],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Adds a client.
///
/// # Errors
/// [`StorageError::Conflict`] if the identifier is taken.
pub async fn insert(tx: &mut Tx<'_>, client: &Client) -> Result<(), StorageError> {
    let metadata = serde_json::to_string(&client.metadata).map_err(StorageError::unexpected)?;
    tx.execute(
        "INSERT INTO client (client_id, metadata, by_stranger, created_at, updated_at, organisation_id) \
         VALUES ($1, $2, $3, $4, $4, $5)",
        args![
            client.id.as_str(),
            metadata,
            client.by_stranger,
            client.created_at,
            client.organisation
        ],
    )
    .await?;
    write_words(tx, &client.id, &client.metadata).await?;
    for secret in &client.secrets {
        add_secret(tx, &client.id, secret, client.created_at).await?;
    }
    tx.bump(TOPIC).await
}

/// Writes what administrators find a client by, anew.
pub(super) async fn write_words(
    tx: &mut Tx<'_>,
    id: &ClientId,
    metadata: &ClientMetadata,
) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM client_word WHERE client_id = $1",
        args![id.as_str()],
    )
    .await?;
    for word in words_of(id, metadata) {
        tx.execute(
            "INSERT INTO client_word (word, client_id, organisation_id) \
             SELECT $1, client_id, organisation_id FROM client WHERE client_id = $2",
            args![word, id.as_str()],
        )
        .await?;
    }
    Ok(())
}

/// What administrators find a client by.
#[must_use]
pub fn words_of(id: &ClientId, metadata: &ClientMetadata) -> BTreeSet<String> {
    words::of([
        id.as_str(),
        metadata.client_name.as_deref().unwrap_or_default(),
    ])
}

/// So many of a client's secrets are kept, the newest: enough for any rotation with overlap.
const MAX_SECRETS: i64 = 5;

/// Adds a secret; those that are there keep working until they expire.
///
/// # Errors
/// As the database says.
pub async fn add_secret(
    tx: &mut Tx<'_>,
    client: &ClientId,
    secret: &ClientSecret,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO client_secret (id, client_id, hash, sealed, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            secret.id,
            client.as_str(),
            secret.digest,
            secret.sealed.clone(),
            now,
            secret.expires_at
        ],
    )
    .await?;
    // All of them are loaded and tried at each authentication: a client must not pile them up.
    tx.execute(
        "DELETE FROM client_secret WHERE client_id = $1 AND id NOT IN (SELECT id FROM client_secret \
         WHERE client_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)",
        args![client.as_str(), MAX_SECRETS],
    )
    .await?;
    tx.bump(TOPIC).await
}

/// Lets the secrets other than `keep` expire at `at`, unless they expire before.
///
/// # Errors
/// As the database says.
pub async fn expire_other_secrets(
    tx: &mut Tx<'_>,
    client: &ClientId,
    keep: Uuid,
    at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE client_secret SET expires_at = $1 \
         WHERE client_id = $2 AND id <> $3 AND (expires_at IS NULL OR expires_at > $1)",
        args![at, client.as_str(), keep],
    )
    .await?;
    tx.bump(TOPIC).await
}

/// Disables or enables a client; false if there is none.
///
/// # Errors
/// As the database says.
pub async fn set_disabled(
    tx: &mut Tx<'_>,
    id: &ClientId,
    disabled_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE client SET disabled_at = $1, updated_at = $2, version = version + 1 WHERE client_id = $3",
            args![disabled_at, now, id.as_str()],
        )
        .await?;
    tx.bump(TOPIC).await?;
    Ok(changed == 1)
}

/// Locks a client until the transaction ends, and reads it as it is then, without its secrets.
///
/// # Errors
/// As the database says.
pub async fn lock(tx: &mut Tx<'_>, id: &ClientId) -> Result<Option<Client>, StorageError> {
    let row = tx
        .row(
            concat!(
                "UPDATE client SET updated_at = updated_at WHERE client_id = $1 RETURNING ",
                columns!("client")
            ),
            args![id.as_str()],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Replaces the metadata. Call it under [`lock`].
///
/// # Errors
/// As the database says.
pub async fn replace(
    tx: &mut Tx<'_>,
    id: &ClientId,
    metadata: &ClientMetadata,
    now: Timestamp,
) -> Result<(), StorageError> {
    let document = serde_json::to_string(metadata).map_err(StorageError::unexpected)?;
    tx.execute(
        "UPDATE client SET metadata = $1, updated_at = $2, version = version + 1 WHERE client_id = $3",
        args![document, now, id.as_str()],
    )
    .await?;
    write_words(tx, id, metadata).await?;
    tx.bump(TOPIC).await
}

/// Removes a client and, by cascade, its secrets, consents, grants and tokens.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: &ClientId) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "DELETE FROM client WHERE client_id = $1",
            args![id.as_str()],
        )
        .await?;
    tx.bump(TOPIC).await?;
    Ok(changed == 1)
}

/// Those that are disabled themselves, whatever became of their organisation.
///
/// # Errors
/// As the database says.
pub async fn disabled(reader: &mut impl Reader) -> Result<BTreeSet<ClientId>, StorageError> {
    reader
        .rows(
            "SELECT client_id FROM client WHERE disabled_at IS NOT NULL",
            vec![],
        )
        .await?
        .iter()
        .map(|row| Ok(ClientId::new(row.text("client_id")?)))
        .collect()
}

/// Every secret that still works at `now`, with whose it is.
///
/// # Errors
/// As the database says.
pub async fn live_secrets(
    reader: &mut impl Reader,
    now: Timestamp,
) -> Result<Vec<(ClientId, ClientSecret)>, StorageError> {
    reader
        .rows(
            "SELECT client_id, id, hash, sealed, expires_at FROM client_secret \
             WHERE expires_at IS NULL OR expires_at > $1",
            args![now],
        )
        .await?
        .iter()
        .map(|row| Ok((ClientId::new(row.text("client_id")?), read_secret(row)?)))
        .collect()
}

/// Whether any browser origin is registered: the CORS check of requests without a client.
///
/// # Errors
/// As the database says.
pub async fn all_origins(reader: &mut impl Reader) -> Result<Vec<String>, StorageError> {
    let mut origins = Vec::new();
    let mut after = String::new();
    loop {
        let clients = page(reader, &after, 500).await?;
        let Some(last) = clients.last() else {
            return Ok(origins);
        };
        last.id.as_str().clone_into(&mut after);
        for client in clients.into_iter().filter(|client| !client.disabled) {
            origins.extend(client.metadata.allowed_origins);
        }
    }
}
