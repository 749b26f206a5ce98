//! Notices what another process wrote: LISTEN/NOTIFY on PostgreSQL, `PRAGMA data_version` on
//! SQLite, and on both the `revision` table for what exactly changed.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};
use tokio::sync::mpsc;

use super::store::Engine;
use super::{Reader, StorageError, Store};

/// How often SQLite is asked. `PRAGMA data_version` reads one page header: microseconds.
const POLL: Duration = Duration::from_millis(200);

/// How long to wait before the next try when the database is away.
const RETRY: Duration = Duration::from_millis(500);

/// PostgreSQL is asked this often even when it says nothing: a lost notification heals.
const HEAL: Duration = Duration::from_secs(5);

/// Sends the name of each topic whose rows were changed by anybody, until the receiver is gone.
pub async fn watch(store: Store, changes: mpsc::Sender<String>) {
    let mut seen = HashMap::new();
    loop {
        let result = match store.engine() {
            Engine::Sqlite { options, .. } => {
                watch_sqlite(&store, options, &changes, &mut seen).await
            }
            Engine::Postgres { pool, .. } => {
                watch_postgres(&store, pool, &changes, &mut seen).await
            }
        };
        match result {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, "cannot watch the database for changes; trying again");
                tokio::time::sleep(RETRY).await;
            }
        }
        if changes.is_closed() {
            return;
        }
    }
}

/// Tells what changed since the last call; false when nobody listens any more.
async fn tell(
    store: &Store,
    changes: &mpsc::Sender<String>,
    seen: &mut HashMap<String, i64>,
) -> Result<bool, StorageError> {
    let mut reader = store;
    for row in reader
        .rows("SELECT topic, value FROM revision", vec![])
        .await?
    {
        let (topic, value): (String, i64) = (row.text("topic")?, row.get("value")?);
        let before = seen.insert(topic.clone(), value);
        // The first look counts as a change: it may have happened before we began to watch.
        if before != Some(value) && changes.send(topic).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn watch_sqlite(
    store: &Store,
    options: &sqlx::sqlite::SqliteConnectOptions,
    changes: &mpsc::Sender<String>,
    seen: &mut HashMap<String, i64>,
) -> Result<(), StorageError> {
    let mut connection: SqliteConnection = options.connect().await?;
    let result = poll_sqlite(store, &mut connection, changes, seen).await;
    // Not only dropped: the last connection to go is to be the writer's.
    connection.close().await?;
    result
}

async fn poll_sqlite(
    store: &Store,
    connection: &mut SqliteConnection,
    changes: &mpsc::Sender<String>,
    seen: &mut HashMap<String, i64>,
) -> Result<(), StorageError> {
    let mut version = None;
    loop {
        let row = sqlx::query("PRAGMA data_version")
            .fetch_one(&mut *connection)
            .await?;
        let now: i64 = row.try_get(0)?;
        if version != Some(now) {
            if !tell(store, changes, seen).await? {
                return Ok(());
            }
            version = Some(now);
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = changes.closed() => return Ok(()),
        }
    }
}

async fn watch_postgres(
    store: &Store,
    pool: &sqlx::PgPool,
    changes: &mpsc::Sender<String>,
    seen: &mut HashMap<String, i64>,
) -> Result<(), StorageError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("tessera").await?;
    loop {
        if !tell(store, changes, seen).await? {
            return Ok(());
        }
        tokio::select! {
            // `None`: the connection was lost and is new; what was missed is found by `tell`.
            notification = listener.try_recv() => drop(notification?),
            () = tokio::time::sleep(HEAL) => {}
            () = changes.closed() => return Ok(()),
        }
    }
}
