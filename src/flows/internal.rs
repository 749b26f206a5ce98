//! Failures for the log, never for an outsider.

use crate::crypto::jose::CryptoError;
use crate::crypto::password::Busy;
use crate::protocol::error::OAuthError;
use crate::storage::StorageError;

/// Something inside broke. It rolls the transaction back.
#[derive(Debug, thiserror::Error)]
pub enum Internal {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A cryptographic operation.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The password pool is full.
    #[error("too many passwords are being checked")]
    Busy,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Internal {
    /// Anything that has a text.
    pub fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    /// Whether the same request may work a little later: 503 with `Retry-After`, not 500.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Storage(StorageError::Unavailable(_))
        )
    }
}

impl From<Busy> for Internal {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// The outer error rolls back, the inner one commits: a replay must persist its revocation.
pub type Outcome<T> = Result<Result<T, OAuthError>, Internal>;
