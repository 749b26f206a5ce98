//! `tessera user token`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Format;
use super::user::Who;
use super::{Failure, input, output};
use crate::base::{Secret, Timestamp};
use crate::crypto::otp::read_seed;
use crate::flows::Tessera;
use crate::flows::hotp::NewToken;
use crate::protocol::audit::Origin;
use crate::storage::otp::OtpDevice;

const ADD_HELP: &str = "\
Example:
  printf %s 3132333435363738393031323334353637383930 |
    tessera user token add ada --hotp --seed-file - --name 'Token 4711'

The seed is hexadecimal or Base32, as the maker of the token delivers it. The
token counts at once.";

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Give a person a hardware token
    #[command(after_help = ADD_HELP)]
    Add(AddArgs),
    /// List a person's tokens and authenticator apps
    List {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        format: Format,
    },
    /// Take a token or an authenticator app away: it was lost
    Remove {
        #[command(flatten)]
        who: Who,
        /// Its id, as the list shows it
        id: Uuid,
    },
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    #[command(flatten)]
    who: Who,
    /// By a counter (RFC 4226), the only kind there is
    #[arg(long, required = true)]
    hotp: bool,
    /// The file with the seed; - is standard input
    #[arg(long, value_name = "FILE")]
    seed_file: PathBuf,
    /// What to call it, perhaps by its serial number
    #[arg(long, default_value = "")]
    name: String,
    /// The length of its codes
    #[arg(long, default_value_t = 6)]
    digits: u8,
    /// The counter of its next code
    #[arg(long, default_value_t = 0)]
    counter: i64,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(tessera: &Tessera, command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Add(args) => add(tessera, args).await,
        TokenCommand::List { who, format } => list(tessera, &who, &format).await,
        TokenCommand::Remove { who, id } => {
            let user = who.find(tessera).await?;
            if !tessera.take_device(user.id, id, Origin::default()).await? {
                return Err(Failure::new(format!(
                    "{} has no device {id}",
                    user.username
                )));
            }
            output::line(format!("Removed {id} of {}", user.username))
        }
    }
}

async fn add(tessera: &Tessera, args: AddArgs) -> Result<(), Failure> {
    let user = args.who.find(tessera).await?;
    let text = Secret::new(input::read(&args.seed_file)?);
    let seed = std::str::from_utf8(text.expose()).ok().and_then(read_seed);
    let token = NewToken {
        // What it was is never repeated.
        seed: seed.ok_or_else(|| {
            Failure::new("the seed must be 16 to 64 bytes in hexadecimal or Base32")
        })?,
        name: args.name,
        digits: args.digits,
        counter: args.counter,
    };
    let added = tessera.add_token(user.id, token, Origin::default()).await?;
    let device = added.map_err(Failure::new)?;
    if args.format.json {
        return output::json(&shown(&device));
    }
    output::line(format!("Added {} to {}", device.id, user.username))
}

fn shown(device: &OtpDevice) -> Value {
    json!({
        "id": device.id,
        "kind": device.kind.as_str(),
        "name": device.name,
        "created_at": device.created_at.rfc3339(),
        "last_used_at": device.last_used_at.map(Timestamp::rfc3339),
    })
}

async fn list(tessera: &Tessera, who: &Who, format: &Format) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let devices = tessera.code_devices(user.id).await?;
    if format.json {
        let all: Vec<Value> = devices.iter().map(shown).collect();
        return output::json(&all);
    }
    let mut rows = vec![["ID", "KIND", "NAME", "CREATED", "LAST USED"].map(str::to_owned)];
    rows.extend(devices.into_iter().map(|device| {
        let last = device.last_used_at.map(Timestamp::rfc3339);
        [
            device.id.to_string(),
            device.kind.as_str().to_owned(),
            device.name,
            device.created_at.rfc3339(),
            last.unwrap_or_default(),
        ]
    }));
    output::table(&rows)
}
