//! `tessera client list`.

use clap::Args;
use serde_json::{Value, json};

use super::client::Format;
use super::organisation::At;
use super::{Failure, output};
use crate::flows::Tessera;
use crate::flows::administration::{ClientFilter, ClientKind};
use crate::protocol::access::Permit;
use crate::protocol::access::power::ReadClients;
use crate::protocol::client::Client;
use crate::protocol::registration::registration_response;
use crate::storage::words::Sought;

/// So many in one read.
const PAGE: usize = 500;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Those whose name or identifier has words that begin so
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Those that are disabled, or of a closed organisation
    #[arg(long, conflicts_with = "enabled")]
    disabled: bool,
    /// The others
    #[arg(long)]
    enabled: bool,
    /// Those of this kind: machine, public or confidential
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<ClientKind>,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    format: Format,
}

fn kind(text: &str) -> Result<ClientKind, String> {
    match text {
        "machine" => Ok(ClientKind::Machine),
        "public" => Ok(ClientKind::Public),
        "confidential" => Ok(ClientKind::Confidential),
        _ => Err("must be machine, public or confidential".to_owned()),
    }
}

pub(super) async fn run(tessera: &Tessera, args: ListArgs) -> Result<(), Failure> {
    let permit = args.at.permit(tessera).await?;
    let filter = ClientFilter {
        sought: args.search.as_deref().and_then(Sought::parse),
        disabled: (args.disabled || args.enabled).then_some(args.disabled),
        kind: args.kind,
    };
    let all = all(tessera, &permit, &filter).await?;
    if args.format.json {
        return output::json(&all.iter().map(shown).collect::<Vec<_>>());
    }
    let mut rows = vec![["CLIENT ID", "NAME", "AUTHENTICATION", "STATE"].map(str::to_owned)];
    rows.extend(all.iter().map(row));
    output::table(&rows)
}

async fn all(
    tessera: &Tessera,
    permit: &Permit<ReadClients>,
    filter: &ClientFilter,
) -> Result<Vec<Client>, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = tessera.list_clients(permit, filter, after, PAGE).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

fn shown(client: &Client) -> Value {
    let mut value = registration_response(client, None, None);
    value["disabled"] = client.disabled.into();
    value["organisation"] = json!(client.organisation);
    value
}

fn row(client: &Client) -> [String; 4] {
    let method = client.metadata.token_endpoint_auth_method.as_str();
    let state = if client.disabled {
        "disabled"
    } else {
        "enabled"
    };
    let name = client.display_name();
    [client.id.as_str(), name, method, state].map(str::to_owned)
}
