//! Takes the audit log away as lines of JSON, a part at a time, and proves such a file again.

use std::io::BufRead;

use super::{Done, Position};
use crate::crypto::seal::MasterKey;
use crate::flows::access::Asking;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::ReadAudit;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::audit_line::Line;
use crate::protocol::audit_search::EventSearch;
use crate::storage::audit::{self, Chain, Verification};
use crate::storage::audit_chain::{self, Checkpoint};
use crate::storage::audit_index::{self, Stored};
use crate::storage::users;

/// So many events at a time: what is held in memory, however long the log is.
const PART: usize = 500;

/// An export under way: what comes next.
pub struct Export {
    tessera: Tessera,
    permit: Permit<ReadAudit>,
    search: EventSearch,
    at: At,
}

enum At {
    /// The whole log, in the order of the chain, after and up to these events; a first line comes before them.
    Chain(Option<String>, i64, i64),
    /// What was asked for, newest first.
    Search(Option<Position>),
    End,
}

impl Tessera {
    /// Begins an export: of the whole log, in the order of the chain so that it can be proved, or of what is asked
    /// for or belongs to the organisation of the permit, newest first as it is listed. That somebody takes it away is on record before they have it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn export_events(
        &self,
        permit: Permit<ReadAudit>,
        search: EventSearch,
        origin: Origin,
    ) -> Done<Export> {
        let here = permit.within().organisation();
        let event = Event::new(Kind::AuditExported, permit.actor().clone())
            .with("whole", search.is_everything())
            .with("search", search.facts())
            .with("organisation_id", here);
        self.record_alone(event, origin).await?;
        while self.store.seal_audit().await? > 0 {}
        let at = if search.is_everything() && here.is_none() {
            let mut reader = &self.store;
            let checkpoint = audit_chain::checkpoint(&mut reader).await?;
            let after = checkpoint.as_ref().map_or(0, Checkpoint::seq);
            let first = checkpoint.map(|checkpoint| checkpoint.write());
            At::Chain(first, after, audit::newest_sealed(&mut reader).await?)
        } else {
            At::Search(None)
        };
        Ok(Ok(Export {
            tessera: self.clone(),
            permit,
            search,
            at,
        }))
    }
}

impl Export {
    /// The next lines, each with its end; nothing at the end.
    ///
    /// # Errors
    /// As the database says, or if events were removed meanwhile.
    pub async fn next(&mut self) -> Result<Option<String>, Internal> {
        let at = std::mem::replace(&mut self.at, At::End);
        if !matches!(at, At::End) && !self.is_still_permitted().await? {
            return Err(not_any_more());
        }
        match at {
            At::End => Ok(None),
            At::Chain(first, after, last) => self.chain(first, after, last).await.map(Some),
            At::Search(after) => self.found(after).await.map(Some),
        }
    }

    /// A download may take hours: whoever lost the right meanwhile gets no more of it.
    async fn is_still_permitted(&self) -> Result<bool, Internal> {
        let Actor::User(id) = self.permit.actor() else {
            return Ok(true);
        };
        let mut reader = &self.tessera.store;
        let user = users::find(&mut reader, *id).await?;
        if user.is_none_or(|user| user.disabled) {
            return Ok(false);
        }
        let who = self.tessera.administrator(&Asking::Person(*id)).await?;
        let within = self.permit.within();
        let permit = who.decide::<ReadAudit>(within.organisation());
        Ok(permit.is_some_and(|permit| permit.within() == within))
    }

    async fn chain(
        &mut self,
        first: Option<String>,
        after: i64,
        last: i64,
    ) -> Result<String, Internal> {
        let mut reader = &self.tessera.store;
        let limit = i64::try_from(PART).unwrap_or(i64::MAX).min(last - after);
        let events = audit_index::sealed_after(&mut reader, after, limit).await?;
        if events
            .first()
            .is_some_and(|event| event.seq != Some(after + 1))
        {
            return Err(Internal::other(
                "the oldest events were removed while they were exported: begin again",
            ));
        }
        if let Some(on) = events.last().and_then(|event| event.seq)
            && on < last
        {
            self.at = At::Chain(None, on, last);
        }
        let mut lines = first.map_or_else(String::new, |line| line + "\n");
        lines.extend(events.into_iter().map(line));
        Ok(lines)
    }

    async fn found(&mut self, after: Option<Position>) -> Result<String, Internal> {
        let listed = self
            .tessera
            .search_events(&self.permit, &self.search, after, PART)
            .await?
            .map_err(|_| not_any_more())?;
        if listed.next.is_some() {
            self.at = At::Search(listed.next);
        }
        let is_whole = self.permit.within().organisation().is_none();
        let lines = listed.items.into_iter().map(|found| {
            // The numbers of the chain tell an organisation how much happens in the others.
            if is_whole {
                line(found.stored)
            } else {
                found.stored.body + "\n"
            }
        });
        Ok(lines.collect())
    }
}

fn not_any_more() -> Internal {
    Internal::other("the audit log may not be read any more")
}

/// A line and its end; what is not sealed yet has no place in the chain to tell.
fn line(event: Stored) -> String {
    let mut line = match (event.seq, event.hash) {
        (Some(seq), Some(hash)) => {
            let (at, body) = (event.at, event.body);
            Line {
                seq,
                hash,
                at,
                body,
            }
            .write()
        }
        _ => event.body,
    };
    line.push('\n');
    line
}

/// Proves the chain of a whole exported log, without any database.
///
/// # Errors
/// If the file cannot be read; a broken chain is a result, not an error.
pub fn verify_file(
    file: impl BufRead,
    master: std::sync::Arc<MasterKey>,
) -> Result<Verification, Internal> {
    let lines = file.lines().map(|line| line.map_err(Internal::other));
    audit_chain::verify_lines(&Chain::new(master), lines)
}
