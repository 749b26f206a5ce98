//! Refresh tokens, opaque access tokens, revocations and used assertions: hashes only.

use super::{Reader, StorageError, Tx, args};
use crate::base::ids::GrantId;
use crate::base::{Digest, Timestamp};
use crate::protocol::token::refresh_token::{RefreshTokenHash, StoredRefreshToken};

/// Reads a refresh token. Call it under the lock of its grant.
///
/// # Errors
/// As the database says.
pub async fn find_refresh(
    reader: &mut impl Reader,
    hash: RefreshTokenHash,
) -> Result<Option<StoredRefreshToken>, StorageError> {
    reader
        .row(
            "SELECT t.grant_id, t.expires_at, t.used_at, t.successor_salt, s.used_at AS successor_used_at \
             FROM refresh_token t LEFT JOIN refresh_token s ON s.hash = t.successor \
             WHERE t.hash = $1",
            args![hash.0],
        )
        .await?
        .map(|row| {
            Ok(StoredRefreshToken {
                grant_id: GrantId(row.id("grant_id")?),
                expires_at: row.time("expires_at")?,
                used_at: row.time_or_null("used_at")?,
                successor_salt: row
                    .get::<Option<Vec<u8>>>("successor_salt")?
                    .map(|salt| salt.try_into().map_err(|_| StorageError::unexpected("a salt has 32 bytes")))
                    .transpose()?,
                successor_used: row.time_or_null("successor_used_at")?.is_some(),
            })
        })
        .transpose()
}

/// Adds a refresh token.
///
/// # Errors
/// As the database says.
pub async fn insert_refresh(
    tx: &mut Tx<'_>,
    hash: RefreshTokenHash,
    grant: GrantId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO refresh_token (hash, grant_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        args![hash.0, grant, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Marks a refresh token as exchanged for `successor`, which was derived with `salt`; false if it
/// was exchanged before.
///
/// # Errors
/// As the database says.
pub async fn use_refresh(
    tx: &mut Tx<'_>,
    hash: RefreshTokenHash,
    successor: RefreshTokenHash,
    salt: &[u8; 32],
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE refresh_token SET used_at = $1, successor = $2, successor_salt = $3 \
             WHERE hash = $4 AND used_at IS NULL",
            args![now, successor.0, salt.to_vec(), hash.0],
        )
        .await?;
    Ok(changed == 1)
}

/// Adds an opaque access token with the claims that introspection will tell.
///
/// # Errors
/// As the database says.
pub async fn insert_opaque(
    tx: &mut Tx<'_>,
    hash: Digest,
    claims: &str,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO opaque_token (hash, claims, expires_at) VALUES ($1, $2, $3)",
        args![hash, claims, expires_at],
    )
    .await?;
    Ok(())
}

/// The claims of an opaque access token.
///
/// # Errors
/// As the database says.
pub async fn find_opaque<T: serde::de::DeserializeOwned>(
    reader: &mut impl Reader,
    hash: Digest,
) -> Result<Option<T>, StorageError> {
    reader
        .row(
            "SELECT claims FROM opaque_token WHERE hash = $1",
            args![hash],
        )
        .await?
        .map(|row| row.json("claims"))
        .transpose()
}

/// Revokes one access token by its `jti` until it would have expired.
///
/// # Errors
/// As the database says.
pub async fn revoke(tx: &mut Tx<'_>, jti: &str, expires_at: Timestamp) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO revoked_token (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING",
        args![jti, expires_at],
    )
    .await?;
    Ok(())
}

/// Spends what works once until it ends anyway: the `jti` of a client assertion (RFC 7523 §3 item 7), the
/// challenge of a passkey. False if it was spent before.
///
/// # Errors
/// As the database says.
pub async fn spend_once(
    tx: &mut Tx<'_>,
    hash: Digest,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "INSERT INTO used_assertion (hash, expires_at) VALUES ($1, $2) \
             ON CONFLICT (hash) DO NOTHING",
            args![hash, expires_at],
        )
        .await?;
    Ok(changed == 1)
}
