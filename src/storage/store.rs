//! The door to the database.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions as _, Connection as _, PgPool, SqlitePool};
use tokio::sync::{mpsc, oneshot, watch};

use super::audit::{self, Chain};
use super::engine::{self, Target};
use super::tx::Connection;
use super::value::bind;
use super::writer::{Job, Outcome, QUEUE, Writer};
use super::{Reader, Row, StorageError, Tx, Value, recorder};

static SQLITE_STEPS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_STEPS: Migrator = sqlx::migrate!("migrations/postgres");

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Engine>);

pub(super) enum Engine {
    Sqlite {
        readers: SqlitePool,
        jobs: mpsc::Sender<Job>,
        stop: watch::Sender<bool>,
        options: Box<sqlx::sqlite::SqliteConnectOptions>,
        path: std::path::PathBuf,
    },
    Postgres {
        pool: PgPool,
        chain: Chain,
        records: mpsc::Sender<recorder::Waiting>,
    },
}

/// How long a caller waits for its turn to write before it is told "not now".
const PATIENCE: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://...`). Nothing is connected yet
    /// but the writer's task; call [`Store::migrate`] before use.
    ///
    /// # Errors
    /// For a URL that cannot be read, or a folder or file that cannot be made.
    pub fn open(
        url: &str,
        max_connections: u32,
        acquire_timeout: Duration,
        chain: Chain,
    ) -> Result<Self, StorageError> {
        let engine = match engine::target(url)? {
            Target::Sqlite(path, options) => {
                engine::make_folder(&path)?;
                engine::make_file(&path)?;
                let (jobs, queue) = mpsc::channel(QUEUE);
                let writer = Writer {
                    options: options.clone(),
                    chain,
                };
                let (stop, stopped) = watch::channel(false);
                tokio::spawn(writer.run(queue, stopped));
                Engine::Sqlite {
                    readers: engine::sqlite_readers(options.clone(), max_connections),
                    jobs,
                    stop,
                    options: Box::new(options),
                    path,
                }
            }
            Target::Postgres(options) => {
                let pool = engine::postgres_pool(options, max_connections, acquire_timeout);
                let (records, queue) = mpsc::channel(QUEUE);
                tokio::spawn(recorder::run(pool.clone(), queue));
                Engine::Postgres {
                    pool,
                    chain,
                    records,
                }
            }
        };
        Ok(Self(Arc::new(engine)))
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.0
    }

    /// Brings the schema up to date. Steps only expand; a node of the version before keeps working.
    ///
    /// # Errors
    /// If the database cannot be reached, or is newer than this program knows.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        let result = match self.engine() {
            Engine::Sqlite { options, .. } => {
                let mut connection = options.connect().await?;
                let result = SQLITE_STEPS.run(&mut connection).await;
                connection.close().await?;
                result
            }
            Engine::Postgres { pool, .. } => POSTGRES_STEPS.run(pool).await,
        };
        result.map_err(|error| StorageError::Unavailable(format!("migration: {error}")))
    }

    /// Runs `work` in one transaction and commits it if it returns `Ok`. It runs to its end also
    /// when the caller is gone: nothing is left half-done by a client that hangs up.
    ///
    /// # Errors
    /// What `work` returns (rolled back), or that the database did not commit (nothing happened).
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match self.engine() {
            Engine::Sqlite { jobs, .. } => write_sqlite(jobs, work).await,
            Engine::Postgres { pool, .. } => {
                let pool = pool.clone();
                let task = tokio::spawn(async move { write_postgres(&pool, work).await });
                match task.await {
                    Ok(result) => result,
                    Err(error) => Err(StorageError::unexpected(error).into()),
                }
            }
        }
    }

    /// Writes an event that belongs to no transaction, together with others that wait.
    ///
    /// # Errors
    /// If it was not committed.
    pub async fn record(&self, entry: audit::Entry) -> Result<(), StorageError> {
        let not_now = |why: &str| StorageError::Unavailable(why.to_owned());
        let (answer, result) = oneshot::channel();
        let queued = match self.engine() {
            Engine::Sqlite { jobs, .. } => {
                let finish = Box::new(move |committed| drop(answer.send(committed)));
                let job = Job::Record(entry, finish);
                jobs.send_timeout(job, PATIENCE).await.is_ok()
            }
            Engine::Postgres { records, .. } => {
                let waiting = (entry, answer);
                records.send_timeout(waiting, PATIENCE).await.is_ok()
            }
        };
        if !queued {
            return Err(not_now("too many writes are waiting"));
        }
        result
            .await
            .unwrap_or_else(|_| Err(not_now("the write was dropped")))
    }

    /// Lets go of the database. SQLite then keeps everything in its one file, if no other process
    /// has it open. For the end of a process: nothing else may be asked of the store any more.
    pub async fn close(&self) {
        let closed = match self.engine() {
            Engine::Sqlite { readers, stop, .. } => {
                let all = async {
                    // The last connection to go empties the log: it must be one that may write.
                    readers.close().await;
                    stop.send_replace(true);
                    stop.closed().await;
                };
                tokio::time::timeout(PATIENCE, all).await
            }
            Engine::Postgres { pool, .. } => tokio::time::timeout(PATIENCE, pool.close()).await,
        };
        if closed.is_err() {
            tracing::warn!("the database was not closed in time; nothing is lost");
        }
    }

    /// Asks the database for an answer, on a real connection.
    ///
    /// # Errors
    /// If it does not give one.
    pub async fn ping(&self) -> Result<(), StorageError> {
        let mut reader = self;
        reader
            .row("SELECT value FROM revision WHERE topic = 'keys'", vec![])
            .await?
            .map(|_| ())
            .ok_or_else(|| StorageError::unexpected("the schema is missing"))
    }

    /// Assigns sequence numbers and chained hashes to events that have none yet (PostgreSQL; the
    /// writer of SQLite does it at once). Returns how many.
    ///
    /// # Errors
    /// As the database says.
    pub async fn seal_audit(&self) -> Result<u64, StorageError> {
        let Engine::Postgres { chain, .. } = self.engine() else {
            return Ok(0);
        };
        let chain = chain.clone();
        self.write(move |tx| Box::pin(async move { audit::seal_pending(tx, &chain).await }))
            .await
    }

    /// Which engine this is, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.engine() {
            Engine::Sqlite { path, .. } => format!("SQLite, {}", path.display()),
            Engine::Postgres { pool, .. } => {
                let options = pool.connect_options();
                format!("PostgreSQL, {}:{}", options.get_host(), options.get_port())
            }
        }
    }
}

