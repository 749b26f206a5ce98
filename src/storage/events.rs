//! What a person is shown of the audit log: their own events.

use super::{Reader, StorageError, args};
use crate::base::Timestamp;
use crate::base::ids::{EventId, UserId};

/// An event as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// The JSON object.
    pub body: String,
}

/// A person's events, newest first: at most `limit`, those before `before`.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<Stored>, StorageError> {
    let before = before.map_or(uuid::Uuid::max(), |id| id.0);
    reader
        .rows(
            "SELECT id, at, body FROM audit_event WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            args![user, before, limit],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(Stored {
                id: EventId(row.id("id")?),
                at: row.time("at")?,
                body: row.text("body")?,
            })
        })
        .collect()
}
