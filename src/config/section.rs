//! How a section is declared, and how its keys are read.
//!
//! A section is written once, with [`section!`]: field, type, default and the reason for it. The
//! reader learns the known keys, the effective values and their origins from that one list.

use std::collections::BTreeMap;
use std::fmt;

use super::error::Problem;
use super::value::{Raw, Setting};

/// Where an effective value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything: the built-in default.
    Default,
    /// The same, and the built-in default is made from another key.
    Follows(&'static str),
    /// A configuration file, by the name it was opened with.
    File(String),
    /// An environment variable, by its name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::Follows(key) => write!(f, "the default, which follows {key}"),
            Self::File(name) | Self::Variable(name) => f.write_str(name),
        }
    }
}

/// One effective key, ready to be printed: secrets are already redacted.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Dotted, as in `server.tls.key`.
    pub key: String,
    /// The value as a TOML literal.
    pub shown: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Hands out values by key, and collects what is wrong instead of stopping at the first.
pub struct Reader {
    values: BTreeMap<String, (Raw, Origin)>,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

impl Reader {
    /// A reader over the merged layers, keyed by dotted key.
    pub fn new(values: BTreeMap<String, (Raw, Origin)>) -> Self {
        Self {
            values,
            entries: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn setting<T: Setting>(&mut self, key: &str, default: T) -> T {
        let (value, origin) = match self.values.remove(key) {
            None => (default, Origin::Default),
            Some((raw, origin)) => match T::parse(&raw) {
                Ok(value) => (value, origin),
                Err(right) => {
                    self.problems.push(Problem::WrongValue {
                        key: key.to_owned(),
                        value: T::show_raw(&raw),
                        right,
                        origin: origin.clone(),
                    });
                    (default, origin)
                }
            },
        };
        self.entries.push(Entry {
            key: key.to_owned(),
            shown: value.show(),
            origin,
        });
        value
    }

    /// The effective entries and all problems; what nobody asked for is an unknown key.
    pub fn finish(mut self) -> (Vec<Entry>, Vec<Problem>) {
        for (key, (_, origin)) in self.values {
            let nearest = self
                .entries
                .iter()
                .min_by_key(|entry| strsim::damerau_levenshtein(&entry.key, &key))
                .map(|entry| entry.key.clone());
            self.problems.push(Problem::UnknownKey {
                key,
                nearest,
                origin,
            });
        }
        (self.entries, self.problems)
    }
}

/// A key, or a section of keys.
pub trait Readable: Sized {
    /// Reads what stands under `key`, with `default` where nothing does.
    fn read(reader: &mut Reader, key: &str, default: Self) -> Self;
}

impl<T: Setting> Readable for T {
    fn read(reader: &mut Reader, key: &str, default: Self) -> Self {
        reader.setting(key, default)
    }
}

/// Declares a section: a struct, its defaults, and how to read it.
macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$field_doc:meta])* $field:ident : $ty:ty = $default:expr; )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $ty, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $crate::config::section::Readable for $name {
            fn read(
                reader: &mut $crate::config::section::Reader,
                key: &str,
                default: Self,
            ) -> Self {
                Self {
                    $( $field: $crate::config::section::Readable::read(
                        reader,
                        &format!("{key}.{}", stringify!($field)),
                        default.$field,
                    ), )*
                }
            }
        }
    };
}
pub(super) use section;
