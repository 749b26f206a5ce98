//! Recoveries of accounts: one at a time for each.

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::account_recovery::Recovery;

fn read(row: &Row) -> Result<Recovery, StorageError> {
    Ok(Recovery {
        id: row.id("id")?,
        by_operator: row.get("by_operator")?,
        began_at: row.time("began_at")?,
        ready_at: row.time("ready_at")?,
        expires_at: row.time("expires_at")?,
    })
}

/// Adds one, in the place of any other of this person.
///
/// # Errors
/// As the database says.
pub async fn replace(
    tx: &mut Tx<'_>,
    user: UserId,
    recovery: &Recovery,
    lang: &str,
    next_turn_at: Timestamp,
) -> Result<(), StorageError> {
    delete(tx, user).await?;
    tx.execute(
        "INSERT INTO account_recovery (id, user_id, by_operator, lang, began_at, ready_at, expires_at, \
         next_turn_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            recovery.id,
            user,
            recovery.by_operator,
            lang,
            recovery.began_at,
            recovery.ready_at,
            recovery.expires_at,
            next_turn_at
        ],
    )
    .await?;
    Ok(())
}

/// The one of a person, whether its time has passed or not. Read it under the account's lock to act on it.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
) -> Result<Option<Recovery>, StorageError> {
    let row = reader
        .row(
            "SELECT * FROM account_recovery WHERE user_id = $1",
            args![user],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Whose turn has come, at most so many: with the language of their letters.
///
/// # Errors
/// As the database says.
pub async fn due(
    reader: &mut impl Reader,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(UserId, String)>, StorageError> {
    reader
        .rows(
            "SELECT user_id, lang FROM account_recovery WHERE next_turn_at <= $1 \
             ORDER BY next_turn_at LIMIT $2",
            args![now, limit],
        )
        .await?
        .iter()
        .map(|row| Ok((UserId(row.id("user_id")?), row.text("lang")?)))
        .collect()
}

/// The next turn; false if it came already (another node was faster) or the recovery is gone.
///
/// # Errors
/// As the database says.
pub async fn take_turn(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
    next_turn_at: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE account_recovery SET next_turn_at = $1 WHERE user_id = $2 AND next_turn_at <= $3",
            args![next_turn_at, user, now],
        )
        .await?;
    Ok(changed == 1)
}

/// It is over; false if there was none.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "DELETE FROM account_recovery WHERE user_id = $1",
            args![user],
        )
        .await?;
    Ok(changed == 1)
}
