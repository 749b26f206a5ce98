//! `tessera import`: everything that another server exports.

use std::collections::{BTreeMap, BTreeSet};
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
use crate::flows::administration::{
    ClientImport, Entry, GroupImport, GroupNames, MayImport, Realm, Refused, RoleImport,
    RoleImported, Tally,
};
use crate::protocol::access::{Permit, RoleName};
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::protocol::keycloak::{Export, Plan, PlannedClient, PlannedPerson, PlannedRole};

/// A realm is read into memory: far more than anybody exports into one file.
const MAX_FILE: u64 = 512 * 1024 * 1024;

/// Or people of the old realm would come to roles here because two groups have one name.
const HOLDS_ROLES: &str = "a group of this name is here and holds a role: nobody is put into it; \
    rename one of them, or add its people with tessera group";

/// Or people of the old realm would come to what somebody else meant by that name.
const FOREIGN_ROLE: &str = "a role of this name is here that this import did not bring, or that was changed since: \
    nobody is given it; see tessera role grant";

/// Or people of this server would come to roles of the old realm because two groups have one name.
const HERE_BEFORE: &str = "the group was here before, or they mean something else here by now; \
    give them to it with tessera role grant";

/// People in one transaction.
const BATCH: usize = 500;

const KEYCLOAK_HELP: &str = "\
Export a realm with its users where Keycloak runs:
  bin/kc.sh export --realm acme --dir /tmp/acme --users different_files
