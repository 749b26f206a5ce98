//! Small facts about this deployment.

use super::{Reader, StorageError, Tx, args};

/// A setting's value.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    name: &'static str,
) -> Result<Option<String>, StorageError> {
    reader
        .row("SELECT value FROM setting WHERE name = $1", args![name])
        .await?
        .map(|row| row.text("value"))
        .transpose()
}

/// Stores a setting unless it is there; returns what is there then.
///
/// # Errors
/// As the database says.
pub async fn insert_once(
    tx: &mut Tx<'_>,
    name: &'static str,
    value: &str,
) -> Result<String, StorageError> {
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        args![name, value],
    )
    .await?;
    Ok(find(tx, name).await?.unwrap_or_default())
}
