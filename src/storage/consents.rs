//! What people allowed clients, remembered per client.

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::client::ClientId;
use crate::protocol::scope::Scope;

/// What a person allowed a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Which client.
    pub client_id: ClientId,
    /// Which scopes.
    pub scope: Scope,
    /// At which resources (RFC 8707).
    pub resources: Vec<String>,
    /// When last.
    pub granted_at: Timestamp,
}

fn read(row: &Row) -> Result<Consent, StorageError> {
    Ok(Consent {
        client_id: ClientId::new(row.text("client_id")?),
        scope: Scope::parse(&row.text("scope")?).map_err(StorageError::unexpected)?,
        resources: row.json("resources")?,
        granted_at: row.time("granted_at")?,
    })
}

/// What this person allowed this client.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    user: UserId,
    client: &ClientId,
) -> Result<Option<Consent>, StorageError> {
    let row = reader
        .row(
            "SELECT * FROM consent WHERE user_id = $1 AND client_id = $2",
            args![user, client.as_str()],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Everything that this person allowed, the latest first.
///
/// # Errors
/// As the database says.
pub async fn of_user(reader: &mut impl Reader, user: UserId) -> Result<Vec<Consent>, StorageError> {
    reader
        .rows(
            "SELECT * FROM consent WHERE user_id = $1 ORDER BY granted_at DESC",
            args![user],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Remembers a consent in place of what was there.
///
/// # Errors
/// As the database says.
pub async fn put(tx: &mut Tx<'_>, user: UserId, consent: &Consent) -> Result<(), StorageError> {
    let resources = serde_json::to_string(&consent.resources).map_err(StorageError::unexpected)?;
    tx.execute(
        "INSERT INTO consent (user_id, client_id, scope, resources, granted_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, client_id) DO UPDATE SET \
         scope = excluded.scope, resources = excluded.resources, granted_at = excluded.granted_at",
        args![
            user,
            consent.client_id.as_str(),
            consent.scope.to_string(),
            resources,
            consent.granted_at
        ],
    )
    .await?;
    Ok(())
}

/// Forgets a consent; false if there was none.
///
/// # Errors
/// As the database says.
pub async fn delete(
    tx: &mut Tx<'_>,
    user: UserId,
    client: &ClientId,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "DELETE FROM consent WHERE user_id = $1 AND client_id = $2",
            args![user, client.as_str()],
        )
        .await?;
    Ok(changed == 1)
}
