//! `tessera export`, `tessera plan` and `tessera apply`: configuration from a file.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Failure, declare_show, input, output, start};
use crate::base::Secret;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::administration::Refused;
use crate::flows::administration::declared::{NotApplied, Permits, Wish};
use crate::protocol::access::Permit;
use crate::protocol::audit::Origin;
use crate::protocol::declared::{self, Declared, Plan, Problem, SecretReference, visible};

pub(super) const PLAN_HELP: &str = "\
Exit codes: 0 all is as the file says, 3 something differs, 1 it did not work,
2 wrong usage or configuration. What is not in the file stays, and is no
difference, unless --prune is given. A section that the file does not have is
left alone. See docs/declarative.md.";

/// How a file is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Toml,
    Json,
}

impl From<Format> for declared::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Toml => Self::Toml,
            Format::Json => Self::Json,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// How the file is written
    #[arg(long, default_value = "toml")]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How it is written [default: JSON if its name ends so, else TOML]
    #[arg(long)]
    format: Option<Format>,
    /// Remove what is not in the file, in the sections that the file has
    #[arg(long)]
    prune: bool,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only if it is still the plan of this digest (see plan --json)
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
}

fn permits() -> Permits {
    Permits {
        settings: Permit::of_operator(),
        organisations: Permit::of_operator(),
        resources: Permit::of_operator(),
        roles: Permit::of_operator(),
        groups: Permit::of_operator(),
        clients: Permit::of_operator(),
    }
}

pub(super) async fn export(args: ExportArgs, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| {
        let declared = tessera.export_configuration(&permits()).await?;
        let text = declared::write(&declared, args.format.into()).map_err(Failure::new)?;
        output::line(text.trim_end())
    })
    .await
}

pub(super) async fn plan(args: PlanArgs, config: Config) -> Result<(), Failure> {
    // Before anything is opened: a mistake in the file needs no database to be told.
    let wish = read(&args.file)?;
    start::with_existing(config, async |tessera| {
        let plan = planned(tessera, &wish).await?;
        if args.json {
            let digest = plan.digest();
            output::json(&json!({"changes": plan.changes, "notes": plan.notes, "digest": digest}))?;
        } else {
            declare_show::plan(&plan)?;
        }
        if plan.changes.is_empty() {
            Ok(())
        } else {
            Err(Failure::Differs)
        }
    })
    .await
}

pub(super) async fn apply(args: ApplyArgs, config: Config) -> Result<(), Failure> {
    let wish = read(&args.file)?;
    start::with_existing(config, async |tessera| {
        let plan = planned(tessera, &wish).await?;
        declare_show::plan(&plan)?;
        if let Some(wanted) = &args.digest
            && *wanted != plan.digest()
        {
            return Err(Failure::new(
                "this is another plan than the one of that digest: nothing was changed",
            ));
        }
        if plan.changes.is_empty() {
            return Ok(());
        }
        if !args.yes && !is_confirmed(&args.file.file)? {
            return Err(Failure::new("nothing was changed"));
        }
        let done = tessera
            .apply_configuration(permits(), wish, plan, Origin::default())
            .await?;
        match done {
            Ok(()) => output::line("Done."),
            Err(why) => Err(Failure::new(not_applied(&why))),
        }
    })
    .await
}

async fn planned(tessera: &Tessera, wish: &Wish) -> Result<Plan, Failure> {
    let planned = tessera.plan_configuration(&permits(), wish).await?;
    planned.map_err(|problems| Failure::new(listed(&problems)))
}

fn read(args: &FileArgs) -> Result<Wish, Failure> {
    let is_json = args
        .file
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let format = match args.format {
        Some(format) => format,
        None if is_json => Format::Json,
        None => Format::Toml,
    };
    let text = input::read(&args.file)?;
    let declared = declared::read(&text, format.into()).map_err(|problems| {
        let file = args.file.display().to_string();
        Failure::new(format!("{}: {}", visible(&file), listed(&problems)))
    })?;
    Ok(Wish {
        secrets: secrets(&declared),
        declared,
        prune: args.prune,
    })
}

