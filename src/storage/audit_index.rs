//! Reading the audit log, newest first: all of it, or by the words that an index knows.
//!
//! The index follows the chain: what was sealed after [`Unindexed`] began, or is not sealed yet, is read as it is.

use std::cmp::Reverse;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::tx::Connection;
use super::value::bind;
use super::{Reader, Row, StorageError, Tx, Value, args};
use crate::base::Timestamp;
use crate::base::ids::EventId;
use crate::protocol::audit_search::Term;

/// An event as it is read.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id, which the next page goes on from.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// The name of its kind.
    pub kind: String,
    /// Its number in the chain, once it is sealed.
    pub seq: Option<i64>,
    /// The link of the chain.
    pub hash: Option<Vec<u8>>,
    /// The JSON object that was recorded.
    pub body: String,
}

impl Stored {
    pub(super) fn read(row: &Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: EventId(row.id("id")?),
            at: row.time("at")?,
            kind: row.text("kind")?,
            seq: row.get("seq")?,
            hash: row.get("hash")?,
            body: row.text("body")?,
        })
    }
}

/// A part of the log, by time and by where the page before ended.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// This instant and later.
    pub since: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
    /// Older than this event.
    pub before: Uuid,
}

impl Default for Stretch {
    /// All of it.
    fn default() -> Self {
        Self {
            since: Timestamp::from_micros(0),
            until: Timestamp::from_micros(i64::MAX),
            before: Uuid::max(),
        }
    }
}

impl Stretch {
    /// Where it begins among the ids, which hold the time to the millisecond.
    pub(super) fn from(&self) -> Uuid {
        EventId::earliest(self.since).0
    }

    /// Whether an event lies in it.
    #[must_use]
    pub fn holds(&self, event: &Stored) -> bool {
        event.id.0 < self.before && event.at >= self.since && event.at < self.until
    }
}

const PAGE: &str = "SELECT id, at, kind, seq, hash, body FROM audit_event \
     WHERE id < $1 AND id >= $2 AND at >= $3 AND at < $4 ORDER BY id DESC LIMIT $5";

const OF_TERM: &str = "SELECT e.id, e.at, e.kind, e.seq, e.hash, e.body \
     FROM audit_term t JOIN audit_event e ON e.id = t.id \
     WHERE t.term = $1 AND t.id < $2 AND t.id >= $3 ORDER BY t.id DESC LIMIT $4";

const HOW_MANY: &str = "SELECT count(*) AS n FROM \
     (SELECT 1 AS one FROM audit_term WHERE term = $1 AND id < $2 AND id >= $3 LIMIT $4) AS few";

const UNSEALED: &str =
    "SELECT id, at, kind, seq, hash, body FROM audit_event WHERE seq IS NULL LIMIT $1";

const SEALED: &str =
    "SELECT id, at, kind, seq, hash, body FROM audit_event WHERE seq > $1 ORDER BY seq LIMIT $2";

const OUT: &str = "DELETE FROM audit_term WHERE term = $1 AND id = $2";

/// At most `limit` events, newest first.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    of: &Stretch,
    limit: i64,
) -> Result<Vec<Stored>, StorageError> {
    let args = args![of.before, of.from(), of.since, of.until, limit];
    let rows = reader.rows(PAGE, args).await?;
    rows.iter().map(Stored::read).collect()
}

/// At most `limit` events that have this word, newest first; those that the index does not know are missing, and
/// the time is right to the millisecond only.
///
/// # Errors
/// As the database says.
pub async fn of_term(
    reader: &mut impl Reader,
    term: Term,
    of: &Stretch,
    limit: i64,
) -> Result<Vec<Stored>, StorageError> {
    let args = args![term.stored(), of.before, of.from(), limit];
    let rows = reader.rows(OF_TERM, args).await?;
    rows.iter().map(Stored::read).collect()
}

