//! The deployment's own roles.

use super::version::Changed;
use super::{Reader, Row, StorageError, Tx, args};
use crate::protocol::access::{Role, RoleName};

/// The topic under which changes of roles and grants wait for one another.
pub const TOPIC: &str = "access";

/// A role with its version.
#[derive(Clone, Debug)]
pub struct StoredRole {
    /// The role.
    pub role: Role,
    /// How often it was written.
    pub version: i64,
    /// The realm that an import brought it from, if nobody has changed it since.
    pub imported_from: Option<String>,
}

fn read(row: &Row) -> Result<StoredRole, StorageError> {
    Ok(StoredRole {
        role: row.json("document")?,
        version: row.get("version")?,
        imported_from: row.get("imported_from")?,
    })
}

fn written(role: &Role) -> Result<String, StorageError> {
    serde_json::to_string(role).map_err(StorageError::unexpected)
}

/// All of them, by name.
///
/// # Errors
/// As the database says.
pub async fn all(reader: &mut impl Reader) -> Result<Vec<StoredRole>, StorageError> {
    reader
        .rows(
            "SELECT document, version, imported_from FROM role ORDER BY name",
            vec![],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Makes whoever changes roles or grants next wait until this transaction ends. Call it before the
/// rules are asked that look at more than one row.
///
/// # Errors
/// As the database says.
pub async fn lock(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    tx.bump(TOPIC).await
}

/// Adds a role, that of a realm if an import brings it from one.
///
/// # Errors
/// [`StorageError::Conflict`] if the name is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    role: &Role,
    imported_from: Option<&str>,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO role (name, document, version, imported_from) VALUES ($1, $2, 1, $3)",
        args![role.name.as_str(), written(role)?, imported_from],
    )
    .await?;
    Ok(())
}

/// Replaces the role of this name, from the version that the caller saw (`None`: whichever). It is whose change
/// it is from then on, and no import's.
///
/// # Errors
/// As the database says.
pub async fn update(
    tx: &mut Tx<'_>,
    role: &Role,
    version: Option<i64>,
) -> Result<Changed, StorageError> {
    let rows = tx
        .execute(
            "UPDATE role SET document = $1, version = version + 1, imported_from = NULL \
             WHERE name = $2 AND ($3 IS NULL OR version = $3)",
            args![written(role)?, role.name.as_str(), version],
        )
        .await?;
    Ok(Changed::of(rows, exists(tx, &role.name).await?))
}

/// Removes a role, and takes it from everybody, from the version that the caller saw.
///
/// # Errors
/// As the database says.
pub async fn delete(
    tx: &mut Tx<'_>,
    name: &RoleName,
    version: Option<i64>,
) -> Result<Changed, StorageError> {
    let before = exists(tx, name).await?;
    let rows = tx
        .execute(
            "DELETE FROM role WHERE name = $1 AND ($2 IS NULL OR version = $2)",
            args![name.as_str(), version],
        )
        .await?;
    if rows > 0 {
        tx.execute(
            "DELETE FROM role_grant WHERE role = $1",
            args![name.as_str()],
        )
        .await?;
    }
    Ok(Changed::of(rows, before))
}

async fn exists(tx: &mut Tx<'_>, name: &RoleName) -> Result<bool, StorageError> {
    let row = tx
        .row(
            "SELECT 1 AS one FROM role WHERE name = $1",
            args![name.as_str()],
        )
        .await?;
    Ok(row.is_some())
}
