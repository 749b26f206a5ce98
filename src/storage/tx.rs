//! A transaction of either engine, and what reads need of it.

use std::future::Future;

use sqlx::{PgConnection, SqliteConnection};

use super::value::bind;
use super::{Row, StorageError, Value, audit};

/// Anything that can run a query: a transaction, or the store itself for reads outside of one.
pub trait Reader: Send {
    /// All rows.
    fn rows(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Row>, StorageError>> + Send;

    /// The first row, if there is one.
    fn row(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> impl Future<Output = Result<Option<Row>, StorageError>> + Send {
        async move { Ok(self.rows(sql, args).await?.into_iter().next()) }
    }
}

pub(super) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// An open transaction. Made only by [`super::Store::write`], which commits it.
pub struct Tx<'c> {
    pub(super) connection: Connection<'c>,
    /// Written in one statement just before the commit.
    pub(super) events: Vec<audit::Entry>,
    /// Other nodes are told after the commit.
    pub(super) bumped: Vec<&'static str>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: Connection<'c>) -> Self {
        Self {
            connection,
            events: Vec::new(),
            bumped: Vec::new(),
        }
    }

    /// Runs a statement; the number of rows that it changed.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<u64, StorageError> {
        Ok(match &mut self.connection {
            Connection::Sqlite(c) => bind!(sqlx::query(sql), args)
                .execute(&mut **c)
                .await?
                .rows_affected(),
            Connection::Postgres(c) => bind!(sqlx::query(sql), args)
                .execute(&mut **c)
                .await?
                .rows_affected(),
        })
    }

    /// Adds an audit event to this transaction: it is written if, and only if, the rest is.
    pub fn record(&mut self, entry: audit::Entry) {
        self.events.push(entry);
    }

    /// Says that what other nodes hold of `topic` in memory is stale.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn bump(&mut self, topic: &'static str) -> Result<(), StorageError> {
        self.execute(
            "UPDATE revision SET value = value + 1 WHERE topic = $1",
            super::args![topic],
        )
        .await?;
        if let Connection::Postgres(_) = self.connection {
            // Delivered by PostgreSQL at commit, and only then.
            self.rows("SELECT pg_notify('tessera', $1)", super::args![topic])
                .await?;
        }
        self.bumped.push(topic);
        Ok(())
    }
}

impl Reader for Tx<'_> {
    async fn rows(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError> {
        Ok(match &mut self.connection {
            Connection::Sqlite(c) => bind!(sqlx::query(sql), args)
                .fetch_all(&mut **c)
                .await?
                .into_iter()
                .map(Row::Sqlite)
                .collect(),
            Connection::Postgres(c) => bind!(sqlx::query(sql), args)
                .fetch_all(&mut **c)
                .await?
                .into_iter()
                .map(Row::Postgres)
                .collect(),
        })
    }
}
