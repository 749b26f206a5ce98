//! What can be wrong with a configuration, in words that say how to put it right.

use std::fmt;

use super::section::Origin;

/// Everything that was found wrong, not only the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file cannot be read, or is not TOML.
    File {
        /// As it was named.
        path: String,
        /// The operating system's or the parser's words; never a line of the file, which may
        /// hold a secret.
        reason: String,
    },
    /// A key that Tessera does not have.
    UnknownKey {
        /// Dotted.
        key: String,
        /// The known key that is written most alike.
        nearest: Option<String>,
        /// Where it stands.
        origin: Origin,
    },
    /// A known key with a value that cannot be used.
    WrongValue {
        /// Dotted.
        key: String,
        /// As given; redacted where it may be a secret.
        value: String,
        /// What would be right.
        right: String,
        /// Where it came from.
        origin: Origin,
    },
}

impl Problem {
    /// The dotted key it is about, if it is about one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::File { .. } => None,
            Self::UnknownKey { key, .. } | Self::WrongValue { key, .. } => Some(key),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, reason } => write!(f, "{path}: {reason}"),
            Self::UnknownKey {
                key,
                nearest,
                origin,
            } => {
                write!(f, "{key}: no such key (from {origin})")?;
                nearest
                    .as_ref()
                    .map_or(Ok(()), |near| write!(f, "; the nearest is {near}"))
            }
            Self::WrongValue {
                key,
                value,
                right,
                origin,
            } => write!(f, "{key} = {value} (from {origin}): must be {right}"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
