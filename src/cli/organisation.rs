//! `tessera organisation`.

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use super::client::Format;
use super::user::Who;
use super::{Failure, output, start};
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::organisations::Movable;
use crate::protocol::access::power::ReadOrganisations;
use crate::protocol::access::{Permit, Power};
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::storage::organisations::Organisation;

#[derive(Debug, Subcommand)]
pub(super) enum OrganisationCommand {
    /// Make an organisation: people and clients with administrators of their own
    Create {
        /// The short name: a-z, 0-9 and '-'
        #[arg(value_name = "NAME")]
        name: String,
        /// The name for people; the short one if it is left out
        #[arg(long)]
        title: Option<String>,
    },
    /// List all organisations
    List(Format),
    /// Change the name for people, close or open an organisation
    Update {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long)]
        title: Option<String>,
        /// Nobody of it signs in, and its clients get nothing
        #[arg(long, conflicts_with = "open")]
        close: bool,
        /// Open it again
        #[arg(long)]
        open: bool,
    },
    /// Move a person or a client into an organisation, or out of it
    Move(MoveArgs),
    /// Remove an organisation that nobody and nothing belongs to any more
    Delete {
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("moved").required(true).args(["user", "client"]))]
pub(super) struct MoveArgs {
    /// A person: the user name, the e-mail address or the id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// A client
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Where it is to belong
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "out",
        conflicts_with = "out"
    )]
    to: Option<String>,
    /// To none: to the deployment itself
    #[arg(long)]
    out: bool,
}

async fn move_it(tessera: &Tessera, args: MoveArgs) -> Result<(), Failure> {
    let what = match (args.user, args.client) {
        (Some(user), _) => Movable::User(Who::named(user).find(tessera).await?.id),
        (_, client) => Movable::Client(ClientId::new(client.unwrap_or_default())),
    };
    let to = match &args.to {
        Some(name) => Some(find(tessera, name).await?.id),
        None => None,
    };
    let done = tessera
        .move_to_organisation(Permit::of_operator(), what, to, Origin::default())
        .await?;
    done.map_err(Failure::new)?;
    output::line(match args.to {
        Some(name) => format!("Moved to {name}"),
        None => "Moved out".to_owned(),
    })
}

/// Where something is done or belongs.
#[derive(Debug, Default, Args)]
pub(super) struct At {
    /// In one organisation, by its short name; else for the whole deployment
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
}

impl At {
    pub(super) async fn find(&self, tessera: &Tessera) -> Result<Option<Organisation>, Failure> {
        match &self.organisation {
            None => Ok(None),
            Some(name) => find(tessera, name).await.map(Some),
        }
    }

    /// The operator's permit there.
    pub(super) async fn permit<P: Power>(&self, tessera: &Tessera) -> Result<Permit<P>, Failure> {
        let everywhere = Permit::of_operator();
        Ok(match self.find(tessera).await? {
            None => everywhere,
            Some(at) => everywhere
                .inside(at.id)
                .expect("the operator reaches every organisation"),
        })
    }
}

async fn find(tessera: &Tessera, name: &str) -> Result<Organisation, Failure> {
    let found = tessera.find_organisation(name).await?;
    found.ok_or_else(|| Failure::new(format!("there is no organisation {name}")))
}

pub(super) async fn run(command: OrganisationCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| obey(command, tessera).await).await
}

async fn obey(command: OrganisationCommand, tessera: &Tessera) -> Result<(), Failure> {
    let origin = Origin::default();
    match command {
        OrganisationCommand::Create { name, title } => {
            let title = title.unwrap_or_else(|| name.clone());
            let done = tessera
                .create_organisation(Permit::of_operator(), &name, &title, origin)
                .await?;
            output::line(done.map_err(Failure::new)?.id)
        }
        OrganisationCommand::Update {
            name,
            title,
            close,
            open,
        } => {
            let known = find(tessera, &name).await?;
            let title = title.unwrap_or(known.title);
            let closed = close || (known.disabled && !open);
            let done = tessera
                .change_organisation(
                    Permit::of_operator(),
                    known.id,
                    (&title, closed),
                    None,
                    origin,
                )
                .await?;
            done.map_err(Failure::new)?;
            output::line(format!("Changed {name}"))
        }
        OrganisationCommand::Delete { name } => {
            let known = find(tessera, &name).await?;
            let done = tessera
                .delete_organisation(Permit::of_operator(), known.id, None, origin)
                .await?;
            done.map_err(Failure::new)?;
            output::line(format!("Removed {name}"))
        }
        OrganisationCommand::Move(args) => move_it(tessera, args).await,
        OrganisationCommand::List(format) => list(tessera, format.json).await,
    }
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let permit = Permit::<ReadOrganisations>::of_operator();
    let (mut all, mut after): (Vec<Organisation>, _) = (Vec::new(), None);
    loop {
        let page = tessera.list_organisations(&permit, None, after, 500);
        let page = page.await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if json {
        let shown: Vec<Value> = all
            .iter()
            .map(|of| {
                json!({
                    "id": of.id,
                    "name": of.name,
                    "title": of.title,
                    "closed": of.disabled,
                    "created_at": of.created_at.rfc3339(),
                })
            })
            .collect();
        return output::json(&shown);
    }
    let mut rows = vec![["ID", "NAME", "TITLE", "STATE"].map(str::to_owned)];
    rows.extend(all.into_iter().map(|of| {
        let state = if of.disabled { "closed" } else { "open" };
        [of.id.to_string(), of.name, of.title, state.to_owned()]
    }));
    output::table(&rows)
}
