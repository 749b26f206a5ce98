//! Passkeys.

use uuid::Uuid;

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::crypto::webauthn::Credential;

/// A passkey.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Names it in our pages.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// The public key, its counter and its flags.
    pub credential: Credential,
    /// What its owner calls it.
    pub name: String,
    /// The model, as it said; zeros if it did not.
    pub aaguid: Uuid,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last opened a door.
    pub last_used_at: Option<Timestamp>,
    /// Since when it opens none any more: there may be a copy of it.
    pub suspended_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<Passkey, StorageError> {
    Ok(Passkey {
        id: row.id("id")?,
        user_id: UserId(row.id("user_id")?),
        credential: row.json("credential")?,
        name: row.text("name")?,
        aaguid: row.id("aaguid")?,
        created_at: row.time("created_at")?,
        last_used_at: row.time_or_null("last_used_at")?,
        suspended_at: row.time_or_null("suspended_at")?,
    })
}

fn written(credential: &Credential) -> Result<String, StorageError> {
    serde_json::to_string(credential).map_err(StorageError::unexpected)
}

/// The passkeys of a person, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn of_user(reader: &mut impl Reader, user: UserId) -> Result<Vec<Passkey>, StorageError> {
    reader
        .rows(
            "SELECT * FROM passkey WHERE user_id = $1 ORDER BY id",
            args![user],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The one with this credential id, whoever owns it.
///
/// # Errors
/// As the database says.
pub async fn find_by_credential(
    reader: &mut impl Reader,
    credential_id: &[u8],
) -> Result<Option<Passkey>, StorageError> {
    reader
        .row(
            "SELECT * FROM passkey WHERE credential_id = $1",
            args![credential_id.to_vec()],
        )
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// One of this person's. Read it under the lock of the account to change it.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    id: Uuid,
    user: UserId,
) -> Result<Option<Passkey>, StorageError> {
    reader
        .row(
            "SELECT * FROM passkey WHERE id = $1 AND user_id = $2",
            args![id, user],
        )
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Adds a passkey; false if there is one with that credential id, whoever owns it (WebAuthn §7.1 step 26).
///
/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx<'_>, passkey: &Passkey) -> Result<bool, StorageError> {
    let credential = &passkey.credential;
    let changed = tx
        .execute(
            "INSERT INTO passkey (id, user_id, credential_id, credential, name, aaguid, \
             user_verified, backup_eligible, backed_up, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (credential_id) DO NOTHING",
            args![
                passkey.id,
                passkey.user_id,
                credential.id().to_vec(),
                written(credential)?,
                passkey.name.as_str(),
                passkey.aaguid,
                credential.is_verified(),
                credential.is_backup_eligible(),
                credential.is_backed_up(),
                passkey.created_at
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Writes down a use: the counter and the backup state have moved.
///
/// # Errors
/// As the database says.
pub async fn used(
    tx: &mut Tx<'_>,
    id: Uuid,
    credential: &Credential,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE passkey SET credential = $1, backed_up = $2, last_used_at = $3 WHERE id = $4",
        args![written(credential)?, credential.is_backed_up(), now, id],
    )
    .await?;
    Ok(())
}

/// It opens nothing from now on.
///
/// # Errors
/// As the database says.
pub async fn suspend(tx: &mut Tx<'_>, id: Uuid, now: Timestamp) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE passkey SET suspended_at = $1 WHERE id = $2",
        args![now, id],
    )
    .await?;
    Ok(())
}

/// Calls it something else; false if it is none of theirs.
///
/// # Errors
/// As the database says.
pub async fn rename(
    tx: &mut Tx<'_>,
    id: Uuid,
    user: UserId,
    name: &str,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE passkey SET name = $1 WHERE id = $2 AND user_id = $3",
            args![name, id, user],
        )
        .await?;
    Ok(changed == 1)
}

/// Removes it.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StorageError> {
    tx.execute("DELETE FROM passkey WHERE id = $1", args![id])
        .await?;
    Ok(())
}
