//! `tessera import`: everything that another server exports.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Format;
use super::progress::Progress;
use super::user_import::{Total, may_import};
use super::{Failure, output, start};
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::administration::{ClientImport, Entry, GroupImport, GroupNames, Refused, Tally};
use crate::protocol::access::Permit;
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::protocol::keycloak::{Export, Plan, PlannedClient, PlannedPerson};

/// A realm is read into memory: far more than anybody exports into one file.
const MAX_FILE: u64 = 512 * 1024 * 1024;

/// Or people of the old realm would come to roles here because two groups have one name.
const HOLDS_ROLES: &str = "a group of this name is here and holds a role: nobody is put into it; \
    rename one of them, or add its people with tessera group";

/// People in one transaction.
const BATCH: usize = 500;

const KEYCLOAK_HELP: &str = "\
Export a realm with its users where Keycloak runs:
  bin/kc.sh export --realm acme --dir /tmp/acme --users different_files
Then:
  tessera import keycloak --dry-run /tmp/acme/*.json
  tessera import keycloak /tmp/acme/*.json

What is not carried over is told at the end, each thing with the reason.
Whoever is refused is left out and everybody else is imported (tessera user
import, on the other hand, imports nobody then): try it with --dry-run first.
Run it again as often as you like: what is there already stays as it is. See
docs/migration.md.";

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Import people, groups and clients from the export of a Keycloak realm
    #[command(after_help = KEYCLOAK_HELP)]
    Keycloak(KeycloakArgs),
}

#[derive(Debug, Args)]
pub(super) struct KeycloakArgs {
    /// The files of one realm
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Check everything and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take hashes that are cheap to guess too: the first sign-in replaces them
    #[arg(long)]
    accept_weak_hashes: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(command: ImportCommand, config: Config) -> Result<(), Failure> {
    let ImportCommand::Keycloak(args) = command;
    let exports: Result<Vec<Export>, Failure> = args.files.iter().map(|file| read(file)).collect();
    let plan = Plan::of(exports?).map_err(Failure::new)?;
    start::with_existing(config, async |tessera| keycloak(tessera, plan, &args).await).await
}

fn read(file: &Path) -> Result<Export, Failure> {
    let fail = |why: String| Failure::new(format!("{}: {why}", file.display()));
    let length = std::fs::metadata(file)
        .map_err(|error| fail(error.to_string()))?
        .len();
    if length > MAX_FILE {
        return Err(fail(
            "larger than 512 MiB: export users into several files".to_owned(),
        ));
    }
    let bytes = std::fs::read(file).map_err(|error| fail(error.to_string()))?;
    // The library's words may repeat a value, and there are secrets beside it.
    let export: Export = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        fail(format!(
            "is no export of a Keycloak realm, at line {line} column {column}"
        ))
    })?;
    if !export.is_of_realm() {
        let why = "is no export of a Keycloak realm: it has neither realm nor users";
        return Err(fail(why.to_owned()));
    }
    Ok(export)
}

async fn keycloak(tessera: &Tessera, plan: Plan, args: &KeycloakArgs) -> Result<(), Failure> {
    let write = !args.dry_run;
    let Plan {
        groups,
        clients,
        people,
        mut left,
        people_left,
    } = plan;
    let (mut made_groups, mut made_clients) = (0_u64, 0_u64);
    for name in &groups {
        match group(tessera, name, write).await? {
            Ok(GroupImport::New) => made_groups += 1,
            Ok(GroupImport::There) => {}
            Ok(GroupImport::HoldsRoles) => {
                left.push((format!("group {name}"), HOLDS_ROLES.to_owned()));
            }
            Err(why) => left.push((format!("group {name}"), why)),
        }
    }
    for planned in clients {
        let at = planned.at.clone();
        match client(tessera, planned, write).await? {
            Ok(made) => made_clients += u64::from(made),
            Err(why) => left.push((at, why)),
        }
    }
    let mut total = bring(tessera, people, &groups, args).await?;
    total.add_told(people_left);
    if args.format.json {
        let left: Vec<_> = left
            .iter()
            .map(|(at, why)| json!({"at": at, "why": why}))
            .collect();
        output::json(&json!({
            "groups": made_groups, "clients": made_clients, "people": total.made,
            "already_there": total.known, "refused": total.refused, "dry_run": !write, "not_carried_over": left,
        }))?;
    } else {
        tell_left(&left)?;
        let verb = if write { "Imported" } else { "Could import" };
        output::line(format!(
            "{verb} {made_groups} groups, {made_clients} clients and {} people; {} people there already, {} refused",
            total.made, total.known, total.refused
        ))?;
    }
    total.ending(false)
}

/// Checks people, and makes them unless it is only tried.
async fn bring(
    tessera: &Tessera,
    people: Vec<PlannedPerson>,
    groups: &[String],
    args: &KeycloakArgs,
) -> Result<Total, Failure> {
    let write = !args.dry_run;
    let mut entries = Vec::new();
    let mut total = Total::default();
    let progress = Progress::of("Importing", None);
    for person in people {
        let weak = args.accept_weak_hashes;
        match person.described.check(person.seeds, weak) {
            Ok(checked) => entries.push(Entry {
                at: person.at,
                person: checked,
            }),
            Err(why) => {
                let refused = vec![(person.at, why)];
                progress.tell(total.add(Tally {
                    refused,
                    ..Tally::default()
                }));
            }
        }
    }
    // They would be made before anybody is put into them.
    let planned = if write { Vec::new() } else { groups.to_vec() };
    let may = may_import(GroupNames::Elsewhere(Arc::new(planned)));
    for batch in entries.chunks(BATCH) {
        let origin = Origin::default();
        let tally = if write {
            tessera
                .import_people(&may, Arc::new(batch.to_vec()), &origin)
                .await?
        } else {
            tessera.check_import(&may, batch).await?
        };
        progress.tell(total.add(tally));
        progress.at(0, total.made + total.known + total.refused);
    }
    progress.end();
    if write {
        let counts = ("", total.made, total.known, total.refused);
        tessera
            .record_import(&may, counts, Origin::default())
            .await?;
    }
    Ok(total)
}

fn tell_left(left: &[(String, String)]) -> Result<(), Failure> {
    if left.is_empty() {
        return Ok(());
    }
    output::line("Not carried over:")?;
    left.iter()
        .try_for_each(|(at, why)| output::line(format!("  {at}: {why}")))
}

async fn group(
    tessera: &Tessera,
    name: &str,
    write: bool,
) -> Result<Result<GroupImport, String>, Failure> {
    let made = tessera
        .import_group(Permit::of_operator(), name, write, Origin::default())
        .await?;
    Ok(made.map_err(|why| why.to_string()))
}

async fn client(
    tessera: &Tessera,
    planned: PlannedClient,
    write: bool,
) -> Result<Result<bool, String>, Failure> {
    let new = ClientImport {
        id: ClientId::new(planned.id),
        metadata: planned.metadata,
        secret: planned.secret,
        enabled: planned.enabled,
    };
    let done = tessera
        .import_client(Permit::of_operator(), new, write, Origin::default())
        .await?;
    Ok(done.map_err(|refused| match refused {
        Refused::Taken(what) => format!("not imported: {what} is taken by another client"),
        other => format!("not imported: {other}"),
    }))
}