Then:
  tessera import keycloak --dry-run /tmp/acme/*.json
  tessera import keycloak /tmp/acme/*.json

What is not carried over is told at the end, each thing with the reason. Roles
of the realm come as names that permit nothing here.
Whoever is refused is left out and everybody else is imported (tessera user
import, on the other hand, imports nobody then): try it with --dry-run first.
Run it again as often as you like: what is there already stays as it is. See
docs/migration.md.";

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Import people, roles, groups and clients from the export of a Keycloak realm
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

/// What was made, and what was not.
#[derive(Default)]
struct Made {
    roles: u64,
    groups: u64,
    clients: u64,
    left: Vec<(String, String)>,
}

impl Made {
    fn leave(&mut self, at: String, why: impl Into<String>) {
        self.left.push((at, why.into()));
    }
}

async fn keycloak(tessera: &Tessera, plan: Plan, args: &KeycloakArgs) -> Result<(), Failure> {
    let write = !args.dry_run;
    let mut made = Made {
        left: plan.left,
        ..Made::default()
    };
    let named = |name: String, groups| {
        let to_be_made = !write;
        may_import(GroupNames::Elsewhere(Arc::new(Realm {
            name,
            groups,
            to_be_made,
        })))
    };
    let may = named(plan.realm.clone(), BTreeMap::new());
    let come = roles(tessera, &may, plan.roles, write, &mut made).await?;
    let only = |mut roles: Vec<RoleName>| {
        roles.retain(|role| come.contains(role));
        roles
    };
    let mut groups: BTreeMap<String, BTreeSet<RoleName>> = BTreeMap::new();
    for group in plan.groups {
        let known = groups.entry(group.name).or_default();
        known.extend(only(group.roles));
    }
    let may = named(plan.realm, groups);
    import_groups(tessera, &may, write, &mut made).await?;
    for planned in plan.clients {
        let at = planned.at.clone();
        match client(tessera, planned, write).await? {
            Ok(new) => made.clients += u64::from(new),
            Err(why) => made.leave(at, why),
        }
    }
    let mut people = plan.people;
    for person in &mut people {
        person.roles = only(std::mem::take(&mut person.roles));
    }
    let mut total = bring(tessera, people, &may, args, &mut made).await?;
    total.add_told(plan.people_left);
    tell(&made, &total, write, args.format.json)?;
    total.ending(false)
}

fn tell(made: &Made, total: &Total, write: bool, as_json: bool) -> Result<(), Failure> {
    let Made {
        roles,
        groups,
        clients,
        left,
    } = made;
    if as_json {
        let left: Vec<_> = left
            .iter()
            .map(|(at, why)| json!({"at": at, "why": why}))
            .collect();
        return output::json(&json!({
            "roles": roles, "groups": groups, "clients": clients, "people": total.made,
            "already_there": total.known, "refused": total.refused, "dry_run": !write, "not_carried_over": left,
        }));
    }
    tell_left(left)?;
    let verb = if write { "Imported" } else { "Could import" };
    output::line(format!(
        "{verb} {roles} roles, {groups} groups, {clients} clients and {} people; {} people there already, {} refused",
        total.made, total.known, total.refused
    ))
}

/// Makes roles; those that the import may give.
async fn roles(
    tessera: &Tessera,
    may: &MayImport,
    planned: Vec<PlannedRole>,
    write: bool,
    made: &mut Made,
) -> Result<BTreeSet<RoleName>, Failure> {
    let mut come = BTreeSet::new();
    for planned in planned {
        let (at, name) = (format!("role {}", planned.name), planned.name);
        let (inherits, without): (Vec<_>, Vec<_>) = planned
            .inherits
            .into_iter()
            .partition(|below| come.contains(below));
        for below in without {
            made.leave(at.clone(), format!("that it is also {below}"));
        }
        let new = RoleImport {
            name: name.clone(),
            description: planned.description,
            inherits,
        };
        let done = tessera.import_role(may, new, write, Origin::default());
        match done.await? {
            Ok(RoleImported::New) => made.roles += 1,
            Ok(RoleImported::There) => {}
            Ok(RoleImported::Foreign) => {
                made.leave(at, FOREIGN_ROLE);
                continue;
            }
            Ok(RoleImported::RestsOnForeign) => {
                made.leave(at, "it would rest on a role that means something else here");
                continue;
            }
            Err(why) => {
                made.leave(at, why.to_string());
                continue;
            }
        }
        come.insert(name);
    }
    Ok(come)
}

async fn import_groups(
    tessera: &Tessera,
    may: &MayImport,
    write: bool,
    made: &mut Made,
) -> Result<(), Failure> {
    let GroupNames::Elsewhere(realm) = &may.names else {
        return Ok(());
    };
    for name in realm.groups.keys() {
        let at = format!("group {name}");
        let done = tessera.import_group(may, name, write, Origin::default());
        let without = match done.await? {
            Ok((GroupImport::New, without)) => {
                made.groups += 1;
                without
            }
            Ok((GroupImport::There, without)) => without,
            Ok((GroupImport::HoldsRoles, _)) => {
                made.leave(at, HOLDS_ROLES);
                continue;
            }
            Err(why) => {
                made.leave(at, why.to_string());
                continue;
            }
        };
        if !without.is_empty() {
            let names: Vec<&str> = without.iter().map(RoleName::as_str).collect();
            made.leave(at, format!("its roles {}: {HERE_BEFORE}", names.join(", ")));
        }
    }
    Ok(())
}

/// Checks people, and makes them unless it is only tried.
async fn bring(
    tessera: &Tessera,
    people: Vec<PlannedPerson>,
    may: &MayImport,
    args: &KeycloakArgs,
    made: &mut Made,
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
                roles: person.roles,
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
    for batch in entries.chunks(BATCH) {
        let origin = Origin::default();
        let mut tally = if write {
            tessera
                .import_people(may, Arc::new(batch.to_vec()), &origin)
                .await?
        } else {
            tessera.check_import(may, batch).await?
        };
        made.left.append(&mut tally.left);
        progress.tell(total.add(tally));
        progress.at(0, total.made + total.known + total.refused);
    }
    progress.end();
    if write {
        let counts = ("", total.made, total.known, total.refused);
        tessera
            .record_import(may, counts, Origin::default())
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
