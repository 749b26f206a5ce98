//! Which events somebody looks for, and the words by which an index finds them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::audit::Kind;
use crate::base::ids::OrganisationId;
use crate::base::{Digest, Timestamp};

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

/// An address as events have it: `2001:db8:0::1` is written as `2001:db8::1` there.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    let address: std::net::IpAddr = text.trim().parse().ok()?;
    Some(address.to_string())
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

/// A name and its value, in eight bytes. Two that share them cost a second look at an event, and no more: what is
/// found is always held against the search itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(i64);

impl Term {
    fn new(name: &str, value: &str) -> Self {
        // No name holds a zero byte: where it ends is plain.
        let digest = Digest::of(format!("{name}\0{value}").as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        Self(i64::from_be_bytes(first))
    }

    /// The same among what belongs to one organisation: how many others have it is not theirs to learn.
    #[must_use]
    pub fn inside(self, organisation: OrganisationId) -> Self {
        Self::new(&organisation.to_string(), &self.0.to_string())
    }

    /// As it is stored.
    #[must_use]
    pub const fn stored(self) -> i64 {
        self.0
    }
}

fn fails(event: &Value) -> bool {
    event["outcome"] == "failure"
}

/// Everything that an event is about.
fn subjects(event: &Value) -> impl Iterator<Item = &str> {
    let facts = event.as_object().into_iter().flatten();
    facts
        .filter(|(name, _)| !ENVELOPE.contains(&name.as_str()))
        .flat_map(|(name, fact)| match fact {
            Value::String(text) if name == "actor" => {
                vec![text.split_once(':').map(|(_, id)| id)]
            }
            Value::String(text) => vec![Some(text.as_str())],
            Value::Array(all) => all.iter().map(Value::as_str).collect(),
            _ => Vec::new(),
        })
        .flatten()
}

/// The words of an event. Success has none: nearly everything succeeds, and an index of that is the log itself.
#[must_use]
pub fn terms(event: &Value) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    for name in ["kind", "actor", "address", "request_id"] {
        terms.extend(event[name].as_str().map(|value| Term::new(name, value)));
    }
    if fails(event) {
        terms.insert(Term::new("failure", ""));
        // What failed is rare among what there is most of.
        terms.extend(
            event["kind"]
                .as_str()
                .map(|kind| Term::new("failure", kind)),
        );
    }
    terms.extend(subjects(event).map(|subject| Term::new("about", subject)));
    terms
}

impl EventSearch {
    /// Whether an event is among them; its time is looked at by the database.
    #[must_use]
    pub fn fits(&self, event: &Value) -> bool {
        let is = |name: &str, wanted: &Option<String>| {
            wanted.as_deref().is_none_or(|wanted| event[name] == wanted)
        };
        self.kind.is_none_or(|kind| event["kind"] == kind.as_str())
            && self.failed.is_none_or(|failed| fails(event) == failed)
            && is("actor", &self.actor)
            && is("address", &self.address)
            && is("request_id", &self.request_id)
            && self
                .about
                .as_deref()
                .is_none_or(|about| subjects(event).any(|subject| subject == about))
    }

    /// Words that every event has that fits. None if nothing but time or success is asked for.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let named = [
            ("actor", &self.actor),
            ("about", &self.about),
            ("address", &self.address),
            ("request_id", &self.request_id),
        ];
        let word = |(name, value): (&str, &Option<String>)| {
            value.as_deref().map(|value| Term::new(name, value))
        };
        let kind = self.kind.map(Kind::as_str);
        let of_kind = match (kind, self.failed) {
            (kind, Some(true)) => Some(Term::new("failure", kind.unwrap_or_default())),
            (Some(kind), _) => Some(Term::new("kind", kind)),
            (None, _) => None,
        };
        named.into_iter().filter_map(word).chain(of_kind).collect()
    }

    /// Whether more than time is asked for.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        let times = Self {
            since: self.since,
            until: self.until,
            ..Self::default()
        };
        *self != times
    }

    /// What is asked for, for the record: name and value.
    #[must_use]
    pub fn facts(&self) -> Map<String, Value> {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let time = |at: Option<Timestamp>| at.map(|at| Value::from(at.rfc3339()));
        let all = [
            ("kind", self.kind.map(|kind| Value::from(kind.as_str()))),
            ("actor", text(&self.actor)),
            ("about", text(&self.about)),
            ("failed", self.failed.map(Value::from)),
            ("address", text(&self.address)),
            ("request_id", text(&self.request_id)),
            ("since", time(self.since)),
            ("until", time(self.until)),
        ];
        let asked = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        all.into_iter().filter_map(asked).collect()
    }

    /// Whether nothing is asked for: all there is.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({"id": "e1", "at": "2026", "kind": "sign_in", "actor": "user:u1", "outcome": "failure",
            "reason": "wrong_password", "address": "192.0.2.1", "request_id": "r1", "client_id": "c1",
            "username": "192.0.2.9", "resources": ["https://a.example"]})
    }

    fn fits(of: impl Fn(&mut EventSearch)) -> bool {
        let mut search = EventSearch::default();
        of(&mut search);
        search.fits(&event())
    }

    #[test]
    fn each_filter_limits_and_none_does_not() {
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

    #[test]
    fn success_and_time_have_no_words_and_a_failure_of_a_kind_has_its_own() {
        let of = |kind, failed| {
            let search = EventSearch {
                kind,
                failed,
                since: Some(Timestamp::from_seconds(1)),
                ..EventSearch::default()
            };
            search.terms()
        };
        assert_eq!(of(None, None), []);
        assert_eq!(of(None, Some(false)), []);
        assert_eq!(
            of(Some(Kind::SignIn), Some(false)),
            of(Some(Kind::SignIn), None)
        );
        assert_ne!(
            of(Some(Kind::SignIn), Some(true)),
            of(Some(Kind::SignIn), None)
        );
        assert_ne!(of(Some(Kind::SignIn), Some(true)), of(None, Some(true)));
    }

    fn word() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[ab]|user:[ab]")
    }

    prop_compose! {
        fn searches()(
            kind in proptest::option::of(0..3_usize),
            failed in proptest::option::of(any::<bool>()),
            (actor, about, address, request_id) in (word(), word(), word(), word()),
        ) -> EventSearch {
            let kind = kind.map(|n| Kind::ALL[n]);
            EventSearch { kind, actor, about, failed, address, request_id, ..EventSearch::default() }
        }
    }

    prop_compose! {
        fn events()(
            kind in 0..3_usize,
            failed in any::<bool>(),
            (actor, address, request_id, fact) in (word(), word(), word(), word()),
            list in proptest::collection::vec("[ab]", 0..3),
        ) -> Value {
            json!({"kind": Kind::ALL[kind].as_str(), "outcome": if failed { "failure" } else { "success" },
                "actor": actor, "address": address, "request_id": request_id, "fact": fact, "list": list,
                "n": 3})
        }
    }

    proptest! {
        /// What fits has all the words that are looked for: an index of words misses nothing.
        #[test]
        fn no_event_fits_without_each_word_of_the_search(search in searches(), event in events()) {
            let has = terms(&event);
            prop_assert!(!search.fits(&event) || search.terms().iter().all(|term| has.contains(term)));
        }
    }
}
