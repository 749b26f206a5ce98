//! `tessera group`.

use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::client::Format;
use super::user::Who;
use super::{Failure, output, start};
use crate::base::ids::GroupId;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::groups::GroupChange;
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadGroups, WriteGroups};
use crate::protocol::audit::Origin;
use crate::storage::groups::Group;

#[derive(Debug, Subcommand)]
pub(super) enum GroupCommand {
    /// Make a group; prints its id
    Create {
        /// What people call it
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List all groups
    List(Format),
    /// List the ids of the people in a group
    Members {
        #[arg(value_name = "ID")]
        id: Uuid,
    },
    /// Put a person into a group
    Add {
        #[arg(value_name = "ID")]
        id: Uuid,
        #[command(flatten)]
        who: Who,
    },
    /// Take a person out of a group
    Remove {
        #[arg(value_name = "ID")]
        id: Uuid,
        #[command(flatten)]
        who: Who,
    },
    /// Give a group another name
    Rename {
        #[arg(value_name = "ID")]
        id: Uuid,
        /// What people call it from now on
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Remove a group; its people stay
    Delete {
        #[arg(value_name = "ID")]
        id: Uuid,
    },
}

pub(super) async fn run(command: GroupCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| obey(command, tessera).await).await
}

async fn obey(command: GroupCommand, tessera: &Tessera) -> Result<(), Failure> {
    let (id, change) = match command {
        GroupCommand::Create { name } => {
            let permit = Permit::<WriteGroups>::of_operator();
            let done = tessera
                .create_group(permit, &name, Origin::default())
                .await?;
            return output::line(done.map_err(Failure::new)?.id);
        }
        GroupCommand::List(format) => return list(tessera, format.json).await,
        GroupCommand::Members { id } => return members(tessera, GroupId(id)).await,
        GroupCommand::Add { id, who } => (id, GroupChange::Add(who.find(tessera).await?.id)),
        GroupCommand::Remove { id, who } => (id, GroupChange::Remove(who.find(tessera).await?.id)),
        GroupCommand::Rename { id, name } => (id, GroupChange::Rename(name, None)),
        GroupCommand::Delete { id } => (id, GroupChange::Delete(None)),
    };
    let permit = Permit::<WriteGroups>::of_operator();
    let done = tessera
        .change_group(permit, GroupId(id), change, Origin::default())
        .await?;
    done.map_err(Failure::new)?;
    output::line(format!("Changed {id}"))
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let permit = Permit::<ReadGroups>::of_operator();
    let (mut all, mut after): (Vec<Group>, _) = (Vec::new(), None);
    loop {
        let page = tessera.list_groups(&permit, None, after, 500).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if json {
        let shown =
            |of: &Group| json!({"id": of.id, "name": of.name, "organisation": of.organisation});
        return output::json(&all.iter().map(shown).collect::<Vec<_>>());
    }
    let mut rows = vec![["ID", "NAME", "ORGANISATION"].map(str::to_owned)];
    rows.extend(all.into_iter().map(|of| {
        let organisation = of
            .organisation
            .map_or_else(|| "-".to_owned(), |id| id.to_string());
        [of.id.to_string(), of.name, organisation]
    }));
    output::table(&rows)
}

async fn members(tessera: &Tessera, id: GroupId) -> Result<(), Failure> {
    let permit = Permit::<ReadGroups>::of_operator();
    let mut after = None;
    loop {
        let Some((_, page)) = tessera.group(&permit, id, after, 500).await? else {
            return Err(Failure::new(format!("there is no group {id}")));
        };
        let Some(last) = page.last().copied() else {
            return Ok(());
        };
        page.iter().try_for_each(output::line)?;
        after = Some(last);
    }
}
