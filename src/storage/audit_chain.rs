//! The chain of the audit log: proving it, and taking its oldest events away so that the rest can still be proved.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit::{Chain, Link};
use super::audit_end;
use super::audit_index::{self, Stored};
use super::{Reader, StorageError, Store, Tx, args};
use crate::base::Timestamp;
use crate::protocol::audit_line::Line;

/// Where a chain does not hold, and why.
pub type Broken = (i64, &'static str);

const MISSING: &str = "an event is missing";
const CHANGED: &str = "the event or its hash was changed";
const FORGED: &str = "the checkpoint was changed, or made by somebody else";
const LEFT_OVER: &str = "an event is there that the checkpoint says was removed";
const NOTHING_AFTER: &str = "every event after the checkpoint is missing";
const CUT_OFF: &str = "the newest events were cut off or replaced";
const NO_BEGINNING: &str = "the file begins with neither the first event nor a checkpoint: this is no whole export (was it made with filters?)";
const EMPTY: &str = "there is no event in it";
const NO_LINE: &str = "this is no line of an audit log";

/// The last event that was taken away because of its age. Its tag is made with the master key: who can write to the
/// database alone cannot make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    link: Link,
    at: Timestamp,
    tag: Vec<u8>,
}

/// The first line of an exported log whose oldest events were taken away.
#[derive(Serialize, Deserialize)]
struct CheckpointLine {
    checkpoint: Written,
}

#[derive(Serialize, Deserialize)]
struct Written {
    seq: i64,
    hash: String,
    micros: i64,
    mac: String,
}

impl Checkpoint {
    fn new(chain: &Chain, link: Link, at: Timestamp) -> Result<Self, StorageError> {
        let tag = chain.checkpoint_tag(&link, at)?;
        Ok(Self { link, at, tag })
    }

    fn is_ours(&self, chain: &Chain) -> Result<bool, StorageError> {
        chain.is_checkpoint_tag(&self.link, self.at, &self.tag)
    }

