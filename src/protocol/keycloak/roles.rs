//! Roles of the realm: names that applications read. Those that somebody or some group holds come along, with what
//! they are composed of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Plan;
use crate::protocol::access::RoleName;
use crate::protocol::account_rules::is_unsafe;

/// `RolesRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RolesExport {
    realm: Vec<RoleExport>,
    client: BTreeMap<String, Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RoleExport {
    name: String,
    description: Option<String>,
    composites: Composites,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Composites {
    realm: Vec<String>,
    client: Map<String, Value>,
}

/// A role to be made. It permits nothing.
#[derive(Debug)]
pub struct PlannedRole {
    /// Its name.
    pub name: RoleName,
    /// What it is for.
    pub description: String,
    /// Roles of the realm that it also is: they stand before it.
    pub inherits: Vec<RoleName>,
}

/// Keycloak's own roles.
const OWN: [&str; 2] = ["offline_access", "uma_authorization"];

/// Deeper than anybody composes them.
const MAX_DEPTH: usize = 32;

/// The longest description here, in characters.
const MAX_DESCRIPTION: usize = 500;

/// The roles of one realm.
#[derive(Debug, Default)]
pub(super) struct RealmRoles {
    realm: String,
    defined: BTreeMap<String, RoleExport>,
    of_clients: usize,
    /// How many people and groups hold each, those of clients as `client/role`.
    held: BTreeMap<String, u64>,
}

impl RealmRoles {
    pub fn new(realm: &str) -> Self {
        Self {
            realm: realm.to_owned(),
            ..Self::default()
        }
    }

    pub fn define(&mut self, roles: RolesExport) {
        self.of_clients += roles.client.values().map(Vec::len).sum::<usize>();
        let named = roles
            .realm
            .into_iter()
            .map(|role| (role.name.clone(), role));
        self.defined.extend(named);
    }

    /// Counts a holder of these.
    pub fn hold(&mut self, roles: impl IntoIterator<Item = String>) {
        for role in roles {
            *self.held.entry(role).or_default() += 1;
        }
    }

    /// Of these the ones that can come along.
    pub fn that_come(&self, roles: &[String]) -> Vec<RoleName> {
        let all: BTreeSet<RoleName> = roles.iter().filter_map(|role| self.name(role)).collect();
        all.into_iter().collect()
    }

    pub fn is_own(&self, role: &str) -> bool {
        OWN.contains(&role) || role == format!("default-roles-{}", self.realm.to_lowercase())
    }

    /// The name of a role here. What has another form, capitals or a dot, is not bent into it: two names there
    /// must not become one here. Without a realm nothing could be known again.
    fn name(&self, role: &str) -> Option<RoleName> {
        let known = !self.realm.is_empty() && !self.is_own(role);
        RoleName::parse(role).ok().filter(|_| known)
    }

    pub fn plan(self, plan: &mut Plan) {
        let (mut done, mut unheld) = (BTreeSet::new(), 0_u64);
        for (role, holders) in &self.held {
            if self.is_own(role) {
                continue;
            }
            if self.name(role).is_none() {
                let why = if role.contains('/') {
                    "roles of clients do not come along; define those that the application needs with tessera role"
                } else if self.realm.is_empty() {
                    "none of the files says of which realm it is"
                } else {
                    "names of roles are of a-z, 0-9 and '-' here, at most 64, a letter first"
                };
                plan.leave(format!("role {role}"), format!("held by {holders}; {why}"));
                continue;
            }
            self.add(role, &mut Vec::new(), &mut done, plan);
        }
        for role in self.defined.keys() {
            if !self.is_own(role) && !done.contains(role) && !self.held.contains_key(role) {
                unheld += 1;
            }
        }
        if unheld > 0 {
            plan.leave("roles", format!("{unheld} of the realm that nobody holds"));
        }
        if self.of_clients > 0 {
            let why = format!(
                "{} of clients: define those that applications need with tessera role",
                self.of_clients
            );
            plan.leave("roles", why);
        }
        self.tell_default(plan);
    }

    /// Adds a role behind those that it is composed of.
    fn add(
        &self,
        role: &str,
        above: &mut Vec<String>,
        done: &mut BTreeSet<String>,
        plan: &mut Plan,
    ) {
        let Some(name) = self.name(role).filter(|_| !done.contains(role)) else {
            return;
        };
        let at = format!("role {role}");
        let (mut inherits, mut description) = (BTreeSet::new(), String::new());
        above.push(role.to_owned());
        if let Some(defined) = self.defined.get(role) {
            for below in &defined.composites.realm {
                let why = match self.name(below) {
                    _ if above.contains(below) => "it is composed of itself",
                    _ if above.len() > MAX_DEPTH => "too many levels",
                    None => "it does not come along",
                    Some(below_here) => {
                        self.add(below, above, done, plan);
                        inherits.insert(below_here);
                        continue;
                    }
                };
                plan.leave(&*at, format!("that it is also {below}: {why}"));
            }
            if !defined.composites.client.is_empty() {
                plan.leave(&*at, "the roles of clients that it also is");
            }
            let text = defined.description.as_deref().unwrap_or_default();
            if text.chars().count() <= MAX_DESCRIPTION && !text.chars().any(is_unsafe) {
                text.clone_into(&mut description);
            }
        }
        above.pop();
        done.insert(role.to_owned());
        plan.roles.push(PlannedRole {
            name,
            description,
            inherits: inherits.into_iter().collect(),
        });
    }

    /// What everybody has by default there is of nobody by name.
    fn tell_default(&self, plan: &mut Plan) {
        let default = self
            .defined
            .values()
            .find(|role| self.is_own(&role.name) && !OWN.contains(&role.name.as_str()));
        let Some(default) = default else { return };
        let given = default.composites.realm.iter();
        let given: Vec<&str> = given
            .map(String::as_str)
            .filter(|role| !self.is_own(role))
            .collect();
        if !given.is_empty() {
            let why = format!(
                "everybody had {} by it; nobody has a role by default here",
                given.join(", ")
            );
            plan.leave(format!("role {}", default.name), why);
        }
    }
}
