//! The end of the audit log: whether newer events were known than are there. The chain alone cannot tell; how far
//! the log was read can, as long as that is not changed too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::audit_chain::Checkpoint;
use super::{
    Reader, StorageError, Tx, args, audit, audit_chain, audit_index, settings, statistics,
};

/// Where the stream is and who has it.
pub const STREAM: &str = "audit-syslog";

/// The last event that the index has seen.
const SEEN: &str = "audit-seen";

/// What was found once, and stays found although the log grows on.
const CUT_OFF: &str = "audit-cut-off";

/// The newest events were cut off, or others are in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOff {
    /// So many events were known.
    pub known: i64,
    /// The first event that was not there when it was found, or that is another one.
    pub from: i64,
    /// Up to here nothing was read that is not there any more.
    pub whole: i64,
}

#[derive(Serialize, Deserialize)]
struct Seen {
    seq: i64,
    hash: String,
}

impl Seen {
    fn new(seq: i64, hash: &[u8]) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(hash);
        Self { seq, hash }
    }
}

/// Whether newer events were known than are there, also if it was found and [`go_on`] was called.
///
/// # Errors
/// As the database says.
pub async fn cut_off(reader: &mut impl Reader) -> Result<Option<CutOff>, StorageError> {
    let marked: Option<CutOff> = read(settings::find(reader, CUT_OFF).await?);
    if let Some(marked) = marked {
        // Unless that time is over and taken away.
        let gone = audit_chain::checkpoint(reader).await?;
        if gone.is_none_or(|gone| gone.seq() < marked.known) {
            return Ok(Some(marked));
        }
    }
    cut_off_now(reader).await
}

/// The same, as things are now.
///
/// # Errors
/// As the database says.
pub async fn cut_off_now(reader: &mut impl Reader) -> Result<Option<CutOff>, StorageError> {
    // In this order: what is sealed or taken away meanwhile is no cut.
    let seen: Option<Seen> = read(settings::find(reader, SEEN).await?);
    let known = audit_index::position(reader)
        .await?
        .max(statistics::position(reader).await?)
        .max(streamed(reader).await?)
        .max(seen.as_ref().map_or(0, |seen| seen.seq));
    let newest = audit::newest_sealed(reader).await?;
    let removed = audit_chain::checkpoint(reader).await?;
    let removed = removed.as_ref().map_or(0, Checkpoint::seq);
    // Others may be in their place already, and where those begin nobody knows.
    let whole = removed;
    if known > newest {
        let from = newest + 1;
        return Ok(Some(CutOff { known, from, whole }));
    }
    let Some(seen) = seen.filter(|seen| seen.seq > 0) else {
        return Ok(None);
    };
    let there = reader
        .row(
            "SELECT hash FROM audit_event WHERE seq = $1",
            args![seen.seq],
        )
        .await?
        .map(|row| row.get::<Vec<u8>>("hash"))
        .transpose()?;
    let removed = audit_chain::checkpoint(reader).await?;
    let removed = removed.as_ref().map_or(0, Checkpoint::seq);
    let same = there.is_some_and(|hash| Seen::new(seen.seq, &hash).hash == seen.hash);
    Ok((!same && seen.seq > removed).then_some(CutOff {
        known: seen.seq,
        from: seen.seq,
        whole,
    }))
}

async fn streamed(reader: &mut impl Reader) -> Result<i64, StorageError> {
    let stored: Option<serde_json::Value> = read(settings::find(reader, STREAM).await?);
    Ok(stored.and_then(|at| at["seq"].as_i64()).unwrap_or(0))
}

fn read<T: serde::de::DeserializeOwned>(stored: Option<String>) -> Option<T> {
    serde_json::from_str(&stored?).ok()
}

fn written(value: &impl Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(StorageError::unexpected)
}

/// Remembers the last event that was seen.
///
/// # Errors
/// As the database says.
pub async fn see(tx: &mut Tx<'_>, seq: i64, hash: &[u8]) -> Result<(), StorageError> {
    settings::put(tx, SEEN, &written(&Seen::new(seq, hash))?).await
}

/// Remembers for good that events were cut off, and lets the index, the counts and the stream go on from the last
/// event of which that is sure, so that they leave out none of those that came instead. What was found; nothing if
/// another node did this.
///
/// # Errors
/// As the database says.
pub async fn go_on(tx: &mut Tx<'_>) -> Result<Option<CutOff>, StorageError> {
    // Also the lock: the index moves on by this row.
    let indexed = tx.execute("UPDATE audit_indexed SET seq = seq WHERE one = 1", vec![]);
    indexed.await?;
    let Some(found) = cut_off_now(tx).await? else {
        return Ok(None);
    };
    let stored = settings::find(tx, CUT_OFF).await?;
    if read::<CutOff>(stored).is_none_or(|before| before.known < found.known) {
        settings::put(tx, CUT_OFF, &written(&found)?).await?;
    }
    tx.execute(
        "UPDATE audit_indexed SET seq = $1 WHERE one = 1 AND seq > $1",
        args![found.whole],
    )
    .await?;
    // Never before what is there: it would be counted twice.
    let newest = audit::newest_sealed(tx).await?;
    if statistics::position(tx).await? > newest {
        statistics::go_back(tx, newest).await?;
    }
    if let Some(mut at) = read::<serde_json::Value>(settings::find(tx, STREAM).await?)
        && at["seq"].as_i64() > Some(found.whole)
    {
        at["seq"] = found.whole.into();
        settings::put(tx, STREAM, &at.to_string()).await?;
    }
    tx.execute("DELETE FROM setting WHERE name = $1", args![SEEN])
        .await?;
    Ok(Some(found))
}
