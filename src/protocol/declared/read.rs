//! From entries to what they mean, with everything that is wrong with them at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::source::{Format, Raw, RawEntry, RawSection, parse};
use super::{
    Client, Declared, Document, Given, Group, Organisation, Problem, SecretReference, Section,
    THE_SETTINGS, VERSION,
};
use crate::base::Timestamp;
use crate::protocol::access::{Role, RoleName};
use crate::protocol::account_rules::check_name;
use crate::protocol::client::ClientMetadata;
use crate::protocol::resource_server::ResourceServer;
use crate::protocol::settings::Settings;

/// What a client has in a file beside its metadata.
const OF_CLIENT: [&str; 5] = [
    "client_id",
    "organisation",
    "enabled",
    "client_secret",
    "roles",
];

/// The longest identifier of a client; it is in every token.
const MAX_CLIENT_ID: usize = 100;

/// Reads a file.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &[u8], format: Format) -> Result<Declared, Vec<Problem>> {
    let raw = parse(text, format).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let declared = understand(raw, &mut problems);
    if problems.is_empty() {
        Ok(declared)
    } else {
        Err(problems)
    }
}

fn understand(raw: Raw, problems: &mut Vec<Problem>) -> Declared {
    if raw.version != Some(VERSION) {
        problems.push(Problem::of_file(
            None,
            format!("version = {VERSION} must be there: the version of this format"),
        ));
    }
    let mut declared = Declared::default();
    for (name, line, entries) in raw.sections {
        let Some(section) = Section::ALL.into_iter().find(|one| one.as_str() == name) else {
            let known = Section::ALL.map(Section::as_str).join(", ");
            let what = format!("unknown section {name:?}; there are {known}");
            problems.push(Problem::of_file(line, what));
            continue;
        };
        let entries = match (section, entries) {
            (Section::Settings, RawSection::Table(table)) => {
                declared.settings = settings(table, line, problems);
                continue;
            }
            (Section::Settings, _) => {
                let what = format!("{name}: must be one table, as in [{name}]");
                problems.push(Problem::of_file(line, what));
                continue;
            }
            (_, RawSection::Entries(entries)) => entries,
            _ => {
                let what = format!("{name}: must be a list of tables, as in [[{name}]]");
                problems.push(Problem::of_file(line, what));
                continue;
            }
        };
        let list = List { section, problems };
        match section {
            // One table, read above.
            Section::Settings => {}
            Section::Organisations => {
                declared.organisations = Some(list.read(entries, organisation));
            }
            Section::ResourceServers => {
                declared.resource_servers = Some(list.read(entries, resource_server));
            }
            Section::Roles => declared.roles = Some(list.read(entries, role)),
            Section::Groups => declared.groups = Some(list.read(entries, group)),
            Section::Clients => declared.clients = Some(list.read(entries, client)),
        }
    }
    declared
}

struct List<'a> {
    section: Section,
    problems: &'a mut Vec<Problem>,
}

/// An entry with its key, or what is wrong with it: the member, if it is one, and words that begin with it.
type Entry<T> = Result<(String, T), Vec<String>>;

impl List<'_> {
    fn read<T>(
        self,
        entries: Vec<RawEntry>,
        entry: impl Fn(Document) -> Entry<T>,
    ) -> BTreeMap<String, T> {
        let mut found = BTreeMap::new();
        for (index, raw) in entries.into_iter().enumerate() {
            let name = raw
                .members
                .as_ref()
                .and_then(|members| members.get(self.section.named_by())?.as_str());
            let place = match name {
                Some(name) => format!("{} {name:?}", self.section.singular()),
                // People count from one.
                None => format!("{} number {}", self.section.singular(), index + 1),
            };
            let mut wrong = |what: String| {
                let member = what.split([':', ' ']).next().unwrap_or_default();
                self.problems.push(Problem {
                    line: raw.lines.get(member).copied().or(raw.line),
                    place: place.clone(),
                    what,
                });
            };
            let Some(members) = raw.members.clone() else {
                wrong("must be a table".to_owned());
                continue;
            };
            match entry(members) {
                Ok((key, value)) => {
                    if found.insert(key, value).is_some() {
                        wrong("is there twice".to_owned());
                    }
                }
                Err(problems) => problems.into_iter().for_each(wrong),
            }
        }
        found
    }
}

/// The one table, with its place for whatever is wrong with it.
fn settings(raw: RawEntry, line: Option<usize>, problems: &mut Vec<Problem>) -> Option<Settings> {
    let mut wrong = |what: String| {
        let member = what.split([':', ' ']).next().unwrap_or_default();
        problems.push(Problem {
            line: raw.lines.get(member).copied().or(line),
            ..Problem::of(Section::Settings, THE_SETTINGS, what)
        });
    };
    match typed::<Settings>(raw.members.clone().unwrap_or_default()) {
        Ok(settings) => {
            settings.problems().into_iter().for_each(wrong);
            Some(settings)
        }
        Err(what) => {
            what.into_iter().for_each(&mut wrong);
            None
        }
    }
}

/// An entry whose type says which members there are.
fn typed<T: DeserializeOwned>(members: Document) -> Result<T, Vec<String>> {
    serde_json::from_value(Value::Object(members)).map_err(|error| vec![words(&error.to_string())])
}

