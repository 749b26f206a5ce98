//! `tessera audit`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::audit_export::{self, EXPORT_HELP, ExportArgs};
use super::audit_filters::{Filters, parse_event};
use super::{Failure, output, start};
use crate::base::ids::EventId;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::administration::{Found, Position};
use crate::storage::audit::{self, Chain, Verification};

const LIST_HELP: &str = "\
Examples:
  tessera audit list --since 1h
  tessera audit list --kind sign_in --actor ada
  tessera audit list --kind key.changed --json
  tessera audit list --outcome failure --address 192.0.2.7 --until 1h
  tessera audit list --about YBlz0n --limit 1000 --json";

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List events, newest first
    #[command(after_help = LIST_HELP)]
    List(ListArgs),
    /// Take the log away as JSON lines
    #[command(after_help = EXPORT_HELP)]
    Export(ExportArgs),
    /// Walk the chain of hashes from the first event, or from the checkpoint that `audit.retention` left; exit
    /// code 1 if an event was changed or removed
    Verify {
        /// A whole exported log, in place of the database
        #[arg(long, value_name = "F")]
        file: Option<PathBuf>,
        /// Print JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only what is older than this event: where the list before ended
    #[arg(long, value_name = "ID", value_parser = parse_event)]
    before: Option<Uuid>,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: AuditCommand, config: Config) -> Result<(), Failure> {
    if let AuditCommand::Verify {
        file: Some(path),
        json,
    } = command
    {
        return tell(&audit_export::verify(&config, &path)?, json);
    }
    start::with_existing(config, async |tessera| match command {
        AuditCommand::List(args) => list(tessera, args).await,
        AuditCommand::Export(args) => audit_export::export(tessera, args).await,
        AuditCommand::Verify { json, .. } => {
            let chain = Chain::new(Arc::clone(&tessera.master));
            tell(&audit::verify(&tessera.store, &chain).await?, json)
        }
    })
    .await
}

async fn list(tessera: &Tessera, args: ListArgs) -> Result<(), Failure> {
    let permit = args.filters.permit(tessera).await?;
    let (search, limit) = (args.filters.search(tessera).await?, args.limit as usize);
    let mut after = args.before.map(|id| Position::from(EventId(id)));
    let mut events: Vec<Found> = Vec::new();
    // A page may end before it is full: there is only so much that it looks at.
    loop {
        let listed = tessera
            .search_events(&permit, &search, after, limit - events.len())
            .await?
            .map_err(|_| Failure::new("the audit log belongs to who administers everything"))?;
        events.extend(listed.items);
        after = listed.next;
        if after.is_none() || events.len() == limit {
            break;
        }
    }
    let next = after.map(|at| at.id);
    if args.json {
        let events: Vec<Value> = events.into_iter().map(Value::from).collect();
        return output::json(&json!({ "events": events, "next": next }));
    }
    let mut rows = vec![["AT", "KIND", "ACTOR", "OUTCOME", "DETAILS"].map(str::to_owned)];
    rows.extend(events.into_iter().filter_map(|found| match found.body {
        Value::Object(event) => Some(row(event)),
        _ => None,
    }));
    output::table(&rows)?;
    if let Some(next) = next {
        // Not part of the result.
        eprintln!("There is more: go on with --before {next}");
    }
    Ok(())
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

fn tell(found: &Verification, json: bool) -> Result<(), Failure> {
    if json {
        let broken = found
            .broken_at
            .map(|(seq, reason)| json!({ "seq": seq, "reason": reason }));
        output::json(&json!({
            "holds": found.broken_at.is_none(),
            "checked": found.checked,
            "unsealed": found.unsealed,
            "removed": found.removed,
            "broken_at": broken,
            "known": found.known,
        }))?;
    } else if found.broken_at.is_none() {
        output::line(holds(found))?;
    }
    judge(found)
}

/// In words, what holds.
pub(super) fn holds(found: &Verification) -> String {
    let waiting = match found.unsealed {
        0 => String::new(),
        n => format!(" {n} more wait for their seal."),
    };
    let removed = match found.removed {
        0 => String::new(),
        n => format!(" The {n} before them were removed because of their age."),
    };
    format!(
        "The audit log is whole: {} events.{removed}{waiting}",
        found.checked
    )
}

/// An error if the chain is broken.
pub(super) fn judge(found: &Verification) -> Result<(), Failure> {
    match (found.broken_at, found.known) {
        (None, _) => Ok(()),
        (Some((seq, reason)), Some(known)) => Err(Failure::new(format!(
            "the audit log is broken at event {seq}: {reason}: {known} were known"
        ))),
        (Some((seq, reason)), None) => Err(Failure::new(format!(
            "the audit log is broken at event {seq}: {reason}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
