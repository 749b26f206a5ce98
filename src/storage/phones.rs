//! Telephones that were shown to be their owner's.

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;

/// A telephone as it is stored.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The number under the master key.
    pub sealed: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// The telephone of a person.
///
/// # Errors
/// As the database says.
pub async fn find(reader: &mut impl Reader, user: UserId) -> Result<Option<Phone>, StorageError> {
    reader
        .row(
            "SELECT sealed, created_at FROM phone WHERE user_id = $1",
            args![user],
        )
        .await?
        .map(|row| {
            Ok(Phone {
                sealed: row.text("sealed")?,
                created_at: row.time("created_at")?,
            })
        })
        .transpose()
}

/// Gives a person this telephone in the place of another. Call it under the lock of the account.
///
/// # Errors
/// As the database says.
pub async fn set(
    tx: &mut Tx<'_>,
    user: UserId,
    sealed: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    delete(tx, user).await?;
    tx.execute(
        "INSERT INTO phone (user_id, sealed, created_at) VALUES ($1, $2, $3)",
        args![user, sealed, now],
    )
    .await?;
    Ok(())
}

/// Takes it away; false if there is none.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let gone = tx
        .execute("DELETE FROM phone WHERE user_id = $1", args![user])
        .await?;
    Ok(gone > 0)
}
