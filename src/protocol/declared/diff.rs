//! What has to happen so that what is there becomes what a file says.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Client, Declared, Document, Key, Problem, Section};
use crate::base::Digest;
use crate::protocol::access::{Role, RoleName};

/// What is compared.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// What the file says.
    pub declared: &'a Declared,
    /// What is there.
    pub present: &'a Declared,
    /// The versions of what is there.
    pub versions: &'a BTreeMap<Key, i64>,
    /// What is there without anybody having declared it: clients that registered themselves.
    pub by_themselves: &'a BTreeSet<Key>,
    /// What became of the references to secrets, by client.
    pub secrets: &'a BTreeMap<String, SecretState>,
    /// What is not in the file goes.
    pub prune: bool,
}

/// What became of a reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// It is one that works, until then (`None`: for good).
    Works(Option<String>),
    /// It is none that works.
    Other,
    /// There is nothing where it should be, in words.
    Unresolved(String),
}

/// A change of one entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Of which kind.
    pub section: Section,
    /// Which, for people.
    pub name: String,
    /// Which, among those of its kind.
    #[serde(skip)]
    pub key: String,
    /// The version that it is changed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What happens to it.
    #[serde(flatten)]
    pub what: What,
}

/// What happens to an entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", content = "members", rename_all = "snake_case")]
pub enum What {
    /// It comes, with these members.
    Added(Document),
    /// Some of its members become others.
    Changed(Vec<MemberChange>),
    /// It goes.
    Removed,
}

/// A member that becomes another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberChange {
    /// Its name.
    pub member: String,
    /// What it was; `None`: not there.
    pub old: Option<Value>,
    /// What it becomes; `None`: it goes.
    pub new: Option<Value>,
}

/// Something to know that changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Of which kind.
    pub section: Section,
    /// Of which entry.
    pub name: String,
    /// In words.
    pub note: String,
}

/// Everything that would happen, in the order in which it would.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// What changes.
    pub changes: Vec<Change>,
    /// What does not, and is worth a word.
    pub notes: Vec<Note>,
}

impl Plan {
    /// Names these changes from these versions: whoever approved of a plan can say which it was. No secret is in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let text = json!(self.changes).to_string();
        let digest = Digest::of(text.as_bytes());
        digest
            .as_bytes()
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

/// The member that stands for a secret in a plan.
pub const SECRET: &str = "client_secret";

/// What a plan has in the place of a secret that is there, and is another.
pub const ANOTHER_SECRET: &str = "another secret";

/// Compares.
///
/// # Errors
/// Clients that need a secret and have none.
pub fn plan(wanted: &Wanted<'_>) -> Result<Plan, Vec<Problem>> {
    let (after, before) = (wanted.declared.documents(), wanted.present.documents());
    let mut plan = Plan::default();
    let mut problems = Vec::new();
    for key in in_order(after.keys(), wanted.declared) {
        let (name, document) = &after[&key];
        let old = before.get(&key);
        let secret = match secret(wanted, &key, &mut plan.notes) {
            Ok(secret) => secret,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let what = match old {
            None => What::Added(with_secret(document, secret)),
            Some((_, old)) => {
                let mut members = members(old, document);
                members.extend(secret.map(|new| MemberChange {
                    member: SECRET.to_owned(),
                    old: Some(ANOTHER_SECRET.into()),
                    new: Some(new),
                }));
                What::Changed(members)
            }
        };
        if what != What::Changed(Vec::new()) {
            plan.changes.push(change(wanted, &key, name, what));
        }
    }
    let listed = wanted.declared.sections();
    let surplus: Vec<&Key> = before
        .keys()
        .filter(|key| {
            listed.contains(&key.0)
                && !after.contains_key(*key)
                && !wanted.by_themselves.contains(*key)
        })
        .collect();
    // What rests on others goes before them.
    for key in in_order(surplus.into_iter(), wanted.present)
        .into_iter()
        .rev()
    {
        let (name, _) = &before[&key];
        if wanted.prune {
            plan.changes.push(change(wanted, &key, name, What::Removed));
        } else {
            plan.notes.push(Note {
                section: key.0,
                name: name.clone(),
                note: "is not in the file, and stays".to_owned(),
            });
        }
    }
    let lost = lost_with_roles(&plan, wanted.present);
    plan.notes.extend(lost);
    if problems.is_empty() {
        Ok(plan)
    } else {
        Err(problems)
    }
}

/// Whoever holds a role that goes loses it, also if the file does not speak of them.
fn lost_with_roles(plan: &Plan, present: &Declared) -> Vec<Note> {
    let goes = |section: Section, key: &str| {
        let mut changes = plan.changes.iter();
        changes.any(|one| one.section == section && one.key == key && one.what == What::Removed)
    };
    let groups = present.groups.iter().flatten();
    let groups = groups.map(|(key, one)| (Section::Groups, key, one.shown(), &one.roles));
    let clients = present.clients.iter().flatten();
    let clients = clients.map(|(key, one)| (Section::Clients, key, key.clone(), &one.roles));
    let mut notes = Vec::new();
    for (section, key, name, roles) in groups.chain(clients) {
        if goes(section, key) {
            continue;
        }
        let roles: BTreeSet<&RoleName> = roles.iter().map(|given| &given.role).collect();
        for role in roles {
            if goes(Section::Roles, role.as_str()) {
                notes.push(Note {
                    section: Section::Roles,
                    name: role.to_string(),
                    note: format!("is held by {} {name:?}, which loses it", section.singular()),
                });
            }
        }
    }
    notes
}

fn change(wanted: &Wanted<'_>, key: &Key, name: &str, what: What) -> Change {
    Change {
        section: key.0,
        name: name.to_owned(),
        key: key.1.clone(),
        version: wanted.versions.get(key).copied(),
        what,
    }
}

fn with_secret(document: &Document, secret: Option<Value>) -> Document {
    let mut document = document.clone();
    if let Some(secret) = secret {
        document.insert(SECRET.to_owned(), secret);
    }
    document
}

fn members(old: &Document, new: &Document) -> Vec<MemberChange> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| MemberChange {
            member: name.clone(),
            old: old.get(name).cloned(),
            new: new.get(name).cloned(),
        })
        .collect()
}

