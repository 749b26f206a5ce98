//! `tessera client`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client_list::{self, ListArgs};
use super::organisation::At;
use super::registration_token::{self, RegistrationTokenCommand};
use super::{Failure, input, output, start};
use crate::base::{Secret, Timestamp};
use crate::config::{Config, ProtocolConfig, parse_duration};
use crate::flows::Tessera;
use crate::flows::administration::Refused;
use crate::flows::clients::{DEFAULT_OVERLAP, MAX_OVERLAP};
use crate::protocol::access::Permit;
use crate::protocol::audit::Origin;
use crate::protocol::authorize::ResponseType;
use crate::protocol::client::{Client, ClientId, ClientMetadata};
use crate::protocol::or_none::{IdTokenAlg, RequestObjectAlg};
use crate::protocol::registration::registration_response;

const CREATE_EXAMPLE: &str = r#"Example:
  tessera client create --file - <<'JSON'
  {
    "client_name": "Photo album",
    "redirect_uris": ["https://album.example/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": "openid profile email offline_access"
  }
  JSON

A machine:
  tessera client create --file - <<'JSON'
  {
    "client_name": "Nightly job",
    "grant_types": ["client_credentials"],
    "scope": "reports"
  }
  JSON

The answer holds client_id and client_secret; the secret is shown this once."#;

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Register an application from its metadata (RFC 7591, JSON); answers like a registration
    #[command(after_help = CREATE_EXAMPLE)]
    Create {
        /// The metadata; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Replace an application's metadata: what the document leaves out is as by default
    Update {
        #[command(flatten)]
        seen: Seen,
        /// The metadata; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// List applications: all, or those that fit
    List(ListArgs),
    /// Show an application's metadata as JSON
    Show(Id),
    /// Remove an application with its consents, grants and tokens
    Delete(Seen),
    /// Give an application a new secret, shown this once
    RotateSecret {
        #[command(flatten)]
        id: Id,
        /// End the old secrets at once, instead of in 24 hours
        #[arg(long)]
        now: bool,
        /// How long the old secrets work yet, such as 90m or 7d
        #[arg(long, value_name = "DURATION", value_parser = overlap, conflicts_with = "now")]
        overlap: Option<Duration>,
        #[command(flatten)]
        format: Format,
    },
    /// Refuse an application and its tokens until it is enabled again
    Disable(Seen),
    /// Accept a disabled application again
    Enable(Seen),
    /// Let applications register themselves: initial access tokens for registration.mode = "token"
    #[command(subcommand)]
    RegistrationToken(RegistrationTokenCommand),
}

#[derive(Debug, Args)]
pub(super) struct Id {
    /// The client_id
    #[arg(value_name = "CLIENT_ID")]
    client_id: String,
}

impl Id {
    fn get(&self) -> ClientId {
        ClientId::new(&self.client_id)
    }

    fn unknown(&self) -> Failure {
        Failure::new(format!("there is no client {}", self.client_id))
    }

    fn refused(&self, why: Refused) -> Failure {
        match why {
            Refused::Absent => self.unknown(),
            other => Failure::new(other),
        }
    }
}

/// An application, and what of it the caller knows.
#[derive(Debug, Args)]
pub(super) struct Seen {
    #[command(flatten)]
    id: Id,
    /// Only if nobody has changed it since: the "version" that `show` printed
    #[arg(long, value_name = "VERSION")]
    if_version: Option<i64>,
}

fn overlap(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        overlap if overlap <= MAX_OVERLAP => Ok(overlap),
        _ => Err(format!(
            "must be at most {}d",
            MAX_OVERLAP.as_secs() / 86_400
        )),
    }
}

#[derive(Debug, Args)]
pub(super) struct Format {
    /// Print JSON, for scripts
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(command: ClientCommand, config: Config) -> Result<(), Failure> {
    // Before anything is opened: a mistake in the file needs no database to be told.
    let metadata = match &command {
        ClientCommand::Create { file, .. } => read_metadata(file, None)?,
        ClientCommand::Update { file, seen } => read_metadata(file, Some(&seen.id.get()))?,
        _ => Vec::new(),
    };
    start::with_existing(config, async |tessera| {
        obey(command, &metadata, tessera).await
    })
    .await
}

async fn obey(command: ClientCommand, metadata: &[u8], tessera: &Tessera) -> Result<(), Failure> {
    match command {
        ClientCommand::Create { at, .. } => create(tessera, metadata, &at).await,
        ClientCommand::Update { seen, .. } => update(tessera, metadata, &seen).await,
        ClientCommand::List(args) => client_list::run(tessera, args).await,
        ClientCommand::Show(id) => {
            let permit = Permit::of_operator();
            let found = tessera.find_client(&permit, &id.get()).await?;
            output::json(&shown(&found.ok_or_else(|| id.unknown())?))
        }
        ClientCommand::Delete(Seen { id, if_version }) => {
            let (permit, origin) = (Permit::of_operator(), Origin::default());
            let removed = tessera.remove_client(permit, id.get(), if_version, origin);
            removed.await?.map_err(|why| id.refused(why))?;
            output::line(format!("Deleted {}", id.client_id))
        }
        ClientCommand::RotateSecret {
            id,
            now,
            overlap,
            format,
        } => {
            let default = if now { Duration::ZERO } else { DEFAULT_OVERLAP };
            rotate_secret(tessera, &id, overlap.unwrap_or(default), format.json).await
        }
        ClientCommand::Disable(seen) => switch(tessera, &seen, true).await,
        ClientCommand::Enable(seen) => switch(tessera, &seen, false).await,
        ClientCommand::RegistrationToken(command) => {
            registration_token::run(command, tessera).await
        }
    }
}

async fn create(tessera: &Tessera, metadata: &[u8], at: &At) -> Result<(), Failure> {
    let permit = at.permit(tessera).await?;
    let made = tessera.create_client(permit, metadata, Origin::default());
    let (client, secret) = made.await?.map_err(|why| match why {
        // It was removed meanwhile.
        Refused::Absent => Failure::new("there is no such organisation"),
        other => Failure::new(other),
    })?;
    for note in notes(&client, &tessera.config.protocol) {
        // Not part of the result, so that a script can take standard output as it is.
        eprintln!("Note: {note}.");
    }
    registered(&client, secret.as_ref())
}

fn registered(client: &Client, secret: Option<&Secret<String>>) -> Result<(), Failure> {
    output::json(&registration_response(client, secret, None))
}

/// What this deployment does not do for the client that it accepts.
fn notes(client: &Client, protocol: &ProtocolConfig) -> Vec<String> {
    let metadata = &client.metadata;
    let in_front: Vec<&str> = metadata
        .response_types
        .iter()
        .filter(|text| ResponseType::parse(text).is_some_and(ResponseType::is_front_channel))
        .map(String::as_str)
        .collect();
    let unsigned = metadata.id_token_signed_response_alg == IdTokenAlg::None;
    let unsigned_request = metadata.request_object_signing_alg == Some(RequestObjectAlg::None);
    [
        (!in_front.is_empty() && !protocol.front_channel_tokens).then(|| {
            format!(
                "requests with the response types {:?} are refused before protocol.front_channel_tokens is on",
                in_front.join(", ")
            )
        }),
        (unsigned && !protocol.unsigned_id_tokens).then(|| {
            "its ID tokens are refused before protocol.unsigned_id_tokens is on".to_owned()
        }),
        (unsigned_request && !protocol.takes_unsigned_request_objects()).then(|| {
            "its request objects are refused before protocol.unsigned_request_objects is on and \
             require_signed_request_object off"
                .to_owned()
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What `show` tells of a client and nobody sets by a document.
const TOLD: [&str; 8] = [
    "client_id",
    "client_id_issued_at",
    "client_secret_expires_at",
    "disabled",
    "organisation",
    "version",
    "created_at",
    "secrets",
];

/// The same without what `show` adds, so that what it printed can be edited and sent back.
fn without_told(document: Vec<u8>, id: &ClientId) -> Result<Vec<u8>, Failure> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(&document) else {
        return Ok(document);
    };
    if members
        .get("client_id")
        .is_some_and(|named| named != id.as_str())
    {
        return Err(Failure::new("client_id: is another one in the document"));
    }
    members.retain(|name, _| !TOLD.contains(&name.as_str()));
    serde_json::to_vec(&members).map_err(Failure::new)
}

/// The bytes of the document, once it is known to be one.
fn read_metadata(file: &Path, of: Option<&ClientId>) -> Result<Vec<u8>, Failure> {
    let mut document = input::read(file)?;
    if let Some(id) = of {
        document = without_told(document, id)?;
    }
    ClientMetadata::parse_strict(&document).map_err(Failure::new)?;
    Ok(document)
}

async fn update(tessera: &Tessera, metadata: &[u8], seen: &Seen) -> Result<(), Failure> {
    let (permit, client) = (Permit::of_operator(), seen.id.get());
    let replaced =
        tessera.replace_client(permit, client, metadata, seen.if_version, Origin::default());
    let (client, secret) = replaced.await?.map_err(|why| seen.id.refused(why))?;
    registered(&client, secret.as_ref())
}

/// The registration response, without a secret and with what an operator wants to know.
fn shown(client: &Client) -> Value {
    let mut value = registration_response(client, None, None);
    let secrets = client.secrets.iter().map(
        |secret| json!({ "id": secret.id, "expires_at": secret.expires_at.map(Timestamp::rfc3339) }),
    );
    value["disabled"] = client.disabled.into();
    value["organisation"] = json!(client.organisation);
    value["version"] = client.version.into();
    value["created_at"] = client.created_at.rfc3339().into();
    value["secrets"] = secrets.collect();
    value
}

async fn rotate_secret(
    tessera: &Tessera,
    id: &Id,
    overlap: Duration,
    json: bool,
) -> Result<(), Failure> {
    let (permit, origin) = (Permit::of_operator(), Origin::default());
    let renewed = tessera.renew_secret(permit, id.get(), overlap, origin);
    let (_, secret) = renewed.await?.map_err(|why| id.refused(why))?;
    if json {
        return output::json(&json!({
            "client_id": id.client_id,
            "client_secret": secret.expose(),
            "client_secret_expires_at": 0,
            "old_secrets_work_for_seconds": overlap.as_secs(),
        }));
    }
    output::line(secret.expose())?;
    // Not part of the result, so that a script can take standard output as it is.
    if overlap.is_zero() {
        eprintln!("The old secrets do not work any more.");
    } else {
        eprintln!("The old secrets work for another {}.", told(overlap));
    }
    Ok(())
}

/// In the largest unit that fits.
fn told(overlap: Duration) -> String {
    let seconds = overlap.as_secs();
    match (seconds % 3_600, seconds % 60) {
        (0, _) => format!("{} hours", seconds / 3_600),
        (_, 0) => format!("{} minutes", seconds / 60),
        _ => format!("{seconds} seconds"),
    }
}

async fn switch(tessera: &Tessera, seen: &Seen, disabled: bool) -> Result<(), Failure> {
    let (permit, id, origin) = (Permit::of_operator(), seen.id.get(), Origin::default());
    let switched = tessera.switch_client(permit, id, disabled, seen.if_version, origin);
    switched.await?.map_err(|why| seen.id.refused(why))?;
    let word = if disabled { "Disabled" } else { "Enabled" };
    output::line(format!("{word} {}", seen.id.client_id))
}
