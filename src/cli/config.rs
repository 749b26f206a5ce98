//! `tessera config`.

use clap::Subcommand;

use super::{Failure, master_key, output, serve, start};
use crate::config::Config;
use crate::flows::{custom_claims, passwords, rotate_keys};
use crate::outside::{Mailer, Outbound};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration can be used; exit code 2 and every problem if it cannot
    Check,
    /// Print every key with its effective value and its origin, as TOML, without secrets
    Print,
}

pub(super) async fn run(command: &ConfigCommand, config: &Config) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check => {
            let problems = rehearse(config).await;
            if !problems.is_empty() {
                let problems = problems.join("\n  ");
                return Err(Failure::Usage(format!(
                    "the configuration cannot be used:\n  {problems}"
                )));
            }
            for warning in config.warnings() {
                eprintln!("tessera: warning: {warning}");
            }
            output::line("The configuration is good.")
        }
        ConfigCommand::Print => output::line(config.print().trim_end()),
    }
}

/// Makes everything that `serve` makes of a configuration that was loaded and checked, but for what
/// leaves a trace: nothing is listened on, connected to or written.
async fn rehearse(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    let mut note = |problem: Option<String>| problems.extend(problem);
    note(master_key::find(&config.keys).err().map(text));
    note(start::lost_master_key(config).await.map(text));
    note(serve::tls(&config.server).await.err().map(text));
    note(rotate_keys::policy(config).err().map(text));
    note(Outbound::new(&config.outbound).err().map(text));
    let mailer = Mailer::new(&config.mail, &config.server.issuer);
    note(mailer.err().map(text));
    note(passwords::leaked(&config.passwords).err().map(text));
    note(custom_claims::read(&config.claims).err().map(text));
    problems
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Entropy;

    #[tokio::test]
    async fn a_check_finds_what_serving_would_fail_on() {
        assert_eq!(rehearse(&Config::default()).await, Vec::<String>::new());
        let unique = u64::from_ne_bytes(Entropy::system().bytes());
        let file = std::env::temp_dir().join(format!("tessera-check-{unique}"));
        std::fs::write(&file, "neither a key nor a certificate").unwrap();
        let mut config = Config::default();
        config.keys.master_key_file = Some(file.clone());
        config.server.tls.certificate = Some(file.clone());
        config.server.tls.key = Some(file.clone());
        config.outbound.ca_file = Some(file.clone());
        config.passwords.leaked_filter = Some(file.clone());
        config.keys.publish_ahead = std::time::Duration::from_mins(6);
        let found = rehearse(&config).await;
        std::fs::remove_file(&file).unwrap();
        assert_eq!(found.len(), 5, "{found:?}");
        for (problem, names) in found.iter().zip([
            file.display().to_string().as_str(),
            "server.tls.certificate",
            "published at least 10 minutes",
            "outbound.ca_file",
            "it is no filter that `tessera password-filter build` made",
        ]) {
            assert!(problem.contains(names), "{problem}");
        }
        let missing = rehearse(&config).await;
        assert!(
            missing[0].contains("keys.master_key_file: there is no file"),
            "{missing:?}"
        );
    }
}
