//! What can go wrong underneath, sorted by what the caller can do about it.

/// A storage failure. Never shown to an outsider.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database cannot be reached, is full or is overloaded: try again later (503).
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A unique value is taken.
    #[error("the value is taken already")]
    Conflict,
    /// Another row needs this one, or one that it names is not there.
    #[error("something belongs to it, or what it belongs to is gone")]
    InUse,
    /// A row does not hold what it must; a defect or foreign hands.
    #[error("the database holds something unexpected: {0}")]
    Unexpected(String),
}

impl StorageError {
    /// A row that does not hold what it must.
    pub fn unexpected(what: impl std::fmt::Display) -> Self {
        Self::Unexpected(what.to_string())
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Conflict,
            sqlx::Error::Database(database) if database.is_foreign_key_violation() => Self::InUse,
            sqlx::Error::Database(database) if is_passing(database.code().as_deref()) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Unexpected(error.to_string()),
        }
    }
}

/// SQLite result codes and PostgreSQL SQLSTATE classes that mean "not now" rather than "never".
fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    if let Ok(sqlite) = code.parse::<u32>()
        && code.len() < 5
    {
        // BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN; extended codes keep the low byte.
        return matches!(sqlite & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14);
    }
    // Connection exception, transaction rollback (serialisation, deadlock), insufficient
    // resources, operator intervention, system error, lock not available, read-only.
    ["08", "40", "53", "57", "58"]
        .iter()
        .any(|class| code.starts_with(class))
        || matches!(code, "55P03" | "25006")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_lost_server_are_passing_and_a_syntax_error_is_not() {
        for code in [
            "13", "5", "1034", "3338", "57P01", "40001", "53300", "08006", "40P01",
        ] {
            assert!(is_passing(Some(code)), "{code}");
        }
        for code in ["1", "19", "42601", "23505"] {
            assert!(!is_passing(Some(code)), "{code}");
        }
    }
}
