//! Opens the two engines.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, PgPool, SqlitePool};

use super::StorageError;

/// How long SQLite waits for another process that writes.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// How the database is reached: `sqlite:PATH` or `postgres://...`.
pub(super) enum Target {
    Sqlite(PathBuf, SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

pub(super) fn target(url: &str) -> Result<Target, StorageError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
        let options = SqliteConnectOptions::new()
            .filename(&path)
            // Made by `make_file`, for its mode; a file that vanishes is not replaced by an empty one.
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an answered token survives a power cut. One fsync serves a whole batch.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // The command line writes beside a running server: wait for it, do not fail.
            .busy_timeout(BUSY)
            .pragma("wal_autocheckpoint", "4000")
            .pragma("journal_size_limit", "67108864")
            .disable_statement_logging();
        return Ok(Target::Sqlite(path, options));
    }
    PgConnectOptions::from_str(url)
        .map(|options| Target::Postgres(options.disable_statement_logging()))
        .map_err(|error| StorageError::unexpected(format!("database.url: {error}")))
}

/// The folder of an SQLite file, made where it is missing and closed to other users.
pub(super) fn make_folder(file: &Path) -> Result<(), StorageError> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => return Ok(()),
    };
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| StorageError::Unavailable(format!("{}: {error}", folder.display())))
}

/// The SQLite file, made where it is missing and closed to other users: it holds password hashes.
/// SQLite gives the files beside it (`-wal`, `-shm`) the same mode.
pub(super) fn make_file(file: &Path) -> Result<(), StorageError> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .map(drop)
        .map_err(|error| StorageError::Unavailable(format!("{}: {error}", file.display())))
}

pub(super) fn sqlite_readers(options: SqliteConnectOptions, connections: u32) -> SqlitePool {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .connect_lazy_with(options.pragma("query_only", "on"))
}

pub(super) fn postgres_pool(
    options: PgConnectOptions,
    connections: u32,
    acquire_timeout: Duration,
) -> PgPool {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(acquire_timeout)
        .connect_lazy_with(options)
}
