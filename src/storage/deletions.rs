//! Accounts whose owner asked for their deletion.

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;

/// The owner asked for the deletion: disabled at once, gone at `delete_at`. False if the account is disabled
/// already: it is not theirs to enable again by undoing this. Call it under the lock of the account.
///
/// # Errors
/// As the database says.
pub async fn ask_deletion(
    tx: &mut Tx<'_>,
    id: UserId,
    delete_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE users SET disabled_at = $1, deletion_asked_at = $1, delete_at = $2, updated_at = $1 \
             WHERE id = $3 AND disabled_at IS NULL",
            args![now, delete_at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// The account stays; false if nobody had asked for its deletion. What an operator disabled meanwhile
/// stays disabled.
///
/// # Errors
/// As the database says.
pub async fn cancel_deletion(
    tx: &mut Tx<'_>,
    id: UserId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE users SET disabled_at = CASE WHEN disabled_at = deletion_asked_at THEN NULL \
             ELSE disabled_at END, deletion_asked_at = NULL, delete_at = NULL, updated_at = $1 \
             WHERE id = $2 AND delete_at IS NOT NULL",
            args![now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Accounts whose deletion is due.
///
/// # Errors
/// As the database says.
pub async fn due_for_deletion(
    reader: &mut impl Reader,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<UserId>, StorageError> {
    reader
        .rows(
            "SELECT id FROM users WHERE delete_at <= $1 ORDER BY delete_at LIMIT $2",
            args![now, limit],
        )
        .await?
        .iter()
        .map(|row| row.id("id").map(UserId))
        .collect()
}
