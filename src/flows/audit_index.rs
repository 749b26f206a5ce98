//! Keeps the index of the audit log.

use std::collections::BTreeMap;

use super::{Internal, Tessera};
use crate::base::ids::{EventId, OrganisationId};
use crate::protocol::{audit_search, audit_tenant};
use crate::storage::audit_end::{self, CutOff};
use crate::storage::audit_index::{self, Stored};
use crate::storage::audit_tenant as tenant;

/// To which organisation an event belongs; what is missing belongs to none.
pub(super) type Tenants = BTreeMap<EventId, OrganisationId>;

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
        if audit_end::cut_off_now(&mut reader).await?.is_some() {
            self.note_cut_off().await?;
        }
        let position = audit_index::position(&mut reader).await?;
        let events = audit_index::sealed_after(&mut reader, position, BATCH).await?;
        let end = events.last().cloned();
        let Some((last, hash)) = end.and_then(|event| event.seq.zip(event.hash)) else {
            return Ok(false);
        };
        let more = i64::try_from(events.len()).is_ok_and(|n| n == BATCH);
        // Outside of the transaction: on SQLite everybody who writes waits for it.
        let owned = self.tenants(&events).await?;
        let terms = words(&events, &owned);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    // False: another node did the same, and goes on.
                    if audit_index::add(tx, position, last, terms).await? {
                        tenant::add(tx, owned.into_iter().collect()).await?;
                        audit_end::see(tx, last, &hash).await?;
                    }
                    Ok::<_, Internal>(())
                })
            })
            .await?;
        Ok(more)
    }

    /// To which organisations these belong: as it was noted, or as it is now.
    async fn tenants(&self, events: &[Stored]) -> Result<Tenants, Internal> {
        let mut reader = &self.store;
        let mut owned = self.known_tenants(events).await?;
        let new = events.iter().filter(|event| !owned.contains_key(&event.id));
        let named: Vec<_> = new.map(named).collect();
        owned.extend(tenant::of_events(&mut reader, &named).await?);
        Ok(owned)
    }

    pub(super) async fn known_tenants(&self, events: &[Stored]) -> Result<Tenants, Internal> {
        let mut reader = &self.store;
        let (Some(first), Some(last)) = (
            events.iter().map(|event| event.id).min(),
            events.iter().map(|event| event.id).max(),
        ) else {
            return Ok(Tenants::new());
        };
        let known = tenant::known(&mut reader, first, last).await?;
        Ok(known.into_iter().collect())
    }

    /// Somebody cut the newest events off: tells the log, and goes on with those that came instead.
    async fn note_cut_off(&self) -> Result<(), Internal> {
        let found = self
            .store
            .write(|tx| Box::pin(async move { Ok::<_, Internal>(audit_end::go_on(tx).await?) }))
            .await?;
        if let Some(found) = found {
            tracing::error!("{}", sentence(&found));
        }
        Ok(())
    }

    /// A sentence for people if the newest events of the audit log were cut off.
    ///
    /// # Errors
    /// As the database says.
    pub async fn audit_warning(&self) -> Result<Option<String>, Internal> {
        let mut reader = &self.store;
        let found = audit_end::cut_off(&mut reader).await?;
        Ok(found.as_ref().map(sentence))
    }
}

fn sentence(found: &CutOff) -> String {
    format!(
        "the newest events of the audit log were cut off or replaced: {} were known",
        found.known
    )
}

/// By what an event may belong to an organisation.
fn named(event: &Stored) -> (EventId, Vec<audit_tenant::Belonging>) {
    let body = serde_json::from_str(&event.body).unwrap_or_default();
    (event.id, audit_tenant::belongings(&body))
}

/// The words by which events are found, also among what belongs to their organisation.
pub(super) fn words(events: &[Stored], owned: &Tenants) -> Vec<(audit_search::Term, EventId)> {
    let mut all = Vec::new();
    for event in events {
        let body = serde_json::from_str(&event.body).unwrap_or_default();
        for term in audit_search::terms(&body) {
            all.push((term, event.id));
            let tenant = owned.get(&event.id);
            all.extend(tenant.map(|tenant| (term.inside(*tenant), event.id)));
        }
    }
    all
}
