//! Single values: how they are written, and how they are shown again.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

/// A value as it stands in the file or in the environment, before anybody knows its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// A string; all that the environment has.
    Text(String),
    /// A TOML integer.
    Integer(i64),
    /// A TOML boolean.
    Boolean(bool),
    /// A TOML array.
    List(Vec<Raw>),
    /// A table within an array.
    Table(BTreeMap<String, Raw>),
    /// A float, a date: nothing that any key takes.
    Other(String),
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Integer(number) => number.fmt(f),
            Self::Boolean(truth) => truth.fmt(f),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Table(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("{name} = {value}"))
                    .collect();
                write!(f, "{{ {} }}", members.join(", "))
            }
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A TOML basic string.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A type that a key can have.
pub trait Setting: Sized {
    /// The value, or in words what would be right ("must be ...").
    fn parse(raw: &Raw) -> Result<Self, String>;

    /// A TOML literal that reads back as the same value; redacted where it is a secret.
    fn show(&self) -> String;

    /// How a value that could not be read is shown. A secret overrides it.
    fn show_raw(raw: &Raw) -> String {
        raw.to_string()
    }
}

impl Setting for bool {
    fn parse(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Boolean(truth) => Ok(*truth),
            Raw::Text(text) if text == "true" => Ok(true),
            Raw::Text(text) if text == "false" => Ok(false),
            _ => Err("true or false".to_owned()),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! unsigned {
    ($($ty:ty),*) => { $(
        impl Setting for $ty {
            fn parse(raw: &Raw) -> Result<Self, String> {
                match raw {
                    Raw::Integer(number) => <$ty>::try_from(*number).ok(),
                    Raw::Text(text) => text.parse().ok(),
                    _ => None,
                }
                .ok_or_else(|| format!("a whole number from 0 to {}", <$ty>::MAX))
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )* };
}
unsigned!(u32, usize);

impl Setting for String {
    fn parse(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) if !text.trim().is_empty() => Ok(text.clone()),
            _ => Err("a text that is not empty".to_owned()),
        }
    }

    fn show(&self) -> String {
        quoted(self)
    }
}

impl Setting for PathBuf {
    fn parse(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) if !text.is_empty() => Ok(text.into()),
            _ => Err("a path".to_owned()),
        }
    }

    fn show(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Setting for SocketAddr {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "an address with a port, like 127.0.0.1:8080 or [::]:8080".to_owned())
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Setting for IpNet {
    fn parse(raw: &Raw) -> Result<Self, String> {
        // A bare address is the network of that one address: people write proxies both ways.
        text(raw)
            .and_then(|text| {
                let host = || text.parse::<IpAddr>().ok().map(IpNet::from);
                text.parse().ok().or_else(host)
            })
            .ok_or_else(|| "a network, like 10.0.0.0/8 or fd00::/8".to_owned())
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

/// An empty string means "not set": a variable that is there but blank must be able to say so.
impl<T: Setting> Setting for Option<T> {
    fn parse(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) if text.is_empty() => Ok(None),
            raw => T::parse(raw)
                .map(Some)
                .map_err(|right| format!("{right}, or \"\" for none")),
        }
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), Setting::show)
    }

    fn show_raw(raw: &Raw) -> String {
        T::show_raw(raw)
    }
}

/// A TOML array, or in the environment a list with commas.
impl<T: Setting> Setting for Vec<T> {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let one = |raw: &Raw| T::parse(raw).map_err(|right| format!("a list, each {right}"));
        match raw {
            Raw::List(items) => items.iter().map(one).collect(),
            Raw::Text(text) => text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| one(&Raw::Text(item.to_owned())))
                .collect(),
            raw => one(raw).map(|item| vec![item]),
        }
    }

    fn show(&self) -> String {
        let items: Vec<_> = self.iter().map(Setting::show).collect();
        format!("[{}]", items.join(", "))
    }
}

/// Largest unit first, so that a duration is shown in the unit a person would choose.
const UNITS: [(&str, u64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// "30s", "10m", "8h", "90d", "2w", "250ms"; a bare number is seconds.
impl Setting for Duration {
    fn parse(raw: &Raw) -> Result<Self, String> {
        let right = || "a duration, like 30s, 10m, 8h or 90d".to_owned();
        let millis = match raw {
            Raw::Integer(seconds) => u64::try_from(*seconds)
                .ok()
                .and_then(|s| s.checked_mul(1_000)),
            Raw::Text(text) => {
                let end = text
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(text.len());
                let (number, unit) = text.split_at(end);
                let unit = if unit.is_empty() { "s" } else { unit.trim() };
                UNITS
                    .iter()
                    .find(|(name, _)| *name == unit)
                    .and_then(|(_, millis)| number.parse::<u64>().ok()?.checked_mul(*millis))
            }
            _ => None,
        };
        millis.map(Self::from_millis).ok_or_else(right)
    }

    fn show(&self) -> String {
        let millis = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        // Weeks are read but not shown: "90d" and "14d" are what specifications and people say.
        let (unit, size) = UNITS[1..]
            .iter()
            .find(|(_, size)| millis >= *size && millis.is_multiple_of(*size))
            .unwrap_or(&("s", 1_000));
        quoted(&format!("{}{unit}", millis / size))
    }
}

/// A number of bytes, written "64KiB", "1MiB" or as a bare number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(usize);

impl ByteSize {
    /// From kibibytes (1024 bytes).
    #[must_use]
    pub const fn kib(kib: usize) -> Self {
        Self(kib.saturating_mul(1_024))
    }

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0
    }
}

impl Setting for ByteSize {
    fn parse(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Integer(bytes) => usize::try_from(*bytes).ok(),
            Raw::Text(text) => {
                let end = text
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(text.len());
                let (number, unit) = text.split_at(end);
                let size = match unit.trim() {
                    "" | "B" => Some(1),
                    "KiB" => Some(1 << 10),
                    "MiB" => Some(1 << 20),
                    _ => None,
                };
                size.and_then(|size: usize| number.parse::<usize>().ok()?.checked_mul(size))
            }
            _ => None,
        }
        .map(Self)
        .ok_or_else(|| "a number of bytes, like 64KiB, 1MiB or 65536".to_owned())
    }

    fn show(&self) -> String {
        match self.0 {
            n if n > 0 && n.is_multiple_of(1 << 20) => quoted(&format!("{}MiB", n >> 20)),
            n if n > 0 && n.is_multiple_of(1 << 10) => quoted(&format!("{}KiB", n >> 10)),
            n => n.to_string(),
        }
    }
}

/// The text of a raw value, if it is one.
pub fn text(raw: &Raw) -> Option<&str> {
    match raw {
        Raw::Text(text) => Some(text),
        _ => None,
    }
}

/// Declares an enum whose values are words.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_doc])* $variant, )* }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// The word that stands for it in the configuration.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl $crate::config::value::Setting for $name {
            fn parse(raw: &$crate::config::value::Raw) -> Result<Self, String> {
                $crate::config::value::text(raw)
                    .and_then(|text| Self::ALL.iter().copied().find(|v| v.as_str() == text))
                    .ok_or_else(|| format!("one of {}", [$( $word, )*].join(", ")))
            }

            fn show(&self) -> String {
                $crate::config::value::quoted(self.as_str())
            }
        }
    };
}
pub(super) use words;

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
