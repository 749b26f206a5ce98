//! Codes on their way to a person.

use uuid::Uuid;

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;

/// A code as it is stored.
#[derive(Clone, Debug)]
pub struct SentCode {
    /// Names it; part of what the MAC covers.
    pub id: Uuid,
    /// What it confirms, where that is not known already; sealed.
    pub payload: Option<String>,
    /// The MAC.
    pub mac: Vec<u8>,
    /// How many wrong ones were typed.
    pub tries: i64,
}

/// Adds a code in the place of any other that this person was sent for the purpose.
///
/// # Errors
/// As the database says.
pub async fn replace(
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: &'static str,
    code: &SentCode,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    void(tx, user, purpose).await?;
    tx.execute(
        "INSERT INTO sent_code (id, user_id, purpose, hash, tries, created_at, expires_at, \
         payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            code.id,
            user,
            purpose,
            code.mac.clone(),
            code.tries,
            now,
            expires_at,
            code.payload.clone()
        ],
    )
    .await?;
    Ok(())
}

/// The code that this person may still use.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    user: UserId,
    purpose: &'static str,
    now: Timestamp,
) -> Result<Option<SentCode>, StorageError> {
    reader
        .row(
            "SELECT id, hash, tries, payload FROM sent_code \
             WHERE user_id = $1 AND purpose = $2 AND expires_at > $3",
            args![user, purpose, now],
        )
        .await?
        .map(|row| {
            Ok(SentCode {
                id: row.id("id")?,
                payload: row.get("payload")?,
                mac: row.get("hash")?,
                tries: row.get("tries")?,
            })
        })
        .transpose()
}

/// Counts a wrong one. Call it under the lock of the account.
///
/// # Errors
/// As the database says.
pub async fn count_try(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sent_code SET tries = tries + 1 WHERE id = $1",
        args![id],
    )
    .await?;
    Ok(())
}

/// Removes whatever this person was sent.
///
/// # Errors
/// As the database says.
pub async fn void_all(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM sent_code WHERE user_id = $1", args![user])
        .await?;
    Ok(())
}

/// Removes what this person was sent for the purpose: used, or of no use any more.
///
/// # Errors
/// As the database says.
pub async fn void(
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: &'static str,
) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM sent_code WHERE user_id = $1 AND purpose = $2",
        args![user, purpose],
    )
    .await?;
    Ok(())
}
