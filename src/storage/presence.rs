//! Whether there is a Tessera in a database, found out without leaving a trace.

use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, Connection as _};

use super::StorageError;
use super::engine::{self, Target};

/// What a database URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A Tessera, of this version or another.
    Here,
    /// There is no such file; its absolute path.
    NoFile(PathBuf),
    /// A database without our schema.
    Empty,
}

/// Looks whether the database at `url` holds a Tessera. Makes nothing and changes nothing.
///
/// # Errors
/// If it cannot be told: no connection, or a file that is no database.
pub async fn look(url: &str) -> Result<Presence, StorageError> {
    let found: Option<i64> = match engine::target(url)? {
        Target::Sqlite(path, _) if !path.exists() => {
            return Ok(Presence::NoFile(absolute(&path)));
        }
        Target::Sqlite(path, _) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(path)
                .busy_timeout(engine::BUSY)
                .disable_statement_logging();
            let mut connection = options.connect().await?;
            let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'signing_key'";
            let found = sqlx::query_scalar(sql)
                .fetch_optional(&mut connection)
                .await;
            connection.close().await?;
            found?
        }
        Target::Postgres(options) => {
            let mut connection = options.connect().await?;
            let sql = "SELECT 1::bigint WHERE to_regclass('signing_key') IS NOT NULL";
            let found = sqlx::query_scalar(sql)
                .fetch_optional(&mut connection)
                .await;
            connection.close().await?;
            found?
        }
    };
    Ok(if found.is_some() {
        Presence::Here
    } else {
        Presence::Empty
    })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
