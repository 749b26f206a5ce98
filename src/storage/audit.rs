//! Audit events: written with the change that they record, numbered and chained in order.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::tx::Connection;
use super::value::bind;
use super::{Reader, Row, StorageError, Store, Tx, Value, args};
use crate::base::ids::{EventId, UserId};
use crate::base::{Entropy, Timestamp};
use crate::crypto::seal::MasterKey;
use crate::protocol::audit::{Event, Kind, Origin};

/// An event in the form in which it is stored.
#[derive(Clone, Debug)]
pub struct Entry {
    id: EventId,
    at: Timestamp,
    kind: &'static str,
    body: String,
    /// Whose account page shows it.
    user_id: Option<UserId>,
}

impl Entry {
    /// Gives an event its id and its place in time.
    #[must_use]
    pub fn new(event: &Event, origin: &Origin, now: Timestamp, entropy: &Entropy) -> Self {
        let id = EventId::new(now, entropy);
        Self {
            id,
            at: now,
            kind: event.kind().as_str(),
            body: event.to_json(id, now, origin),
            user_id: event.whose(),
        }
    }
}

/// Computes the hash of an event over the one before: HMAC-SHA-256 under a key derived from the
/// master key, so that who can write to the database alone cannot forge a chain that verifies.
#[derive(Clone)]
pub struct Chain(Arc<MasterKey>);

/// The last link: its number and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    seq: i64,
    hash: Vec<u8>,
}

impl Chain {
    /// A chain under this master key.
    #[must_use]
    pub fn new(master: Arc<MasterKey>) -> Self {
        Self(master)
    }

    fn next(
        &self,
        last: &Link,
        id: uuid::Uuid,
        at: Timestamp,
        kind: &str,
        body: &str,
    ) -> Result<Link, StorageError> {
        let seq = last.seq + 1;
        let mac = self.0.mac(
            "audit-chain",
            &[
                &last.hash,
                &seq.to_be_bytes(),
                id.as_bytes(),
                &at.micros().to_be_bytes(),
                kind.as_bytes(),
                body.as_bytes(),
            ],
        );
        Ok(Link {
            seq,
            hash: mac.map_err(StorageError::unexpected)?.to_vec(),
        })
    }
}

async fn last_link(reader: &mut impl Reader) -> Result<Link, StorageError> {
    let row = reader
        .row(
            "SELECT seq, hash FROM audit_event WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1",
            vec![],
        )
        .await?;
    match row {
        Some(row) => Ok(Link {
            seq: row.get("seq")?,
            hash: row.get("hash")?,
        }),
        None => Ok(Link {
            seq: 0,
            hash: Vec::new(),
        }),
    }
}

/// Rows of one INSERT: 7 parameters each, far below the limits of both engines.
const ROWS: usize = 64;
const COLUMNS: usize = 7;

/// Writes events, chained at once where the caller holds the only write lock (SQLite).
pub(super) async fn append(
    tx: &mut Tx<'_>,
    entries: &[Entry],
    chain: Option<&Chain>,
) -> Result<(), StorageError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut last = match chain {
        Some(_) => Some(last_link(tx).await?),
        None => None,
    };
    for chunk in entries.chunks(ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * COLUMNS);
        for entry in chunk {
            if let (Some(chain), Some(link)) = (chain, &last) {
                last = Some(chain.next(link, entry.id.0, entry.at, entry.kind, &entry.body)?);
            }
            let (seq, hash) = match &last {
                Some(link) => (Some(link.seq), Some(link.hash.clone())),
                None => (None, None),
            };
            values.extend(args![
                entry.id.0,
                entry.at,
                entry.kind,
                entry.body.as_str(),
                seq
            ]);
            values.push(Value::Blob(hash));
            values.push(Value::Id(entry.user_id.map(|id| id.0)));
        }
        insert_rows(tx, chunk.len(), values).await?;
    }
    Ok(())
}

async fn insert_rows(tx: &mut Tx<'_>, rows: usize, values: Vec<Value>) -> Result<(), StorageError> {
    let mut sql =
        "INSERT INTO audit_event (id, at, kind, body, seq, hash, user_id) VALUES ".to_owned();
    for row in 0..rows {
        let first = row * COLUMNS;
        let comma = if row == 0 { "" } else { "," };
        let places: Vec<String> = (1..=COLUMNS).map(|i| format!("${}", first + i)).collect();
        sql.extend([comma, "(", &places.join(","), ")"]);
    }
    // Made of fixed text and numbers only.
    let sql = AssertSqlSafe(sql);
    match &mut tx.connection {
        Connection::Sqlite(c) => {
            bind!(sqlx::query(sql), values).execute(&mut **c).await?;
        }
        Connection::Postgres(c) => {
            bind!(sqlx::query(sql), values).execute(&mut **c).await?;
        }
    }
    Ok(())
}