    /// The number of the last event that was taken away.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.link.seq
    }

    /// As a line of an export.
    #[must_use]
    pub fn write(&self) -> String {
        let line = CheckpointLine {
            checkpoint: Written {
                seq: self.link.seq,
                hash: URL_SAFE_NO_PAD.encode(&self.link.hash),
                micros: self.at.micros(),
                mac: URL_SAFE_NO_PAD.encode(&self.tag),
            },
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    fn read(line: &str) -> Option<Self> {
        let CheckpointLine { checkpoint } = serde_json::from_str(line).ok()?;
        Some(Self {
            link: Link {
                seq: checkpoint.seq,
                hash: URL_SAFE_NO_PAD.decode(checkpoint.hash).ok()?,
            },
            at: Timestamp::from_micros(checkpoint.micros),
            tag: URL_SAFE_NO_PAD.decode(checkpoint.mac).ok()?,
        })
    }
}

/// The checkpoint, if events were taken away. Nothing is proved yet.
///
/// # Errors
/// As the database says.
pub async fn checkpoint(reader: &mut impl Reader) -> Result<Option<Checkpoint>, StorageError> {
    let row = reader
        .row(
            "SELECT seq, hash, at, mac FROM audit_checkpoint WHERE one = 1",
            vec![],
        )
        .await?;
    row.map(|row| {
        Ok(Checkpoint {
            link: Link {
                seq: row.get("seq")?,
                hash: row.get("hash")?,
            },
            at: row.time("at")?,
            tag: row.get("mac")?,
        })
    })
    .transpose()
}

/// Goes along the chain, event by event.
#[derive(Clone)]
pub struct Walk {
    chain: Chain,
    last: Link,
}

impl Walk {
    /// From the checkpoint, or from the very beginning.
    ///
    /// # Errors
    /// If a MAC cannot be computed; a forged checkpoint is a result, not an error.
    pub fn begin(
        chain: &Chain,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Result<Self, Broken>, StorageError> {
        let last = match checkpoint {
            Some(checkpoint) if !checkpoint.is_ours(chain)? => {
                return Ok(Err((checkpoint.link.seq, FORGED)));
            }
            Some(checkpoint) => checkpoint.link.clone(),
            None => Link::default(),
        };
        let chain = chain.clone();
        Ok(Ok(Self { chain, last }))
    }

    /// The next event.
    ///
    /// # Errors
    /// If a MAC cannot be computed; a broken chain is a result, not an error.
    pub fn step(&mut self, event: &Stored) -> Result<Result<(), Broken>, StorageError> {
        let (Some(seq), Some(hash)) = (event.seq, &event.hash) else {
            return Ok(Err((self.last.seq + 1, MISSING)));
        };
        if seq != self.last.seq + 1 {
            return Ok(Err((self.last.seq + 1, MISSING)));
        }
        let (id, kind) = (event.id.0, event.kind.as_str());
        let link = self
            .chain
            .next(&self.last, id, event.at, kind, &event.body)?;
        if link.hash != *hash {
            return Ok(Err((seq, CHANGED)));
        }
        self.last = link;
        Ok(Ok(()))
    }
}

/// What was found in a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many sealed events were checked.
    pub checked: u64,
    /// How many events wait for their seal.
    pub unsealed: u64,
    /// How many events were taken away before those, because of their age.
    pub removed: i64,
    /// The first sequence number at which the chain does not hold, and why.
    pub broken_at: Option<Broken>,
    /// How many events were known, if the newest ones are not there any more.
    pub known: Option<i64>,
}

/// Walks the whole chain from its first event, or from the checkpoint.
///
/// # Errors
/// As the database says; a broken chain is a result, not an error.
pub async fn verify(store: &Store, chain: &Chain) -> Result<Verification, StorageError> {
    let mut reader = store;
    let mut found = Verification::default();
    let from = checkpoint(&mut reader).await?;
    found.broken_at = match Walk::begin(chain, from.as_ref())? {
        Err(broken) => Some(broken),
        Ok(walk) => follow(reader, walk, from, &mut found).await?,
    };
    if found.broken_at.is_none()
        && let Some(cut) = audit_end::cut_off(&mut reader).await?
    {
        found.broken_at = Some((cut.from, CUT_OFF));
        found.known = Some(cut.known);
    }
    let unsealed = reader
        .row(
            "SELECT count(*) AS n FROM audit_event WHERE seq IS NULL",
            vec![],
        )
        .await?
        .map_or(Ok(0), |row| row.get::<i64>("n"))?;
    found.unsealed = u64::try_from(unsealed).unwrap_or(0);
    Ok(found)
}

async fn follow(
    mut reader: &Store,
    mut walk: Walk,
    from: Option<Checkpoint>,
    found: &mut Verification,
) -> Result<Option<Broken>, StorageError> {
    found.removed = walk.last.seq;
    let left = reader
        .row(
            "SELECT seq FROM audit_event WHERE seq <= $1 ORDER BY seq LIMIT 1",
            args![walk.last.seq],
        )
        .await?;
    if let Some(left) = left {
        return Ok(Some((left.get("seq")?, LEFT_OVER)));
    }
    loop {
        let page = audit_index::sealed_after(&mut reader, walk.last.seq, 1_000).await?;
        if page.is_empty() {
            break;
        }
        for event in page {
            match walk.step(&event)? {
                Ok(()) => found.checked += 1,
                Err(broken) => {
                    // Unless the oldest events were taken away just now.
                    let now = checkpoint(&mut reader).await?;
                    let moved = now.filter(|now| now.link.seq > walk.last.seq);
                    let Some(Ok(on)) = moved
                        .map(|at| Walk::begin(&walk.chain, Some(&at)))
                        .transpose()?
                    else {
                        return Ok(Some(broken));
                    };
                    walk = on;
                    break;
                }
            }
        }
    }
    // The newest event is never taken away.
    let cut_off = from.is_some() && found.checked == 0;
    Ok(cut_off.then_some((walk.last.seq + 1, NOTHING_AFTER)))
}

/// Walks the chain of an exported log.
///
/// # Errors
/// What reading a line failed with, or if a MAC cannot be computed; a broken chain is a result, not an error.
pub fn verify_lines<E: From<StorageError>>(
    chain: &Chain,
    lines: impl Iterator<Item = Result<String, E>>,
) -> Result<Verification, E> {
    let mut found = Verification::default();
    let mut walk: Option<Walk> = None;
    for line in lines {
        let line = line?;
        let next = walk.as_ref().map_or(1, |walk| walk.last.seq + 1);
        let stepped = match (&mut walk, Checkpoint::read(&line), event(&line)) {
            (None, Some(checkpoint), _) => match Walk::begin(chain, Some(&checkpoint))? {
                Ok(on) => {
                    found.removed = on.last.seq;
                    walk = Some(on);
                    continue;
                }
                Err(broken) => Err(broken),
            },
            (_, _, None) => Err((next, NO_LINE)),
            (None, None, first) if first.as_ref().is_none_or(|first| first.seq != Some(1)) => {
                let is_event = first.is_some()
                    || serde_json::from_str::<Value>(&line)
                        .is_ok_and(|line| line["kind"].is_string());
                Err((1, if is_event { NO_BEGINNING } else { NO_LINE }))
            }
            (None, None, Some(first)) => match Walk::begin(chain, None)? {
                Ok(on) => walk.insert(on).step(&first)?,
                Err(broken) => Err(broken),
            },
            (Some(walk), _, Some(event)) => walk.step(&event)?,
        };
        if let Err(broken) = stepped {
            found.broken_at = Some(broken);
            break;
        }
        found.checked += 1;
    }
    if found.removed > 0 && found.checked == 0 && found.broken_at.is_none() {
        found.broken_at = Some((found.removed + 1, NOTHING_AFTER));
    }
    if found == Verification::default() {
        found.broken_at = Some((1, EMPTY));
    }
    Ok(found)
}

fn event(line: &str) -> Option<Stored> {
    let line = Line::read(line)?;
    let body: Value = serde_json::from_str(&line.body).ok()?;
    Some(Stored {
        id: crate::base::ids::EventId(body["id"].as_str()?.parse().ok()?),
        at: line.at,
        kind: body["kind"].as_str()?.to_owned(),
        seq: Some(line.seq),
        hash: Some(line.hash),
        body: line.body,
    })
}

/// Takes away the `count` events after number `from` that `walk` has gone along, and puts the checkpoint in their
/// place; false if somebody else has.
///
/// # Errors
/// As the database says, or if other events are there than those: then nothing may be taken away.
pub async fn remove(
    tx: &mut Tx<'_>,
    from: i64,
    walk: Walk,
    count: usize,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let last = walk.last.seq;
    let checkpoint = Checkpoint::new(&walk.chain, walk.last, now)?;
    // The row is also the lock of whoever takes away.
    let moved = tx
        .execute(
            "INSERT INTO audit_checkpoint (one, seq, hash, at, mac) VALUES (1, $1, $2, $3, $4) \
             ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, \
             mac = excluded.mac WHERE audit_checkpoint.seq = $5",
            args![last, checkpoint.link.hash, now, checkpoint.tag, from],
        )
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    let gone = tx
        .execute(
            "DELETE FROM audit_event WHERE seq > $1 AND seq <= $2",
            args![from, last],
        )
        .await?;
    if usize::try_from(gone) != Ok(count) {
        return Err(StorageError::unexpected("the audit log changed meanwhile"));
    }
    Ok(true)
}
