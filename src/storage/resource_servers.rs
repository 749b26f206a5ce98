//! Resource servers. They are kept in memory beside the clients, and announced under their topic.

use super::clients::TOPIC;
use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::protocol::resource_server::ResourceServer;

fn read(row: &Row) -> Result<ResourceServer, StorageError> {
    row.json("metadata")
}

fn written(server: &ResourceServer) -> Result<String, StorageError> {
    serde_json::to_string(server).map_err(StorageError::unexpected)
}

/// All of them, by identifier.
///
/// # Errors
/// As the database says.
pub async fn all(reader: &mut impl Reader) -> Result<Vec<ResourceServer>, StorageError> {
    reader
        .rows(
            "SELECT metadata FROM resource_server ORDER BY identifier",
            vec![],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

fn versioned(row: &Row) -> Result<(ResourceServer, i64), StorageError> {
    Ok((read(row)?, row.get("version")?))
}

/// With their versions, by identifier, after `after`.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    after: &str,
    limit: i64,
) -> Result<Vec<(ResourceServer, i64)>, StorageError> {
    reader
        .rows(
            "SELECT metadata, version FROM resource_server WHERE identifier > $1 ORDER BY identifier LIMIT $2",
            args![after, limit],
        )
        .await?
        .iter()
        .map(versioned)
        .collect()
}

/// The one of this identifier, with its version.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    identifier: &str,
) -> Result<Option<(ResourceServer, i64)>, StorageError> {
    let row = reader
        .row(
            "SELECT metadata, version FROM resource_server WHERE identifier = $1",
            args![identifier],
        )
        .await?;
    row.as_ref().map(versioned).transpose()
}

/// As [`find`], and locks it until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn lock(
    tx: &mut Tx<'_>,
    identifier: &str,
) -> Result<Option<(ResourceServer, i64)>, StorageError> {
    let row = tx
        .row(
            "UPDATE resource_server SET updated_at = updated_at WHERE identifier = $1 RETURNING metadata, version",
            args![identifier],
        )
        .await?;
    row.as_ref().map(versioned).transpose()
}

/// Adds one.
///
/// # Errors
/// [`StorageError::Conflict`] if the identifier is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    server: &ResourceServer,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO resource_server (identifier, metadata, created_at, updated_at) \
         VALUES ($1, $2, $3, $3)",
        args![server.identifier.as_str(), written(server)?, now],
    )
    .await?;
    tx.bump(TOPIC).await
}

/// Replaces one; false if there is none of this identifier.
///
/// # Errors
/// As the database says.
pub async fn update(
    tx: &mut Tx<'_>,
    server: &ResourceServer,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE resource_server SET metadata = $1, updated_at = $2, version = version + 1 WHERE identifier = $3",
            args![written(server)?, now, server.identifier.as_str()],
        )
        .await?;
    tx.bump(TOPIC).await?;
    Ok(changed == 1)
}

/// Removes one; false if there was none.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, identifier: &str) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "DELETE FROM resource_server WHERE identifier = $1",
            args![identifier],
        )
        .await?;
    tx.bump(TOPIC).await?;
    Ok(changed == 1)
}
