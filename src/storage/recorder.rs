//! Events that belong to no transaction (a stateless token) are written in groups, and each caller
//! waits for its group: no token leaves without its record, and not every one costs a commit.
//!
//! On SQLite the one writer does this; here is what PostgreSQL needs.

use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use super::StorageError;
use super::audit::{self, Entry};
use super::tx::{Connection, Tx};

/// An event and who waits for it.
pub(super) type Waiting = (Entry, oneshot::Sender<Result<(), StorageError>>);

/// How many events one commit may carry.
const GROUP: usize = 256;

/// Serves the queue until every [`super::Store`] is gone.
pub(super) async fn run(pool: PgPool, mut queue: mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        let (entries, waiting): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        let failure = write(&pool, &entries)
            .await
            .err()
            .map(|error| error.to_string());
        for answer in waiting {
            // A caller that hung up does not matter: its event is written.
            drop(answer.send(match &failure {
                None => Ok(()),
                Some(reason) => Err(StorageError::Unavailable(reason.clone())),
            }));
        }
    }
}

async fn write(pool: &PgPool, entries: &[Entry]) -> Result<(), StorageError> {
    let mut transaction = pool.begin().await?;
    let mut tx = Tx::new(Connection::Postgres(&mut transaction));
    audit::append(&mut tx, entries, None).await?;
    transaction.commit().await?;
    Ok(())
}
