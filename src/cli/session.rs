//! `tessera session`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Format;
use super::user::{self, Who};
use super::{Failure, output, start};
use crate::base::ids::SessionId;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::session::Whose;
use crate::protocol::audit::Origin;
use crate::storage::sessions::Session;

const END_HELP: &str = "\
Examples:
  tessera session end 01890a5d-ac96-774b-bcce-b302099a8057
  tessera session end --user ada
  tessera session end --all

Applications that take logout tokens (back-channel logout) are told. What they
got with offline_access stays: `tessera user update --disable` ends that too.";

#[derive(Debug, Subcommand)]
pub(super) enum SessionCommand {
    /// List where a person is signed in
    List {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        format: Format,
    },
    /// Sign people out: of one browser, one person everywhere, or everybody
    #[command(after_help = END_HELP)]
    End(EndArgs),
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
        SessionCommand::List { who, format } => list(tessera, &who, &format).await,
        SessionCommand::End(args) => end(tessera, args).await,
    })
    .await
}

async fn list(tessera: &Tessera, who: &Who, format: &Format) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let all = tessera.sessions_of(user.id).await?;
    if format.json {
        return output::json(&all.iter().map(shown).collect::<Vec<_>>());
    }
    let mut rows = vec![["ID", "SINCE", "LAST SEEN", "ADDRESS", "BROWSER"].map(str::to_owned)];
    rows.extend(all.into_iter().map(|session| {
        [
            session.id.to_string(),
            session.created_at.rfc3339(),
            session.last_seen_at.rfc3339(),
            session.address,
            session.user_agent,
        ]
    }));
    output::table(&rows)
}

fn shown(session: &Session) -> Value {
    json!({
        "id": session.id,
        "user_id": session.user_id,
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
        (None, None) => Whose::Everybody,
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
