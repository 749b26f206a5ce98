//! The one writer of SQLite: it drains a queue and commits many requests together, each in its own
//! savepoint. Durable, and not one fsync each.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::{mpsc, watch};

use super::StorageError;
use super::audit::{self, Chain};
use super::tx::{Connection, Tx};

/// Called once when the fate of the whole batch is known.
pub(super) type Finish = Box<dyn FnOnce(Result<(), StorageError>) + Send>;

/// What a job leaves behind: whether its savepoint stays, and whom to tell.
pub(super) struct Outcome {
    pub keep: bool,
    pub finish: Finish,
}

/// One caller's transaction.
pub(super) type Work = Box<dyn for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Outcome> + Send>;

/// What waits in the queue.
pub(super) enum Job {
    /// A transaction, in a savepoint of its own.
    Write(Work),
    /// An event that belongs to no transaction: nothing can fail but the batch.
    Record(audit::Entry, Finish),
}

/// How many callers may wait. More would only time out later: they get 503 at once.
pub(super) const QUEUE: usize = 4096;

/// How many requests one commit may carry; bounds the time until the first of them is answered.
const BATCH: usize = 256;

pub(super) struct Writer {
    pub options: SqliteConnectOptions,
    pub chain: Chain,
}

impl Writer {
    /// Serves the queue until every [`super::Store`] is gone or `stop` says so; what waits then is
    /// still written. A broken connection is replaced.
    pub async fn run(self, mut queue: mpsc::Receiver<Job>, mut stop: watch::Receiver<bool>) {
        let mut connection: Option<SqliteConnection> = None;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let taken = tokio::select! {
                taken = queue.recv_many(&mut batch, BATCH) => taken,
                () = requested(&mut stop), if !queue.is_closed() => {
                    queue.close();
                    continue;
                }
            };
            if taken == 0 {
                break;
            }
            let mut open = match connection.take() {
                Some(open) => open,
                None => match self.options.connect().await {
                    Ok(open) => open,
                    Err(error) => {
                        let error = StorageError::from(error);
                        tracing::error!(%error, "the database cannot be opened for writing");
                        // Dropped jobs drop their answer channel: the caller sees "unavailable".
                        batch.clear();
                        continue;
                    }
                },
            };
            if self.commit_together(&mut open, batch.drain(..)).await {
                connection = Some(open);
            } else {
                // The state of this connection is unknown: closing it rolls back what was open.
                drop(open.close().await);
            }
        }
        if let Some(mut open) = connection {
            // Into the database's own file. Fails while another process reads, and is then left to
            // that one.
            drop(run(&mut open, "PRAGMA wal_checkpoint(TRUNCATE)").await);
            drop(open.close().await);
        }
    }

    /// Runs the jobs in one transaction; false if the connection can no longer be trusted.
    async fn commit_together(
        &self,
        connection: &mut SqliteConnection,
        jobs: impl Iterator<Item = Job>,
    ) -> bool {
        let mut waiting: Vec<Finish> = Vec::new();
        let result = self.run_jobs(connection, jobs, &mut waiting).await;
        let healthy = result.is_ok();
        let failure = result.err().map(|error| error.to_string());
        if let Some(failure) = &failure {
            tracing::error!(error = %failure, "a batch of writes was rolled back");
        }
        for finish in waiting {
            finish(match &failure {
                None => Ok(()),
                Some(reason) => Err(StorageError::Unavailable(reason.clone())),
            });
        }
        healthy
    }

    async fn run_jobs(
        &self,
        connection: &mut SqliteConnection,
        jobs: impl Iterator<Item = Job>,
        waiting: &mut Vec<Finish>,
    ) -> Result<(), StorageError> {
        run(connection, "BEGIN IMMEDIATE").await?;
        let mut events = Vec::new();
        for job in jobs {
            match job {
                Job::Record(entry, finish) => {
                    events.push(entry);
                    waiting.push(finish);
                }
                Job::Write(work) => run_one(connection, work, &mut events, waiting).await?,
            }
        }
        let mut tx = Tx::new(Connection::Sqlite(connection));
        audit::append(&mut tx, &events, Some(&self.chain)).await?;
        run(connection, "COMMIT").await
    }
}

async fn requested(stop: &mut watch::Receiver<bool>) {
    // An error means that the store is gone: also an end.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Runs one transaction in its savepoint.
async fn run_one(
    connection: &mut SqliteConnection,
    work: Work,
    events: &mut Vec<audit::Entry>,
    waiting: &mut Vec<Finish>,
) -> Result<(), StorageError> {
    run(connection, "SAVEPOINT request").await?;
    let mut tx = Tx::new(Connection::Sqlite(connection));
    let outcome = AssertUnwindSafe(work(&mut tx)).catch_unwind().await;
    let mut recorded = std::mem::take(&mut tx.events);
    if outcome.as_ref().is_ok_and(|outcome| outcome.keep) {
        events.append(&mut recorded);
    } else {
        // Fails if a full disk made SQLite roll back everything: then the batch is void.
        run(connection, "ROLLBACK TO request").await?;
    }
    run(connection, "RELEASE request").await?;
    // A panicking job has dropped its answer channel, and its caller knows by that.
    if let Ok(outcome) = outcome {
        waiting.push(outcome.finish);
    }
    Ok(())
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StorageError> {
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}
