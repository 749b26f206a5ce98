//! Trials of clients by administrators.

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::{TrialId, UserId};
use crate::protocol::authorize::ConsentView;
use crate::protocol::client::ClientId;
use crate::protocol::scope::Scope;
use crate::protocol::trial::Trial;

/// Adds one.
///
/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx<'_>, trial: &Trial) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO trial (id, client_id, user_id, browser, request, expires_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            trial.id,
            trial.client_id.as_str(),
            trial.user_id,
            trial.browser,
            trial.request.as_str(),
            trial.expires_at,
            trial.ended_at
        ],
    )
    .await?;
    Ok(())
}

/// The one of this id, whether it goes on or not.
///
/// # Errors
/// As the database says.
pub async fn find(reader: &mut impl Reader, id: TrialId) -> Result<Option<Trial>, StorageError> {
    let row = reader
        .row("SELECT * FROM trial WHERE id = $1", args![id])
        .await?;
    row.map(|row| {
        Ok(Trial {
            id: TrialId(row.id("id")?),
            client_id: ClientId::new(row.text("client_id")?),
            user_id: UserId(row.id("user_id")?),
            browser: row.digest("browser")?,
            request: row.text("request")?,
            expires_at: row.time("expires_at")?,
            ended_at: row.time_or_null("ended_at")?,
        })
    })
    .transpose()
}

/// Ends one; false if it was over already: what answers it does so once.
///
/// # Errors
/// As the database says.
pub async fn end(tx: &mut Tx<'_>, id: TrialId, now: Timestamp) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE trial SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL AND expires_at > $1",
            args![now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// What was allowed in it, for it alone.
///
/// # Errors
/// As the database says.
pub async fn allow(
    tx: &mut Tx<'_>,
    id: TrialId,
    consent: &ConsentView,
) -> Result<(), StorageError> {
    let parts = (
        consent.scope.to_string(),
        &consent.resources,
        consent.granted_at,
    );
    let consent = serde_json::to_string(&parts).map_err(StorageError::unexpected)?;
    tx.execute(
        "UPDATE trial SET consent = $1 WHERE id = $2",
        args![consent, id],
    )
    .await?;
    Ok(())
}

/// What was allowed in it, if it was asked.
///
/// # Errors
/// As the database says.
pub async fn allowed(
    reader: &mut impl Reader,
    id: TrialId,
) -> Result<Option<ConsentView>, StorageError> {
    let row = reader
        .row(
            "SELECT consent FROM trial WHERE id = $1 AND consent IS NOT NULL",
            args![id],
        )
        .await?;
    row.map(|row| {
        let (scope, resources, granted_at): (String, _, _) = row.json("consent")?;
        Ok(ConsentView {
            scope: Scope::parse(&scope).map_err(StorageError::unexpected)?,
            resources,
            granted_at,
        })
    })
    .transpose()
}