/// Where the new secret of a client comes from, if it gets one: the reference, never the secret.
fn secret(
    wanted: &Wanted<'_>,
    (section, key): &Key,
    notes: &mut Vec<Note>,
) -> Result<Option<Value>, Problem> {
    let clients = wanted.declared.clients.as_ref();
    let Some(client) = clients
        .filter(|_| *section == Section::Clients)
        .and_then(|all| all.get(key))
    else {
        return Ok(None);
    };
    let (now, state) = (
        client.metadata.token_endpoint_auth_method,
        wanted.secrets.get(key),
    );
    if !now.has_secret() {
        return Ok(None);
    }
    let old = wanted.present.clients.as_ref().and_then(|all| all.get(key));
    let keeps = |old: &Client| {
        old.metadata
            .token_endpoint_auth_method
            .shares_secrets_with(now)
    };
    let mut note = |note: String| {
        let (section, name) = (*section, key.clone());
        notes.push(Note {
            section,
            name,
            note,
        });
    };
    let new = json!(client.client_secret);
    match (state, old.is_some_and(keeps)) {
        (None | Some(SecretState::Works(None)), true) => Ok(None),
        (Some(SecretState::Works(Some(until))), true) => {
            note(format!(
                "the secret of the reference works until {until} only: a newer one is in use"
            ));
            Ok(None)
        }
        (Some(SecretState::Unresolved(why)), true) => {
            note(format!("the secret is left as it is: {why}"));
            Ok(None)
        }
        (Some(SecretState::Other), true)
        | (Some(SecretState::Other | SecretState::Works(_)), false) => Ok(Some(new)),
        (Some(SecretState::Unresolved(why)), false) => {
            let what = format!("client_secret: it needs one, and {why}");
            Err(Problem::of(Section::Clients, key, what))
        }
        (None, false) => Err(Problem::of(
            Section::Clients,
            key,
            "client_secret: it needs one, as { env = \"NAME\" } or { file = \"PATH\" }",
        )),
    }
}

/// By section; roles after those that they inherit from.
fn in_order<'a>(keys: impl Iterator<Item = &'a Key>, all: &Declared) -> Vec<Key> {
    let none = BTreeMap::new();
    let roles = all.roles.as_ref().unwrap_or(&none);
    let mut keys: Vec<(Section, usize, &String)> = keys
        .map(|(section, key)| {
            let depth = match section {
                Section::Roles => depth(roles, key, roles.len()),
                _ => 0,
            };
            (*section, depth, key)
        })
        .collect();
    keys.sort();
    let key = |(section, _, key): (Section, usize, &String)| (section, key.clone());
    keys.into_iter().map(key).collect()
}

/// How many roles stand between this one and one that inherits from none of these; at most `most`, so that a circle
/// ends.
fn depth(roles: &BTreeMap<String, Role>, name: &str, most: usize) -> usize {
    let mut depth = 0;
    let mut level: BTreeSet<&str> = BTreeSet::from([name]);
    while depth < most {
        level = level
            .iter()
            .filter_map(|name| roles.get(*name))
            .flat_map(|role| &role.inherits)
            .map(RoleName::as_str)
            .filter(|parent| roles.contains_key(*parent))
            .collect();
        if level.is_empty() {
            break;
        }
        depth += 1;
    }
    depth
}
