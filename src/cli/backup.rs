//! `tessera backup` and `tessera restore`.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, audit, logging, master_key, output, start};
use crate::config::Config;
use crate::flows::backup;
use crate::protocol::audit::Actor;

const BACKUP_HELP: &str = "\
The file holds every table as JSON lines and ends with a checksum. It is
readable by you alone (0600) and is consistent even while a server writes. The
master key is not in it: keep a copy of that elsewhere, because neither is of
use without the other.";

const RESTORE_HELP: &str = "\
Restores into the configured database, which must be empty; it need not be of
the engine that the backup came from. Example, from SQLite to PostgreSQL:
  tessera backup all.jsonl
  export TESSERA__DATABASE__URL=postgres://tessera@db/tessera
  tessera restore all.jsonl";

#[derive(Debug, Args)]
#[command(after_help = BACKUP_HELP)]
pub(super) struct BackupArgs {
    /// The file to write; replaced if it is there
    file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = RESTORE_HELP)]
pub(super) struct RestoreArgs {
    /// The file to read
    file: PathBuf,
}

pub(super) async fn backup(args: BackupArgs, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| {
        let rows = backup::backup(tessera, &args.file, Actor::Operator).await?;
        output::line(format!("Wrote {rows} rows to {}", args.file.display()))?;
        output::line(format!(
            "The master key is not in it ({}): keep a copy of that elsewhere.",
            master_key::place(&tessera.config.keys)
        ))
    })
    .await
}

pub(super) async fn restore(args: RestoreArgs, config: Config) -> Result<(), Failure> {
    logging::for_command(&config)?;
    // A new key would open nothing of the backup. Both are looked at before anything is made.
    let master = master_key::existing(&config.keys, "the backup")?;
    let examined = backup::examine(&args.file, &master)?;
    let tessera = start::unchecked(config, master).await?;
    let restored = backup::restore(&tessera, examined, Actor::Operator).await;
    tessera.store.close().await;
    let restored = restored?;
    output::line(format!(
        "Restored {} rows, taken {} from {}",
        restored.rows, restored.header.taken_at, restored.header.engine
    ))?;
    if restored.header.issuer != tessera.issuer() {
        eprintln!(
            "tessera: the backup belongs to the issuer {}, and this one is {}: clients will notice",
            restored.header.issuer,
            tessera.issuer()
        );
    }
    audit::judge(&restored.audit)?;
    output::line(audit::holds(&restored.audit))
}
