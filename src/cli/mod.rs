//! Floor 6: the command line. It wires everything.

mod audit;
mod audit_export;
mod audit_filters;
mod backup;
mod client;
mod client_list;
mod config;
mod declare;
mod declare_show;
mod failure;
mod group;
mod health;
mod import;
mod input;
mod key;
mod lines;
mod listen;
mod logging;
mod master_key;
mod metrics;
mod organisation;
mod output;
mod password_filter;
mod patience;
mod progress;
mod registration_token;
mod resource;
mod role;
mod serve;
mod session;
mod settings;
mod start;
mod token;
mod user;
mod user_belongings;
mod user_import;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use failure::Failure;

const EXAMPLES: &str = "\
Examples:
  tessera                        serve on http://localhost:8080, data in ./data
  tessera --config /etc/tessera.toml serve
  tessera user create --username ada --email ada@example.com --admin \\
    --password-stdin < password
  tessera client create --file client.json
  tessera key rotate --alg ES256
  tessera backup /backups/tessera-today.jsonl

Every key of tessera.toml can be set in the environment: server.issuer is
TESSERA__SERVER__ISSUER. All commands work beside a running server, which
notices what they changed within a second.
Exit codes: 0 done, 1 it did not work, 2 wrong usage or configuration; and 3 of
`tessera plan`: something differs.";

/// A standalone OAuth 2.0 / OpenID Connect identity provider.
#[derive(Debug, Parser)]
#[command(name = "tessera", version, after_help = EXAMPLES)]
struct Cli {
    /// The configuration file [default: tessera.toml in the working directory, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "TESSERA_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve,
    /// Check or print the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Bring the database schema up to date and stop; `serve` does it too
    Migrate,
    /// Make, change, import and remove people's accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// See where people are signed in, and sign them out
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// Define roles, and give them to people, groups and clients
    #[command(subcommand)]
    Role(role::RoleCommand),
    /// Make groups of people
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Make organisations: people and clients with administrators of their own
    #[command(subcommand)]
    Organisation(organisation::OrganisationCommand),
    /// Register and administer applications
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Register and administer resource servers: the APIs that tokens are for
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// Choose how the pages look and which languages they speak
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// List and rotate signing keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Read, check and take away the audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Lists of leaked passwords, which nobody may choose
    #[command(subcommand)]
    PasswordFilter(password_filter::PasswordFilterCommand),
    /// Take over what another server exports
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write everything but the master key into one file, also beside a running server
    Backup(backup::BackupArgs),
    /// Fill an empty database from a backup, of the same engine or the other
    Restore(backup::RestoreArgs),
    /// Write organisations, resource servers, roles, groups and clients into a file, without secrets
    Export(declare::ExportArgs),
    /// Show what differs from a file
    #[command(after_help = declare::PLAN_HELP)]
    Plan(declare::PlanArgs),
    /// Make it as a file says: all of it, or nothing
    Apply(declare::ApplyArgs),
    /// Ask the server configured here whether it is ready: exit code 0 or 1
    Health,
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = load(&cli).and_then(|config| in_runtime(run(cli, config))?);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(silent @ (Failure::HungUp | Failure::Differs)) => silent.exit_code(),
        Err(failure) => {
            eprintln!("tessera: {failure}");
            failure.exit_code()
        }
    }
}

fn load(cli: &Cli) -> Result<Config, Failure> {
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::load(cli.config.as_deref(), env).map_err(|error| Failure::Usage(error.to_string()))
}

fn in_runtime<F: Future>(work: F) -> Result<F::Output, Failure> {
    // One worker per core is tokio's default.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)?;
    let output = runtime.block_on(work);
    // A blocking call that hangs (a name lookup) must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    Ok(output)
}

async fn run(cli: Cli, config: Config) -> Result<(), Failure> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(config).await,
        Command::Config(command) => config::run(&command, &config).await,
        Command::Migrate => {
            logging::for_command(&config)?;
            let tessera = start::new_or_existing(config).await?;
            tessera.store.close().await;
            output::line(format!(
                "The database is up to date: {}",
                tessera.store.describe()
            ))
        }
        Command::User(command) => Box::pin(user::run(command, config)).await,
        Command::Session(command) => session::run(command, config).await,
        Command::Client(command) => Box::pin(client::run(command, config)).await,
        Command::Resource(command) => Box::pin(resource::run(command, config)).await,
        Command::Role(command) => Box::pin(role::run(command, config)).await,
        Command::Group(command) => group::run(command, config).await,
        Command::Organisation(command) => organisation::run(command, config).await,
        Command::Settings(command) => settings::run(command, config).await,
        Command::Key(command) => key::run(command, config).await,
        Command::Audit(command) => Box::pin(audit::run(command, config)).await,
        Command::PasswordFilter(command) => password_filter::run(command),
        Command::Import(command) => Box::pin(import::run(command, config)).await,
        Command::Backup(args) => backup::backup(args, config).await,
        Command::Restore(args) => backup::restore(args, config).await,
        Command::Export(args) => declare::export(args, config).await,
        Command::Plan(args) => Box::pin(declare::plan(args, config)).await,
        Command::Apply(args) => Box::pin(declare::apply(args, config)).await,
        Command::Health => health::run(&config).await,
    }
}
