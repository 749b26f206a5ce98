//! Grants: what a person allowed a client once; the lock of everything that came from it.

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::{GrantId, SessionId, UserId};
use crate::protocol::client::ClientId;
pub use crate::protocol::grant::Grant;
use crate::protocol::scope::Scope;

pub(super) fn read(row: &Row) -> Result<Grant, StorageError> {
    Ok(Grant {
        id: GrantId(row.id("id")?),
        client_id: ClientId::new(row.text("client_id")?),
        user_id: UserId(row.id("user_id")?),
        session_id: row.get::<Option<uuid::Uuid>>("session_id")?.map(SessionId),
        scope: Scope::parse(&row.text("scope")?).map_err(StorageError::unexpected)?,
        resources: row.json("resources")?,
        claims: row.json("claims")?,
        auth_time: row.time("auth_time")?,
        acr: row.text("acr")?,
        amr: row.json("amr")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        ended_at: row.time_or_null("ended_at")?,
    })
}

/// Adds a grant.
///
/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), StorageError> {
    let resources = serde_json::to_string(&grant.resources).map_err(StorageError::unexpected)?;
    let claims = serde_json::to_string(&grant.claims).map_err(StorageError::unexpected)?;
    let amr = serde_json::to_string(&grant.amr).map_err(StorageError::unexpected)?;
    tx.execute(
        "INSERT INTO grants (id, client_id, user_id, session_id, scope, resources, claims, \
         auth_time, acr, amr, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            grant.id,
            grant.client_id.as_str(),
            grant.user_id,
            grant.session_id,
            grant.scope.to_string(),
            resources,
            claims,
            grant.auth_time,
            grant.acr.as_str(),
            amr,
            grant.created_at,
            grant.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// Reads a grant without locking it.
///
/// # Errors
/// As the database says.
pub async fn find(reader: &mut impl Reader, id: GrantId) -> Result<Option<Grant>, StorageError> {
    let row = reader
        .row("SELECT * FROM grants WHERE id = $1", args![id])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Locks the grant of a code until the transaction ends. Refresh, revocation, sign-out and
/// disabling all take this lock first, so that their order is total on both engines.
///
/// # Errors
/// As the database says.
pub async fn lock_by_code(
    tx: &mut Tx<'_>,
    code: crate::base::Digest,
) -> Result<Option<Grant>, StorageError> {
    lock(
        tx,
        "UPDATE grants SET lock_counter = lock_counter + 1 WHERE id = \
         (SELECT grant_id FROM authorization_code WHERE hash = $1) RETURNING *",
        code,
    )
    .await
}

/// Locks the grant of a refresh token until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn lock_by_refresh_token(
    tx: &mut Tx<'_>,
    token: crate::base::Digest,
) -> Result<Option<Grant>, StorageError> {
    lock(
        tx,
        "UPDATE grants SET lock_counter = lock_counter + 1 WHERE id = \
         (SELECT grant_id FROM refresh_token WHERE hash = $1) RETURNING *",
        token,
    )
    .await
}

async fn lock(
    tx: &mut Tx<'_>,
    sql: &'static str,
    hash: crate::base::Digest,
) -> Result<Option<Grant>, StorageError> {
    let row = tx.row(sql, args![hash]).await?;
    row.as_ref().map(read).transpose()
}

/// Ends one grant, and with it every code, refresh token and access token that came from it.
///
/// # Errors
/// As the database says.
pub async fn end(
    tx: &mut Tx<'_>,
    id: GrantId,
    now: Timestamp,
    reason: &'static str,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE grants SET ended_at = $1, ended_reason = $2 WHERE id = $3 AND ended_at IS NULL",
            args![now, reason, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends what a person granted one client.
///
/// # Errors
/// As the database says.
pub async fn end_for_client(
    tx: &mut Tx<'_>,
    user: UserId,
    client: &ClientId,
    now: Timestamp,
    reason: &'static str,
) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE grants SET ended_at = $1, ended_reason = $2 \
         WHERE user_id = $3 AND client_id = $4 AND ended_at IS NULL",
        args![now, reason, user, client.as_str()],
    )
    .await
}

/// Ends everything that a person granted.
///
/// # Errors
/// As the database says.
pub async fn end_for_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
    reason: &'static str,
) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE grants SET ended_at = $1, ended_reason = $2 \
         WHERE user_id = $3 AND ended_at IS NULL",
        args![now, reason, user],
    )
    .await
}

