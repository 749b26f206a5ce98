//! Whether the master key in hand is the one that this database was sealed under.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use serde_json::{Map, Value};

use super::{Internal, Tessera, keyring};
use crate::crypto::seal::MasterKey;
use crate::storage::{Reader, settings};

const NAME: &str = "master-key-check";

fn expected(master: &MasterKey) -> Result<String, Internal> {
    let tag = master.mac(NAME, &[b"tessera"])?;
    Ok(URL_SAFE_NO_PAD.encode(tag))
}

/// Whether a row of a backup was sealed under this master key; true where a row tells nothing.
pub(super) fn fits_row(
    master: &MasterKey,
    table: &str,
    row: &Map<String, Value>,
) -> Result<bool, Internal> {
    let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
    Ok(match table {
        "setting" if text("name") == NAME => text("value") == expected(master)?,
        // A revoked key's private half is wiped.
        "signing_key" if !text("sealed").is_empty() => {
            master.open(keyring::PURPOSE, text("sealed")).is_ok()
        }
        _ => true,
    })
}

/// Whether what `reader` sees was sealed under this master key; `None` if nothing was sealed yet.
pub(super) async fn fits(
    tessera: &Tessera,
    reader: &mut impl Reader,
) -> Result<Option<bool>, Internal> {
    let expected = expected(&tessera.master)?;
    Ok(settings::find(reader, NAME)
        .await?
        .map(|known| known == expected))
}

/// Checks the master key against the database; an empty one is bound to this key from now on.
///
/// # Errors
/// A sentence for the operator if the keys differ, or that the database does not answer.
pub async fn check(tessera: &Tessera) -> Result<(), Internal> {
    let mut reader = &tessera.store;
    let known = fits(tessera, &mut reader).await?;
    let fits = if let Some(fits) = known {
        fits
    } else {
        bind(tessera).await?
    };
    if fits {
        Ok(())
    } else {
        Err(Internal::other(
            "this database was sealed under another master key: give Tessera the key file that \
             belongs to it (keys.directory, keys.master_key_file or keys.master_key)",
        ))
    }
}

/// Binds the database to this master key, unless another process has just bound it; whether it is
/// bound to this one then.
async fn bind(tessera: &Tessera) -> Result<bool, Internal> {
    let expected = expected(&tessera.master)?;
    tessera
        .store
        .write(move |tx| {
            Box::pin(async move {
                let known = settings::insert_once(tx, NAME, &expected).await?;
                Ok::<_, Internal>(known == expected)
            })
        })
        .await
}
