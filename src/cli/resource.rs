//! `tessera resource`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::client::Format;
use super::{Failure, input, output, start};
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::resource_servers::{self, NotWritten};
use crate::protocol::audit::{Actor, Origin};
use crate::protocol::resource_server::ResourceServer;

const CREATE_EXAMPLE: &str = r#"Example:
  tessera resource create --file - <<'JSON'
  {
    "identifier": "https://photos.example/",
    "name": "Photos",
    "scopes": {
      "photos:read": "See your photos",
      "photos:write": "Add and delete photos"
    },
    "access_token_lifetime": 300,
    "access_token_signed_response_alg": "ES256",
    "access_token_format": "jwt",
    "published": true
  }
  JSON

The last four may be left out. Clients that may ask for it list the identifier
in "resources"."#;

#[derive(Debug, Subcommand)]
pub(super) enum ResourceCommand {
    /// Register a resource server (an API) from its description as JSON
    #[command(after_help = CREATE_EXAMPLE)]
    Create(Document),
    /// Replace the description of the resource server that the document names
    Update(Document),
    /// List all resource servers
    List(Format),
    /// Show a resource server's description as JSON
    Show(Id),
    /// Remove a resource server; clients may go on to ask for its identifier
    Delete(Id),
}

#[derive(Debug, Args)]
pub(super) struct Document {
    /// The description; - is standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Id {
    /// The identifier, a URI
    #[arg(value_name = "IDENTIFIER")]
    identifier: String,
}

impl Id {
    fn unknown(&self) -> Failure {
        Failure::new(format!("there is no resource server {}", self.identifier))
    }
}

pub(super) async fn run(command: ResourceCommand, config: Config) -> Result<(), Failure> {
    // Before anything is opened: a mistake in the file needs no database to be told.
    let server: Option<ResourceServer> = match &command {
        ResourceCommand::Create(document) | ResourceCommand::Update(document) => {
            Some(input::json(&document.file)?)
        }
        _ => None,
    };
    start::with_existing(config, async |tessera| obey(command, server, tessera).await).await
}

async fn obey(
    command: ResourceCommand,
    server: Option<ResourceServer>,
    tessera: &Tessera,
) -> Result<(), Failure> {
    let (actor, origin) = (Actor::Operator, Origin::default());
    match (command, server) {
        (ResourceCommand::Create(document), Some(server)) => {
            let done = resource_servers::create(tessera, server.clone(), actor, origin).await?;
            told(done, &server, "Registered", &document.format)
        }
        (ResourceCommand::Update(document), Some(server)) => {
            let done = resource_servers::update(tessera, server.clone(), actor, origin).await?;
            told(done, &server, "Changed", &document.format)
        }
        (ResourceCommand::Show(id), _) => {
            let all = resource_servers::all(tessera).await?;
            let found = all
                .into_iter()
                .find(|server| server.identifier == id.identifier);
            output::json(&found.ok_or_else(|| id.unknown())?)
        }
        (ResourceCommand::Delete(id), _) => {
            if !resource_servers::delete(tessera, &id.identifier, actor, origin).await? {
                return Err(id.unknown());
            }
            output::line(format!("Deleted {}", id.identifier))
        }
        (ResourceCommand::List(format), _) => list(tessera, format.json).await,
        // `run` reads the document of both.
        (ResourceCommand::Create(_) | ResourceCommand::Update(_), None) => {
            Err(Failure::new("the document was not read"))
        }
    }
}

fn told(
    done: Result<(), NotWritten>,
    server: &ResourceServer,
    word: &str,
    format: &Format,
) -> Result<(), Failure> {
    done.map_err(Failure::new)?;
    if format.json {
        return output::json(server);
    }
    output::line(format!("{word} {}", server.identifier))
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let all = resource_servers::all(tessera).await?;
    if json {
        return output::json(&all);
    }
    let mut rows = vec![["IDENTIFIER", "NAME", "SCOPES"].map(str::to_owned)];
    rows.extend(all.into_iter().map(|server| {
        let scopes: Vec<String> = server.scopes.into_keys().collect();
        [server.identifier, server.name, scopes.join(" ")]
    }));
    output::table(&rows)
}
