//! Takes the oldest events of the audit log away, so that the rest can still be proved.

use std::time::Duration;

use super::audit_index::words;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::audit::{self, Chain};
use crate::storage::audit_chain::{self, Broken, Checkpoint, Walk};
use crate::storage::{StorageError, audit_index, statistics};

/// How many events one transaction takes away, with some eight words each: a few milliseconds of the writer.
const BATCH: i64 = 100;

/// Between two batches, so that whoever waits to write comes in between.
const BREATH: Duration = Duration::from_millis(20);

impl Tessera {
    /// Takes away what is older than `audit.retention`, batch after batch. Returns how many events went.
    ///
    /// # Errors
    /// If the database does not answer, or if what should go cannot be proved: then it stays, for somebody to look at.
    pub async fn prune_audit(&self) -> Result<u64, Internal> {
        let Some(keep) = self.config.audit.retention else {
            return Ok(0);
        };
        let before = self.now() - keep;
        let mut total = 0;
        loop {
            let gone = self.prune_batch(before).await?;
            if gone == 0 {
                return Ok(total);
            }
            total += gone;
            tokio::time::sleep(BREATH).await;
        }
    }

    async fn prune_batch(&self, before: Timestamp) -> Result<u64, Internal> {
        let mut reader = &self.store;
        let checkpoint = audit_chain::checkpoint(&mut reader).await?;
        let from = checkpoint.as_ref().map_or(0, Checkpoint::seq);
        let up_to = self.may_go_up_to().await?;
        let mut events = audit_index::sealed_after(&mut reader, from, BATCH).await?;
        let young = |event: &audit_index::Stored| {
            event.at >= before || event.seq.is_none_or(|seq| seq > up_to)
        };
        let count = events.iter().position(young).unwrap_or(events.len());
        events.truncate(count);
        let Some(last) = events.last().and_then(|event| event.seq) else {
            return Ok(0);
        };
        // A checkpoint over events that were changed would make them whole.
        let chain = Chain::new(self.master.clone());
        let walk = match prove(&chain, checkpoint.as_ref(), &events)? {
            Ok(walk) => walk,
            Err(why) => {
                // Unless another node took them away between the two looks.
                let now = audit_chain::checkpoint(&mut reader).await?;
                return match now.map_or(0, |now| now.seq()) {
                    seq if seq == from => Err(broken(why)),
                    _ => Ok(0),
                };
            }
        };
        let terms = words(&events, &self.known_tenants(&events).await?);
        let event = Event::new(Kind::AuditPruned, Actor::System)
            .with("through", last)
            .with("events", count)
            .with("before", before.rfc3339());
        let (node, now) = (self.clone(), self.now());
        let done: bool = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let done = audit_chain::remove(tx, from, walk, count, now).await?;
                    if done {
                        audit_index::remove(tx, terms).await?;
                        node.record(tx, &event, &Origin::default());
                    }
                    Ok::<_, Internal>(done)
                })
            })
            .await?;
        Ok(if done { count as u64 } else { 0 })
    }

    /// Up to which event everybody is done with the log. The newest event always stays: the chain goes on from it.
    async fn may_go_up_to(&self) -> Result<i64, Internal> {
        let mut reader = &self.store;
        let newest = audit::newest_sealed(&mut reader).await?;
        let counted = statistics::position(&mut reader).await?;
        let indexed = audit_index::position(&mut reader).await?;
        let sent = self.streamed_up_to().await?.unwrap_or(newest);
        Ok((newest - 1).min(counted).min(indexed).min(sent))
    }
}

fn prove(
    chain: &Chain,
    checkpoint: Option<&Checkpoint>,
    events: &[audit_index::Stored],
) -> Result<Result<Walk, Broken>, StorageError> {
    let mut walk = match Walk::begin(chain, checkpoint)? {
        Ok(walk) => walk,
        Err(forged) => return Ok(Err(forged)),
    };
    for event in events {
        if let Err(why) = walk.step(event)? {
            return Ok(Err(why));
        }
    }
    Ok(Ok(walk))
}

fn broken((seq, why): Broken) -> Internal {
    Internal::other(format!(
        "the audit log is broken at event {seq}: {why}; look at it before anything is removed"
    ))
}