fn listed(problems: &[Problem]) -> String {
    match problems {
        [one] => one.to_string(),
        all => all.iter().fold("this is wrong:".to_owned(), |text, one| {
            format!("{text}\n  {one}")
        }),
    }
}

fn secrets(declared: &Declared) -> BTreeMap<String, Result<Secret<String>, String>> {
    let clients = declared.clients.iter().flatten();
    clients
        .filter_map(|(id, client)| Some((id.clone(), resolve(client.client_secret.as_ref()?))))
        .collect()
}

/// A secret, and the end of its line.
const LONGEST: u64 = 512 + 2;

/// The text of a file that can hold a secret: a device or a pipe might never end, and opening one might wait for ever.
fn short_file(path: &Path) -> Result<String, String> {
    let said = |error: std::io::Error| error.to_string();
    if !std::fs::metadata(path).map_err(said)?.is_file() {
        return Err("it is no file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(said)?;
    let mut bytes = Vec::with_capacity(1_024);
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(said)?;
    if bytes.len() as u64 > LONGEST {
        return Err("it is too long for a secret".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// The secret, or why there is none.
fn resolve(reference: &SecretReference) -> Result<Secret<String>, String> {
    let text = match reference {
        SecretReference::Env(name) => std::env::var_os(name)
            .ok_or_else(|| format!("{reference} is not set"))?
            .into_string()
            .map_err(|_| format!("{reference} is not UTF-8"))?,
        SecretReference::File(path) => {
            short_file(Path::new(path)).map_err(|why| format!("{reference}: {why}"))?
        }
    };
    let secret = Secret::new(text);
    // Editors and `echo` end a file with a line feed.
    let text = secret.expose();
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(format!("{reference} is empty"));
    }
    Ok(Secret::new(text.to_owned()))
}

fn is_confirmed(file: &Path) -> Result<bool, Failure> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !is_terminal || file == Path::new("-") {
        return Err(Failure::Usage(
            "nobody is here to ask, so nothing was changed: say --yes".to_owned(),
        ));
    }
    let mut out = std::io::stdout().lock();
    let asked = out
        .write_all(b"Make it so? [y/N] ")
        .and_then(|()| out.flush());
    asked.map_err(Failure::new)?;
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(Failure::new)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn not_applied(why: &NotApplied) -> String {
    match why {
        NotApplied::Stale => {
            "somebody changed something since the plan was made, so nothing was changed: look at a new one".to_owned()
        }
        NotApplied::LastAdministrator => {
            "nobody would be left to administer the deployment, so nothing was changed".to_owned()
        }
        NotApplied::Wrong(problems) => format!("nothing was changed: {}", listed(problems)),
        NotApplied::Refused(name, why) => {
            let why = match why {
                Refused::Absent => "what it belongs to or speaks of is not there".to_owned(),
                Refused::Stale => "it is another by now".to_owned(),
                Refused::Beyond | Refused::NotHere => "it may not be".to_owned(),
                Refused::Taken(what) => format!("{what} is taken"),
                Refused::InUse(why) => why.clone(),
                Refused::LastAdministrator => "nobody would be left".to_owned(),
                Refused::Wrong(all) => all.join("; "),
            };
            format!("{}: {}; nothing was changed", visible(name), visible(&why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_a_short_file_and_from_nothing_that_never_ends() {
        let folder = std::env::temp_dir().join(format!("tessera-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let of = |path: &Path| {
            let path = path.to_str().unwrap().to_owned();
            resolve(&SecretReference::File(path)).map(|secret| secret.expose().clone())
        };
        let write = |length: usize| {
            let path = folder.join("secret");
            std::fs::write(&path, "a".repeat(length) + "\r\n").unwrap();
            path
        };
        assert_eq!(of(&write(512)), Ok("a".repeat(512)));
        assert!(of(&write(514)).unwrap_err().contains("too long"));
        let absent = of(&folder.join("absent")).unwrap_err();
        assert!(absent.contains("No such file or directory"), "{absent}");
        for endless in [&*folder, Path::new("/dev/zero")] {
            assert!(of(endless).unwrap_err().contains("it is no file"));
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
