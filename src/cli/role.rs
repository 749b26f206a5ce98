//! `tessera role`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Format;
use super::organisation::At;
use super::user::Who;
use super::{Failure, output, start};
use crate::base::Timestamp;
use crate::base::ids::{GroupId, RoleGrantId};
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::access::Asking;
use crate::flows::roles::NewGrant;
use crate::protocol::access::power::{ReadRoles, WriteRoles};
use crate::protocol::access::{Pattern, Permit, Role, RoleName, Roles, Tenant, power};
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::storage::role_grants::{Holder, RoleGrant};

const GRANT_EXAMPLE: &str = "Examples:
  tessera role grant client-manager --user ada
  tessera role grant auditor --user bob --until 2027-01-01T00:00:00Z
  tessera role grant super-administrator --user eve --organisation acme

The first may do it everywhere, the last in one organisation only.";

const CREATE_EXAMPLE: &str = "Examples:
  tessera role create helpdesk --permission users:read --permission sessions:*
  tessera role create lead --inherits helpdesk --inherits auditor

`tessera role permissions` lists those of the administration. Others, such as
invoices:approve, mean what your applications take them for.";

#[derive(Debug, Subcommand)]
pub(super) enum RoleCommand {
    /// List all roles and what they may do
    List(Format),
    /// List the permissions of the administration
    Permissions,
    /// Define a role
    #[command(after_help = CREATE_EXAMPLE)]
    Create(Definition),
    /// Define a role of this name anew
    Update(Definition),
    /// Remove a role, and take it from everybody
    Delete {
        #[arg(value_name = "ROLE", value_parser = RoleName::parse)]
        role: RoleName,
    },
    /// Give a role to a person, a group or a client
    #[command(after_help = GRANT_EXAMPLE)]
    Grant(GrantArgs),
    /// Take a role back
    Revoke {
        /// The id that `grant` and `holders` print
        #[arg(value_name = "ID")]
        id: Uuid,
    },
    /// List who holds a role
    Holders {
        #[arg(value_name = "ROLE", value_parser = RoleName::parse)]
        role: RoleName,
        #[command(flatten)]
        format: Format,
    },
    /// Say whether a person may do something of the administration, and why
    Explain {
        #[command(flatten)]
        who: Who,
        /// Such as clients:write
        #[arg(value_name = "PERMISSION")]
        permission: String,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Args)]
pub(super) struct Definition {
    /// a-z, 0-9 and '-'
    #[arg(value_name = "ROLE", value_parser = RoleName::parse)]
    role: RoleName,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
    /// What it may do, resource:action; may be repeated
    #[arg(long = "permission", value_name = "PERMISSION", value_parser = Pattern::parse)]
    permissions: Vec<Pattern>,
    /// A role that it also is; may be repeated
    #[arg(long = "inherits", value_name = "ROLE", value_parser = RoleName::parse)]
    inherits: Vec<RoleName>,
}

impl From<Definition> for Role {
    fn from(given: Definition) -> Self {
        Self {
            name: given.role,
            description: given.description,
            permissions: given.permissions,
            inherits: given.inherits,
        }
    }
}

#[derive(Debug, Args)]
#[group(id = "holder", required = true, multiple = false, args = ["user", "group", "client"])]
pub(super) struct GrantArgs {
    /// The role, by its name: `tessera role list` has them
    #[arg(value_name = "ROLE", value_parser = RoleName::parse)]
    role: RoleName,
    /// To a person: the user name, the e-mail address or the id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// To everybody in a group, by its id
    #[arg(long, value_name = "ID")]
    group: Option<Uuid>,
    /// To a client, for what it does by itself
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    #[command(flatten)]
    at: At,
    /// Not before (RFC 3339, such as 2027-01-01T00:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Not from then on
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text)
        .ok_or_else(|| "must be a time as in RFC 3339: 2027-01-01T00:00:00Z".to_owned())
}

pub(super) async fn run(command: RoleCommand, config: Config) -> Result<(), Failure> {
    start::with_existing(config, async |tessera| obey(command, tessera).await).await
}

async fn obey(command: RoleCommand, tessera: &Tessera) -> Result<(), Failure> {
    let (permit, origin) = (Permit::<WriteRoles>::of_operator(), Origin::default());
    match command {
        RoleCommand::List(format) => list(tessera, format.json).await,
        RoleCommand::Permissions => power::ALL.iter().try_for_each(output::line),
        RoleCommand::Create(definition) => {
            let role = Role::from(definition);
            let name = role.name.clone();
            let done = tessera.define_role(permit, role, None, origin).await?;
            done.map_err(Failure::new)?;
            output::line(format!("Defined {name}"))
        }
        RoleCommand::Update(definition) => {
            let role = Role::from(definition);
            let name = role.name.clone();
            let done = tessera
                .define_role(permit, role, Some(None), origin)
                .await?;
            done.map_err(Failure::new)?;
            output::line(format!("Changed {name}"))
        }
        RoleCommand::Delete { role } => {
            let done = tessera
                .delete_role(permit, role.clone(), None, origin)
                .await?;
            done.map_err(Failure::new)?;
            output::line(format!("Removed {role}"))
        }
        RoleCommand::Grant(args) => grant(tessera, args).await,
        RoleCommand::Revoke { id } => {
            let done = tessera.revoke_role(permit, RoleGrantId(id), origin).await?;
            done.map_err(Failure::new)?;
            output::line(format!("Taken back: {id}"))
        }
        RoleCommand::Holders { role, format } => holders(tessera, &role, format.json).await,
        RoleCommand::Explain {
            who,
            permission,
            at,
        } => explain(tessera, &who, &permission, &at).await,
    }
}

