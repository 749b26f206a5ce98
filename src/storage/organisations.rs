//! Organisations: people and clients with administrators of their own.

use super::version::Changed;
use super::{Reader, Row, StorageError, Tx, args, clients};
use crate::base::Timestamp;
use crate::base::ids::{OrganisationId, UserId};
use crate::protocol::access::Within;
use crate::protocol::client::ClientId;

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its short name, for commands and addresses.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// How often it was written.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Closed: nobody of it signs in.
    pub disabled: bool,
}

fn read(row: &Row) -> Result<Organisation, StorageError> {
    Ok(Organisation {
        id: OrganisationId(row.id("id")?),
        name: row.text("name")?,
        title: row.text("title")?,
        version: row.get("version")?,
        created_at: row.time("created_at")?,
        disabled: row.time_or_null("disabled_at")?.is_some(),
    })
}

/// Those that a caller may see, by name, after `after`.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    within: Within,
    after: &str,
    limit: i64,
) -> Result<Vec<Organisation>, StorageError> {
    let rows = match within.organisation() {
        None => {
            let sql = "SELECT * FROM organisation WHERE name > $1 ORDER BY name LIMIT $2";
            reader.rows(sql, args![after, limit]).await?
        }
        Some(organisation) => {
            let sql =
                "SELECT * FROM organisation WHERE id = $3 AND name > $1 ORDER BY name LIMIT $2";
            reader.rows(sql, args![after, limit, organisation]).await?
        }
    };
    rows.iter().map(read).collect()
}

/// The one of this id, whoever asks.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    id: OrganisationId,
) -> Result<Option<Organisation>, StorageError> {
    let row = reader
        .row("SELECT * FROM organisation WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The one of this short name, whoever asks.
///
/// # Errors
/// As the database says.
pub async fn find_by_name(
    reader: &mut impl Reader,
    name: &str,
) -> Result<Option<Organisation>, StorageError> {
    let row = reader
        .row("SELECT * FROM organisation WHERE name = $1", args![name])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Locks one until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn lock(tx: &mut Tx<'_>, id: OrganisationId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE organisation SET version = version WHERE id = $1",
        args![id],
    )
    .await?;
    Ok(())
}

/// Adds one.
///
/// # Errors
/// [`StorageError::Conflict`] if the name is taken.
pub async fn insert(tx: &mut Tx<'_>, new: &Organisation) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO organisation (id, name, title, version, created_at) VALUES ($1, $2, $3, 1, $4)",
        args![new.id, new.name.as_str(), new.title.as_str(), new.created_at],
    )
    .await?;
    Ok(())
}

/// Gives one another title, closes or opens it, from the version that the caller saw.
///
/// # Errors
/// As the database says.
pub async fn update(
    tx: &mut Tx<'_>,
    id: OrganisationId,
    title: &str,
    disabled_at: Option<Timestamp>,
    version: Option<i64>,
) -> Result<Changed, StorageError> {
    let rows = tx
        .execute(
            "UPDATE organisation SET title = $1, disabled_at = $2, version = version + 1 \
             WHERE id = $3 AND ($4 IS NULL OR version = $4)",
            args![title, disabled_at, id, version],
        )
        .await?;
    // Its clients work no more, or again.
    tx.bump(clients::TOPIC).await?;
    let exists = find(tx, id).await?.is_some();
    Ok(Changed::of(rows, exists))
}

/// Moves a person from one organisation (or none) to another (or none). The groups and the roles of the old
/// one stay behind.
///
/// # Errors
/// As the database says.
pub async fn move_user(
    tx: &mut Tx<'_>,
    user: UserId,
    to: Option<OrganisationId>,
) -> Result<bool, StorageError> {
    let rows = tx
        .execute(
            "UPDATE users SET organisation_id = $1, version = version + 1 WHERE id = $2",
            args![to, user],
        )
        .await?;
    for leave in [
        "UPDATE user_word SET organisation_id = $1 WHERE user_id = $2",
        "UPDATE sso_session SET organisation_id = $1 WHERE user_id = $2",
        "DELETE FROM group_member WHERE user_id = $2 AND group_id IN \
         (SELECT id FROM user_group WHERE organisation_id IS NOT NULL AND organisation_id IS DISTINCT FROM $1)",
        "DELETE FROM role_grant WHERE user_id = $2 AND organisation_id IS NOT NULL \
         AND organisation_id IS DISTINCT FROM $1",
    ] {
        tx.execute(leave, args![to, user]).await?;
    }
    Ok(rows == 1)
}

/// Moves a client, as [`move_user`] does a person.
///
/// # Errors
/// As the database says.
pub async fn move_client(
    tx: &mut Tx<'_>,
    client: &ClientId,
    to: Option<OrganisationId>,
) -> Result<bool, StorageError> {
    let rows = tx
        .execute(
            "UPDATE client SET organisation_id = $1, version = version + 1 WHERE client_id = $2",
            args![to, client.as_str()],
        )
        .await?;
    for leave in [
        "UPDATE client_word SET organisation_id = $1 WHERE client_id = $2",
        "DELETE FROM role_grant WHERE client_id = $2 AND organisation_id IS NOT NULL \
         AND organisation_id IS DISTINCT FROM $1",
    ] {
        tx.execute(leave, args![to, client.as_str()]).await?;
    }
    tx.bump(clients::TOPIC).await?;
    Ok(rows == 1)
}

/// Removes one; [`StorageError::InUse`] while people or clients belong to it.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: OrganisationId) -> Result<bool, StorageError> {
    let rows = tx
        .execute("DELETE FROM organisation WHERE id = $1", args![id])
        .await?;
    Ok(rows == 1)
}
