//! One-time links: first administrator, e-mail verification, password reset, "it was not me".

use super::{Reader, StorageError, Tx, args};
use crate::base::ids::UserId;
use crate::base::{Digest, Timestamp};

/// What a link is for. A link made for one purpose opens no other door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Create the first administrator.
    SetUp,
    /// Confirm a sign-up.
    SignUp,
    /// Sign in without a password.
    SignIn,
    /// Choose a new password.
    ResetPassword,
    /// "It was not me."
    NotMe,
    /// The present address agrees to another one.
    OldEmail,
    /// The new address agrees to be one.
    NewEmail,
    /// Keep an account that is about to be deleted.
    UndoDeletion,
    /// End the recovery of an account, or finish it.
    Recovery,
}

impl Purpose {
    /// Links that let whoever has them into an account, or change it. That it was not me stays sayable.
    pub const OF_THE_OWNER: [Self; 6] = [
        Self::SignIn,
        Self::ResetPassword,
        Self::OldEmail,
        Self::NewEmail,
        Self::UndoDeletion,
        Self::Recovery,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::ResetPassword => "reset_password",
            Self::NotMe => "not_me",
            Self::OldEmail => "old_email",
            Self::NewEmail => "new_email",
            Self::UndoDeletion => "undo_deletion",
            Self::Recovery => "recovery",
        }
    }
}

/// A link as it is stored.
#[derive(Clone, Debug)]
pub struct Link {
    /// Whose, where it is somebody's.
    pub user_id: Option<UserId>,
    /// Sealed data of the purpose.
    pub payload: Option<String>,
}

/// Adds a link.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx<'_>,
    hash: Digest,
    purpose: Purpose,
    link: &Link,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO one_time_link (hash, purpose, user_id, payload, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            hash,
            purpose.as_str(),
            link.user_id,
            link.payload.clone(),
            now,
            expires_at
        ],
    )
    .await?;
    Ok(())
}

/// A link that still works.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    hash: Digest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Link>, StorageError> {
    reader
        .row(
            "SELECT user_id, payload FROM one_time_link \
             WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
            args![hash, purpose.as_str(), now],
        )
        .await?
        .map(|row| {
            Ok(Link {
                user_id: row.get::<Option<uuid::Uuid>>("user_id")?.map(UserId),
                payload: row.get("payload")?,
            })
        })
        .transpose()
}

/// Spends a link; false if it was spent or has expired.
///
/// # Errors
/// As the database says.
pub async fn spend(
    tx: &mut Tx<'_>,
    hash: Digest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let changed = tx
        .execute(
            "UPDATE one_time_link SET used_at = $1 \
             WHERE hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $1",
            args![now, hash, purpose.as_str()],
        )
        .await?;
    Ok(changed == 1)
}

/// Voids every unspent link of a purpose, of one person or of nobody in particular.
///
/// # Errors
/// As the database says.
pub async fn void(
    tx: &mut Tx<'_>,
    purpose: Purpose,
    user: Option<UserId>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let nobody = uuid::Uuid::nil();
    tx.execute(
        "UPDATE one_time_link SET used_at = $1 \
         WHERE purpose = $2 AND COALESCE(user_id, $3) = $4 AND used_at IS NULL",
        args![
            now,
            purpose.as_str(),
            nobody,
            user.map_or(nobody, |id| id.0)
        ],
    )
    .await?;
    Ok(())
}
