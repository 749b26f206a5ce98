//! `tessera session`.

use std::net::IpAddr;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Format;
use super::user;
use super::{Failure, output, start};
use crate::base::ids::SessionId;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::administration::SessionFilter;
use crate::flows::session::Whose;
use crate::protocol::access::Permit;
use crate::protocol::assurance::Proofs;
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::storage::live_sessions::LiveSession;
use crate::storage::words::Sought;

/// What one look at the list shows at most.
const MOST: u16 = 10_000;

/// So many are read at once.
const PAGE: usize = 200;

const LIST_HELP: &str = "\
Examples:
  tessera session list
  tessera session list ada
  tessera session list --search lovelace --client CLIENT_ID
  tessera session list --address 203.0.113.7 --json";

const END_HELP: &str = "\
Examples:
  tessera session end 01890a5d-ac96-774b-bcce-b302099a8057
  tessera session end --user ada
  tessera session end --all

Applications that take logout tokens (back-channel logout) are told. What they
got with offline_access stays: `tessera user update --disable` ends that too.";

#[derive(Debug, Subcommand)]
pub(super) enum SessionCommand {
    /// List who is signed in, the newest first: everybody, one person, or whom the options leave
    #[command(after_help = LIST_HELP)]
    List(ListArgs),
    /// Sign people out: of one browser, one person everywhere, or everybody
    #[command(after_help = END_HELP)]
    End(EndArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only this person's: the user name, the e-mail address or the id
    #[arg(value_name = "USER")]
    user: Option<String>,
    /// Only of whoever has words that begin so: of the user name, the address or the name
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Only those in which somebody signed in to this application
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Only those that began at this address
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST)))]
    limit: u16,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[group(id = "whose", required = true, multiple = false, args = ["id", "user", "all"])]
pub(super) struct EndArgs {
    /// The session, by its id in the list
    #[arg(value_name = "ID")]
    id: Option<Uuid>,
    /// Every session of this person: the user name, the e-mail address or the id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Every session of everybody
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(command: SessionCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| match command {
        SessionCommand::List(args) => list(tessera, args).await,
        SessionCommand::End(args) => end(tessera, args).await,
    })
    .await
}

async fn list(tessera: &Tessera, args: ListArgs) -> Result<(), Failure> {
    let filter = SessionFilter {
        sought: args.search.as_deref().and_then(Sought::parse),
        address: args.address.map(|address| address.to_string()),
        client: args.client.map(ClientId::new),
        user: match &args.user {
            Some(name) => Some(user::find(tessera, name).await?.id),
            None => None,
        },
    };
    let (permit, wanted) = (Permit::of_operator(), usize::from(args.limit));
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let left = wanted - all.len();
        let page = tessera
            .list_live_sessions(&permit, &filter, after, left.min(PAGE))
            .await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() || all.len() >= wanted {
            break;
        }
    }
    if args.format.json {
        return output::json(&all.iter().map(shown).collect::<Vec<_>>());
    }
    let heading = ["ID", "USER", "SINCE", "LAST SEEN", "ADDRESS", "BROWSER"];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(all.into_iter().map(|one| {
        [
            one.session.id.to_string(),
            one.username,
            one.session.created_at.rfc3339(),
            one.session.last_seen_at.rfc3339(),
            one.session.address,
            one.session.user_agent,
        ]
    }));
    output::table(&rows)?;
    if after.is_some() {
        eprintln!("There are more: --limit shows up to {MOST}");
    }
    Ok(())
}

fn shown(one: &LiveSession) -> Value {
    let session = &one.session;
    json!({
        "id": session.id,
        "user_id": session.user_id,
        "username": one.username,
        "name": one.name,
        "amr": Proofs::amr(session.proofs.iter()),
        "client_ids": one.clients,
        "created_at": session.created_at.rfc3339(),
        "last_seen_at": session.last_seen_at.rfc3339(),
        "expires_at": session.idle_expires_at.min(session.expires_at).rfc3339(),
        "address": session.address,
        "user_agent": session.user_agent,
    })
}

async fn end(tessera: &Tessera, args: EndArgs) -> Result<(), Failure> {
    let whose = match (args.id, &args.user) {
        (Some(id), _) => Whose::One(SessionId(id)),
        (None, Some(name)) => Whose::Of(user::find(tessera, name).await?.id),
        // The group lets nothing else through.
        (None, None) => Whose::Everybody(Permit::of_operator()),
    };
    let ended = tessera.end_as_operator(whose, Origin::default()).await?;
    if let (Some(id), 0) = (args.id, ended) {
        return Err(Failure::new(format!("there is no live session {id}")));
    }
    if args.format.json {
        return output::json(&json!({ "ended": ended }));
    }
    output::line(format!("Ended {ended}"))
}
