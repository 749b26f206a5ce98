//! `tessera user import`: a file of people, one line of JSON each, read as it comes: a million need no more
//! memory than a thousand.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::client::Format;
use super::lines::Lines;
use super::progress::Progress;
use super::{Failure, output};
use crate::flows::Tessera;
use crate::flows::administration::{Entry, GroupNames, MayImport, Tally};
use crate::protocol::access::Permit;
use crate::protocol::audit::Origin;
use crate::protocol::user_import::Described;

/// In one transaction: so many people,
const BATCH: usize = 500;
/// or so many bytes of their lines.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// More problems than these are counted, not told: a wrong column is in every line.
const TOLD: usize = 100;

pub(super) const HELP: &str = r#"Each line is a JSON object:
  {"username": "ada", "email": "ada@example.com", "email_verified": true,
   "password_hash": "$2b$12$...", "profile": {"name": "Ada Lovelace"}}
username and email are required. Further members: sub (a UUID, kept as the sub
of tokens), profile (see tessera user update --help), enabled, organisation (its
short name), groups (names), password_change_required.

Hashes of bcrypt, scrypt, PBKDF2 and Argon2 are taken; docs/migration.md has
their forms. The first sign-in replaces each by Argon2id.

A file is checked whole before anything is written: where one line is refused,
nobody is imported, or with --skip-broken everybody else. What an earlier run
brought is known again: run an import that was cut off once more. Standard input
can be read only once: it is checked and written batch by batch."#;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    options: ImportOptions,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
struct ImportOptions {
    /// Check everything and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Import the others where some cannot be imported
    #[arg(long)]
    skip_broken: bool,
    /// Take hashes that are cheap to guess too: the first sign-in replaces them
    #[arg(long)]
    accept_weak_hashes: bool,
}

pub(super) async fn run(tessera: &Tessera, args: ImportArgs) -> Result<(), Failure> {
    let import = Import {
        tessera,
        may: may_import(GroupNames::Here),
        options: &args.options,
    };
    let total = import.file(&args.file).await?;
    total.tell(&args.options, args.format.json)
}

/// Whoever is at the machine.
pub(super) fn may_import(names: GroupNames) -> MayImport {
    MayImport {
        users: Permit::of_operator(),
        groups: Permit::of_operator(),
        roles: Permit::of_operator(),
        names,
    }
}

/// One import.
struct Import<'a> {
    tessera: &'a Tessera,
    may: MayImport,
    options: &'a ImportOptions,
}

/// Where it stands, and what is wrong with it.
type Broken = (String, Vec<String>);

/// What came of all of it.
#[derive(Default)]
pub(super) struct Total {
    pub made: u64,
    pub known: u64,
    pub refused: u64,
    /// `made` are there, and not only could be.
    written: bool,
    told: Vec<Broken>,
    /// Refused, and told by somebody else.
    told_elsewhere: u64,
}

impl Import<'_> {
    async fn file(&self, path: &Path) -> Result<Total, Failure> {
        let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
        if path == Path::new("-") {
            let mut lines = Lines::new(BufReader::new(std::io::stdin()));
            return self
                .pass(
                    &mut lines,
                    Progress::of("Importing", None),
                    !self.options.dry_run,
                    true,
                )
                .await;
        }
        let length = std::fs::metadata(path).map_err(fail)?.len();
        let open = || File::open(path).map(BufReader::new).map_err(fail);
        let mut lines = Lines::new(open()?);
        let checking = Progress::of("Checking", Some(length));
        let checked = self.pass(&mut lines, checking, false, false).await?;
        if self.options.dry_run || (checked.refused > 0 && !self.options.skip_broken) {
            return Ok(checked);
        }
        let mut lines = Lines::new(open()?);
        let importing = Progress::of("Importing", Some(length));
        self.pass(&mut lines, importing, true, false).await
    }

    /// Goes through all lines once. `stops`: at the first batch with a problem, before it is written.
    async fn pass<R: BufRead>(
        &self,
        lines: &mut Lines<R>,
        progress: Progress,
        write: bool,
        stops: bool,
    ) -> Result<Total, Failure> {
        let mut total = Total {
            written: write,
            ..Total::default()
        };
        let stops = stops && !self.options.skip_broken && !self.options.dry_run;
        loop {
            let (batch, broken) = self.batch(lines)?;
            if batch.is_empty() && broken.is_empty() {
                break;
            }
            if stops {
                let mut checked = self.tessera.check_import(&self.may, &batch).await?;
                checked.refused.extend(broken.iter().cloned());
                if !checked.refused.is_empty() {
                    let refused = in_order(checked.refused);
                    let unwritten = Tally::default();
                    progress.tell(total.add(Tally {
                        refused,
                        ..unwritten
                    }));
                    break;
                }
            }
            let mut done = if write {
                let batch = Arc::new(batch);
                let origin = Origin::default();
                self.tessera
                    .import_people(&self.may, batch, &origin)
                    .await?
            } else {
                self.tessera.check_import(&self.may, &batch).await?
            };
            done.refused.extend(broken);
            done.refused = in_order(done.refused);
            progress.tell(total.add(done));
            progress.at(lines.bytes, lines.number);
        }
        progress.end();
        if write {
            let digest = lines.digest();
            let counts = (digest.as_str(), total.made, total.known, total.refused);
            let origin = Origin::default();
            self.tessera
                .record_import(&self.may, counts, origin)
                .await?;
        }
        Ok(total)
    }

    /// The next lines: who is well described, and what is wrong with the others.
    fn batch<R: BufRead>(
        &self,
        lines: &mut Lines<R>,
    ) -> Result<(Vec<Entry>, Vec<Broken>), Failure> {
        let (mut batch, mut broken, mut bytes) = (Vec::new(), Vec::new(), 0);
        while batch.len() + broken.len() < BATCH && bytes < BATCH_BYTES {
            let Some(line) = lines.next().map_err(Failure::new)? else {
                break;
            };
            let read = line.and_then(|line| Described::read(line).map_err(|why| vec![why]));
            bytes += lines.length();
            let at = format!("line {}", lines.number);
            let weak = self.options.accept_weak_hashes;
            match read.and_then(|described| described.check(Vec::new(), weak)) {
                Ok(person) => batch.push(Entry {
                    at,
                    person,
                    roles: Vec::new(),
                }),
                Err(why) => broken.push((at, why)),
            }
        }
        Ok((batch, broken))
    }
}

