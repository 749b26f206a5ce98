//! `tessera settings`: what administrators choose while the server runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, output, start};
use crate::config::{Colour, Config};
use crate::flows::Tessera;
use crate::flows::administration::{Done, Refused, SettingsChange};
use crate::protocol::access::Permit;
use crate::protocol::audit::Origin;
use crate::protocol::settings::Settings;
use crate::storage::deployment::Chosen;

const SET_EXAMPLE: &str = "\
Examples:
  tessera settings set name='Example Bank' accent=#17625b
  tessera settings set help_url=mailto:help@example.com languages=de,en
  tessera settings set name=            as the configuration says again

Members: name, accent, help_url, privacy_url, terms_url, languages. What the
configuration file or the environment sets stands above what is chosen here.";

#[derive(Debug, Subcommand)]
pub(super) enum SettingsCommand {
    /// Show what was chosen, what is in force, and what the configuration sets, as JSON
    Show,
    /// Choose name, colour, links and languages of the pages
    #[command(after_help = SET_EXAMPLE)]
    Set {
        /// What to choose; nothing after the sign takes a choice back
        #[arg(value_name = "MEMBER=VALUE", required = true)]
        members: Vec<String>,
    },
    /// Choose the logo: PNG, JPEG, WebP or GIF, at most 256 KiB
    Logo(Picture),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Picture {
    /// The picture
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Take away the one that was chosen
    #[arg(long)]
    remove: bool,
}

pub(super) async fn run(command: SettingsCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| obey(command, tessera).await).await
}

async fn obey(command: SettingsCommand, tessera: &Tessera) -> Result<(), Failure> {
    match command {
        SettingsCommand::Show => show(tessera).await,
        SettingsCommand::Set { members } => {
            let before = chosen(tessera).await?;
            let mut settings = before.settings;
            for member in &members {
                set(&mut settings, member).map_err(Failure::Usage)?;
            }
            let change = SettingsChange::Settings(settings);
            choose(tessera, change, Some(before.version)).await
        }
        SettingsCommand::Logo(picture) => {
            let read = picture.file.map(|path| {
                std::fs::read(&path)
                    .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
            });
            choose(tessera, SettingsChange::Logo(read.transpose()?), None).await
        }
    }
}

async fn show(tessera: &Tessera) -> Result<(), Failure> {
    let chosen = chosen(tessera).await?;
    let looks = tessera.settings.with(&chosen);
    output::json(&json!({
        "chosen": chosen.settings,
        "logo_chosen": chosen.logo.is_some(),
        "in_force": {
            "name": looks.name, "accent": looks.accent, "help_url": looks.help_url,
            "privacy_url": looks.privacy_url, "terms_url": looks.terms_url,
            "languages": looks.languages, "logo": looks.logo.is_some(),
        },
        "set_by_the_configuration": tessera.settings.fixed(),
    }))
}

async fn chosen(tessera: &Tessera) -> Result<Chosen, Failure> {
    told(tessera.chosen_settings(&Permit::of_operator()).await)
}

async fn choose(
    tessera: &Tessera,
    change: SettingsChange,
    expected: Option<i64>,
) -> Result<(), Failure> {
    let choosing =
        tessera.choose_settings(Permit::of_operator(), change, expected, Origin::default());
    output::json(&told(choosing.await)?.settings)
}

fn told(done: Done<Chosen>) -> Result<Chosen, Failure> {
    done?.map_err(|refused| match refused {
        Refused::Wrong(problems) => Failure::new(problems.join("\n")),
        Refused::Stale => Failure::new("somebody else changed the settings meanwhile"),
        other => Failure::new(other),
    })
}

fn set(settings: &mut Settings, member: &str) -> Result<(), String> {
    let (name, value) = member
        .split_once('=')
        .ok_or_else(|| format!("{member}: write MEMBER=VALUE"))?;
    let text = Some(value.to_owned()).filter(|value| !value.is_empty());
    match name {
        "name" => settings.name = text,
        "help_url" => settings.help_url = text,
        "privacy_url" => settings.privacy_url = text,
        "terms_url" => settings.terms_url = text,
        "accent" => {
            let read = text.map(Colour::try_from).transpose();
            settings.accent = read.map_err(|wanted| format!("accent: {wanted}"))?;
        }
        "languages" => {
            let listed = value
                .split(',')
                .map(str::trim)
                .filter(|tag| !tag.is_empty());
            settings.languages = listed.map(str::to_owned).collect();
        }
        _ => {
            return Err(format!(
                "{name:?} is none of name, accent, help_url, privacy_url, terms_url, languages"
            ));
        }
    }
    Ok(())
}
