//! Configuration that is declared in a file: what it says, what differs from it, and in which order that is
//! put right. Pure; `flows/administration/declared` brings what is there and makes the changes.

mod check;
mod diff;
mod read;
mod source;
mod write;

#[cfg(test)]
mod diff_tests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::access::{Role, RoleName};
use super::account_rules::is_unsafe;
use super::client::ClientMetadata;
use super::resource_server::ResourceServer;
use super::settings::Settings;
use crate::base::Timestamp;

pub use check::check;
pub use diff::{
    ANOTHER_SECRET, Change, MemberChange, Note, Plan, SECRET, SecretState, Wanted, What, plan,
};
pub use read::read;
pub use source::Format;
pub use write::write;

/// The version of the format that this program reads and writes.
pub const VERSION: u64 = 1;

/// The members of an entry, by the names that they have in a file.
pub type Document = Map<String, Value>;

/// What a file has lists of. In the order in which they rest on one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// What was chosen for the whole deployment: no list, but one table.
    Settings,
    /// Organisations.
    Organisations,
    /// Resource servers with their scopes.
    ResourceServers,
    /// The deployment's own roles.
    Roles,
    /// Groups, without who is in them.
    Groups,
    /// Clients.
    Clients,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 6] = [
        Self::Settings,
        Self::Organisations,
        Self::ResourceServers,
        Self::Roles,
        Self::Groups,
        Self::Clients,
    ];

    /// Its name in a file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Organisations => "organisations",
            Self::ResourceServers => "resource_servers",
            Self::Roles => "roles",
            Self::Groups => "groups",
            Self::Clients => "clients",
        }
    }

    /// What one of them is called.
    #[must_use]
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Organisations => "organisation",
            Self::ResourceServers => "resource server",
            Self::Roles => "role",
            Self::Groups => "group",
            Self::Clients => "client",
        }
    }

    /// The member that names an entry, where there is more than one.
    #[must_use]
    pub const fn named_by(self) -> &'static str {
        match self {
            Self::Settings => "",
            Self::Organisations | Self::Roles | Self::Groups => "name",
            Self::ResourceServers => "identifier",
            Self::Clients => "client_id",
        }
    }
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its short name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Nobody of it signs in, and its clients get nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// A role that a group or a client holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The role.
    pub role: RoleName,
    /// In this organisation; everywhere if silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Not before (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Not from then on (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Whose it is; the deployment's if silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// What everybody in it holds.
    #[serde(default)]
    pub roles: BTreeSet<Given>,
}

/// Where a secret is: never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretReference {
    /// In this variable of the environment.
    Env(String),
    /// In this file, whose last line feed does not count.
    File(String),
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the variable {}", visible(name)),
            Self::File(path) => write!(f, "the file {}", visible(path)),
        }
    }
}

/// A client.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Its identifier.
    pub client_id: String,
    /// Whose it is; the deployment's if silent.
    pub organisation: Option<String>,
    /// Whether it is answered at all.
    pub enabled: bool,
    /// Where its secret is.
    pub client_secret: Option<SecretReference>,
    /// What it holds for what it does by itself.
    pub roles: BTreeSet<Given>,
    /// What it registered.
    pub metadata: ClientMetadata,
}

/// What a file says, or what is there. A section that is not there is nobody's business: it is neither
/// compared nor removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// What was chosen for the whole deployment, but for the logo.
    pub settings: Option<Settings>,
    /// By name.
    pub organisations: Option<BTreeMap<String, Organisation>>,
    /// By identifier.
    pub resource_servers: Option<BTreeMap<String, ResourceServer>>,
    /// By name.
    pub roles: Option<BTreeMap<String, Role>>,
    /// By [`Group::key`].
    pub groups: Option<BTreeMap<String, Group>>,
    /// By identifier.
    pub clients: Option<BTreeMap<String, Client>>,
}

/// The name of the one entry of [`Section::Settings`].
pub const THE_SETTINGS: &str = "deployment";

/// An entry: its section and its key there.
pub type Key = (Section, String);

impl Group {
    /// What tells it from others: two organisations may have a group of one name, and the case of letters makes
    /// no other.
    #[must_use]
    pub fn key(&self) -> String {
        let name = self.name.trim().to_lowercase();
        format!(
            "{}/{name}",
            self.organisation.as_deref().unwrap_or_default()
        )
    }

