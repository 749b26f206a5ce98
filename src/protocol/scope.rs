//! Scopes: an ordered set of tokens (RFC 6749 §3.3).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::{ErrorCode, OAuthError};

/// An ordered set of scope tokens, in the order in which they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

/// The scopes of OpenID Connect (Core §5.4, §11). They speak of a person, to the issuer.
pub const OF_OPENID: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// More scopes than any client needs; bounds the size of a token.
const MAX_SCOPES: usize = 64;

impl Scope {
    /// `openid` (OpenID Connect Core §3.1.2.1): makes the request an authentication request.
    pub const OPENID: &'static str = "openid";
    /// `offline_access` (OpenID Connect Core §11): a refresh token that outlives the session.
    pub const OFFLINE_ACCESS: &'static str = "offline_access";

    /// Reads a space-delimited list. A token named twice counts once.
    ///
    /// # Errors
    /// `invalid_scope` for a character outside RFC 6749 §3.3:
    /// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, or for more than 64 tokens.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut scope = Self::default();
        for token in text.split(' ').filter(|t| !t.is_empty()) {
            if !token
                .bytes()
                .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
            {
                return Err(OAuthError::new(
                    ErrorCode::InvalidScope,
                    "a scope has a character that RFC 6749 section 3.3 does not allow",
                ));
            }
            if !scope.contains(token) {
                scope.0.push(token.to_owned());
            }
        }
        if scope.0.len() > MAX_SCOPES {
            return Err(OAuthError::new(ErrorCode::InvalidScope, "too many scopes"));
        }
        Ok(scope)
    }

    /// Whether `token` is one of them.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|t| t == token)
    }

    /// Whether every one of them is in `other`.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|t| other.contains(t))
    }

    /// Those for which `keep` holds.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|t| keep(t)).cloned().collect())
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, token: &str) -> Self {
        if !self.contains(token) {
            self.0.push(token.to_owned());
        }
        self
    }

    /// Those of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for token in other.iter() {
            if !all.contains(token) {
                all.0.push(token.to_owned());
            }
        }
        all
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, token) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token)?;
        }
        Ok(())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_3_3_order_is_kept_and_doubles_are_dropped() {
        let scope = Scope::parse("openid  profile openid email").unwrap();
        assert_eq!(scope.to_string(), "openid profile email");
    }

    #[test]
    fn rfc6749_3_3_quotes_backslashes_and_controls_are_refused() {
        for bad in ["a\"b", "a\\b", "a\tb", "caf\u{e9}", "a\u{7f}"] {
            assert_eq!(
                Scope::parse(bad).unwrap_err().code,
                ErrorCode::InvalidScope,
                "{bad:?}"
            );
        }
    }

    #[test]
    fn narrowing_is_within_and_widening_is_not() {
        let granted = Scope::parse("openid profile").unwrap();
        assert!(Scope::parse("openid").unwrap().is_within(&granted));
        assert!(!Scope::parse("openid email").unwrap().is_within(&granted));
        assert!(Scope::default().is_within(&granted));
    }
}