/// Seals what is not sealed yet. One node at a time: the row lock on `setting` orders them.
pub(super) async fn seal_pending(tx: &mut Tx<'_>, chain: &Chain) -> Result<u64, StorageError> {
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ('audit-seal', '') \
         ON CONFLICT (name) DO UPDATE SET value = ''",
        vec![],
    )
    .await?;
    let mut last = last_link(tx).await?;
    let pending = tx
        .rows(
            "SELECT id, at, kind, body FROM audit_event WHERE seq IS NULL ORDER BY id LIMIT 1000",
            vec![],
        )
        .await?;
    let count = pending.len() as u64;
    for row in pending {
        let id = row.id("id")?;
        last = chain.next(
            &last,
            id,
            row.time("at")?,
            &row.text("kind")?,
            &row.text("body")?,
        )?;
        tx.execute(
            "UPDATE audit_event SET seq = $1, hash = $2 WHERE id = $3",
            args![last.seq, last.hash.clone(), id],
        )
        .await?;
    }
    Ok(count)
}

/// Whether events wait for their seal: cheap to ask, by a partial index.
///
/// # Errors
/// As the database says.
pub async fn any_unsealed(reader: &mut impl Reader) -> Result<bool, StorageError> {
    Ok(reader
        .row(
            "SELECT id FROM audit_event WHERE seq IS NULL LIMIT 1",
            vec![],
        )
        .await?
        .is_some())
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many sealed events were checked.
    pub checked: u64,
    /// How many events wait for their seal.
    pub unsealed: u64,
    /// The first sequence number at which the chain does not hold, and why.
    pub broken_at: Option<(i64, &'static str)>,
}

/// Walks the whole chain from its first event.
///
/// # Errors
/// As the database says; a broken chain is a result, not an error.
pub async fn verify(store: &Store, chain: &Chain) -> Result<Verification, StorageError> {
    let mut reader = store;
    let mut last = Link {
        seq: 0,
        hash: Vec::new(),
    };
    let mut checked = 0;
    let mut broken_at = None;
    'walk: loop {
        let page = reader
            .rows(
                "SELECT id, at, kind, body, seq, hash FROM audit_event \
                 WHERE seq > $1 ORDER BY seq LIMIT 1000",
                args![last.seq],
            )
            .await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            match follow(chain, &last, &row)? {
                Ok(link) => last = link,
                Err(broken) => {
                    broken_at = Some(broken);
                    break 'walk;
                }
            }
            checked += 1;
        }
    }
    let unsealed = reader
        .row(
            "SELECT count(*) AS n FROM audit_event WHERE seq IS NULL",
            vec![],
        )
        .await?
        .map_or(Ok(0), |row| row.get::<i64>("n"))?;
    Ok(Verification {
        checked,
        unsealed: u64::try_from(unsealed).unwrap_or(0),
        broken_at,
    })
}

fn follow(
    chain: &Chain,
    last: &Link,
    row: &Row,
) -> Result<Result<Link, (i64, &'static str)>, StorageError> {
    let seq: i64 = row.get("seq")?;
    if seq != last.seq + 1 {
        return Ok(Err((last.seq + 1, "an event is missing")));
    }
    let (kind, body) = (row.text("kind")?, row.text("body")?);
    let link = chain.next(last, row.id("id")?, row.time("at")?, &kind, &body)?;
    if link.hash == row.get::<Vec<u8>>("hash")? {
        Ok(Ok(link))
    } else {
        Ok(Err((seq, "the event or its hash was changed")))
    }
}

/// Which events to list. What is not said does not limit.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// This instant and later.
    pub since: Option<Timestamp>,
    /// Older than this event: where the page before ended.
    pub before: Option<EventId>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Done by this actor, by its name in the log.
    pub actor: Option<String>,
}

/// An event as it is read.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id, which the next page goes on from.
    pub id: EventId,
    /// The JSON object that was recorded.
    pub body: String,
}

/// At most `limit` events, newest first.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Stored>, StorageError> {
    // As it stands in the body: a quotation mark in any value is escaped there, so that nothing that
    // somebody typed looks like it. `replace` tells upper case from lower on both engines.
    let actor = filter.actor.as_ref().map_or_else(String::new, |actor| {
        format!("\"actor\":{}", serde_json::Value::from(actor.as_str()))
    });
    let rows = reader
        .rows(
            "SELECT id, body FROM audit_event WHERE id < $1 AND id >= $2 AND at >= $3 \
             AND ($4 = '' OR kind = $4) AND ($5 = '' OR replace(body, $5, '') <> body) \
             ORDER BY id DESC LIMIT $6",
            args![
                filter.before.map_or(uuid::Uuid::max(), |id| id.0),
                filter
                    .since
                    .map_or(uuid::Uuid::nil(), |at| EventId::earliest(at).0),
                filter.since.unwrap_or(Timestamp::from_micros(0)),
                filter.kind.map_or("", Kind::as_str),
                actor,
                limit
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let id = EventId(row.id("id")?);
            let body = row.text("body")?;
            Ok(Stored { id, body })
        })
        .collect()
}

/// The bodies of the newest events, newest first.
///
/// # Errors
/// As the database says.
pub async fn newest(store: &Store, limit: i64) -> Result<Vec<String>, StorageError> {
    let mut reader = store;
    let page = page(&mut reader, &Filter::default(), limit).await?;
    Ok(page.into_iter().map(|event| event.body).collect())
}
