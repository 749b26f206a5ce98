//! The audit log, searched: by actor, subject, kind, outcome, address, time and request.

use std::cmp::Reverse;

use serde_json::Value;

use super::lists::gather;
use super::{Done, Listed, Position};
use crate::base::ids::{EventId, OrganisationId};
use crate::flows::Tessera;
use crate::protocol::access::Permit;
use crate::protocol::access::power::ReadAudit;
use crate::protocol::audit_search::{EventSearch, Term};
use crate::storage::StorageError;
use crate::storage::audit_index::{self, Stored, Stretch};
use crate::storage::audit_tenant;

/// So many events that the index does not know are read with each page. Some 10 ms.
const UNINDEXED: i64 = 2_000;

/// No word is counted further than that: it is not rare, whatever the others are.
const COUNTED: i64 = 1_000;

/// Where the events of a page come from.
enum Source {
    /// All of them, one after the other.
    Log,
    /// Those with this word, and those that the index does not know, newest first.
    Index(Term, Vec<Stored>),
    /// Those that belong to an organisation; of them those with this word.
    Tenant(OrganisationId, Option<Term>),
}

/// An event that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// As it is stored.
    pub stored: Stored,
    /// The JSON object that was recorded.
    pub body: Value,
}

impl Tessera {
    /// The audit log, newest first: all of it, or what belongs to the organisation of the permit. A page looks at a
    /// bounded number of events and may be empty before the end.
    ///
    /// # Errors
    /// As the database says.
    pub async fn search_events(
        &self,
        permit: &Permit<ReadAudit>,
        search: &EventSearch,
        after: Option<Position>,
        limit: usize,
    ) -> Done<Listed<Found>> {
        let all = Stretch::default();
        let stretch = Stretch {
            since: search.since.unwrap_or(all.since),
            until: search.until.unwrap_or(all.until),
            ..all
        };
        let source = &match permit.within().organisation() {
            None => self.source(search, &stretch).await?,
            Some(here) => self.source_within(here, search, &stretch).await?,
        };
        let read = |at: Position, limit: i64| async move {
            let before = at.id.parse().unwrap_or(all.before);
            let rows = source
                .read(self, &Stretch { before, ..stretch }, limit)
                .await?;
            let positioned = |stored: Stored| {
                let (word, id) = (String::new(), stored.id.to_string());
                let body = serde_json::from_str(&stored.body).unwrap_or_default();
                (Position { word, id }, Found { stored, body })
            };
            Ok(rows.into_iter().map(positioned).collect())
        };
        let fits =
            |_: &Position, found: &Found| stretch.holds(&found.stored) && search.fits(&found.body);
        Ok(Ok(
            gather(limit, after, search.is_filtered(), read, fits).await?
        ))
    }

    async fn source(&self, search: &EventSearch, of: &Stretch) -> Result<Source, StorageError> {
        let mut reader = &self.store;
        let terms = search.terms();
        if terms.is_empty() {
            return Ok(Source::Log);
        }
        // The index is far behind after a restore, or under a storm: then every event is looked at.
        let Some(rest) = audit_index::unindexed(&mut reader, UNINDEXED).await? else {
            return Ok(Source::Log);
        };
        let rarest = audit_index::rarest(&mut reader, &terms, of, COUNTED).await?;
        Ok(rarest.map_or(Source::Log, |(_, term)| Source::Index(term, rest)))
    }

    /// Nothing but what is known to belong there: an event of the last second may be missing yet.
    async fn source_within(
        &self,
        here: OrganisationId,
        search: &EventSearch,
        of: &Stretch,
    ) -> Result<Source, StorageError> {
        let mut reader = &self.store;
        let terms = search.terms().into_iter().map(|term| term.inside(here));
        let terms: Vec<Term> = terms.collect();
        let rarest = audit_index::rarest(&mut reader, &terms, of, COUNTED).await?;
        Ok(Source::Tenant(here, rarest.map(|(_, term)| term)))
    }
}

impl Source {
    /// Events of a stretch, newest first: `limit` of them or more, unless that is all.
    async fn read(
        &self,
        tessera: &Tessera,
        of: &Stretch,
        limit: i64,
    ) -> Result<Vec<Stored>, StorageError> {
        let mut reader = &tessera.store;
        let (term, rest) = match self {
            Self::Log => return audit_index::page(&mut reader, of, limit).await,
            Self::Tenant(here, term) => {
                return audit_tenant::page(&mut reader, *here, *term, of, limit).await;
            }
            Self::Index(term, rest) => (*term, rest),
        };
        let mut events = audit_index::of_term(&mut reader, term, of, limit).await?;
        let is_all = i64::try_from(events.len()).is_ok_and(|n| n < limit);
        let down_to = events.last().map(|event| event.id).filter(|_| !is_all);
        let among = rest
            .iter()
            .filter(|event| of.holds(event) && down_to.is_none_or(|last| event.id > last));
        events.extend(among.cloned());
        // What was indexed since the rest was read came twice.
        events.sort_by_key(|event| Reverse(event.id));
        events.dedup_by_key(|event| event.id);
        Ok(events)
    }
}

impl From<Found> for Value {
    fn from(found: Found) -> Self {
        found.body
    }
}

/// Where the list goes on that ended with this event.
impl From<EventId> for Position {
    fn from(id: EventId) -> Self {
        Self {
            word: String::new(),
            id: id.to_string(),
        }
    }
}
