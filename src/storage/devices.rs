//! Devices that signed in before, and for whom they are known.

use uuid::Uuid;

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::device::Rotation;

fn read(row: &Row) -> Result<Rotation, StorageError> {
    Ok(Rotation {
        generation: row.get("generation")?,
        rotated_at: row.time("rotated_at")?,
    })
}

/// What is remembered of a device.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    device: Uuid,
    now: Timestamp,
) -> Result<Option<Rotation>, StorageError> {
    let row = reader
        .row(
            "SELECT generation, rotated_at FROM device WHERE id = $1 AND expires_at > $2",
            args![device, now],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// As [`find`], and nobody else rotates it until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn lock(
    tx: &mut Tx<'_>,
    device: Uuid,
    now: Timestamp,
) -> Result<Option<Rotation>, StorageError> {
    let row = tx
        .row(
            "UPDATE device SET generation = generation WHERE id = $1 AND expires_at > $2 \
             RETURNING generation, rotated_at",
            args![device, now],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// A new device, or another value of its cookie.
///
/// # Errors
/// As the database says.
pub async fn rotate(
    tx: &mut Tx<'_>,
    device: Uuid,
    to: Rotation,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO device (id, generation, rotated_at, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET generation = $2, rotated_at = $3, expires_at = $4",
        args![device, to.generation, to.rotated_at, expires_at],
    )
    .await?;
    Ok(())
}

/// Remembers that this person signed in on this device.
///
/// # Errors
/// As the database says.
pub async fn know(
    tx: &mut Tx<'_>,
    device: Uuid,
    user: UserId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO known_device (device_id, user_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (device_id, user_id) DO UPDATE SET expires_at = $4",
        args![device, user, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Whether this person signed in on this device before.
///
/// # Errors
/// As the database says.
pub async fn knows(
    reader: &mut impl Reader,
    device: Uuid,
    user: UserId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let row = reader
        .row(
            "SELECT 1 AS one FROM known_device \
             WHERE device_id = $1 AND user_id = $2 AND expires_at > $3",
            args![device, user, now],
        )
        .await?;
    Ok(row.is_some())
}

/// The devices on which a person signed in before: since when they are known, and until when.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<(Timestamp, Timestamp)>, StorageError> {
    reader
        .rows(
            "SELECT created_at, expires_at FROM known_device WHERE user_id = $1 \
             AND expires_at > $2 ORDER BY created_at",
            args![user, now],
        )
        .await?
        .iter()
        .map(|row| Ok((row.time("created_at")?, row.time("expires_at")?)))
        .collect()
}

/// No device is known for this person any more, but the one that they sit at.
///
/// # Errors
/// As the database says.
pub async fn forget_all(
    tx: &mut Tx<'_>,
    user: UserId,
    but: Option<Uuid>,
) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM known_device WHERE user_id = $1 AND device_id <> $2",
        args![user, but.unwrap_or_default()],
    )
    .await?;
    Ok(())
}

/// This device is not known for this person any more.
///
/// # Errors
/// As the database says.
pub async fn forget(tx: &mut Tx<'_>, device: Uuid, user: UserId) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM known_device WHERE device_id = $1 AND user_id = $2",
        args![device, user],
    )
    .await?;
    Ok(())
}

/// Ends a device for everybody; returns for whom it was known. None if it is gone already.
///
/// # Errors
/// As the database says.
pub async fn end(tx: &mut Tx<'_>, device: Uuid) -> Result<Vec<UserId>, StorageError> {
    let known = tx
        .rows(
            "DELETE FROM known_device WHERE device_id = $1 RETURNING user_id",
            args![device],
        )
        .await?;
    tx.execute("DELETE FROM device WHERE id = $1", args![device])
        .await?;
    known
        .iter()
        .map(|row| row.id("user_id").map(UserId))
        .collect()
}
