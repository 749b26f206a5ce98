//! Lists of tables: `[[section.key]]`.

use std::collections::BTreeMap;

use super::value::{Raw, Setting, text};

/// A list of tables. In the environment, where there are no tables, a JSON array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables<T>(pub Vec<T>);

impl<T> Default for Tables<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Setting> Setting for Tables<T> {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let from_json = match text(raw) {
            Some("") => Some(Raw::List(Vec::new())),
            Some(text) => serde_json::from_str(text).ok().and_then(of_json),
            None => None,
        };
        match from_json.as_ref().unwrap_or(raw) {
            list @ Raw::List(_) => Vec::parse(list).map(Self),
            // Says what one of them must be.
            other => T::parse(other).and(Err("a list of tables".to_owned())),
        }
    }

    fn show(&self) -> String {
        self.0.show()
    }
}

fn of_json(value: serde_json::Value) -> Option<Raw> {
    use serde_json::Value;
    Some(match value {
        Value::String(text) => Raw::Text(text),
        Value::Bool(truth) => Raw::Boolean(truth),
        Value::Number(number) => Raw::Integer(number.as_i64()?),
        Value::Array(items) => Raw::List(items.into_iter().map(of_json).collect::<Option<_>>()?),
        Value::Object(members) => Raw::Table(
            members
                .into_iter()
                .map(|(name, value)| Some((name, of_json(value)?)))
                .collect::<Option<BTreeMap<_, _>>>()?,
        ),
        Value::Null => return None,
    })
}
