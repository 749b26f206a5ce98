//! Audit events: written with the change that they record, numbered and chained in order.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

pub use super::audit_chain::{Verification, verify};
use super::audit_index::{self, Stretch};
use super::tx::Connection;
use super::value::bind;
use super::{Reader, StorageError, Store, Tx, Value, args};
use crate::base::ids::{EventId, UserId};
use crate::base::{Entropy, Timestamp};
use crate::crypto::seal::MasterKey;
use crate::protocol::audit::{Event, Origin};

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

/// A link: its number and its hash. The default stands before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
}

impl Chain {
    /// A chain under this master key.
    #[must_use]
    pub fn new(master: Arc<MasterKey>) -> Self {
        Self(master)
    }

    pub(super) fn next(
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

impl Chain {
    /// What proves that everything up to this link was taken away by us.
    pub(super) fn checkpoint_tag(
        &self,
        link: &Link,
        at: Timestamp,
    ) -> Result<Vec<u8>, StorageError> {
        let parts: [&[u8]; 3] = [
            &link.seq.to_be_bytes(),
            &link.hash,
            &at.micros().to_be_bytes(),
        ];
        let tag = self.0.mac("audit-checkpoint", &parts);
        Ok(tag.map_err(StorageError::unexpected)?.to_vec())
    }

    /// Whether a tag is that.
    pub(super) fn is_checkpoint_tag(
        &self,
        link: &Link,
        at: Timestamp,
        tag: &[u8],
    ) -> Result<bool, StorageError> {
        let parts: [&[u8]; 3] = [
            &link.seq.to_be_bytes(),
            &link.hash,
            &at.micros().to_be_bytes(),
        ];
        let is = self.0.mac_is("audit-checkpoint", &parts, tag);
        is.map_err(StorageError::unexpected)
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
        None => Ok(Link::default()),
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

/// The number of the newest sealed event; 0 if there is none.
///
/// # Errors
/// As the database says.
pub async fn newest_sealed(reader: &mut impl Reader) -> Result<i64, StorageError> {
    Ok(last_link(reader).await?.seq)
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

/// The bodies of the newest events, newest first.
///
/// # Errors
/// As the database says.
pub async fn newest(store: &Store, limit: i64) -> Result<Vec<String>, StorageError> {
    let mut reader = store;
    let page = audit_index::page(&mut reader, &Stretch::default(), limit).await?;
    Ok(page.into_iter().map(|event| event.body).collect())
}
