//! What administrators chose for the whole deployment: one row, or none.

use super::{Reader, StorageError, Tx};
use crate::base::Timestamp;
use crate::protocol::settings::Settings;

/// The topic under which changes are announced.
pub const TOPIC: &str = "settings";

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Words, colours, languages.
    pub settings: Settings,
    /// The bytes of the logo.
    pub logo: Option<Vec<u8>>,
    /// How often it was written; 0 where nobody ever chose anything.
    pub version: i64,
}

/// What was chosen.
///
/// # Errors
/// As the database says.
pub async fn find(reader: &mut impl Reader) -> Result<Chosen, StorageError> {
    let row = reader
        .row("SELECT settings, logo, version FROM deployment", vec![])
        .await?;
    row.map_or(Ok(Chosen::default()), |row| {
        Ok(Chosen {
            settings: row.json("settings")?,
            logo: row.get("logo")?,
            version: row.get("version")?,
        })
    })
}

/// As [`find`], and nobody changes it until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn lock(tx: &mut Tx<'_>) -> Result<Chosen, StorageError> {
    // The row of the topic is there from the start: the first two who choose anything take turns too.
    tx.bump(TOPIC).await?;
    find(tx).await
}

/// Writes the next version of what is [locked](lock).
///
/// # Errors
/// As the database says.
pub async fn put(tx: &mut Tx<'_>, chosen: &Chosen, now: Timestamp) -> Result<(), StorageError> {
    let settings = serde_json::to_string(&chosen.settings)
        .map_err(|error| StorageError::unexpected(error.to_string()))?;
    let logo = super::Value::Blob(chosen.logo.clone());
    tx.execute(
        "INSERT INTO deployment (id, settings, logo, version, changed_at) VALUES (1, $1, $2, 1, $3) \
         ON CONFLICT (id) DO UPDATE SET settings = $1, logo = $2, version = deployment.version + 1, \
         changed_at = $3",
        vec![settings.into(), logo, now.into()],
    )
    .await?;
    Ok(())
}
