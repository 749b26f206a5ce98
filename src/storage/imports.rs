//! Accounts that came with an import.

use uuid::Uuid;

use super::users::comparable;
use super::{Reader, StorageError, Tx, args};
use crate::base::ids::UserId;
use crate::base::{Digest, Timestamp};

/// An account that has one of the names that are asked for.
#[derive(Clone, Debug)]
pub struct Namesake {
    /// Its id.
    pub id: UserId,
    /// As names are compared.
    pub username_key: String,
    /// As addresses are compared.
    pub email_key: String,
    /// What it was imported as, if it was.
    pub mark: Option<Digest>,
}

/// Who has this user name, this address or this id already.
///
/// # Errors
/// As the database says.
pub async fn namesakes(
    reader: &mut impl Reader,
    username: &str,
    email: &str,
    id: Option<UserId>,
) -> Result<Vec<Namesake>, StorageError> {
    // Nobody has the nil id.
    let id = id.map_or(Uuid::nil(), |id| id.0);
    reader
        .rows(
            "SELECT u.id, u.username_key, u.email_key, i.mark \
             FROM users u LEFT JOIN user_import i ON i.user_id = u.id \
             WHERE u.username_key = $1 OR u.email_key = $1 OR u.username_key = $2 OR u.email_key = $2 \
             OR u.id = $3",
            args![comparable(username), comparable(email), id],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(Namesake {
                id: UserId(row.id("id")?),
                username_key: row.text("username_key")?,
                email_key: row.text("email_key")?,
                mark: row.digest_or_null("mark")?,
            })
        })
        .collect()
}

/// Says what an account was imported as.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    user: UserId,
    mark: &Digest,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO user_import (user_id, mark, imported_at) VALUES ($1, $2, $3)",
        args![user, *mark, now],
    )
    .await?;
    Ok(())
}
