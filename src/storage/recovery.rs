//! Codes for a bad day.

use super::{Reader, StorageError, Tx, args};
use crate::base::ids::UserId;
use crate::base::{Digest, Timestamp};

/// Takes the place of every code that this person had.
///
/// # Errors
/// As the database says.
pub async fn replace(
    tx: &mut Tx<'_>,
    user: UserId,
    hashes: &[Digest],
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute("DELETE FROM recovery_code WHERE user_id = $1", args![user])
        .await?;
    for hash in hashes {
        tx.execute(
            "INSERT INTO recovery_code (user_id, hash, created_at) VALUES ($1, $2, $3)",
            args![user, *hash, now],
        )
        .await?;
    }
    Ok(())
}

/// Spends a code of this person; false if it is none, or was spent.
///
/// # Errors
/// As the database says.
pub async fn spend(
    tx: &mut Tx<'_>,
    user: UserId,
    hash: Digest,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE recovery_code SET used_at = $1 \
             WHERE user_id = $2 AND hash = $3 AND used_at IS NULL",
            args![now, user, hash],
        )
        .await?;
    Ok(changed == 1)
}

/// How many are left.
///
/// # Errors
/// As the database says.
pub async fn left(reader: &mut impl Reader, user: UserId) -> Result<i64, StorageError> {
    reader
        .row(
            "SELECT COUNT(*) AS n FROM recovery_code WHERE user_id = $1 AND used_at IS NULL",
            args![user],
        )
        .await?
        .map_or(Ok(0), |row| row.get("n"))
}
