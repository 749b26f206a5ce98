//! `tessera resource`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::client::Format;
use super::{Failure, input, output, start};
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::administration::Refused;
use crate::protocol::access::Permit;
use crate::protocol::access::power::ReadResources;
use crate::protocol::audit::Origin;
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

/// So many in one read.
const PAGE: usize = 500;

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
    match (command, server) {
        (ResourceCommand::Create(document), Some(server)) => {
            put(tessera, server, false, &document.format).await
        }
        (ResourceCommand::Update(document), Some(server)) => {
            put(tessera, server, true, &document.format).await
        }
        (ResourceCommand::Show(Id { identifier }), _) => {
            let permit = Permit::of_operator();
            let found = tessera.find_resource_server(&permit, &identifier).await?;
            let (server, _) = found.map_err(|why| refused(why, &identifier))?;
            output::json(&server)
        }
        (ResourceCommand::Delete(Id { identifier }), _) => {
            let (permit, origin) = (Permit::of_operator(), Origin::default());
            let removed = tessera.remove_resource_server(permit, identifier.clone(), None, origin);
            removed.await?.map_err(|why| refused(why, &identifier))?;
            output::line(format!("Deleted {identifier}"))
        }
        (ResourceCommand::List(format), _) => list(tessera, format.json).await,
        // `run` reads the document of both.
        (ResourceCommand::Create(_) | ResourceCommand::Update(_), None) => {
            Err(Failure::new("the document was not read"))
        }
    }
}

async fn put(
    tessera: &Tessera,
    server: ResourceServer,
    is_there: bool,
    format: &Format,
) -> Result<(), Failure> {
    let (permit, origin, identifier) = (
        Permit::of_operator(),
        Origin::default(),
        server.identifier.clone(),
    );
    let replaces = is_there.then_some(None);
    let put = tessera.put_resource_server(permit, server, replaces, origin);
    let (server, _) = put.await?.map_err(|why| refused(why, &identifier))?;
    if format.json {
        return output::json(&server);
    }
    let word = if is_there { "Changed" } else { "Registered" };
    output::line(format!("{word} {identifier}"))
}

fn refused(why: Refused, identifier: &str) -> Failure {
    match why {
        Refused::Absent => Failure::new(format!("there is no resource server {identifier}")),
        Refused::Taken(_) => Failure::new(format!(
            "there is a resource server {identifier} already: see `tessera resource update`"
        )),
        other => Failure::new(other),
    }
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let permit = Permit::<ReadResources>::of_operator();
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = tessera
            .list_resource_servers(&permit, None, after, PAGE)
            .await?;
        let page = page.map_err(Failure::new)?;
        all.extend(page.items.into_iter().map(|(server, _)| server));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
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
