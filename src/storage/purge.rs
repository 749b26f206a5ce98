//! Deletes what has ended, in small batches: the size of the database follows what is live.

use super::{StorageError, Tx, args};
use crate::base::Timestamp;

/// One statement per table whose rows end. Grants take their codes and refresh tokens along.
const STATEMENTS: &[&str] = &[
    "DELETE FROM authorization_code WHERE hash IN (SELECT hash FROM authorization_code WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM refresh_token WHERE hash IN (SELECT hash FROM refresh_token WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM opaque_token WHERE hash IN (SELECT hash FROM opaque_token WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM revoked_token WHERE jti IN (SELECT jti FROM revoked_token WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM used_assertion WHERE hash IN (SELECT hash FROM used_assertion WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM browser_session WHERE hash IN (SELECT hash FROM browser_session WHERE expires_at <= $1 LIMIT $2)",
    // Only what was ended: whoever belongs to an expired session must be told first.
    "DELETE FROM sso_session WHERE id IN (SELECT id FROM sso_session WHERE expires_at <= $1 AND ended_at IS NOT NULL LIMIT $2)",
    "DELETE FROM known_device WHERE (device_id, user_id) IN \
     (SELECT device_id, user_id FROM known_device WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM device WHERE id IN (SELECT id FROM device WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM attempt WHERE bucket IN (SELECT bucket FROM attempt WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM one_time_link WHERE hash IN (SELECT hash FROM one_time_link WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM email_change WHERE id IN (SELECT id FROM email_change WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM client_secret WHERE id IN (SELECT id FROM client_secret WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM registration_token WHERE id IN (SELECT id FROM registration_token WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM logout_delivery WHERE id IN (SELECT id FROM logout_delivery WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM sent_code WHERE id IN (SELECT id FROM sent_code WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM idempotency WHERE hash IN (SELECT hash FROM idempotency WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM client_day WHERE (client_id, day) IN \
     (SELECT client_id, day FROM client_day WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM trial WHERE id IN (SELECT id FROM trial WHERE expires_at <= $1 LIMIT $2)",
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE expires_at <= $1 LIMIT $2)",
];

/// Deletes at most `limit` rows of each table; returns how many went in all.
///
/// # Errors
/// As the database says.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StorageError> {
    let mut gone = 0;
    for statement in STATEMENTS {
        gone += tx.execute(statement, args![now, limit]).await?;
    }
    Ok(gone)
}
