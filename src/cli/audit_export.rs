//! `tessera audit export` and `tessera audit verify --file`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::audit_filters::Filters;
use super::{Failure, master_key};
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::administration::{Export, verify_file};
use crate::flows::backup::NewFile;
use crate::protocol::audit::Origin;
use crate::storage::audit::Verification;

pub(super) const EXPORT_HELP: &str = "\
One JSON object on each line: the event, its number and its link in the chain.
Without filters it is the whole log, oldest first, which `tessera audit verify
--file F` proves without the database; with filters it is what `tessera audit
list` would show, newest first. That it was taken is itself an event.

Examples:
  tessera audit export --output audit.jsonl
  tessera audit export --since 1d --outcome failure | jq .reason";

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    filters: Filters,
    /// The file to write, readable by you alone; replaced if it is there. Standard output if absent
    #[arg(long, value_name = "F")]
    output: Option<PathBuf>,
}

pub(super) async fn export(tessera: &Tessera, args: ExportArgs) -> Result<(), Failure> {
    let permit = args.filters.permit(tessera).await?;
    let search = args.filters.search(tessera).await?;
    let export = tessera
        .export_events(permit, search, Origin::default())
        .await?
        .map_err(|_| Failure::new("the audit log belongs to who administers everything"))?;
    let Some(path) = args.output else {
        let mut out = BufWriter::new(io::stdout().lock());
        write(export, &mut out, Path::new("standard output")).await?;
        return Ok(());
    };
    let mut file = NewFile::create(&path, &tessera.entropy)?;
    let count = write(export, file.out(), &path).await?;
    file.finish()?;
    eprintln!("Wrote {count} lines to {}", path.display());
    Ok(())
}

/// Part by part, so that any log fits into the memory. Whoever stops reading has no whole log: that is an error here.
async fn write(mut export: Export, out: &mut impl Write, name: &Path) -> Result<usize, Failure> {
    let cut_off = |error: io::Error| {
        let why = match error.kind() {
            ErrorKind::BrokenPipe => "nobody reads it any more".to_owned(),
            _ => error.to_string(),
        };
        Failure::new(format!(
            "{}: {why}; the export is not whole",
            name.display()
        ))
    };
    let mut count = 0;
    while let Some(lines) = export.next().await? {
        out.write_all(lines.as_bytes()).map_err(cut_off)?;
        count += lines.lines().count();
    }
    out.flush().map_err(cut_off)?;
    Ok(count)
}

/// Needs the master key, because the chain is made with it, and no database.
pub(super) fn verify(config: &Config, path: &Path) -> Result<Verification, Failure> {
    let master = master_key::existing(&config.keys, "the file")?;
    let named =
        |error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| named(&error))?;
    verify_file(BufReader::new(file), Arc::new(master)).map_err(|error| named(&error))
}
