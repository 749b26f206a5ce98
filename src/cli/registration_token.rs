//! `tessera client registration-token`.

use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Format;
use super::{Failure, output};
use crate::config::{RegistrationMode, parse_duration};
use crate::flows::Tessera;
use crate::protocol::audit::{Actor, Origin};
use crate::storage::registrations::InitialToken;

#[derive(Debug, Subcommand)]
pub(super) enum RegistrationTokenCommand {
    /// Make a token, shown this once
    Create {
        /// How many applications it may register
        #[arg(long, value_name = "N", default_value_t = 1,
              value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        uses: u32,
        /// How long it works, such as 12h or 7d
        #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = lifetime)]
        expires_in: Duration,
        #[command(flatten)]
        format: Format,
    },
    /// List the tokens that have not expired
    List(Format),
    /// Stop a token; what it registered stays
    Revoke {
        /// The id that create and list print
        #[arg(value_name = "ID")]
        id: Uuid,
    },
}

/// Somebody will have left such a token in a script long before.
const LONGEST: Duration = Duration::from_hours(24 * 3_650);

fn lifetime(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        lifetime if lifetime.is_zero() || lifetime > LONGEST => {
            Err("must be longer than nothing and at most 3650d".to_owned())
        }
        lifetime => Ok(lifetime),
    }
}

pub(super) async fn run(
    command: RegistrationTokenCommand,
    tessera: &Tessera,
) -> Result<(), Failure> {
    let (actor, origin) = (Actor::Operator, Origin::default());
    match command {
        RegistrationTokenCommand::Create {
            uses,
            expires_in,
            format,
        } => {
            let (secret, token) = tessera
                .create_registration_token(uses, expires_in, actor, origin)
                .await?;
            if tessera.config.registration.mode != RegistrationMode::Token {
                eprintln!("Note: nobody asks for it before registration.mode is \"token\".");
            }
            if format.json {
                let mut value = shown(&token);
                value["token"] = secret.expose().as_str().into();
                return output::json(&value);
            }
            output::line(secret.expose())?;
            // Not part of the result, so that a script can take standard output as it is.
            let until = token.expires_at.rfc3339();
            let id = token.id;
            eprintln!("Good for {uses} until {until}; its id is {id}.");
            Ok(())
        }
        RegistrationTokenCommand::List(format) => list(tessera, format.json).await,
        RegistrationTokenCommand::Revoke { id } => {
            if !tessera.revoke_registration_token(id, actor, origin).await? {
                return Err(Failure::new(format!("there is no registration token {id}")));
            }
            output::line(format!("Revoked {id}"))
        }
    }
}

fn shown(token: &InitialToken) -> Value {
    json!({
        "id": token.id,
        "uses": token.uses,
        "used": token.used,
        "created_at": token.created_at.rfc3339(),
        "expires_at": token.expires_at.rfc3339(),
    })
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let tokens = tessera.registration_tokens().await?;
    if json {
        return output::json(&tokens.iter().map(shown).collect::<Vec<_>>());
    }
    let mut rows = vec![["ID", "USED", "OF", "EXPIRES"].map(str::to_owned)];
    rows.extend(tokens.iter().map(|token| {
        [
            token.id.to_string(),
            token.used.to_string(),
            token.uses.to_string(),
            token.expires_at.rfc3339(),
        ]
    }));
    output::table(&rows)
}
