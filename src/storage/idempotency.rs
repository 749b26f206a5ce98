//! Requests that must not happen twice, and what was answered.

use super::{Reader as _, StorageError, Tx, args};
use crate::base::{Digest, Timestamp};

/// What is known of a request under its key.
#[derive(Clone, Debug)]
pub struct Known {
    /// What was asked.
    pub request: Digest,
    /// The sealed answer; `None` while the request is on its way.
    pub sealed: Option<String>,
}

/// Takes a key, unless somebody has it: then what is known of that request. A request that has been on
/// its way since before `stale` was lost with its node.
///
/// # Errors
/// As the database says.
pub async fn take(
    tx: &mut Tx<'_>,
    (key, request): (Digest, Digest),
    stale: Timestamp,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Option<Known>, StorageError> {
    let taken = tx
        .execute(
            "INSERT INTO idempotency (hash, request, created_at, expires_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (hash) DO UPDATE SET request = $2, sealed = NULL, created_at = $3, expires_at = $4 \
             WHERE idempotency.expires_at <= $3 OR (idempotency.sealed IS NULL AND idempotency.created_at <= $5)",
            args![key, request, now, expires_at, stale],
        )
        .await?;
    if taken == 1 {
        return Ok(None);
    }
    let row = tx
        .row(
            "SELECT request, sealed FROM idempotency WHERE hash = $1",
            args![key],
        )
        .await?
        .ok_or_else(|| StorageError::unexpected("a key that is taken and not there"))?;
    Ok(Some(Known {
        request: row.digest("request")?,
        sealed: row.get("sealed")?,
    }))
}

/// Keeps the answer.
///
/// # Errors
/// As the database says.
pub async fn answer(tx: &mut Tx<'_>, key: Digest, sealed: &str) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE idempotency SET sealed = $1 WHERE hash = $2",
        args![sealed, key],
    )
    .await?;
    Ok(())
}

/// Gives a key back: the request changed nothing.
///
/// # Errors
/// As the database says.
pub async fn give_back(tx: &mut Tx<'_>, key: Digest) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM idempotency WHERE hash = $1 AND sealed IS NULL",
        args![key],
    )
    .await?;
    Ok(())
}
