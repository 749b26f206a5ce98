//! From TOML or JSON to entries that nobody has understood yet, each with the line that it begins at.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Document, Problem};

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// A list of entries, or what stands in its place.
pub(super) enum RawSection {
    /// The entries.
    Entries(Vec<RawEntry>),
    /// One entry.
    Table(RawEntry),
    /// Anything else: a text, a number.
    Other,
}

/// An entry.
#[derive(Default)]
pub(super) struct RawEntry {
    /// Where it begins.
    pub line: Option<usize>,
    /// Where each of its members is.
    pub lines: BTreeMap<String, usize>,
    /// Its members; `None` if it is no table.
    pub members: Option<Document>,
}

/// A file.
#[derive(Default)]
pub(super) struct Raw {
    /// `version`, if it is a number.
    pub version: Option<u64>,
    /// All other members of the file, with their lines.
    pub sections: Vec<(String, Option<usize>, RawSection)>,
}

pub(super) fn parse(text: &[u8], format: Format) -> Result<Raw, Problem> {
    let text = std::str::from_utf8(text).map_err(|_| wrong(None, "the file is not UTF-8"))?;
    match format {
        Format::Toml => from_toml(text),
        Format::Json => from_json(text),
    }
}

fn wrong(line: Option<usize>, what: impl Into<String>) -> Problem {
    Problem::of_file(line, what)
}

fn from_toml(text: &str) -> Result<Raw, Problem> {
    let line = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map(|span| line(span.start));
        wrong(at, format!("not TOML: {}", error.message()))
    })?;
    let mut raw = Raw::default();
    for (name, value) in document.get_ref() {
        let at = line(name.span().start);
        if name.get_ref() == "version" {
            raw.version = plain(value.get_ref()).ok().and_then(|value| value.as_u64());
            continue;
        }
        let section = match value.get_ref() {
            DeValue::Array(list) => {
                let entries = list.iter().map(|entry| toml_entry(entry, &line));
                RawSection::Entries(entries.collect::<Result<_, _>>()?)
            }
            DeValue::Table(_) => RawSection::Table(toml_entry(value, &line)?),
            _ => RawSection::Other,
        };
        raw.sections
            .push((name.get_ref().to_string(), Some(at), section));
    }
    // The parser sorts them by name: problems are told in the order of the file.
    raw.sections.sort_by_key(|(_, line, _)| *line);
    Ok(raw)
}

fn toml_entry(
    entry: &Spanned<DeValue<'_>>,
    line: &impl Fn(usize) -> usize,
) -> Result<RawEntry, Problem> {
    let at = line(entry.span().start);
    let DeValue::Table(table) = entry.get_ref() else {
        return Ok(RawEntry {
            line: Some(at),
            ..RawEntry::default()
        });
    };
    let mut raw = RawEntry {
        line: Some(at),
        ..RawEntry::default()
    };
    let mut members = Document::new();
    for (name, value) in table {
        let at = line(name.span().start);
        let value = plain(value.get_ref()).map_err(|what| wrong(Some(at), what))?;
        raw.lines.insert(name.get_ref().to_string(), at);
        members.insert(name.get_ref().to_string(), value);
    }
    raw.members = Some(members);
    Ok(raw)
}

/// The same value in the other language; a time becomes its text.
fn plain(value: &DeValue<'_>) -> Result<Value, &'static str> {
    Ok(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(Value::from)
            .map_err(|_| "the number is too large")?,
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map(Value::Number)
            .ok_or("not a number")?,
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(list) => list
            .iter()
            .map(|one| plain(one.get_ref()))
            .collect::<Result<_, _>>()?,
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .map(|(name, value)| Ok((name.get_ref().to_string(), plain(value.get_ref())?)))
                .collect::<Result<_, &'static str>>()?,
        ),
    })
}

fn from_json(text: &str) -> Result<Raw, Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Unique
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            // The line stands in front already.
            let (line, column) = (error.line(), error.column());
            let place = format!(" at line {line} column {column}");
            let words = error.to_string();
            let words = words.strip_suffix(&place).unwrap_or(&words);
            wrong(Some(line), format!("not JSON: {words}"))
        })?;
    let Value::Object(members) = value else {
        return Err(wrong(None, "the file must be an object, {...}"));
    };
    let mut raw = Raw::default();
    for (name, value) in members {
        if name == "version" {
            raw.version = value.as_u64();
            continue;
        }
        let section = match value {
            Value::Array(list) => {
                let entry = |value| RawEntry {
                    members: match value {
                        Value::Object(members) => Some(members),
                        _ => None,
                    },
                    ..RawEntry::default()
                };
                RawSection::Entries(list.into_iter().map(entry).collect())
            }
            Value::Object(members) => RawSection::Table(RawEntry {
                members: Some(members),
                ..RawEntry::default()
            }),
            _ => RawSection::Other,
        };
        raw.sections.push((name, None, section));
    }
    Ok(raw)
}

/// A JSON value none of whose objects has a member twice. RFC 8259 §4: what a reader makes of a repeated name is
/// unpredictable, so that whoever approved of the file may have read the other one.
#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Unique)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(Unique)?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("{name:?} is there twice")));
            }
            members.insert(name, value);
        }
        Ok(members.into())
    }
}
