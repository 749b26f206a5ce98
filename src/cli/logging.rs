//! The log on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use super::Failure;
use crate::config::{Config, LogFormat};

/// For the server: as configured.
pub(super) fn for_server(config: &Config) -> Result<(), Failure> {
    // "relation already exists, skipping" at every start is no news; the configured filter comes
    // later and so may ask for it.
    let filter = format!("sqlx::postgres::notice=warn,{}", config.log.filter);
    let filter = EnvFilter::try_new(filter).map_err(Failure::new)?;
    init(filter, config.log.format)
}

/// For a command: its result speaks, the log only warns.
pub(super) fn for_command(config: &Config) -> Result<(), Failure> {
    init(EnvFilter::new("warn"), config.log.format)
}

fn init(filter: EnvFilter, format: LogFormat) -> Result<(), Failure> {
    let log = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // The default answers a line that cannot be written (the log's disk is full, its collector
        // is gone) with `eprintln!`, which panics then: in every request, and in the one writer.
        .log_internal_errors(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    match format {
        LogFormat::Human => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    }
    .map_err(Failure::new)
}
