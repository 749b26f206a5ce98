//! `tessera audit`.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Failure, output, start};
use crate::base::Timestamp;
use crate::base::ids::EventId;
use crate::config::{Config, parse_duration};
use crate::flows::Tessera;
use crate::protocol::audit::{Actor, Kind};
use crate::storage::audit::{self, Chain, Filter, Stored, Verification};

const LIST_HELP: &str = "\
Examples:
  tessera audit list --since 1h
  tessera audit list --kind sign_in --actor ada
  tessera audit list --kind key.changed --json
  tessera audit list --actor client:YBlz0n --limit 1000 --json";

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List events, newest first
    #[command(after_help = LIST_HELP)]
    List(ListArgs),
    /// Walk the chain of hashes from the first event; exit code 1 if an event was changed or removed
    Verify {
        /// Print JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only what happened since then: an instant (2026-07-01T00:00:00Z), or so long ago (90m, 7d)
    #[arg(long, value_name = "WHEN", value_parser = parse_since)]
    since: Option<Since>,
    /// Only events of this kind, such as sign_in or key.changed
    #[arg(long, value_parser = parse_kind)]
    kind: Option<Kind>,
    /// Only what this one did: a user name, e-mail address or id, client:ID, operator, system or
    /// anonymous
    #[arg(long)]
    actor: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only what is older than this event: where the list before ended
    #[arg(long, value_name = "ID")]
    before: Option<Uuid>,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
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

fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("must be one of {}", known.join(", "))
    })
}

pub(super) async fn run(command: AuditCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| match command {
        AuditCommand::List(args) => list(tessera, args).await,
        AuditCommand::Verify { json } => verify(tessera, json).await,
    })
    .await
}

async fn list(tessera: &Tessera, args: ListArgs) -> Result<(), Failure> {
    let actor = match args.actor {
        Some(named) => Some(actor(tessera, named).await?),
        None => None,
    };
    let filter = Filter {
        since: args.since.map(|since| match since {
            Since::At(at) => at,
            Since::Ago(ago) => tessera.now() - ago,
        }),
        before: args.before.map(EventId),
        kind: args.kind,
        actor,
    };
    let (mut reader, limit) = (&tessera.store, args.limit as usize);
    // One more than is shown, to know whether there is more.
    let mut page = audit::page(&mut reader, &filter, i64::from(args.limit) + 1).await?;
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|last| last.id);
    let events = page.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    if args.json {
        return output::json(&json!({ "events": events, "next": next }));
    }
    let mut rows = vec![["AT", "KIND", "ACTOR", "OUTCOME", "DETAILS"].map(str::to_owned)];
    rows.extend(events.into_iter().map(row));
    output::table(&rows)?;
    if let Some(next) = next {
        // Not part of the result.
        eprintln!("There is more: go on with --before {next}");
    }
    Ok(())
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

fn event(stored: &Stored) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(&stored.body)
        .map_err(|error| Failure::new(format!("event {} cannot be read: {error}", stored.id)))
}

/// The first columns by name, and whatever else there is.
fn row(mut event: Map<String, Value>) -> [String; 5] {
    event.remove("id");
    let mut column = |name: &str| {
        event
            .remove(name)
            .map_or_else(String::new, |value| plain(&value))
    };
    let [at, kind, actor, outcome] = ["at", "kind", "actor", "outcome"].map(&mut column);
    let details: Vec<String> = event
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    [at, kind, actor, outcome, details.join(" ")]
}

/// Without quotation marks where nothing in it could mislead who reads the line.
fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text)
            if !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'"') =>
        {
            text.to_owned()
        }
        _ => value.to_string(),
    }
}

async fn verify(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let chain = Chain::new(Arc::clone(&tessera.master));
    let found = audit::verify(&tessera.store, &chain).await?;
    if json {
        let broken = found
            .broken_at
            .map(|(seq, reason)| json!({ "seq": seq, "reason": reason }));
        output::json(&json!({
            "holds": found.broken_at.is_none(),
            "checked": found.checked,
            "unsealed": found.unsealed,
            "broken_at": broken,
        }))?;
    } else if found.broken_at.is_none() {
        output::line(holds(&found))?;
    }
    judge(&found)
}

/// In words, what holds.
pub(super) fn holds(found: &Verification) -> String {
    let waiting = match found.unsealed {
        0 => String::new(),
        n => format!(" {n} more wait for their seal."),
    };
    format!("The audit log is whole: {} events.{waiting}", found.checked)
}

/// An error if the chain is broken.
pub(super) fn judge(found: &Verification) -> Result<(), Failure> {
    match found.broken_at {
        None => Ok(()),
        Some((seq, reason)) => Err(Failure::new(format!(
            "the audit log is broken at event {seq}: {reason}"
        ))),
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
        assert!(parse_kind("sign_in").is_ok());
        assert!(parse_kind("sign-in").unwrap_err().contains("sign_in"));
    }

    #[test]
    fn what_somebody_typed_cannot_draw_another_line_of_the_table() {
        let body = json!({"id": "1", "at": "2026", "kind": "sign_in", "actor": "anonymous",
            "outcome": "failure", "username": "x\n2027 sign_in user:1", "tries": 3});
        let event = body.as_object().unwrap().clone();
        let [at, kind, actor, outcome, details] = row(event);
        assert_eq!(
            [at, kind, actor, outcome],
            ["2026", "sign_in", "anonymous", "failure"]
        );
        assert_eq!(details, r#"tries=3 username="x\n2027 sign_in user:1""#);
    }
}
