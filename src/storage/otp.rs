//! Devices that make one-time codes.

use uuid::Uuid;

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::assurance::Method;

/// A device.
#[derive(Clone, Debug)]
pub struct OtpDevice {
    /// Names it.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// By the clock or by a counter.
    pub kind: Method,
    /// What its owner calls it.
    pub name: String,
    /// The seed, sealed.
    pub sealed: String,
    /// The length of its codes.
    pub digits: i64,
    /// By the clock: the last step that was accepted. By a counter: the next one.
    pub position: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last opened a door.
    pub last_used_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<OtpDevice, StorageError> {
    let kind = row.text("kind")?;
    Ok(OtpDevice {
        id: row.id("id")?,
        user_id: UserId(row.id("user_id")?),
        kind: Method::parse(&kind).ok_or_else(|| StorageError::unexpected(kind))?,
        name: row.text("name")?,
        sealed: row.text("sealed")?,
        digits: row.get("digits")?,
        position: row.get("position")?,
        created_at: row.time("created_at")?,
        last_used_at: row.time_or_null("last_used_at")?,
    })
}

/// The devices of a person, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
) -> Result<Vec<OtpDevice>, StorageError> {
    reader
        .rows(
            "SELECT * FROM otp_device WHERE user_id = $1 ORDER BY id",
            args![user],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Adds a device that was shown to work.
///
/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx<'_>, device: &OtpDevice) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO otp_device (id, user_id, kind, name, sealed, digits, position, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            device.id,
            device.user_id,
            device.kind.as_str(),
            device.name.as_str(),
            device.sealed.as_str(),
            device.digits,
            device.position,
            device.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Moves a device forward; false if it is there or further already: of two requests with one code, one
/// opens a door (RFC 6238 §5.2, "The verifier MUST NOT accept the second attempt of the OTP").
///
/// # Errors
/// As the database says.
pub async fn advance(
    tx: &mut Tx<'_>,
    id: Uuid,
    position: i64,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE otp_device SET position = $1, last_used_at = $2 WHERE id = $3 AND position < $1",
            args![position, now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives a device of this person another name; false if it is none of theirs.
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
            "UPDATE otp_device SET name = $1 WHERE id = $2 AND user_id = $3",
            args![name, id, user],
        )
        .await?;
    Ok(changed == 1)
}

/// Removes a device of this person; false if it is none of theirs.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: Uuid, user: UserId) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "DELETE FROM otp_device WHERE id = $1 AND user_id = $2",
            args![id, user],
        )
        .await?;
    Ok(changed == 1)
}
