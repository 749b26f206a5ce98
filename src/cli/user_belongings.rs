//! What belongs to a person, at the command line: ways to sign in, what they allowed, what happened; and the
//! end of their password or account.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Format;
use super::user::Who;
use super::{Failure, output};
use crate::base::Timestamp;
use crate::flows::Tessera;
use crate::flows::administration::{Credential, Refused};
use crate::protocol::access::Permit;
use crate::protocol::audit::Origin;
use crate::protocol::audit_search::EventSearch;
use crate::protocol::client::ClientId;
use crate::storage::users::User;

#[derive(Debug, Subcommand)]
pub(super) enum CredentialsCommand {
    /// List how a person can prove who they are
    List {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        format: Format,
    },
    /// Take a passkey or a device away, with what it proved; its owner is told by a letter
    Remove {
        #[command(flatten)]
        who: Who,
        /// Its id, as the list shows it
        id: Uuid,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConsentsCommand {
    /// List what a person allowed applications
    List {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        format: Format,
    },
    /// Take back what a person allowed an application, with the tokens that came from it
    Revoke {
        #[command(flatten)]
        who: Who,
        /// The client's id
        client: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    who: Who,
    /// How many at most, the newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn credentials(
    tessera: &Tessera,
    command: CredentialsCommand,
) -> Result<(), Failure> {
    match command {
        CredentialsCommand::List { who, format } => list_credentials(tessera, &who, &format).await,
        CredentialsCommand::Remove { who, id } => {
            let user = who.find(tessera).await?;
            let done = tessera
                .remove_credential(Permit::of_operator(), user.id, id, Origin::default())
                .await?;
            done.map_err(|why| refused(&why, &format!("{} has no device {id}", user.username)))?;
            output::line(format!("Removed {id}"))
        }
    }
}

pub(super) async fn consents(tessera: &Tessera, command: ConsentsCommand) -> Result<(), Failure> {
    match command {
        ConsentsCommand::List { who, format } => list_consents(tessera, &who, &format).await,
        ConsentsCommand::Revoke { who, client } => {
            let user = who.find(tessera).await?;
            let id = ClientId::new(client.as_str());
            let done = tessera
                .revoke_consent(Permit::of_operator(), user.id, id, Origin::default())
                .await?;
            let nothing = format!("{} allowed {client} nothing", user.username);
            done.map_err(|why| refused(&why, &nothing))?;
            output::line(format!("Took back what {} allowed {client}", user.username))
        }
    }
}

/// Takes the password away and sends a link to choose another.
pub(super) async fn reset(tessera: &Tessera, who: &Who) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let done = tessera
        .force_reset(Permit::of_operator(), user.id, Origin::default())
        .await?;
    done.map_err(|why| refused(&why, "there is no such account"))?;
    output::line(format!(
        "{} is signed out, and has a letter with a link",
        user.username
    ))
}

pub(super) async fn delete(tessera: &Tessera, who: &Who) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let done = tessera
        .remove_user(Permit::of_operator(), user.id, None, Origin::default())
        .await?;
    done.map_err(|why| refused(&why, "there is no such account"))?;
    output::line(format!("Deleted {} ({})", user.username, user.id))
}

async fn list_credentials(tessera: &Tessera, who: &Who, format: &Format) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let all = tessera
        .credentials_of(&Permit::of_operator(), user.id)
        .await?;
    let all = all.ok_or_else(|| gone(&user))?;
    let shown = |one: &Credential| {
        json!({
            "id": one.id, "method": one.method.as_str(), "name": one.name,
            "created_at": one.created_at.rfc3339(), "last_used_at": one.last_used_at.map(Timestamp::rfc3339),
        })
    };
    if format.json {
        return output::json(&json!({
            "password": all.password, "phone": all.phone, "recovery_codes": all.recovery_codes,
            "devices": all.devices.iter().map(shown).collect::<Vec<Value>>(),
        }));
    }
    let yes = |there: bool| if there { "yes" } else { "no" };
    output::line(format!(
        "password: {}, telephone: {}, recovery codes left: {}",
        yes(all.password),
        yes(all.phone),
        all.recovery_codes
    ))?;
    let mut rows = vec![["ID", "METHOD", "NAME", "SINCE", "LAST USED"].map(str::to_owned)];
    rows.extend(all.devices.into_iter().map(|one| {
        let last = one
            .last_used_at
            .map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
        [
            one.id.to_string(),
            one.method.as_str().to_owned(),
            one.name,
            one.created_at.rfc3339(),
            last,
        ]
    }));
    output::table(&rows)
}

async fn list_consents(tessera: &Tessera, who: &Who, format: &Format) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let all = tessera.consents_of(&Permit::of_operator(), user.id).await?;
    let all = all.ok_or_else(|| gone(&user))?;
    if format.json {
        let shown = all.iter().map(|one| {
            json!({
                "client_id": one.client_id, "scope": one.scope.to_string(), "resources": one.resources,
                "granted_at": one.granted_at.rfc3339(),
            })
        });
        return output::json(&shown.collect::<Vec<Value>>());
    }
    let mut rows = vec![["CLIENT", "SCOPE", "SINCE"].map(str::to_owned)];
    rows.extend(all.into_iter().map(|one| {
        [
            one.client_id.to_string(),
            one.scope.to_string(),
            one.granted_at.rfc3339(),
        ]
    }));
    output::table(&rows)
}

/// What happened to an account, the newest first.
pub(super) async fn history(tessera: &Tessera, args: HistoryArgs) -> Result<(), Failure> {
    let user = args.who.find(tessera).await?;
    let search = EventSearch {
        about: Some(user.id.to_string()),
        ..EventSearch::default()
    };
    let (wanted, mut after) = (usize::from(args.limit), None);
    let mut events: Vec<Value> = Vec::new();
    loop {
        let left = wanted - events.len();
        let page = tessera
            .search_events(&Permit::of_operator(), &search, after, left)
            .await?
            .map_err(|why| refused(&why, "there is no such account"))?;
        events.extend(page.items.into_iter().map(Value::from).take(left));
        after = page.next;
        if after.is_none() || events.len() >= wanted {
            break;
        }
    }
    if args.format.json {
        return output::json(&events);
    }
    let mut rows = vec![["AT", "KIND", "OUTCOME", "ACTOR"].map(str::to_owned)];
    rows.extend(events.iter().map(|event| {
        ["at", "kind", "outcome", "actor"]
            .map(|name| event[name].as_str().unwrap_or("-").to_owned())
    }));
    output::table(&rows)
}

fn gone(user: &User) -> Failure {
    Failure::new(format!("there is no account {}", user.username))
}

fn refused(why: &Refused, absent: &str) -> Failure {
    match why {
        Refused::Absent => Failure::new(absent),
        other => Failure::new(other),
    }
}
