//! `tessera config`.

use clap::Subcommand;

use super::{Failure, output};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration can be used; exit code 2 and every problem if it cannot
    Check,
    /// Print every key with its effective value and its origin, as TOML, without secrets
    Print,
}

pub(super) fn run(command: &ConfigCommand, config: &Config) -> Result<(), Failure> {
    match command {
        // Whoever gets here has a configuration that was loaded and checked.
        ConfigCommand::Check => output::line("The configuration is good."),
        ConfigCommand::Print => output::line(config.print().trim_end()),
    }
}
