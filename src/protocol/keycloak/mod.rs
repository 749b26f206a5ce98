//! What a Keycloak realm export becomes here, and everything of it that does not. Pure.
//!
//! The format is that of Keycloak's own classes (`RealmRepresentation` and what it holds), as releases from
//! 4 to 26 write it: passwords and one-time codes with `credentialData` and `secretData`, or in the older form
//! without them.

mod clients;
mod credentials;
mod roles;
mod users;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use self::roles::RealmRoles;
use super::access::RoleName;
use super::account_rules::check_name;
use super::user_import::{Described, ImportedSeed};
use crate::base::Secret;

pub use roles::PlannedRole;

/// One file: a realm, or people of one in files of their own (`acme-users-0.json`).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Export {
    realm: Option<String>,
    id: Option<String>,
    users: Vec<users::UserExport>,
    groups: Vec<GroupExport>,
    clients: Vec<clients::ClientExport>,
    roles: roles::RolesExport,
    identity_providers: Vec<ProviderExport>,
    /// Whatever else a realm has.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GroupExport {
    name: String,
    attributes: Map<String, Value>,
    realm_roles: Vec<String>,
    client_roles: Map<String, Value>,
    sub_groups: Vec<GroupExport>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProviderExport {
    alias: String,
}

/// A person to be made.
#[derive(Debug)]
pub struct PlannedPerson {
    /// `user ada`.
    pub at: String,
    /// Who.
    pub described: Described,
    /// Authenticator apps.
    pub seeds: Vec<ImportedSeed>,
    /// Roles.
    pub roles: Vec<RoleName>,
}

/// A group to be made.
#[derive(Debug, PartialEq, Eq)]
pub struct PlannedGroup {
    /// Its path.
    pub name: String,
    /// Its roles, and those of the groups above it.
    pub roles: Vec<RoleName>,
}

/// A client to be made.
#[derive(Debug)]
pub struct PlannedClient {
    /// `client shop`.
    pub at: String,
    /// The identifier that the application uses.
    pub id: String,
    /// RFC 7591 metadata.
    pub metadata: Value,
    /// The secret that the application has.
    pub secret: Option<Secret<String>>,
    /// It may be used.
    pub enabled: bool,
}

/// What is not carried over: where it stands, and why.
pub type Left = (String, String);

/// What an export becomes.
#[derive(Debug, Default)]
pub struct Plan {
    /// The realm, by its name and id: another server may have one of the same name. Empty if none of the files names
    /// it.
    pub realm: String,
    /// Roles, each behind those that it inherits from.
    pub roles: Vec<PlannedRole>,
    /// Groups.
    pub groups: Vec<PlannedGroup>,
    /// Clients.
    pub clients: Vec<PlannedClient>,
    /// People.
    pub people: Vec<PlannedPerson>,
    /// Everything else.
    pub left: Vec<Left>,
    /// How many people are among that.
    pub people_left: u64,
}

/// Realm members that say nothing which could be carried over.
const SILENT: [&str; 3] = ["displayName", "displayNameHtml", "keycloakVersion"];

impl Export {
    /// Whether it can be one at all: everything in it may be absent, and any JSON object would be an empty realm.
    #[must_use]
    pub fn is_of_realm(&self) -> bool {
        self.realm.is_some() || !self.users.is_empty()
    }
}

impl Plan {
    /// Reads files of one realm together.
    ///
    /// # Errors
    /// If they are of several realms.
    pub fn of(exports: Vec<Export>) -> Result<Self, String> {
        let realms: BTreeSet<&String> = exports.iter().filter_map(|of| of.realm.as_ref()).collect();
        if realms.len() > 1 {
            return Err("the files are of several realms: import one after the other".to_owned());
        }
        let realm = realms
            .first()
            .map_or_else(String::new, |realm| (*realm).clone());
        let named = exports.iter().find(|of| of.realm.is_some());
        let id = named.and_then(|of| of.id.clone());
        let (mut plan, mut roles) = (Self::default(), RealmRoles::new(&realm));
        let mut people = Vec::new();
        for export in exports {
            for group in export.groups {
                plan.add_group(("", &[]), group, &mut roles, 0);
            }
            for client in export.clients {
                clients::plan(client, &realm, &mut plan);
            }
            plan.leave_realm(&export.identity_providers, &export.rest);
            roles.define(export.roles);
            people.extend(export.users);
        }
        for user in people {
            users::plan(user, &mut roles, &mut plan);
        }
        roles.plan(&mut plan);
        plan.realm = id.map_or(realm.clone(), |id| format!("{realm} {id}"));
        Ok(plan)
    }

    fn leave(&mut self, at: impl Into<String>, why: impl Into<String>) {
        self.left
            .push((printable(&at.into()), printable(&why.into())));
    }

    /// Groups stand in a tree there and beside one another here: the path is the name.
    fn add_group(
        &mut self,
        (above, of_those): (&str, &[String]),
        group: GroupExport,
        roles: &mut RealmRoles,
        depth: usize,
    ) {
        let path = if above.is_empty() {
            group.name.clone()
        } else {
            format!("{above}/{}", group.name)
        };
        let at = format!("group {path}");
        if path.trim().is_empty() || check_name(&path).is_err() {
            self.leave(
                at,
                "its name is empty, too long, or has characters that are not allowed",
            );
            return;
        }
        if !group.attributes.is_empty() {
            self.leave(&*at, "its attributes: groups have none here");
        }
        if !group.client_roles.is_empty() {
            self.leave(&*at, "its roles of clients: give it roles of Tessera");
        }
        roles.hold(group.realm_roles.clone());
        // Whoever is in a group has the roles of those above it there.
        let held = [of_those, &group.realm_roles].concat();
        let come = roles.that_come(&held);
        if let Some(twin) = self.groups.iter_mut().find(|one| one.name == path) {
            // Whoever is in the one must not get the roles of the other.
            twin.roles.retain(|role| come.contains(role));
            self.leave(
                &*at,
                "there are two of this path: they are one group here, with the roles of both alone",
            );
        } else {
            self.groups.push(PlannedGroup {
                name: path.clone(),
                roles: come,
            });
        }
        // serde_json reads at most 128 levels; a tree is never that deep.
        if depth > 32 {
            self.leave(at, "the groups below it: too many levels");
            return;
        }
        for below in group.sub_groups {
            self.add_group((&path, &held), below, roles, depth + 1);
        }
    }

    fn leave_realm(&mut self, providers: &[ProviderExport], rest: &Map<String, Value>) {
        for provider in providers {
            let at = format!("identity provider {}", provider.alias);
            self.leave(at, "people do not sign in with other providers here");
        }
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::Array(all) => all.is_empty(),
            Value::Object(all) => all.is_empty(),
            Value::String(text) => text.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        let named: Vec<&str> = rest
            .iter()
            .filter(|(name, value)| !SILENT.contains(&name.as_str()) && !empty(value))
            .map(|(name, _)| name.as_str())
            .collect();
        if !named.is_empty() {
            let why = format!(
                "set here in tessera.toml, or not needed: {}",
                named.join(", ")
            );
            self.leave("realm settings", why);
        }
    }
}

/// For a terminal: what is in an export may move the cursor or turn the line.
fn printable(text: &str) -> String {
    let clean = |c: char| {
        if super::account_rules::is_unsafe(c) {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().take(500).map(clean).collect()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
