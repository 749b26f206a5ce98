//! Changes of e-mail addresses: those that wait to be confirmed, and those that can still be undone.

use uuid::Uuid;

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;

/// One change.
#[derive(Clone, Debug)]
pub struct EmailChange {
    /// Its id.
    pub id: Uuid,
    /// Whose address changes.
    pub user_id: UserId,
    /// The address before.
    pub old_email: String,
    /// The address after.
    pub new_email: String,
    /// The old address said yes.
    pub old_confirmed: bool,
    /// The new address said yes.
    pub new_confirmed: bool,
    /// The new address is the account's.
    pub is_done: bool,
    /// Until then it can be confirmed or, once it is done, undone.
    pub expires_at: Timestamp,
}

fn read(row: &Row) -> Result<EmailChange, StorageError> {
    Ok(EmailChange {
        id: row.id("id")?,
        user_id: UserId(row.id("user_id")?),
        old_email: row.text("old_email")?,
        new_email: row.text("new_email")?,
        old_confirmed: row.time_or_null("old_confirmed_at")?.is_some(),
        new_confirmed: row.time_or_null("new_confirmed_at")?.is_some(),
        is_done: row.time_or_null("done_at")?.is_some(),
        expires_at: row.time("expires_at")?,
    })
}

/// Adds a change that waits.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    change: &EmailChange,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO email_change (id, user_id, old_email, new_email, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            change.id,
            change.user_id,
            change.old_email.as_str(),
            change.new_email.as_str(),
            now,
            change.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// The change of this id, if its time has not passed.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<EmailChange>, StorageError> {
    let row = reader
        .row(
            "SELECT * FROM email_change WHERE id = $1 AND expires_at > $2",
            args![id, now],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// A person's changes whose time has not passed, newest first.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<EmailChange>, StorageError> {
    reader
        .rows(
            "SELECT * FROM email_change WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC",
            args![user, now],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One of the two addresses said yes. Call it under the account's lock.
///
/// # Errors
/// As the database says.
pub async fn confirm(
    tx: &mut Tx<'_>,
    id: Uuid,
    by_old: bool,
    now: Timestamp,
) -> Result<(), StorageError> {
    let sql = if by_old {
        "UPDATE email_change SET old_confirmed_at = $1 WHERE id = $2"
    } else {
        "UPDATE email_change SET new_confirmed_at = $1 WHERE id = $2"
    };
    tx.execute(sql, args![now, id]).await?;
    Ok(())
}

/// The new address is the account's; until `undo_until` the old one can take it back.
///
/// # Errors
/// As the database says.
pub async fn finish(
    tx: &mut Tx<'_>,
    id: Uuid,
    now: Timestamp,
    undo_until: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE email_change SET done_at = $1, expires_at = $2 WHERE id = $3",
        args![now, undo_until, id],
    )
    .await?;
    Ok(())
}

/// Forgets the changes of a person that wait; how many those were.
///
/// # Errors
/// As the database says.
pub async fn cancel(tx: &mut Tx<'_>, user: UserId) -> Result<u64, StorageError> {
    tx.execute(
        "DELETE FROM email_change WHERE user_id = $1 AND done_at IS NULL",
        args![user],
    )
    .await
}

/// Forgets a change.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StorageError> {
    tx.execute("DELETE FROM email_change WHERE id = $1", args![id])
        .await?;
    Ok(())
}