/// The library says "unknown field `x`, expected one of `a`, `b`".
fn words(error: &str) -> String {
    error
        .replace("unknown field ", "unknown member ")
        .replace("missing field ", "missing member ")
        .replace(
            ", expected struct Given",
            "; must be a table like { role = \"...\" }",
        )
        .replace(", expected ", "; expected ")
        .replace('`', "")
}

fn organisation(members: Document) -> Entry<Organisation> {
    let one: Organisation = typed(members)?;
    let one = Organisation {
        title: one.title.trim().to_owned(),
        ..one
    };
    let mut wrong = Vec::new();
    if let Err(why) = RoleName::parse(&one.name) {
        wrong.push(format!(
            "name: {}",
            why.replace("for a role", "for an organisation")
        ));
    }
    wrong.extend(name_problem("title", &one.title));
    finish(wrong, one.name.clone(), one)
}

fn name_problem(member: &str, text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(format!("{member}: must not be empty"));
    }
    let problem = check_name(text).err()?;
    Some(format!("{member}: {problem}"))
}

fn resource_server(members: Document) -> Entry<ResourceServer> {
    let one: ResourceServer = typed(members)?;
    finish(Vec::new(), one.identifier.clone(), one)
}

fn role(members: Document) -> Entry<Role> {
    let one: Role = typed(members)?;
    finish(Vec::new(), one.name.to_string(), one)
}

fn group(members: Document) -> Entry<Group> {
    let one: Group = typed(members)?;
    let mut one = Group {
        name: one.name.trim().to_owned(),
        ..one
    };
    let mut wrong: Vec<String> = name_problem("name", &one.name).into_iter().collect();
    match given(one.roles) {
        Ok(roles) => one.roles = roles,
        Err(why) => {
            wrong.push(why);
            return Err(wrong);
        }
    }
    finish(wrong, one.key(), one)
}

/// Times in the one way in which they are written here: another offset is no other time.
fn given(roles: BTreeSet<Given>) -> Result<BTreeSet<Given>, String> {
    let time = |text: Option<String>| match text.as_deref().map(Timestamp::parse_rfc3339) {
        None => Ok(None),
        Some(Some(time)) => Ok(Some(time.rfc3339())),
        Some(None) => {
            Err("roles: valid_from and valid_until must be times, as 2027-01-31T09:00:00Z")
        }
    };
    let mut read = BTreeSet::new();
    for one in roles {
        let (from, until) = (time(one.valid_from)?, time(one.valid_until)?);
        // In one form, texts compare as times.
        if from.is_some() && until.is_some() && until <= from {
            return Err(format!(
                "roles: {} would be over before it begins",
                one.role
            ));
        }
        read.insert(Given {
            valid_from: from,
            valid_until: until,
            ..one
        });
    }
    Ok(read)
}

fn client(mut members: Document) -> Entry<Client> {
    let mut wrong = Vec::new();
    members.retain(|_, value| !value.is_null());
    let mut own = |name: &str| members.remove(name);
    let [client_id, organisation, enabled, client_secret, roles] = OF_CLIENT.map(&mut own);
    let client_id = match client_id {
        Some(Value::String(id)) if is_client_id(&id) => id,
        _ => {
            wrong.push(
                "client_id: must be 1 to 100 of A-Z, a-z, 0-9, '.', '_', '~' and '-'".to_owned(),
            );
            String::new()
        }
    };
    let organisation = match organisation {
        None => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => {
            wrong.push("organisation: must be the short name of one".to_owned());
            None
        }
    };
    let enabled = enabled.unwrap_or(Value::Bool(true));
    if !enabled.is_boolean() {
        wrong.push("enabled: must be true or false, without quotation marks".to_owned());
    }
    let client_secret = client_secret.and_then(|value| reference(value, &mut wrong));
    let roles = roles.map_or_else(BTreeSet::new, |value| held(value, &mut wrong));
    let metadata = ClientMetadata::from_members_strict(members).unwrap_or_else(|errors| {
        wrong.extend(errors.iter().map(|error| error.description().to_owned()));
        ClientMetadata::default()
    });
    if wrong.is_empty()
        && client_secret.is_some()
        && !metadata.token_endpoint_auth_method.has_secret()
    {
        wrong.push("client_secret: this client does not authenticate with a secret".to_owned());
    }
    let one = Client {
        client_id: client_id.clone(),
        organisation,
        enabled: enabled == Value::Bool(true),
        client_secret,
        roles,
        metadata,
    };
    finish(wrong, client_id, one)
}

fn reference(value: Value, wrong: &mut Vec<String>) -> Option<SecretReference> {
    let read = serde_json::from_value(value).ok();
    if read.is_none() {
        // Not a word of what stands there: it may be the secret.
        wrong.push(
            "client_secret: must be { env = \"NAME\" } or { file = \"PATH\" }, never the secret itself"
                .to_owned(),
        );
    }
    read
}

fn held(value: Value, wrong: &mut Vec<String>) -> BTreeSet<Given> {
    let read = serde_json::from_value(value)
        .map_err(|error| format!("roles: {}", words(&error.to_string())))
        .and_then(given);
    read.unwrap_or_else(|why| {
        wrong.push(why);
        BTreeSet::new()
    })
}

fn is_client_id(id: &str) -> bool {
    (1..=MAX_CLIENT_ID).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'-'))
}

fn finish<T>(wrong: Vec<String>, key: String, one: T) -> Entry<T> {
    if wrong.is_empty() {
        Ok((key, one))
    } else {
        Err(wrong)
    }
}
