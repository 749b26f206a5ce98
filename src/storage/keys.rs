//! Signing keys, sealed.

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;

/// The topic under which changes are announced.
pub const TOPIC: &str = "keys";

/// A signing key as it is stored. What the states mean is the business of the key life cycle.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// JWS algorithm.
    pub alg: String,
    /// `pending`, `active`, `retired` or `revoked`.
    pub state: String,
    /// The public JWK.
    pub public_jwk: String,
    /// The private key under the master key.
    pub sealed: String,
    /// When it was made (and published).
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it stopped to sign.
    pub retired_at: Option<Timestamp>,
}

/// Every key.
///
/// # Errors
/// As the database says.
pub async fn all(reader: &mut impl Reader) -> Result<Vec<StoredKey>, StorageError> {
    reader
        .rows("SELECT * FROM signing_key ORDER BY created_at, kid", vec![])
        .await?
        .iter()
        .map(|row| {
            Ok(StoredKey {
                kid: row.text("kid")?,
                alg: row.text("alg")?,
                state: row.text("state")?,
                public_jwk: row.text("public_jwk")?,
                sealed: row.text("sealed")?,
                created_at: row.time("created_at")?,
                activated_at: row.time_or_null("activated_at")?,
                retired_at: row.time_or_null("retired_at")?,
            })
        })
        .collect()
}

/// Takes the lock under which keys change: two nodes never rotate at once.
///
/// # Errors
/// As the database says.
pub async fn lock(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    tx.bump(TOPIC).await
}

/// Adds a key.
///
/// # Errors
/// [`StorageError::Conflict`] if another key of the algorithm is active.
pub async fn insert(tx: &mut Tx<'_>, key: &StoredKey) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO signing_key (kid, alg, state, public_jwk, sealed, created_at, activated_at, \
         retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            key.kid.as_str(),
            key.alg.as_str(),
            key.state.as_str(),
            key.public_jwk.as_str(),
            key.sealed.as_str(),
            key.created_at,
            key.activated_at,
            key.retired_at
        ],
    )
    .await?;
    Ok(())
}

/// Moves a key to another state.
///
/// # Errors
/// [`StorageError::Conflict`] if another key of the algorithm is active.
pub async fn set_state(
    tx: &mut Tx<'_>,
    kid: &str,
    state: &str,
    activated_at: Option<Timestamp>,
    retired_at: Option<Timestamp>,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE signing_key SET state = $1, activated_at = COALESCE(activated_at, $2), \
             retired_at = COALESCE(retired_at, $3) WHERE kid = $4",
            args![state, activated_at, retired_at, kid],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes a compromised key out of service and wipes its private half.
///
/// # Errors
/// As the database says.
pub async fn revoke(tx: &mut Tx<'_>, kid: &str, now: Timestamp) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE signing_key SET state = 'revoked', sealed = '', \
             retired_at = COALESCE(retired_at, $1) WHERE kid = $2",
            args![now, kid],
        )
        .await?;
    Ok(changed == 1)
}

/// Removes a key for good.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, kid: &str) -> Result<bool, StorageError> {
    let changed = tx
        .execute("DELETE FROM signing_key WHERE kid = $1", args![kid])
        .await?;
    Ok(changed == 1)
}