async fn grant(tessera: &Tessera, args: GrantArgs) -> Result<(), Failure> {
    let holder = match (args.user, args.group, args.client) {
        (Some(user), ..) => Holder::User(Who::named(user).find(tessera).await?.id),
        (_, Some(group), _) => Holder::Group(GroupId(group)),
        (.., client) => Holder::Client(ClientId::new(client.unwrap_or_default())),
    };
    let at = args.at.find(tessera).await?;
    let new = NewGrant {
        role: args.role,
        holder,
        tenant: at.map_or(Tenant::Deployment, |at| Tenant::Organisation(at.id)),
        valid_from: args.from,
        valid_until: args.until,
    };
    let done = tessera
        .grant_role(Permit::of_operator(), new, Origin::default())
        .await?;
    output::line(done.map_err(Failure::new)?.id)
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let mut reader = &tessera.store;
    let all = tessera.roles(&mut reader).await?;
    if json {
        let shown: Vec<Value> = all
            .iter()
            .map(|role| {
                let mut value = json!(role);
                value["built_in"] = Roles::is_built_in(&role.name).into();
                value
            })
            .collect();
        return output::json(&shown);
    }
    let mut rows = vec![["ROLE", "PERMISSIONS", "INHERITS", "DESCRIPTION"].map(str::to_owned)];
    rows.extend(all.iter().map(|role| {
        [
            role.name.to_string(),
            joined(&role.permissions),
            joined(&role.inherits),
            role.description.clone(),
        ]
    }));
    output::table(&rows)
}

fn joined(all: &[impl ToString]) -> String {
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    all.join(" ")
}

async fn holders(tessera: &Tessera, role: &RoleName, json: bool) -> Result<(), Failure> {
    let permit = Permit::<ReadRoles>::of_operator();
    let mut all: Vec<RoleGrant> = Vec::new();
    loop {
        let after = all.last().map(|grant| grant.id);
        let page = tessera.holders(&permit, role, after, 500).await?;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    if json {
        return output::json(&all.iter().map(shown).collect::<Vec<_>>());
    }
    let mut rows = vec![["ID", "HOLDER", "WHERE", "FROM", "UNTIL"].map(str::to_owned)];
    rows.extend(all.iter().map(|grant| {
        let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), Timestamp::rfc3339);
        [
            grant.id.to_string(),
            holder(&grant.holder),
            place(grant.tenant),
            time(grant.valid_from),
            time(grant.valid_until),
        ]
    }));
    output::table(&rows)
}

fn holder(holder: &Holder) -> String {
    match holder {
        Holder::User(id) => format!("user:{id}"),
        Holder::Group(id) => format!("group:{id}"),
        Holder::Client(id) => format!("client:{id}"),
    }
}

fn place(tenant: Tenant) -> String {
    match tenant {
        Tenant::Deployment => "everywhere".to_owned(),
        Tenant::Organisation(id) => id.to_string(),
    }
}

fn shown(grant: &RoleGrant) -> Value {
    json!({
        "id": grant.id,
        "role": grant.role,
        "holder": holder(&grant.holder),
        "where": place(grant.tenant),
        "valid_from": grant.valid_from.map(Timestamp::rfc3339),
        "valid_until": grant.valid_until.map(Timestamp::rfc3339),
        "created_at": grant.created_at.rfc3339(),
    })
}

async fn explain(tessera: &Tessera, who: &Who, permission: &str, at: &At) -> Result<(), Failure> {
    let named = power::ALL.iter().find(|of| of.to_string() == permission);
    let Some(permission) = named else {
        return Err(Failure::Usage(format!(
            "{permission} is no permission of the administration: see `tessera role permissions`"
        )));
    };
    let asking = Asking::Person(who.find(tessera).await?.id);
    let wanted = at.find(tessera).await?.map(|at| at.id);
    let (tenant, reasons) = tessera.explain(&asking, *permission, wanted).await?;
    output::line(match (tenant, wanted) {
        (None, _) => "no".to_owned(),
        (Some(Tenant::Organisation(id)), None) => {
            let of = tessera.organisation(&Permit::of_operator(), id).await?;
            let name = of.map_or_else(|| id.to_string(), |of| of.name);
            format!("only in the organisation {name}")
        }
        (Some(_), _) => "yes".to_owned(),
    })?;
    reasons
        .iter()
        .try_for_each(|reason| output::line(format!("  {reason}")))
}
