//! Which factors a person has set up beside a password.

use super::{Reader, StorageError, Tx, args, sent_codes};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::assurance::{Capabilities, Capability, Method};

/// Everything that the person could prove, and whether a second factor of theirs opens nothing any more.
///
/// # Errors
/// As the database says.
pub async fn of_user(reader: &mut impl Reader, user: UserId) -> Result<Capabilities, StorageError> {
    let rows = reader
        .rows(
            "SELECT 'passkey' AS method, user_verified, backup_eligible FROM passkey \
             WHERE user_id = $1 AND suspended_at IS NULL \
             UNION SELECT 'lost', FALSE, FALSE FROM passkey \
             WHERE user_id = $1 AND suspended_at IS NOT NULL \
             UNION SELECT 'lost', FALSE, FALSE FROM users \
             WHERE id = $1 AND second_factor_lost_at IS NOT NULL \
             UNION SELECT kind, FALSE, FALSE FROM otp_device WHERE user_id = $1 \
             UNION SELECT 'sms_code', FALSE, FALSE FROM phone WHERE user_id = $1 \
             UNION SELECT 'recovery_code', FALSE, FALSE FROM recovery_code \
             WHERE user_id = $1 AND used_at IS NULL",
            args![user],
        )
        .await?;
    let mut all = Capabilities::default();
    for row in &rows {
        let name = row.text("method")?;
        if name == "lost" {
            all.lost_second_factor = true;
            continue;
        }
        let method = Method::parse(&name).ok_or_else(|| StorageError::unexpected(name))?;
        all.usable.push(match method {
            Method::Passkey => {
                Capability::passkey(row.get("user_verified")?, !row.get("backup_eligible")?)
            }
            other => other.into(),
        });
    }
    Ok(all)
}

/// The last second factor was taken away, and not by who has it: a password alone is not enough until
/// there is another. Call it under the lock of the account.
///
/// # Errors
/// As the database says.
pub async fn lose(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET second_factor_lost_at = $1 WHERE id = $2",
        args![now, user],
    )
    .await?;
    Ok(())
}

/// There is another one in its place. Call it under the lock of the account.
///
/// # Errors
/// As the database says.
pub async fn replace_lost(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET second_factor_lost_at = NULL WHERE id = $1",
        args![user],
    )
    .await?;
    Ok(())
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
    sent_codes::void_all(tx, user).await?;
    Ok(gone)
}
