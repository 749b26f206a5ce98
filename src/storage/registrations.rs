//! Clients that registered themselves, and the tokens that let them.

use uuid::Uuid;

use super::{Reader, StorageError, Tx, args, clients};
use crate::base::{Digest, Timestamp};
use crate::protocol::client::{ClientId, ClientMetadata};

/// An initial access token (RFC 7591 §3) as it is stored.
#[derive(Clone, Debug)]
pub struct InitialToken {
    /// Names the token, not its value.
    pub id: Uuid,
    /// How many clients it may register.
    pub uses: i64,
    /// How many it has registered.
    pub used: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to work.
    pub expires_at: Timestamp,
}

/// Adds an initial access token.
///
/// # Errors
/// As the database says.
pub async fn insert_token(
    tx: &mut Tx<'_>,
    token: &InitialToken,
    hash: Digest,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO registration_token (id, hash, uses, used, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            token.id,
            hash,
            token.uses,
            token.used,
            token.created_at,
            token.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// Every initial access token, oldest first; also those that are spent.
///
/// # Errors
/// As the database says.
pub async fn tokens(reader: &mut impl Reader) -> Result<Vec<InitialToken>, StorageError> {
    reader
        .rows(
            "SELECT id, uses, used, created_at, expires_at FROM registration_token ORDER BY id",
            vec![],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(InitialToken {
                id: row.id("id")?,
                uses: row.get("uses")?,
                used: row.get("used")?,
                created_at: row.time("created_at")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .collect()
}

/// Whether an initial access token would work: asked before anything costly is done for a stranger.
///
/// # Errors
/// As the database says.
pub async fn token_works(
    reader: &mut impl Reader,
    hash: Digest,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let row = reader
        .row(
            "SELECT id FROM registration_token WHERE hash = $1 AND used < uses AND expires_at > $2",
            args![hash, now],
        )
        .await?;
    Ok(row.is_some())
}

/// Takes one use of an initial access token: its id, or `None` if it does not work any more. One
/// statement, so that many at once never get more than the token has.
///
/// # Errors
/// As the database says.
pub async fn spend_token(
    tx: &mut Tx<'_>,
    hash: Digest,
    now: Timestamp,
) -> Result<Option<Uuid>, StorageError> {
    tx.row(
        "UPDATE registration_token SET used = used + 1 \
         WHERE hash = $1 AND used < uses AND expires_at > $2 RETURNING id",
        args![hash, now],
    )
    .await?
    .map(|row| row.id("id"))
    .transpose()
}

/// Removes an initial access token; false if there is none. What it registered stays.
///
/// # Errors
/// As the database says.
pub async fn revoke_token(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StorageError> {
    let changed = tx
        .execute("DELETE FROM registration_token WHERE id = $1", args![id])
        .await?;
    Ok(changed == 1)
}

/// Takes the lock under which clients are added, and counts those that registered themselves.
///
/// # Errors
/// As the database says.
pub async fn lock_and_count(tx: &mut Tx<'_>) -> Result<i64, StorageError> {
    tx.bump(clients::TOPIC).await?;
    tx.row(
        "SELECT count(*) AS n FROM client WHERE used_at IS NOT NULL",
        vec![],
    )
    .await?
    .map_or(Ok(0), |row| row.get("n"))
}

/// Lets a client look after its own registration with the token of this hash (RFC 7592).
///
/// # Errors
/// As the database says.
pub async fn hand_over(
    tx: &mut Tx<'_>,
    id: &ClientId,
    token: Digest,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE client SET registration_hash = $1, used_at = $2 WHERE client_id = $3",
        args![token, now, id.as_str()],
    )
    .await?;
    Ok(())
}

/// The hash of the registration access token of an enabled client that registered itself.
///
/// # Errors
/// As the database says.
pub async fn access_token(
    reader: &mut impl Reader,
    id: &ClientId,
) -> Result<Option<Digest>, StorageError> {
    let row = reader
        .row(
            "SELECT registration_hash FROM client WHERE client_id = $1 AND disabled_at IS NULL",
            args![id.as_str()],
        )
        .await?;
    row.map_or(Ok(None), |row| row.digest_or_null("registration_hash"))
}

/// Replaces the metadata of a client if `token` still is the hash of its registration access token;
/// whether it was.
///
/// # Errors
/// As the database says.
pub async fn replace(
    tx: &mut Tx<'_>,
    id: &ClientId,
    token: Digest,
    metadata: &ClientMetadata,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let document = serde_json::to_string(metadata).map_err(StorageError::unexpected)?;
    let changed = tx
        .execute(
            "UPDATE client SET metadata = $1, updated_at = $2, used_at = $2, version = version + 1 \
             WHERE client_id = $3 AND registration_hash = $4 AND disabled_at IS NULL",
            args![document, now, id.as_str(), token],
        )
        .await?;
    if changed == 1 {
        clients::write_words(tx, id, metadata).await?;
    }
    tx.bump(clients::TOPIC).await?;
    Ok(changed == 1)
}

/// Notes that a client that registered itself is in use.
///
/// # Errors
/// As the database says.
pub async fn touch(tx: &mut Tx<'_>, id: &ClientId, now: Timestamp) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE client SET used_at = $1 WHERE client_id = $2 AND used_at < $1",
        args![now, id.as_str()],
    )
    .await?;
    Ok(())
}

/// Clients that registered themselves, were not used since `since`, and hold nothing that lives.
///
/// # Errors
/// As the database says.
pub async fn unused(
    reader: &mut impl Reader,
    since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ClientId>, StorageError> {
    reader
        .rows(
            "SELECT client_id FROM client WHERE used_at <= $1 AND NOT EXISTS \
             (SELECT 1 FROM grants WHERE grants.client_id = client.client_id \
              AND ended_at IS NULL AND grants.expires_at > $2) ORDER BY used_at LIMIT $3",
            args![since, now, limit],
        )
        .await?
        .iter()
        .map(|row| Ok(ClientId::new(row.text("client_id")?)))
        .collect()
}

/// Removes a client that [`unused`] named, if that still holds.
///
/// # Errors
/// As the database says.
pub async fn delete_unused(
    tx: &mut Tx<'_>,
    id: &ClientId,
    since: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "DELETE FROM client WHERE client_id = $1 AND used_at <= $2 AND NOT EXISTS \
             (SELECT 1 FROM grants WHERE grants.client_id = client.client_id \
              AND ended_at IS NULL AND grants.expires_at > $3)",
            args![id.as_str(), since, now],
        )
        .await?;
    tx.bump(clients::TOPIC).await?;
    Ok(changed == 1)
}
