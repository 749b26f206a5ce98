//! Which events of the audit log: the same filters wherever the command line reads it.

use std::time::Duration;

use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::Failure;
use super::organisation::At;
use crate::base::Timestamp;
use crate::config::parse_duration;
use crate::flows::Tessera;
use crate::protocol::access::Permit;
use crate::protocol::access::power::ReadAudit;
use crate::protocol::audit::{Actor, Kind};
use crate::protocol::audit_search::{self, EventSearch};

#[derive(Debug, Default, Args)]
pub(super) struct Filters {
    /// Only what happened since then: an instant (2026-07-01T00:00:00Z), or so long ago (90m, 7d)
    #[arg(long, value_name = "WHEN", value_parser = parse_since)]
    since: Option<Since>,
    /// Only what happened before then, written the same way
    #[arg(long, value_name = "WHEN", value_parser = parse_since)]
    until: Option<Since>,
    /// Only events of this kind, such as sign_in or key.changed
    #[arg(long, value_parser = parse_kind)]
    kind: Option<Kind>,
    /// Only what this one did: a user name, e-mail address or id, client:ID, operator, system or
    /// anonymous
    #[arg(long)]
    actor: Option<String>,
    /// Only what tells of this one: a user name, e-mail address, or any identifier
    #[arg(long)]
    about: Option<String>,
    /// Only what failed, or only what did not
    #[arg(long)]
    outcome: Option<Outcome>,
    /// Only from this IP address
    #[arg(long, value_parser = parse_address)]
    address: Option<String>,
    /// Only in this request
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Outcome {
    Success,
    Failure,
}

impl Filters {
    /// The right to read all of it, or what belongs to the organisation that is named.
    pub(super) async fn permit(&self, tessera: &Tessera) -> Result<Permit<ReadAudit>, Failure> {
        let everything = Permit::of_operator();
        let Some(organisation) = self.at.find(tessera).await? else {
            return Ok(everything);
        };
        let inside = everything.inside(organisation.id);
        inside.ok_or_else(|| Failure::new("the organisation is gone"))
    }

    /// What they ask for.
    pub(super) async fn search(self, tessera: &Tessera) -> Result<EventSearch, Failure> {
        let instant = |when: Option<Since>| {
            when.map(|when| match when {
                Since::At(at) => at,
                Since::Ago(ago) => tessera.now() - ago,
            })
        };
        Ok(EventSearch {
            kind: self.kind,
            actor: match self.actor {
                Some(named) => Some(actor(tessera, named).await?),
                None => None,
            },
            about: match self.about {
                Some(named) => Some(subject(tessera, named).await?),
                None => None,
            },
            failed: self.outcome.map(|outcome| outcome == Outcome::Failure),
            address: self.address,
            request_id: self.request_id,
            since: instant(self.since),
            until: instant(self.until),
        })
    }
}

/// A person by whatever they are called; the log outlives everything, so that anything else is taken as it is.
async fn subject(tessera: &Tessera, named: String) -> Result<String, Failure> {
    let user = tessera.find_user(&named).await?;
    Ok(user.map_or(named, |user| user.id.to_string()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Ago(Duration),
    At(Timestamp),
}

fn parse_since(text: &str) -> Result<Since, String> {
    match (Timestamp::parse_rfc3339(text), parse_duration(text)) {
        (Some(at), _) => Ok(Since::At(at)),
        (None, Ok(ago)) => Ok(Since::Ago(ago)),
        (None, Err(_)) => {
            Err("must be an instant (2026-07-01T00:00:00Z) or a duration (7d)".to_owned())
        }
    }
}

fn parse_address(text: &str) -> Result<String, String> {
    audit_search::address(text)
        .ok_or_else(|| "must be an IP address (192.0.2.7, 2001:db8::7)".to_owned())
}

/// The identifier of an event, where a list goes on.
pub(super) fn parse_event(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| {
        "must be the id of an event, as the list before ended with (01981c2e-7d3a-7000-8000-000000000000)".to_owned()
    })
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("must be one of {}", known.join(", "))
    })
}

/// The name in the log of whom the operator names.
async fn actor(tessera: &Tessera, named: String) -> Result<String, Failure> {
    let fixed = [Actor::Operator, Actor::System, Actor::Anonymous];
    if named.starts_with("client:") || fixed.iter().any(|actor| actor.name() == named) {
        return Ok(named);
    }
    let person = named.strip_prefix("user:").unwrap_or(&named);
    match tessera.find_user(person).await? {
        Some(user) => Ok(Actor::User(user.id).name()),
        // The log outlives the account.
        None if Uuid::parse_str(person).is_ok() => Ok(format!("user:{person}")),
        None => Err(Failure::new(format!("there is no account {person}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_an_instant_or_so_long_ago() {
        let at = Timestamp::from_seconds(1_782_864_000);
        assert_eq!(parse_since("2026-07-01T00:00:00Z"), Ok(Since::At(at)));
        assert_eq!(parse_since("2026-07-01T02:00:00+02:00"), Ok(Since::At(at)));
        let week = Duration::from_hours(24 * 7);
        assert_eq!(parse_since("7d"), Ok(Since::Ago(week)));
        assert!(parse_since("yesterday").is_err());
        assert_eq!(parse_address("2001:db8:0::7"), Ok("2001:db8::7".to_owned()));
        assert!(parse_address("foo").unwrap_err().contains("IP address"));
        assert!(parse_event("nope").unwrap_err().contains("id of an event"));
        assert!(parse_kind("sign_in").is_ok());
        assert!(parse_kind("sign-in").unwrap_err().contains("sign_in"));
    }
}
