//! Failed guesses, counted by bucket (an account, an address, a device).

use super::{Reader, StorageError, Tx, args};
use crate::base::{Digest, Timestamp};

/// What is known of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many failures since `first_failed_at`.
    pub failures: i64,
    /// When the window began.
    pub first_failed_at: Timestamp,
    /// Nothing is checked before then.
    pub blocked_until: Timestamp,
}

/// What is known of a bucket, if anything.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    bucket: Digest,
    now: Timestamp,
) -> Result<Option<Attempts>, StorageError> {
    reader
        .row(
            "SELECT failures, first_failed_at, blocked_until FROM attempt \
             WHERE bucket = $1 AND expires_at > $2",
            args![bucket, now],
        )
        .await?
        .map(|row| {
            Ok(Attempts {
                failures: row.get("failures")?,
                first_failed_at: row.time("first_failed_at")?,
                blocked_until: row.time("blocked_until")?,
            })
        })
        .transpose()
}

/// Takes the row's lock, making an empty row where there is none: what [`find`] says afterwards
/// stays true until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn lock(
    tx: &mut Tx<'_>,
    bucket: Digest,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO attempt (bucket, failures, first_failed_at, blocked_until, expires_at) \
         VALUES ($1, 0, $2, 0, $3) ON CONFLICT (bucket) DO UPDATE SET bucket = attempt.bucket",
        args![bucket, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Counts one try under the row's lock, starting a new window if the old one ended before
/// `window_start`; returns the count in the window.
///
/// # Errors
/// As the database says.
pub async fn count(
    tx: &mut Tx<'_>,
    bucket: Digest,
    now: Timestamp,
    window_start: Timestamp,
    expires_at: Timestamp,
) -> Result<i64, StorageError> {
    let row = tx
        .row(
            "INSERT INTO attempt (bucket, failures, first_failed_at, blocked_until, expires_at) \
             VALUES ($1, 1, $2, 0, $4) \
             ON CONFLICT (bucket) DO UPDATE SET \
             failures = CASE WHEN attempt.first_failed_at < $3 AND attempt.blocked_until < $3 \
                        THEN 1 ELSE attempt.failures + 1 END, \
             first_failed_at = CASE WHEN attempt.first_failed_at < $3 AND attempt.blocked_until < $3 \
                        THEN $2 ELSE attempt.first_failed_at END, \
             expires_at = $4 RETURNING failures",
            args![bucket, now, window_start, expires_at],
        )
        .await?;
    row.map_or(Ok(1), |row| row.get("failures"))
}

/// Blocks a bucket.
///
/// # Errors
/// As the database says.
pub async fn block(
    tx: &mut Tx<'_>,
    bucket: Digest,
    until: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE attempt SET blocked_until = $1, expires_at = $2 WHERE bucket = $3",
        args![until, expires_at, bucket],
    )
    .await?;
    Ok(())
}

/// Takes one counted try back. A block can only come from it: while one lasts, nothing is counted.
///
/// # Errors
/// As the database says.
pub async fn give_back(tx: &mut Tx<'_>, bucket: Digest) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE attempt SET failures = failures - 1, blocked_until = 0 \
         WHERE bucket = $1 AND failures > 0",
        args![bucket],
    )
    .await?;
    // Whoever keeps the password pool busy must not leave a row for each name that he makes up.
    tx.execute(
        "DELETE FROM attempt WHERE bucket = $1 AND failures = 0",
        args![bucket],
    )
    .await?;
    Ok(())
}

/// Forgets a bucket: the guess was right.
///
/// # Errors
/// As the database says.
pub async fn clear(tx: &mut Tx<'_>, bucket: Digest) -> Result<(), StorageError> {
    tx.execute("DELETE FROM attempt WHERE bucket = $1", args![bucket])
        .await?;
    Ok(())
}