    fn shown(&self) -> String {
        match &self.organisation {
            Some(organisation) => format!("{organisation}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The members that say something: an empty list is as good as none.
fn object(value: &impl Serialize) -> Document {
    let Ok(Value::Object(mut members)) = serde_json::to_value(value) else {
        return Document::new();
    };
    members.retain(|_, value| match value {
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    });
    members
}

/// What a reader wants to see of every client, also where it is the default; what is left out of the last of them
/// depends on the others.
const ALWAYS: [&str; 5] = [
    "redirect_uris",
    "grant_types",
    "response_types",
    "scope",
    "token_endpoint_auth_method",
];

impl Client {
    /// Its members, without the secret: what is compared.
    fn document(&self) -> Document {
        let mut members = self.metadata.members();
        // What somebody else vouched for stays with who registered by it.
        members.remove("software_statement");
        let default = ClientMetadata::default().members();
        members.retain(|name, value| {
            ALWAYS.contains(&name.as_str()) || default.get(name) != Some(value)
        });
        members.insert("client_id".to_owned(), json!(self.client_id));
        if let Some(organisation) = &self.organisation {
            members.insert("organisation".to_owned(), json!(organisation));
        }
        if !self.enabled {
            members.insert("enabled".to_owned(), json!(false));
        }
        if !self.roles.is_empty() {
            members.insert("roles".to_owned(), json!(self.roles));
        }
        members
    }
}

impl Declared {
    /// Leaves out what is over: it gives nothing, and cannot be given any more.
    pub fn forget_what_is_over(&mut self, now: Timestamp) {
        let lasts = |given: &Given| {
            let until = given
                .valid_until
                .as_deref()
                .and_then(Timestamp::parse_rfc3339);
            until.is_none_or(|until| now < until)
        };
        for group in self.groups.iter_mut().flatten().map(|(_, group)| group) {
            group.roles.retain(lasts);
        }
        for client in self.clients.iter_mut().flatten().map(|(_, client)| client) {
            client.roles.retain(lasts);
        }
    }

    /// The sections that are there.
    #[must_use]
    pub fn sections(&self) -> BTreeSet<Section> {
        [
            (Section::Settings, self.settings.is_some()),
            (Section::Organisations, self.organisations.is_some()),
            (Section::ResourceServers, self.resource_servers.is_some()),
            (Section::Roles, self.roles.is_some()),
            (Section::Groups, self.groups.is_some()),
            (Section::Clients, self.clients.is_some()),
        ]
        .into_iter()
        .filter_map(|(section, there)| there.then_some(section))
        .collect()
    }

    /// Every entry: what it is called, and its members without secrets.
    #[must_use]
    pub fn documents(&self) -> BTreeMap<Key, (String, Document)> {
        let settings = self.settings.iter().map(|one| {
            let name = THE_SETTINGS.to_owned();
            ((Section::Settings, name.clone()), (name, object(one)))
        });
        let organisations = each(self.organisations.as_ref(), Section::Organisations, |one| {
            (one.name.clone(), object(one))
        });
        let servers = each(
            self.resource_servers.as_ref(),
            Section::ResourceServers,
            |one| (one.identifier.clone(), object(one)),
        );
        let roles = each(self.roles.as_ref(), Section::Roles, |one| {
            (one.name.to_string(), object(one))
        });
        let groups = each(self.groups.as_ref(), Section::Groups, |one| {
            (one.shown(), object(one))
        });
        let clients = each(self.clients.as_ref(), Section::Clients, |one| {
            (one.client_id.clone(), one.document())
        });
        let all = [organisations, servers, roles, groups, clients];
        settings.chain(all.into_iter().flatten()).collect()
    }
}

fn each<T>(
    entries: Option<&BTreeMap<String, T>>,
    section: Section,
    document: impl Fn(&T) -> (String, Document),
) -> Vec<(Key, (String, Document))> {
    let entries = entries.into_iter().flatten();
    entries
        .map(|(key, one)| ((section, key.clone()), document(one)))
        .collect()
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// In this line of the file, from 1.
    pub line: Option<usize>,
    /// `client "app"`; empty for the file itself.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl Problem {
    /// Of an entry.
    #[must_use]
    pub fn of(section: Section, name: &str, what: impl Into<String>) -> Self {
        Self {
            line: None,
            place: format!("{} {name:?}", section.singular()),
            what: what.into(),
        }
    }

    /// Of the file.
    #[must_use]
    pub fn of_file(line: Option<usize>, what: impl Into<String>) -> Self {
        Self {
            line,
            place: String::new(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", visible(&self.place))?;
        }
        f.write_str(&visible(&self.what))
    }
}

/// A text with what cannot be seen, or would turn the text around it, written out: a terminal obeys what it is
/// shown.
#[must_use]
pub fn visible(text: &str) -> String {
    let unseen = |c: char| {
        is_unsafe(c)
            || matches!(
                c,
                '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
            )
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if unseen(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}
