//! From what is there to a file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::diff::SECRET;
use super::{Declared, Document, Format, SecretReference, Section, VERSION};

/// What a file says of itself.
const HEAD: &str = "\
# The configuration of a Tessera. `tessera plan` compares, `tessera apply` makes it so.
# Secrets are not here: each client says where its own is.
";

/// What every entry begins with, so that a reader sees at once which it is.
const FIRST: [&str; 7] = [
    "client_id",
    "identifier",
    "organisation",
    "name",
    "title",
    "client_name",
    SECRET,
];

impl Declared {
    /// Says for each client that has a secret in which variable of the environment it is to be.
    #[must_use]
    pub fn with_references(mut self) -> Self {
        let mut taken = BTreeSet::new();
        for client in self.clients.iter_mut().flatten().map(|(_, client)| client) {
            if client.metadata.token_endpoint_auth_method.has_secret() {
                let name = variable(&client.client_id, &taken);
                taken.insert(name.clone());
                client.client_secret = Some(SecretReference::Env(name));
            }
        }
        self
    }
}

/// `TESSERA_SECRET_` and the identifier, as far as a variable can be named so.
fn variable(client_id: &str, taken: &BTreeSet<String>) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    let name = format!(
        "TESSERA_SECRET_{}",
        client_id.chars().map(plain).collect::<String>()
    );
    let mut free = (2..).map(|n| format!("{name}_{n}"));
    if taken.contains(&name) {
        free.find(|name| !taken.contains(name)).unwrap_or(name)
    } else {
        name
    }
}

/// Writes a file that [`super::read`] reads back.
///
/// # Errors
/// In words, what TOML cannot hold.
pub fn write(declared: &Declared, format: Format) -> Result<String, String> {
    let sections = declared.sections();
    let documents = declared.documents();
    let entries = |section: Section| {
        let all = documents.iter().filter(|((of, _), _)| *of == section);
        all.map(|((_, key), (_, document))| ordered(declared, section, key, document))
            .collect::<Vec<_>>()
    };
    match format {
        Format::Json => {
            let mut whole = Map::new();
            whole.insert("version".to_owned(), json!(VERSION));
            for section in sections {
                let mut list = entries(section).into_iter().map(Value::Object);
                let value = match section {
                    Section::Settings => list.next().unwrap_or_default(),
                    _ => list.collect(),
                };
                whole.insert(section.as_str().to_owned(), value);
            }
            let text = serde_json::to_string_pretty(&whole).map_err(|error| error.to_string())?;
            Ok(text + "\n")
        }
        Format::Toml => {
            let mut text = format!("{HEAD}\nversion = {VERSION}\n");
            let is_empty = |section: &Section| entries(*section).is_empty();
            // Before the first table: what comes after one belongs to it.
            for section in sections.iter().copied().filter(is_empty) {
                let _ = writeln!(text, "{} = []", section.as_str());
            }
            for section in sections {
                for entry in entries(section) {
                    write_entry(&mut text, section, &entry)?;
                }
            }
            Ok(text)
        }
    }
}

fn ordered(declared: &Declared, section: Section, key: &str, document: &Document) -> Document {
    let mut all = document.clone();
    let clients = declared.clients.as_ref();
    let client = clients
        .filter(|_| section == Section::Clients)
        .and_then(|all| all.get(key));
    if let Some(reference) = client.and_then(|client| client.client_secret.as_ref()) {
        all.insert(SECRET.to_owned(), json!(reference));
    }
    let names: BTreeSet<&String> = all.keys().collect();
    let first = FIRST.iter().copied().filter(|name| all.contains_key(*name));
    let rest = names
        .into_iter()
        .map(String::as_str)
        .filter(|name| !FIRST.contains(name));
    let member = |name: &str| Some((name.to_owned(), all.get(name)?.clone()));
    first.chain(rest).filter_map(member).collect()
}

fn write_entry(text: &mut String, section: Section, entry: &Document) -> Result<(), String> {
    let name = section.as_str();
    let _ = match section {
        Section::Settings => writeln!(text, "\n[{name}]"),
        _ => writeln!(text, "\n[[{name}]]"),
    };
    // A table of its own at the end, where each line is a sentence for people.
    let is_table = |member: &str| section == Section::ResourceServers && member == "scopes";
    for (member, value) in entry.iter().filter(|(member, _)| !is_table(member)) {
        let _ = writeln!(text, "{} = {}", key(member), inline(value)?);
    }
    for (member, value) in entry.iter().filter(|(member, _)| is_table(member)) {
        let Some(lines) = value.as_object().filter(|lines| !lines.is_empty()) else {
            continue;
        };
        let _ = writeln!(text, "[{name}.{member}]");
        for (member, value) in lines {
            let _ = writeln!(text, "{} = {}", key(member), inline(value)?);
        }
    }
    Ok(())
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        toml::Value::String(name.to_owned()).to_string()
    }
}

fn inline(value: &Value) -> Result<String, String> {
    if let Value::Array(list) = value
        && list.len() > 1
    {
        let lines: Vec<String> = list.iter().map(inline_one).collect::<Result<_, _>>()?;
        return Ok(format!("[\n    {},\n]", lines.join(",\n    ")));
    }
    inline_one(value)
}

fn inline_one(value: &Value) -> Result<String, String> {
    toml::Value::try_from(value)
        .map(|value| value.to_string())
        .map_err(|error| format!("TOML cannot hold this, write JSON: {error}"))
}