/// Ends everything that a person granted, but for what one session granted for as long as it lives
/// (not `offline_access`).
///
/// # Errors
/// As the database says.
pub async fn end_for_user_but(
    tx: &mut Tx<'_>,
    user: UserId,
    kept: SessionId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE grants SET ended_at = $1, ended_reason = 'password_changed' \
         WHERE user_id = $2 AND ended_at IS NULL AND (session_id IS NULL OR session_id <> $3 \
         OR ' ' || scope || ' ' LIKE '% offline\\_access %' ESCAPE '\\')",
        args![now, user, kept],
    )
    .await
}

/// Ends the grants of a session, but for those that may outlive it (`offline_access`, OpenID
/// Connect Core §11).
///
/// # Errors
/// As the database says.
pub async fn end_for_session(
    tx: &mut Tx<'_>,
    session: SessionId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.execute(
        "UPDATE grants SET ended_at = $1, ended_reason = 'session_ended' \
         WHERE session_id = $2 AND ended_at IS NULL \
         AND ' ' || scope || ' ' NOT LIKE '% offline\\_access %' ESCAPE '\\'",
        args![now, session],
    )
    .await
}

/// What must hold for a token of a grant to be active, read in one query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The token itself was revoked.
    pub token_revoked: bool,
    /// The client exists and is not disabled.
    pub client_live: bool,
    /// The grant exists and has not ended.
    pub grant_live: bool,
    /// The person exists and is not disabled.
    pub user_live: bool,
    /// Who that is.
    pub user_id: Option<UserId>,
}

/// Looks up the standing of an access token: by its `jti`, its client and its grant (nil for a
/// token without a person).
///
/// # Errors
/// As the database says.
pub async fn standing(
    reader: &mut impl Reader,
    jti: &str,
    client: &ClientId,
    grant: Option<GrantId>,
    now: Timestamp,
) -> Result<Standing, StorageError> {
    let grant = grant.map_or(uuid::Uuid::nil(), |id| id.0);
    let row = reader
        .row(
            "SELECT EXISTS (SELECT 1 FROM revoked_token WHERE jti = $1) AS token_revoked, \
             EXISTS (SELECT 1 FROM client c LEFT JOIN organisation o ON o.id = c.organisation_id \
                     WHERE c.client_id = $2 AND c.disabled_at IS NULL AND o.disabled_at IS NULL) AS client_live, \
             EXISTS (SELECT 1 FROM grants WHERE id = $3 AND ended_at IS NULL AND expires_at > $4) AS grant_live, \
             EXISTS (SELECT 1 FROM grants g JOIN users u ON u.id = g.user_id \
                     LEFT JOIN organisation o ON o.id = u.organisation_id \
                     WHERE g.id = $3 AND u.disabled_at IS NULL AND o.disabled_at IS NULL) AS user_live, \
             (SELECT user_id FROM grants WHERE id = $3) AS user_id",
            args![jti, client.as_str(), grant, now],
        )
        .await?
        .ok_or_else(|| StorageError::unexpected("a SELECT of constants has one row"))?;
    Ok(Standing {
        token_revoked: row.get("token_revoked")?,
        client_live: row.get("client_live")?,
        grant_live: row.get("grant_live")?,
        user_live: row.get("user_live")?,
        user_id: row.get::<Option<uuid::Uuid>>("user_id")?.map(UserId),
    })
}
