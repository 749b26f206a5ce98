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

/// Puts a setting in the place of what was read; false if it is another one by now.
///
/// # Errors
/// As the database says.
pub async fn replace(
    tx: &mut Tx<'_>,
    name: &'static str,
    from: Option<&str>,
    to: &str,
) -> Result<bool, StorageError> {
    let replaced = match from {
        Some(from) => {
            tx.execute(
                "UPDATE setting SET value = $1 WHERE name = $2 AND value = $3",
                args![to, name, from],
            )
            .await?
        }
        None => {
            tx.execute(
                "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                args![name, to],
            )
            .await?
        }
    };
    Ok(replaced == 1)
}

/// Puts a setting, whatever was there.
///
/// # Errors
/// As the database says.
pub async fn put(tx: &mut Tx<'_>, name: &'static str, value: &str) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        args![name, value],
    )
    .await?;
    Ok(())
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