/// As they stand in the file: `line 9` before `line 10`.
fn in_order(mut broken: Vec<Broken>) -> Vec<Broken> {
    broken.sort_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
    broken
}

impl Total {
    /// Counts people as refused of whom is told already.
    pub fn add_told(&mut self, refused: u64) {
        self.refused += refused;
        self.told_elsewhere += refused;
    }

    /// One line of what came of it.
    fn summary(&self, dry_run: bool) -> String {
        let (made, known, refused) = (self.made, self.known, self.refused);
        let all = made + known + refused;
        if dry_run {
            format!("Could import {made}, {known} there already, {refused} refused")
        } else if self.written {
            format!("Imported {made}, {known} there already, {refused} refused")
        } else {
            format!(
                "Nothing was imported: {refused} of {all} lines are refused. {made} could be imported, \
                 {known} are already there"
            )
        }
    }

    /// Counts these in; what is to be told of them.
    pub fn add(&mut self, tally: Tally) -> Vec<String> {
        self.made += tally.made;
        self.known += tally.known;
        let mut lines = Vec::new();
        for (at, why) in tally.refused {
            self.refused += 1;
            if self.told.len() < TOLD {
                lines.extend(why.iter().map(|why| format!("{at}: {why}")));
                self.told.push((at, why));
            }
        }
        lines
    }

    fn tell(&self, options: &ImportOptions, as_json: bool) -> Result<(), Failure> {
        let stopped = self.refused > 0 && !options.skip_broken;
        if as_json {
            let told = self.told.iter();
            output::json(&json!({
                "imported": if self.written || options.dry_run { self.made } else { 0 }, "already_there": self.known, "refused": self.refused,
                "dry_run": options.dry_run,
                "problems": told.map(|(at, why)| json!({"at": at, "problems": why})).collect::<Vec<_>>(),
            }))?;
        } else {
            output::line(self.summary(options.dry_run))?;
        }
        self.ending(stopped && !options.dry_run)
    }

    /// How a command ends that refused somebody.
    pub fn ending(&self, stopped: bool) -> Result<(), Failure> {
        if self.refused == 0 {
            return Ok(());
        }
        let told = self.told.len() as u64 + self.told_elsewhere;
        let more = self.refused.saturating_sub(told);
        let more = if more > 0 {
            format!(" ({more} of them not told)")
        } else {
            String::new()
        };
        Err(Failure::new(format!(
            "{} could not be imported{more}{}",
            self.refused,
            if stopped {
                "; mend them and run it again, or import the others: --skip-broken"
            } else {
                ""
            },
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_wrote_nothing_says_so() {
        let total = |written| Total {
            made: 6,
            refused: 8,
            written,
            ..Total::default()
        };
        let nothing = "Nothing was imported: 8 of 14 lines are refused. 6 could be imported, 0 are already there";
        assert_eq!(total(false).summary(false), nothing);
        let could = "Could import 6, 0 there already, 8 refused";
        assert_eq!(total(false).summary(true), could);
        let done = "Imported 6, 0 there already, 8 refused";
        assert_eq!(total(true).summary(false), done);
    }

    #[test]
    fn problems_come_in_the_order_of_the_lines() {
        let broken = [14, 15, 9, 13, 100].map(|line| (format!("line {line}"), Vec::new()));
        let sorted = in_order(broken.to_vec());
        let at: Vec<&str> = sorted.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(at, ["line 9", "line 13", "line 14", "line 15", "line 100"]);
    }
}
