//! The audit log, searched: by actor, subject, kind, outcome, address, time and request.

use serde_json::Value;

use super::deployment::everywhere;
use super::lists::gather;
use super::{Done, Listed, Position};
use crate::base::Timestamp;
use crate::base::ids::EventId;
use crate::flows::Tessera;
use crate::protocol::access::Permit;
use crate::protocol::access::power::ReadAudit;
use crate::protocol::audit::Kind;
use crate::storage::audit::{self, Filter, Stored};

/// Which events. What is not said does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Done by this one, by the name in the log (`user:ID`, `client:ID`, `operator`).
    pub actor: Option<String>,
    /// About this one, whatever it is: any fact of the event is this identifier.
    pub about: Option<String>,
    /// Only what failed, or only what did not.
    pub failed: Option<bool>,
    /// From this address.
    pub address: Option<String>,
    /// In this request.
    pub request_id: Option<String>,
    /// This instant and later.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// These are asked for by their own names, and say nothing of what an event is about.
const ENVELOPE: [&str; 7] = [
    "id",
    "at",
    "kind",
    "outcome",
    "reason",
    "address",
    "request_id",
];

impl EventSearch {
    /// Whether an event is among them; its time is looked at by the database.
    fn fits(&self, event: &Value) -> bool {
        let is = |name: &str, wanted: &Option<String>| {
            wanted.as_deref().is_none_or(|wanted| event[name] == wanted)
        };
        self.kind.is_none_or(|kind| event["kind"] == kind.as_str())
            && self
                .failed
                .is_none_or(|failed| (event["outcome"] == "failure") == failed)
            && is("actor", &self.actor)
            && is("address", &self.address)
            && is("request_id", &self.request_id)
            && self
                .about
                .as_deref()
                .is_none_or(|about| is_about(event, about))
    }

    fn is_filtered(&self) -> bool {
        let times = Self {
            since: self.since,
            until: self.until,
            ..Self::default()
        };
        *self != times
    }
}

fn is_about(event: &Value, wanted: &str) -> bool {
    let facts = event.as_object().into_iter().flatten();
    facts
        .filter(|(name, _)| !ENVELOPE.contains(&name.as_str()))
        .any(|(name, fact)| match fact {
            Value::String(text) if name == "actor" => {
                text.split_once(':').is_some_and(|(_, id)| id == wanted)
            }
            Value::String(text) => text == wanted,
            Value::Array(all) => all.iter().any(|one| one == wanted),
            _ => false,
        })
}

impl Tessera {
    /// The audit log, newest first. A page looks at a bounded number of events and may be empty before the
    /// end.
    ///
    /// # Errors
    /// As the database says.
    pub async fn search_events(
        &self,
        permit: &Permit<ReadAudit>,
        search: &EventSearch,
        after: Option<Position>,
        limit: usize,
    ) -> Done<Listed<Value>> {
        if let Err(refused) = everywhere(permit) {
            return Ok(Err(refused));
        }
        let until = search.until.map(EventId::earliest);
        let read = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let filter = Filter {
                since: search.since,
                before: at.id.parse().ok().map(EventId).or(until),
                ..Filter::default()
            };
            let rows = audit::page(&mut reader, &filter, limit).await?;
            let positioned = |row: Stored| {
                let (word, id) = (String::new(), row.id.to_string());
                let body = serde_json::from_str(&row.body).unwrap_or_default();
                (Position { word, id }, body)
            };
            Ok(rows.into_iter().map(positioned).collect())
        };
        let fits = |_: &Position, event: &Value| search.fits(event);
        Ok(Ok(
            gather(limit, after, search.is_filtered(), read, fits).await?
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({"id": "e1", "at": "2026-01-01T00:00:00Z", "kind": "sign_in", "outcome": "failure",
            "reason": "wrong_credentials", "actor": "user:u1", "address": "192.0.2.1", "request_id": "r1",
            "client_id": "c1", "redirect_uris": ["https://a.example"], "username": "192.0.2.9"})
    }

    fn fits(change: impl FnOnce(&mut EventSearch)) -> bool {
        let mut search = EventSearch::default();
        change(&mut search);
        assert!(search.is_filtered());
        search.fits(&event())
    }

    #[test]
    fn each_condition_limits() {
        let all = EventSearch::default();
        assert!(all.fits(&event()) && !all.is_filtered());
        let some = |text: &str| Some(text.to_owned());
        assert!(fits(|of| of.kind = Some(Kind::SignIn)));
        assert!(!fits(|of| of.kind = Some(Kind::StepUp)));
        assert!(fits(|of| of.failed = Some(true)));
        assert!(!fits(|of| of.failed = Some(false)));
        assert!(fits(|of| of.actor = some("user:u1")));
        assert!(!fits(|of| of.actor = some("u1")));
        assert!(fits(|of| of.address = some("192.0.2.1")));
        assert!(fits(|of| of.request_id = some("r1")));
        assert!(!fits(|of| of.request_id = some("r2")));
    }

    #[test]
    fn an_event_is_about_each_of_its_facts_and_not_about_its_envelope() {
        for about in ["u1", "c1", "https://a.example"] {
            assert!(fits(|of| of.about = Some(about.to_owned())), "{about}");
        }
        for about in ["r1", "sign_in", "e1", "192.0.2.1"] {
            assert!(!fits(|of| of.about = Some(about.to_owned())), "{about}");
        }
        // What somebody typed as a name is no address.
        assert!(!fits(|of| of.address = Some("192.0.2.9".to_owned())));
    }
}
