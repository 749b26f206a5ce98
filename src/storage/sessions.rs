//! Signed-in browsers, and the cookie sessions that point at them.

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::ids::{SessionId, UserId};
use crate::base::{Digest, Timestamp};
use crate::protocol::assurance::{Method, Proofs};
use crate::protocol::client::ClientId;

/// A browser in which a person is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// The `sid`.
    pub id: SessionId,
    /// Who.
    pub user_id: UserId,
    /// How the person proved who they are, and when.
    pub proofs: Proofs,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// Where it was at sign-in.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to within `sessions.touch_interval`.
    pub last_seen_at: Timestamp,
    /// It ends then unless it is used.
    pub idle_expires_at: Timestamp,
    /// It ends then in any case.
    pub expires_at: Timestamp,
}

pub(super) fn read(row: &Row) -> Result<Session, StorageError> {
    Ok(Session {
        id: SessionId(row.id("id")?),
        user_id: UserId(row.id("user_id")?),
        proofs: row.json("proofs")?,
        user_agent: row.text("user_agent")?,
        address: row.text("address")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        idle_expires_at: row.time("idle_expires_at")?,
        expires_at: row.time("expires_at")?,
    })
}

/// Finds a session that lives at `now` and whose person is not disabled.
///
/// # Errors
/// As the database says.
pub async fn find_live(
    reader: &mut impl Reader,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<Session>, StorageError> {
    let row = reader
        .row(
            "SELECT s.* FROM sso_session s JOIN users u ON u.id = s.user_id \
             WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 \
             AND s.idle_expires_at > $2 AND u.disabled_at IS NULL",
            args![id, now],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Locks a live session until the transaction ends; false if it has ended. A sign-out that runs at the
/// same time comes before or after, never between.
///
/// # Errors
/// As the database says.
pub async fn lock_live(
    tx: &mut Tx<'_>,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE sso_session SET last_seen_at = last_seen_at WHERE id = $1 \
             AND ended_at IS NULL AND expires_at > $2 AND idle_expires_at > $2",
            args![id, now],
        )
        .await?;
    Ok(changed == 1)
}

/// The live sessions of a person, the latest used first.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, StorageError> {
    reader
        .rows(
            "SELECT * FROM sso_session WHERE user_id = $1 AND ended_at IS NULL \
             AND expires_at > $2 AND idle_expires_at > $2 ORDER BY last_seen_at DESC",
            args![user, now],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Adds a session.
///
/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<(), StorageError> {
    let proofs = serde_json::to_string(&session.proofs).map_err(StorageError::unexpected)?;
    tx.execute(
        "INSERT INTO sso_session (id, user_id, proofs, user_agent, address, \
         created_at, last_seen_at, idle_expires_at, expires_at, organisation_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT organisation_id FROM users WHERE id = $2))",
        args![
            session.id,
            session.user_id,
            proofs,
            session.user_agent.as_str(),
            session.address.as_str(),
            session.created_at,
            session.last_seen_at,
            session.idle_expires_at,
            session.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// The person proved again who they are, or proved more, in the same browser. Call it under the lock of
/// the account: what was proven is read before.
///
/// # Errors
/// As the database says.
pub async fn prove(
    tx: &mut Tx<'_>,
    id: SessionId,
    proofs: &Proofs,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<bool, StorageError> {
    let proofs = serde_json::to_string(proofs).map_err(StorageError::unexpected)?;
    let changed = tx
        .execute(
            "UPDATE sso_session SET proofs = $1, last_seen_at = $2, idle_expires_at = $3 \
             WHERE id = $4 AND ended_at IS NULL",
            args![proofs, now, idle_expires_at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes out of every live session of a person what a method proved: it is no longer theirs. Call it
/// under the lock of the account.
///
/// # Errors
/// As the database says.
pub async fn forget_method(
    tx: &mut Tx<'_>,
    user: UserId,
    method: Method,
    now: Timestamp,
) -> Result<(), StorageError> {
    for session in of_user(tx, user, now).await? {
        let mut proofs = session.proofs;
        proofs.forget(method);
        let proofs = serde_json::to_string(&proofs).map_err(StorageError::unexpected)?;
        tx.execute(
            "UPDATE sso_session SET proofs = $1 WHERE id = $2",
            args![proofs, session.id],
        )
        .await?;
    }
    Ok(())
}

/// The session was used.
///
/// # Errors
/// As the database says.
pub async fn touch(
    tx: &mut Tx<'_>,
    id: SessionId,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE sso_session SET last_seen_at = $1, idle_expires_at = $2 \
         WHERE id = $3 AND ended_at IS NULL",
        args![now, idle_expires_at, id],
    )
    .await?;
    Ok(())
}

/// The person signed in to a client in this session. Call it under [`lock_live`].
///
/// # Errors
/// As the database says.
pub async fn join(
    tx: &mut Tx<'_>,
    id: SessionId,
    client: &ClientId,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO session_client (session_id, client_id, joined_at, organisation_id) \
         VALUES ($1, $2, $3, (SELECT organisation_id FROM sso_session WHERE id = $1)) \
         ON CONFLICT (session_id, client_id) DO NOTHING",
        args![id, client.as_str(), now],
    )
    .await?;
    Ok(())
}

/// Sessions that have come to their limit and are not ended yet.
///
/// # Errors
/// As the database says.
pub async fn expired(
    reader: &mut impl Reader,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<SessionId>, StorageError> {
    reader
        .rows(
            "SELECT id FROM sso_session WHERE ended_at IS NULL \
             AND (idle_expires_at <= $1 OR expires_at <= $1) LIMIT $2",
            args![now, limit],
        )
        .await?
        .iter()
        .map(|row| row.id("id").map(SessionId))
        .collect()
}

/// What a cookie session holds; `None` if there is none or it has expired.
///
/// # Errors
/// As the database says.
pub async fn load_cookie(
    reader: &mut impl Reader,
    hash: Digest,
    now: Timestamp,
) -> Result<Option<(String, Timestamp)>, StorageError> {
    reader
        .row(
            "SELECT data, expires_at FROM browser_session WHERE hash = $1 AND expires_at > $2",
            args![hash, now],
        )
        .await?
        .map(|row| Ok((row.text("data")?, row.time("expires_at")?)))
        .transpose()
}

/// Makes a cookie session.
///
/// # Errors
/// [`StorageError::Conflict`] if the id exists.
pub async fn create_cookie(
    tx: &mut Tx<'_>,
    hash: Digest,
    data: &str,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO browser_session (hash, data, expires_at) VALUES ($1, $2, $3)",
        args![hash, data, expires_at],
    )
    .await?;
    Ok(())
}

/// Changes a cookie session. Never makes one: an upsert would bring a signed-out session back to
/// life when a slow request ends after the sign-out.
///
/// # Errors
/// As the database says.
pub async fn update_cookie(
    tx: &mut Tx<'_>,
    hash: Digest,
    data: &str,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE browser_session SET data = $1, expires_at = $2 WHERE hash = $3",
            args![data, expires_at, hash],
        )
        .await?;
    Ok(changed == 1)
}

/// Removes a cookie session.
///
/// # Errors
/// As the database says.
pub async fn delete_cookie(tx: &mut Tx<'_>, hash: Digest) -> Result<(), StorageError> {
    tx.execute("DELETE FROM browser_session WHERE hash = $1", args![hash])
        .await?;
    Ok(())
}

/// Whether this person signed in anywhere before this session.
///
/// # Errors
/// As the database says.
pub async fn signed_in_before(
    reader: &mut impl Reader,
    user: UserId,
    but: SessionId,
) -> Result<bool, StorageError> {
    let row = reader
        .row(
            "SELECT 1 AS one FROM sso_session WHERE user_id = $1 AND id <> $2 \
             UNION ALL SELECT 1 FROM known_device WHERE user_id = $1 LIMIT 1",
            args![user, but],
        )
        .await?;
    Ok(row.is_some())
}