/// The word of which there is least, and how many there are; none is counted further than `enough`.
///
/// # Errors
/// As the database says.
pub async fn rarest(
    reader: &mut impl Reader,
    terms: &[Term],
    of: &Stretch,
    enough: i64,
) -> Result<Option<(i64, Term)>, StorageError> {
    let mut best: Option<(i64, Term)> = None;
    for &term in terms {
        let most = best.map_or(enough, |(n, _)| n);
        let args = args![term.stored(), of.before, of.from(), most];
        let row = reader.row(HOW_MANY, args).await?;
        let n = row.map_or(Ok(0), |row| row.get::<i64>("n"))?;
        if best.is_none_or(|(least, _)| n < least) {
            best = Some((n, term));
        }
    }
    Ok(best)
}

/// Up to which sealed event the index is made.
///
/// # Errors
/// As the database says.
pub async fn position(reader: &mut impl Reader) -> Result<i64, StorageError> {
    reader
        .row("SELECT seq FROM audit_indexed WHERE one = 1", vec![])
        .await?
        .map_or(Ok(0), |row| row.get("seq"))
}

/// Sealed events after `seq`, at most `limit`, in the order of the chain.
///
/// # Errors
/// As the database says.
pub async fn sealed_after(
    reader: &mut impl Reader,
    seq: i64,
    limit: i64,
) -> Result<Vec<Stored>, StorageError> {
    let rows = reader.rows(SEALED, args![seq, limit]).await?;
    rows.iter().map(Stored::read).collect()
}

/// Every event that the index does not know, newest first; `None` if there are more than `limit` of them.
///
/// # Errors
/// As the database says.
pub async fn unindexed(
    reader: &mut impl Reader,
    limit: i64,
) -> Result<Option<Vec<Stored>>, StorageError> {
    // In the order in which an event goes through them: whatever moves on meanwhile is met twice rather than
    // never.
    let position = position(reader).await?;
    let rows = reader.rows(UNSEALED, args![limit + 1]).await?;
    let mut events: Vec<Stored> = rows.iter().map(Stored::read).collect::<Result<_, _>>()?;
    events.extend(sealed_after(reader, position, limit + 1).await?);
    events.sort_by_key(|event| Reverse(event.id));
    events.dedup_by_key(|event| event.id);
    Ok((i64::try_from(events.len()).is_ok_and(|n| n <= limit)).then_some(events))
}

/// Rows of one INSERT. Always as many, so that there is one statement: what is missing repeats the last one.
const ROWS: usize = 128;

/// Adds the words of sealed events up to `last`, and moves on from `position`; false if somebody else has.
///
/// # Errors
/// As the database says.
pub async fn add(
    tx: &mut Tx<'_>,
    position: i64,
    last: i64,
    mut terms: Vec<(Term, EventId)>,
) -> Result<bool, StorageError> {
    tx.execute(
        "INSERT INTO audit_indexed (one, seq) VALUES (1, 0) ON CONFLICT (one) DO NOTHING",
        vec![],
    )
    .await?;
    let moved = tx
        .execute(
            "UPDATE audit_indexed SET seq = $1 WHERE one = 1 AND seq = $2",
            args![last, position],
        )
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    // Neighbours in the index one after the other.
    terms.sort_unstable();
    for chunk in terms.chunks(ROWS) {
        insert(tx, chunk).await?;
    }
    Ok(true)
}

/// Takes away the words of events that are taken away.
///
/// # Errors
/// As the database says.
pub async fn remove(tx: &mut Tx<'_>, terms: Vec<(Term, EventId)>) -> Result<(), StorageError> {
    // One at a time: SQLite looks at every row for a list of pairs.
    for (term, id) in terms {
        tx.execute(OUT, args![term.stored(), id]).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx<'_>, chunk: &[(Term, EventId)]) -> Result<(), StorageError> {
    let Some(last) = chunk.last() else {
        return Ok(());
    };
    let padded = chunk.iter().chain(std::iter::repeat(last)).take(ROWS);
    let values: Vec<_> = padded
        .flat_map(|&(term, id)| args![term.stored(), id])
        .collect();
    let places: Vec<_> = (0..ROWS)
        .map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2))
        .collect();
    // Made of fixed text and numbers only.
    let sql = AssertSqlSafe(format!(
        "INSERT INTO audit_term (term, id) VALUES {} ON CONFLICT (term, id) DO NOTHING",
        places.join(",")
    ));
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

#[cfg(test)]
#[path = "audit_index_tests.rs"]
mod tests;
