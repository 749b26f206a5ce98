//! Signature algorithms where a registration may also say `none` (OpenID Connect Registration §2).
//!
//! What verifies and what signs cannot name `none` at all: here it can be asked for, and has to be met
//! by a branch of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::crypto::jose::{JwsAlgorithm, SigningAlgorithm};

/// How a client's request objects are signed.
pub type RequestObjectAlg = OrNone<JwsAlgorithm>;

/// How a client's ID tokens are signed.
pub type IdTokenAlg = OrNone<SigningAlgorithm>;

/// An algorithm, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrNone<A> {
    /// Not signed at all: `none`.
    None,
    /// With this algorithm and no other.
    Signed(A),
}

impl<A> OrNone<A> {
    /// The algorithm, unless it is `none`.
    pub fn signed(self) -> Option<A> {
        match self {
            Self::None => None,
            Self::Signed(alg) => Some(alg),
        }
    }
}

impl<A: Serialize> Serialize for OrNone<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Signed(alg) => alg.serialize(serializer),
        }
    }
}

impl<'de, A: FromStr<Err: fmt::Display>> Deserialize<'de> for OrNone<A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "none" {
            return Ok(Self::None);
        }
        text.parse()
            .map(Self::Signed)
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_spelt_in_one_way_only() {
        for (text, expected) in [
            ("none", Some(OrNone::None)),
            ("RS256", Some(OrNone::Signed(SigningAlgorithm::RS256))),
            ("None", None),
            ("", None),
            ("HS256", None),
        ] {
            let json = format!("\"{text}\"");
            let read = serde_json::from_str::<IdTokenAlg>(&json).ok();
            assert_eq!(read, expected, "{text}");
            if let Some(read) = read {
                assert_eq!(serde_json::to_string(&read).unwrap(), json);
            }
        }
    }
}
