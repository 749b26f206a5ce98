//! The outbox: messages wait in the database, sealed, until they are delivered.

use uuid::Uuid;

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;

/// By which way a message leaves. Each has a queue of its own: one that is slow holds the other up in
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By mail.
    Letter,
    /// To a telephone.
    Text,
}

impl Channel {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Text => "text",
        }
    }
}

/// A message that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its id.
    pub id: Uuid,
    /// The message under the master key: it may hold a link that opens an account.
    pub sealed: String,
    /// How often delivery was tried.
    pub attempts: i64,
    /// From when on nobody wants it any more.
    pub expires_at: Timestamp,
}

/// Puts a message into the outbox.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    id: Uuid,
    channel: Channel,
    sealed: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO outbox (id, channel, sealed, attempts, next_attempt_at, created_at, expires_at) \
         VALUES ($1, $2, $3, 0, $4, $4, $5)",
        args![id, channel.as_str(), sealed, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Takes up to `limit` messages of a channel that are due, and puts each off to `again_at`: if this node dies
/// while it delivers, another one tries then.
///
/// # Errors
/// As the database says.
pub async fn take_due(
    tx: &mut Tx<'_>,
    channel: Channel,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<Waiting>, StorageError> {
    tx.rows(
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $1 WHERE id IN \
         (SELECT id FROM outbox WHERE channel = $4 AND next_attempt_at <= $2 AND expires_at > $2 \
          ORDER BY next_attempt_at LIMIT $3) AND next_attempt_at <= $2 \
         RETURNING id, sealed, attempts, expires_at",
        args![again_at, now, limit, channel.as_str()],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(Waiting {
            id: row.id("id")?,
            sealed: row.text("sealed")?,
            attempts: row.get("attempts")?,
            expires_at: row.time("expires_at")?,
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
        "UPDATE outbox SET next_attempt_at = $1 WHERE id = $2",
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
    tx.execute("DELETE FROM outbox WHERE id = $1", args![id])
        .await?;
    Ok(())
}
