//! `tessera client`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::registration_token::{self, RegistrationTokenCommand};
use super::{Failure, input, output, start};
use crate::base::Timestamp;
use crate::config::{Config, ProtocolConfig};
use crate::flows::Tessera;
use crate::flows::administration::Refused;
use crate::flows::clients::{self, DEFAULT_OVERLAP, NoSecret};
use crate::protocol::access::Permit;
use crate::protocol::audit::{Actor, Origin};
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
    },
    /// Replace an application's metadata: what the document leaves out is as by default
    Update {
        #[command(flatten)]
        id: Id,
        /// The metadata; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// List all applications
    List(Format),
    /// Show an application's metadata as JSON
    Show(Id),
    /// Remove an application with its consents, grants and tokens
    Delete(Id),
    /// Give an application a new secret, shown this once
    RotateSecret {
        #[command(flatten)]
        id: Id,
        /// End the old secrets at once, instead of in 24 hours
        #[arg(long)]
        now: bool,
        #[command(flatten)]
        format: Format,
    },
    /// Refuse an application and its tokens until it is enabled again
    Disable(Id),
    /// Accept a disabled application again
    Enable(Id),
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
        ClientCommand::Create { file } | ClientCommand::Update { file, .. } => {
            Some(read_metadata(file)?)
        }
        _ => None,
    };
    start::with_existing(config, async |tessera| {
        obey(command, metadata.unwrap_or_default(), tessera).await
    })
    .await
}

async fn obey(
    command: ClientCommand,
    metadata: ClientMetadata,
    tessera: &Tessera,
) -> Result<(), Failure> {
    let (actor, origin) = (Actor::Operator, Origin::default());
    match command {
        ClientCommand::Create { .. } => {
            if let Some(problem) = clients::problem(tessera, &metadata).await {
                return Err(Failure::new(problem));
            }
            let (client, secret) = clients::create(tessera, metadata, actor, origin).await?;
            for note in notes(&client, &tessera.config.protocol) {
                // Not part of the result, so that a script can take standard output as it is.
                eprintln!("Note: {note}.");
            }
            output::json(&registration_response(&client, secret.as_ref(), None))
        }
        ClientCommand::Update { id, .. } => update(&id, &metadata, tessera, origin).await,
        ClientCommand::List(format) => list(tessera, format.json).await,
        ClientCommand::Show(id) => {
            let client = clients::find(tessera, &id.get()).await?;
            let client = client.ok_or_else(|| id.unknown())?;
            output::json(&shown(&client))
        }
        ClientCommand::Delete(id) => {
            if !clients::delete(tessera, &id.get(), actor, origin).await? {
                return Err(id.unknown());
            }
            output::line(format!("Deleted {}", id.client_id))
        }
        ClientCommand::RotateSecret { id, now, format } => {
            let overlap = if now { Duration::ZERO } else { DEFAULT_OVERLAP };
            rotate_secret(tessera, &id, overlap, format.json).await
        }
        ClientCommand::Disable(id) => set_disabled(tessera, &id, true).await,
        ClientCommand::Enable(id) => set_disabled(tessera, &id, false).await,
        ClientCommand::RegistrationToken(command) => {
            registration_token::run(command, tessera).await
        }
    }
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

fn read_metadata(file: &Path) -> Result<ClientMetadata, Failure> {
    ClientMetadata::parse_strict(&input::read(file)?).map_err(Failure::new)
}

async fn update(
    id: &Id,
    metadata: &ClientMetadata,
    tessera: &Tessera,
    origin: Origin,
) -> Result<(), Failure> {
    let body = serde_json::to_vec(&metadata.members()).map_err(Failure::new)?;
    let (permit, client) = (Permit::of_operator(), id.get());
    let replaced = tessera.replace_client(permit, client, &body, None, origin);
    match replaced.await? {
        Ok((client, secret)) => {
            output::json(&registration_response(&client, secret.as_ref(), None))
        }
        Err(Refused::Absent) => Err(id.unknown()),
        Err(other) => Err(Failure::new(other)),
    }
}

/// The registration response, without a secret and with what an operator wants to know.
fn shown(client: &Client) -> Value {
    let mut value = registration_response(client, None, None);
    let secrets = client.secrets.iter().map(
        |secret| json!({ "id": secret.id, "expires_at": secret.expires_at.map(Timestamp::rfc3339) }),
    );
    value["disabled"] = client.disabled.into();
    value["created_at"] = client.created_at.rfc3339().into();
    value["secrets"] = secrets.collect();
    value
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = clients::page(tessera, &after, 500).await?;
        let Some(last) = page.last() else { break };
        last.id.as_str().clone_into(&mut after);
        all.extend(page);
    }
    if json {
        let all: Vec<Value> = all
            .iter()
            .map(|client| {
                let mut value = registration_response(client, None, None);
                value["disabled"] = client.disabled.into();
                value
            })
            .collect();
        return output::json(&all);
    }
    let mut rows = vec![["CLIENT ID", "NAME", "AUTHENTICATION", "STATE"].map(str::to_owned)];
    rows.extend(all.iter().map(|client| {
        let state = if client.disabled {
            "disabled"
        } else {
            "enabled"
        };
        [
            client.id.to_string(),
            client.display_name().to_owned(),
            client
                .metadata
                .token_endpoint_auth_method
                .as_str()
                .to_owned(),
            state.to_owned(),
        ]
    }));
    output::table(&rows)
}

async fn rotate_secret(
    tessera: &Tessera,
    id: &Id,
    overlap: Duration,
    json: bool,
) -> Result<(), Failure> {
    let (actor, origin) = (Actor::Operator, Origin::default());
    let secret = clients::rotate_secret(tessera, &id.get(), overlap, actor, origin)
        .await?
        .map_err(|error| match error {
            NoSecret::UnknownClient => id.unknown(),
            NoSecret::WithoutSecrets => Failure::new(error),
        })?;
    let hours = overlap.as_secs() / 3_600;
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
        eprintln!("The old secrets work for another {hours} hours.");
    }
    Ok(())
}

async fn set_disabled(tessera: &Tessera, id: &Id, disabled: bool) -> Result<(), Failure> {
    let (actor, origin) = (Actor::Operator, Origin::default());
    if !clients::set_disabled(tessera, &id.get(), disabled, actor, origin).await? {
        return Err(id.unknown());
    }
    let word = if disabled { "Disabled" } else { "Enabled" };
    output::line(format!("{word} {}", id.client_id))
}
