//! Layering: defaults, the file, the environment.

use std::collections::BTreeMap;
use std::path::Path;

use ::config::{Environment, File, FileFormat, Value, ValueKind};

use super::error::{ConfigError, Problem};
use super::section::Origin;
use super::value::Raw;
use super::{Config, checks};

/// Read from the working directory if it is there and no other file is named.
pub const DEFAULT_FILE: &str = "tessera.toml";

/// What a variable must begin with. Two underscores, because Kubernetes gives every container
/// `TESSERA_PORT` and its like when a service is named tessera.
pub const ENVIRONMENT_PREFIX: &str = "TESSERA__";

impl Config {
    /// Loads and checks: the defaults, over them `file` (or [`DEFAULT_FILE`] if that exists), over
    /// that the variables of `env` that begin with [`ENVIRONMENT_PREFIX`].
    ///
    /// # Errors
    /// Everything that is wrong, together. A `file` that is named must exist.
    pub fn load(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (name, text) = match file {
            Some(path) => (path.display().to_string(), Some(read(path)?)),
            None if Path::new(DEFAULT_FILE).exists() => {
                let text = read(Path::new(DEFAULT_FILE))?;
                (DEFAULT_FILE.to_owned(), Some(text))
            }
            None => (DEFAULT_FILE.to_owned(), None),
        };
        Self::from_layers(&name, text.as_deref(), env)
    }

    /// As [`Config::load`], from the text of a file called `name`.
    pub(super) fn from_layers(
        name: &str,
        text: Option<&str>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let values = merge(name, text.unwrap_or_default(), env)?;
        let (config, mut problems) = Self::read(values);
        problems.extend(checks::run(&config, &problems));
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems })
        }
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| unusable(&path.display().to_string(), &error))
}

fn unusable(path: &str, reason: &dyn std::fmt::Display) -> ConfigError {
    ConfigError {
        problems: vec![Problem::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        }],
    }
}

/// The file's values and over them the environment's, by dotted key.
fn merge(
    name: &str,
    text: &str,
    env: impl Iterator<Item = (String, String)>,
) -> Result<BTreeMap<String, (Raw, Origin)>, ConfigError> {
    // Parsed here first, for an error message that does not quote the line: it may hold a secret.
    if let Err(error) = toml::from_str::<toml::Table>(text) {
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|b| *b == b'\n').count();
        let reason = format!("not TOML at line {line}: {}", error.message());
        return Err(unusable(name, &reason));
    }
    let variables = env
        .filter(|(key, _)| key.starts_with(ENVIRONMENT_PREFIX))
        .collect();
    let merged = ::config::Config::builder()
        .add_source(File::from_str(text, FileFormat::Toml))
        .add_source(
            Environment::with_prefix("TESSERA")
                .prefix_separator("__")
                .separator("__")
                .source(Some(variables)),
        )
        .build()
        .map_err(|error| unusable(name, &error))?;
    let mut values = BTreeMap::new();
    flatten(name, String::new(), merged.cache, &mut values);
    Ok(values)
}

fn flatten(name: &str, key: String, value: Value, values: &mut BTreeMap<String, (Raw, Origin)>) {
    // The file is the only source that the layering library knows no name for.
    let from_environment = value.origin().is_some();
    if let ValueKind::Table(table) = value.kind {
        for (part, value) in table {
            let key = if key.is_empty() {
                part
            } else {
                format!("{key}.{part}")
            };
            flatten(name, key, value, values);
        }
        return;
    }
    let origin = if from_environment {
        let variable = key.to_uppercase().replace('.', "__");
        Origin::Variable(format!("{ENVIRONMENT_PREFIX}{variable}"))
    } else {
        Origin::File(name.to_owned())
    };
    values.insert(key, (raw(value.kind), origin));
}

fn raw(kind: ValueKind) -> Raw {
    match kind {
        ValueKind::String(text) => Raw::Text(text),
        ValueKind::I64(number) => Raw::Integer(number),
        ValueKind::Boolean(truth) => Raw::Boolean(truth),
        ValueKind::Array(items) => {
            Raw::List(items.into_iter().map(|item| raw(item.kind)).collect())
        }
        // Only within an array: others were taken apart before.
        ValueKind::Table(members) => Raw::Table(
            members
                .into_iter()
                .map(|(name, member)| (name, raw(member.kind)))
                .collect(),
        ),
        other => Raw::Other(other.to_string()),
    }
}
