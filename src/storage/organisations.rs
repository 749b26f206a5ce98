//! Organisations: people and clients with administrators of their own.

use super::version::Changed;
use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::OrganisationId;
use crate::protocol::access::Within;

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
    reader
        .rows(
            "SELECT * FROM organisation WHERE name > $1 AND ($2 IS NULL OR id = $2) ORDER BY name LIMIT $3",
            args![after, within.organisation(), limit],
        )
        .await?
        .iter()
        .map(read)
        .collect()
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
    let exists = find(tx, id).await?.is_some();
    Ok(Changed::of(rows, exists))
}

/// Removes one; [`StorageError::Conflict`] while people or clients belong to it.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: OrganisationId) -> Result<bool, StorageError> {
    let rows = tx
        .execute("DELETE FROM organisation WHERE id = $1", args![id])
        .await?;
    Ok(rows == 1)
}
