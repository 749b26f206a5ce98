//! Counts of what happened, hour by hour, for charts.

use super::{Reader, StorageError, Tx, args, client_days};
use crate::base::Timestamp;

/// Microseconds.
const HOUR: i64 = 3_600_000_000;

/// How many events one turn counts: bounds how long it holds the writer.
const BATCH: i64 = 5_000;

/// Up to which event everything is counted; the row is also the lock of whoever counts.
const POSITION: &str = "events-counted";

/// The hour of an instant, counted from 1970.
#[must_use]
pub fn hour_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(HOUR)
}

/// When an hour began.
#[must_use]
pub fn beginning(hour: i64) -> Timestamp {
    Timestamp::from_micros(hour * HOUR)
}

/// So often something happened in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The hour, counted from 1970.
    pub hour: i64,
    /// What: the name of an [`audit kind`](crate::protocol::audit::Kind).
    pub kind: String,
    /// Whether it failed.
    pub failed: bool,
    /// How often.
    pub n: i64,
}

/// Up to which sealed event everything is counted.
///
/// # Errors
/// As the database says.
pub async fn position(reader: &mut impl Reader) -> Result<i64, StorageError> {
    let position = super::settings::find(reader, POSITION).await?;
    Ok(position.and_then(|seq| seq.parse().ok()).unwrap_or(0))
}

/// Counts again from this event on.
///
/// # Errors
/// As the database says.
pub async fn go_back(tx: &mut Tx<'_>, to: i64) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE setting SET value = $1 WHERE name = $2",
        args![to.to_string(), POSITION],
    )
    .await?;
    Ok(())
}

/// Counts sealed events that were not counted yet; returns whether there may be more.
///
/// # Errors
/// As the database says.
pub async fn count_events(tx: &mut Tx<'_>) -> Result<bool, StorageError> {
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ($1, '0') ON CONFLICT (name) DO UPDATE SET value = setting.value",
        args![POSITION],
    )
    .await?;
    let counted = position(tx).await?;
    let last = tx
        .row(
            "SELECT max(seq) AS last FROM audit_event WHERE seq > $1 AND seq <= $2",
            args![counted, counted + BATCH],
        )
        .await?;
    let last: Option<i64> = match last {
        Some(row) => row.get("last")?,
        None => None,
    };
    let Some(last) = last else {
        return skip_gap(tx, counted).await;
    };
    // A quotation mark in any value is escaped in the body: nothing that was typed looks like an outcome.
    tx.execute(
        "INSERT INTO event_count (hour, kind, failed, n) \
         SELECT at / $1, kind, CASE WHEN replace(body, '\"outcome\":\"failure\"', '') = body THEN 0 ELSE 1 END AS failed, count(*) \
         FROM audit_event WHERE seq > $2 AND seq <= $3 GROUP BY 1, 2, 3 \
         ON CONFLICT (hour, kind, failed) DO UPDATE SET n = event_count.n + excluded.n",
        args![HOUR, counted, last],
    )
    .await?;
    client_days::count(tx, counted, last).await?;
    tx.execute(
        "UPDATE setting SET value = $1 WHERE name = $2",
        args![last.to_string(), POSITION],
    )
    .await?;
    Ok(last == counted + BATCH)
}

/// Where the oldest events were taken away, the count goes on after them.
async fn skip_gap(tx: &mut Tx<'_>, counted: i64) -> Result<bool, StorageError> {
    let next = tx
        .row(
            "SELECT min(seq) AS next FROM audit_event WHERE seq > $1",
            args![counted],
        )
        .await?;
    let next: Option<i64> = match next {
        Some(row) => row.get("next")?,
        None => None,
    };
    let Some(next) = next else {
        return Ok(false);
    };
    tx.execute(
        "UPDATE setting SET value = $1 WHERE name = $2",
        args![(next - 1).to_string(), POSITION],
    )
    .await?;
    Ok(true)
}

/// Remembers that so many sessions are live in this hour, and forgets what is older than `keep_from`.
///
/// # Errors
/// As the database says.
pub async fn measure_sessions(
    tx: &mut Tx<'_>,
    now: Timestamp,
    live: i64,
    keep_from: i64,
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO gauge (hour, name, value) VALUES ($1, 'sessions', $2) \
         ON CONFLICT (hour, name) DO UPDATE SET value = excluded.value",
        args![hour_of(now), live],
    )
    .await?;
    tx.execute("DELETE FROM gauge WHERE hour < $1", args![keep_from])
        .await?;
    tx.execute("DELETE FROM event_count WHERE hour < $1", args![keep_from])
        .await?;
    Ok(())
}

/// How many sessions are live.
///
/// # Errors
/// As the database says.
pub async fn live_sessions(reader: &mut impl Reader, now: Timestamp) -> Result<i64, StorageError> {
    let row = reader
        .row(
            "SELECT count(*) AS n FROM sso_session WHERE ended_at IS NULL AND expires_at > $1 AND idle_expires_at > $1",
            args![now],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// Everything that was counted since an hour, oldest first.
///
/// # Errors
/// As the database says.
pub async fn counts_since(reader: &mut impl Reader, hour: i64) -> Result<Vec<Count>, StorageError> {
    reader
        .rows(
            "SELECT hour, kind, failed, n FROM event_count WHERE hour >= $1 ORDER BY hour",
            args![hour],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(Count {
                hour: row.get("hour")?,
                kind: row.text("kind")?,
                failed: row.get::<i64>("failed")? != 0,
                n: row.get("n")?,
            })
        })
        .collect()
}

/// The measured sessions since an hour, oldest first.
///
/// # Errors
/// As the database says.
pub async fn sessions_since(
    reader: &mut impl Reader,
    hour: i64,
) -> Result<Vec<(i64, i64)>, StorageError> {
    reader
        .rows(
            "SELECT hour, value FROM gauge WHERE name = 'sessions' AND hour >= $1 ORDER BY hour",
            args![hour],
        )
        .await?
        .iter()
        .map(|row| Ok((row.get("hour")?, row.get("value")?)))
        .collect()
}
