//! Authorization codes. Only their hashes are kept, and each is spent once.

use super::{Reader, StorageError, Tx, args};
use crate::base::ids::{GrantId, TrialId};
use crate::base::{Digest, Timestamp};
use crate::protocol::token::authorization_code::StoredCode;

/// Adds a code. The row stays until `expires_at`, longer than the code works, so that a late replay
/// is noticed and its grant is ended.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    hash: Digest,
    code: &StoredCode,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO authorization_code (hash, grant_id, redirect_uri, code_challenge, nonce, \
         trial_id, valid_until, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            hash,
            code.grant_id,
            code.redirect_uri.as_str(),
            code.code_challenge.clone(),
            code.nonce.clone(),
            code.trial,
            code.valid_until,
            expires_at
        ],
    )
    .await?;
    Ok(())
}

/// Reads a code. Call it under the lock of its grant.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    hash: Digest,
) -> Result<Option<StoredCode>, StorageError> {
    reader
        .row(
            "SELECT * FROM authorization_code WHERE hash = $1",
            args![hash],
        )
        .await?
        .map(|row| {
            Ok(StoredCode {
                grant_id: GrantId(row.id("grant_id")?),
                redirect_uri: row.text("redirect_uri")?,
                code_challenge: row.get("code_challenge")?,
                nonce: row.get("nonce")?,
                trial: row.get::<Option<uuid::Uuid>>("trial_id")?.map(TrialId),
                valid_until: row.time("valid_until")?,
                redeemed_at: row.time_or_null("redeemed_at")?,
            })
        })
        .transpose()
}

/// Spends a code; false if somebody was faster.
///
/// # Errors
/// As the database says.
pub async fn redeem(tx: &mut Tx<'_>, hash: Digest, now: Timestamp) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE authorization_code SET redeemed_at = $1 WHERE hash = $2 AND redeemed_at IS NULL",
            args![now, hash],
        )
        .await?;
    Ok(changed == 1)
}