async fn write_sqlite<T, E, F>(jobs: &mpsc::Sender<Job>, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (answer, result) = oneshot::channel();
    let job = Job::Write(Box::new(move |tx| {
        Box::pin(async move {
            let result = work(tx).await;
            Outcome {
                keep: result.is_ok(),
                finish: Box::new(move |committed| {
                    let result = match committed {
                        Ok(()) => result,
                        Err(error) => Err(error.into()),
                    };
                    drop(answer.send(result));
                }),
            }
        })
    }));
    let not_now = |why: &str| E::from(StorageError::Unavailable(why.to_owned()));
    match jobs.send_timeout(job, PATIENCE).await {
        Ok(()) => result
            .await
            .unwrap_or_else(|_| Err(not_now("the write was dropped"))),
        Err(_) => Err(not_now("too many writes are waiting")),
    }
}

async fn write_postgres<T, E, F>(pool: &PgPool, work: F) -> Result<T, E>
where
    E: From<StorageError>,
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<T, E>>,
{
    let mut transaction = pool.begin().await.map_err(StorageError::from)?;
    let mut tx = Tx::new(Connection::Postgres(&mut transaction));
    let value = work(&mut tx).await?;
    let events = std::mem::take(&mut tx.events);
    // Sealed later, in order, by one node: a chain inside every commit would queue all of them.
    audit::append(&mut tx, &events, None).await?;
    transaction.commit().await.map_err(StorageError::from)?;
    Ok(value)
}

impl Reader for &Store {
    async fn rows(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError> {
        Ok(match self.engine() {
            Engine::Sqlite { readers, .. } => bind!(sqlx::query(sql), args)
                .fetch_all(readers)
                .await?
                .into_iter()
                .map(Row::Sqlite)
                .collect(),
            Engine::Postgres { pool, .. } => bind!(sqlx::query(sql), args)
                .fetch_all(pool)
                .await?
                .into_iter()
                .map(Row::Postgres)
                .collect(),
        })
    }
}
