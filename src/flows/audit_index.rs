//! Keeps the index of the audit log.

use super::{Internal, Tessera};
use crate::protocol::audit_search;
use crate::storage::audit_index::{self, Stored};

/// How many events one turn takes: some 20 ms of the writer.
const BATCH: i64 = 500;

impl Tessera {
    /// Adds sealed events to the index that are not in it; returns whether there may be more.
    ///
    /// Not in the transaction that records an event: a token costs one row and one fsync among many, and not ten
    /// more rows all over a tree.
    ///
    /// # Errors
    /// As the database says.
    pub async fn index_events(&self) -> Result<bool, Internal> {
        let mut reader = &self.store;
        let position = audit_index::position(&mut reader).await?;
        let events = audit_index::sealed_after(&mut reader, position, BATCH).await?;
        let Some(last) = events.last().and_then(|event| event.seq) else {
            return Ok(false);
        };
        let more = i64::try_from(events.len()).is_ok_and(|n| n == BATCH);
        // Outside of the transaction: on SQLite everybody who writes waits for it.
        let terms = events.iter().flat_map(words).collect();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    // False: another node did the same, and goes on.
                    audit_index::add(tx, position, last, terms).await?;
                    Ok::<_, Internal>(())
                })
            })
            .await?;
        Ok(more)
    }
}

/// The words by which an event is found.
pub(super) fn words(
    event: &Stored,
) -> impl Iterator<Item = (audit_search::Term, crate::base::ids::EventId)> {
    let id = event.id;
    let body = serde_json::from_str(&event.body).unwrap_or_default();
    let terms = audit_search::terms(&body).into_iter();
    terms.map(move |term| (term, id))
}
