//! Logout tokens that wait to be delivered. Rows are made only by [`super::endings`].

use uuid::Uuid;

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::{SessionId, UserId};
use crate::protocol::client::ClientId;

/// A logout token that waits, before it is signed.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its id.
    pub id: Uuid,
    /// Who is to be told.
    pub client_id: ClientId,
    /// Who signed out.
    pub user_id: UserId,
    /// Which session ended.
    pub session_id: SessionId,
    /// How often delivery was tried.
    pub attempts: i64,
    /// When it is given up.
    pub expires_at: Timestamp,
}

fn read(row: &Row) -> Result<Waiting, StorageError> {
    Ok(Waiting {
        id: row.id("id")?,
        client_id: ClientId::new(row.text("client_id")?),
        user_id: UserId(row.id("user_id")?),
        session_id: SessionId(row.id("session_id")?),
        attempts: row.get("attempts")?,
        expires_at: row.time("expires_at")?,
    })
}

pub(super) async fn insert(
    tx: &mut Tx<'_>,
    waiting: &Waiting,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO logout_delivery (id, client_id, user_id, session_id, attempts, \
         next_attempt_at, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        args![
            waiting.id,
            waiting.client_id.as_str(),
            waiting.user_id,
            waiting.session_id,
            waiting.attempts,
            now,
            waiting.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// At most `limit` clients to whom something is due, the longest waiting first.
///
/// # Errors
/// As the database says.
pub async fn due_clients(
    reader: &mut impl Reader,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ClientId>, StorageError> {
    reader
        .rows(
            "SELECT client_id FROM logout_delivery WHERE next_attempt_at <= $1 AND expires_at > $1 \
             GROUP BY client_id ORDER BY MIN(next_attempt_at) LIMIT $2",
            args![now, limit],
        )
        .await?
        .iter()
        .map(|row| row.text("client_id").map(ClientId::new))
        .collect()
}

/// How many tokens wait.
///
/// # Errors
/// As the database says.
pub async fn count_waiting(reader: &mut impl Reader, now: Timestamp) -> Result<i64, StorageError> {
    let row = reader
        .row(
            "SELECT COUNT(*) AS waiting FROM logout_delivery WHERE expires_at > $1",
            args![now],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("waiting"))
}

/// Takes up to `limit` tokens that are due to a client, and puts each off to `again_at`: nobody else
/// delivers them until then, and if this node dies meanwhile, another one tries then.
///
/// # Errors
/// As the database says.
pub async fn take_due(
    tx: &mut Tx<'_>,
    client: &ClientId,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<Waiting>, StorageError> {
    tx.rows(
        "UPDATE logout_delivery SET attempts = attempts + 1, next_attempt_at = $1 WHERE id IN \
         (SELECT id FROM logout_delivery WHERE client_id = $2 AND next_attempt_at <= $3 \
          AND expires_at > $3 ORDER BY next_attempt_at, id LIMIT $4) AND next_attempt_at <= $3 \
         RETURNING id, client_id, user_id, session_id, attempts, expires_at",
        args![again_at, client.as_str(), now, limit],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Puts a token off after its attempt number `attempts` failed. Does nothing if another node took it
/// since.
///
/// # Errors
/// As the database says.
pub async fn put_off(
    tx: &mut Tx<'_>,
    id: Uuid,
    attempts: i64,
    until: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE logout_delivery SET next_attempt_at = $1 WHERE id = $2 AND attempts = $3",
        args![until, id, attempts],
    )
    .await?;
    Ok(())
}

/// Removes a token: delivered, or undeliverable for good.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StorageError> {
    tx.execute("DELETE FROM logout_delivery WHERE id = $1", args![id])
        .await?;
    Ok(())
}
