//! A row of either engine.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};
use uuid::Uuid;

use super::StorageError;
use crate::base::{Digest, Timestamp};

/// A row; columns are read by name.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A column of a plain type.
    pub fn get<T>(&self, column: &str) -> Result<T, StorageError>
    where
        T: for<'r> Decode<'r, Sqlite>
            + Type<Sqlite>
            + for<'r> Decode<'r, Postgres>
            + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub fn text(&self, column: &str) -> Result<String, StorageError> {
        self.get(column)
    }

    pub fn id(&self, column: &str) -> Result<Uuid, StorageError> {
        self.get(column)
    }

    pub fn time(&self, column: &str) -> Result<Timestamp, StorageError> {
        self.get(column).map(Timestamp::from_micros)
    }

    pub fn time_or_null(&self, column: &str) -> Result<Option<Timestamp>, StorageError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_micros))
    }

    pub fn digest(&self, column: &str) -> Result<Digest, StorageError> {
        Digest::from_slice(&self.get::<Vec<u8>>(column)?)
            .ok_or_else(|| StorageError::unexpected(format!("{column} is not a SHA-256")))
    }

    pub fn digest_or_null(&self, column: &str) -> Result<Option<Digest>, StorageError> {
        Ok(self
            .get::<Option<Vec<u8>>>(column)?
            .and_then(|bytes| Digest::from_slice(&bytes)))
    }

    /// A column of JSON text.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, StorageError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|error| StorageError::unexpected(format!("{column}: {error}")))
    }
}
