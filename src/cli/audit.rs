//! `tessera audit`.

use std::sync::Arc;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, output, start};
use crate::config::Config;
use crate::flows::Tessera;
use crate::storage::audit::{self, Chain, Verification};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Walk the chain of hashes from the first event; exit code 1 if an event was changed or removed
    Verify {
        /// Print JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(command: &AuditCommand, config: Config) -> Result<(), Failure> {
    let AuditCommand::Verify { json } = *command;
    start::with_existing(config, async |tessera| verify(tessera, json).await).await
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
