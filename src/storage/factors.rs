//! Which factors a person has set up beside a password.

use super::{Reader, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::assurance::{Capability, Method};

/// Everything that the person could prove, each once.
///
/// # Errors
/// As the database says.
pub async fn of_user(
    reader: &mut impl Reader,
    user: UserId,
) -> Result<Vec<Capability>, StorageError> {
    let rows = reader
        .rows(
            "SELECT 'passkey' AS method, user_verified, backup_eligible FROM passkey \
             WHERE user_id = $1 AND suspended_at IS NULL \
             UNION SELECT kind, FALSE, FALSE FROM otp_device WHERE user_id = $1 \
             UNION SELECT 'sms_code', FALSE, FALSE FROM phone WHERE user_id = $1 \
             UNION SELECT 'recovery_code', FALSE, FALSE FROM recovery_code \
             WHERE user_id = $1 AND used_at IS NULL",
            args![user],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let name = row.text("method")?;
            let method = Method::parse(&name).ok_or_else(|| StorageError::unexpected(name))?;
            Ok(match method {
                Method::Passkey => {
                    Capability::passkey(row.get("user_verified")?, !row.get("backup_eligible")?)
                }
                other => other.into(),
            })
        })
        .collect()
}

/// Takes away what was added since: "it was not me". How many factors those were.
///
/// # Errors
/// As the database says.
pub async fn remove_since(
    tx: &mut Tx<'_>,
    user: UserId,
    since: Timestamp,
) -> Result<u64, StorageError> {
    let mut gone = 0;
    for statement in [
        "DELETE FROM passkey WHERE user_id = $1 AND created_at >= $2",
        "DELETE FROM otp_device WHERE user_id = $1 AND created_at >= $2",
        "DELETE FROM recovery_code WHERE user_id = $1 AND created_at >= $2",
        "DELETE FROM phone WHERE user_id = $1 AND created_at >= $2",
    ] {
        gone += tx.execute(statement, args![user, since]).await?;
    }
    // What is on its way would open the account to whoever asked for it.
    tx.execute("DELETE FROM sent_code WHERE user_id = $1", args![user])
        .await?;
    Ok(gone)
}
