//! What may be done: a resource and an action, `clients:write`. Patterns may leave one open: `*:read`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest half of one; both are in tokens and on pages.
const MAX_HALF: usize = 64;

/// A permission that is asked for: no part of it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission {
    resource: &'static str,
    action: &'static str,
}

impl Permission {
    /// One of the administration's own.
    #[must_use]
    pub const fn new(resource: &'static str, action: &'static str) -> Self {
        Self { resource, action }
    }

    /// What it is about.
    #[must_use]
    pub const fn resource(self) -> &'static str {
        self.resource
    }

    /// What is done to it.
    #[must_use]
    pub const fn action(self) -> &'static str {
        self.action
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.action)
    }
}

/// What a role gives: one permission, or all of a kind (`clients:*`, `*:read`, `*:*`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    resource: String,
    action: String,
}

impl Pattern {
    /// Reads `resource:action`; either half may be `*`.
    ///
    /// # Errors
    /// In words, what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let half = |half: &str| {
            half == "*"
                || (!half.is_empty()
                    && half.len() <= MAX_HALF
                    && half.starts_with(|c: char| c.is_ascii_lowercase())
                    && half
                        .bytes()
                        .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.')))
        };
        match text.split_once(':') {
            Some((resource, action)) if half(resource) && half(action) => Ok(Self {
                resource: resource.to_owned(),
                action: action.to_owned(),
            }),
            _ => Err(format!(
                "{text:?} is no permission: it must be resource:action, each of a-z, 0-9, '-', '_' and '.', or '*'"
            )),
        }
    }

    /// All of one kind of resource, of one action, or of both.
    fn of(resource: &str, action: &str) -> Self {
        Self {
            resource: resource.to_owned(),
            action: action.to_owned(),
        }
    }

    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self::of("*", "*")
    }

    /// Whatever is done to `resource`.
    #[must_use]
    pub fn all_of(resource: &str) -> Self {
        Self::of(resource, "*")
    }

    /// `action`, whatever it is done to.
    #[must_use]
    pub fn every(action: &str) -> Self {
        Self::of("*", action)
    }

    /// Whether it names more than one permission.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.resource == "*" || self.action == "*"
    }

    /// Whether it gives this permission.
    #[must_use]
    pub fn gives(&self, permission: Permission) -> bool {
        open_or_same(&self.resource, permission.resource)
            && open_or_same(&self.action, permission.action)
    }

    /// Whether it gives everything that `other` gives.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        open_or_same(&self.resource, &other.resource) && open_or_same(&self.action, &other.action)
    }
}

fn open_or_same(mine: &str, wanted: &str) -> bool {
    mine == "*" || mine == wanted
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.action)
    }
}

impl From<Permission> for Pattern {
    fn from(permission: Permission) -> Self {
        Self::of(permission.resource, permission.action)
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.to_string()
    }
}
