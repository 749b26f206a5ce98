//! The outbox: messages wait in the database, sealed, until they are delivered.

use uuid::Uuid;

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;

/// A message that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its id.
    pub id: Uuid,
    /// The message under the master key: it may hold a link that opens an account.
    pub sealed: String,
    /// How often delivery was tried.
    pub attempts: i64,
}

/// Puts a message into the outbox.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    id: Uuid,
    sealed: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO mail (id, sealed, attempts, next_attempt_at, created_at, expires_at) \
         VALUES ($1, $2, 0, $3, $3, $4)",
        args![id, sealed, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Takes up to `limit` messages that are due, and puts each off to `again_at`: if this node dies
/// while it delivers, another one tries then.
///
/// # Errors
/// As the database says.
pub async fn take_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<Waiting>, StorageError> {
    tx.rows(
        "UPDATE mail SET attempts = attempts + 1, next_attempt_at = $1 WHERE id IN \
         (SELECT id FROM mail WHERE next_attempt_at <= $2 AND expires_at > $2 \
          ORDER BY next_attempt_at LIMIT $3) AND next_attempt_at <= $2 \
         RETURNING id, sealed, attempts",
        args![again_at, now, limit],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(Waiting {
            id: row.id("id")?,
            sealed: row.text("sealed")?,
            attempts: row.get("attempts")?,
        })
    })
    .collect()
}

/// Puts a message off.
///
/// # Errors
/// As the database says.
pub async fn put_off(tx: &mut Tx<'_>, id: Uuid, until: Timestamp) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE mail SET next_attempt_at = $1 WHERE id = $2",
        args![until, id],
    )
    .await?;
    Ok(())
}

/// Removes a message: delivered, or undeliverable for good.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StorageError> {
    tx.execute("DELETE FROM mail WHERE id = $1", args![id])
        .await?;
    Ok(())
}
