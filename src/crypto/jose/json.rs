//! Strictness that serde does not have by itself.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::URL_SAFE_NO_PAD};
use serde::Deserializer as _;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};

/// base64url without padding (RFC 7515 §2), where only the canonical spelling of each value is accepted: trailing bits
/// must be zero, so that one token cannot be written in two ways and slip past a list of used ones.
const CANONICAL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Decodes canonical base64url; `None` for anything else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    CANONICAL.decode(text).ok()
}

/// Encodes as base64url without padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether `json` is one JSON object whose top-level members have distinct names. RFC 7515 §4:
/// "The Header Parameter names within the JOSE Header MUST be unique"; RFC 7519 §4 says the same
/// of claims. Two readers that disagree on which duplicate counts are an attack (RFC 8725 §2.4).
#[must_use]
pub fn is_object_with_unique_members(json: &[u8]) -> bool {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserializer.deserialize_map(UniqueMembers).is_ok() && deserializer.end().is_ok()
}

struct UniqueMembers;

impl<'de> Visitor<'de> for UniqueMembers {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with distinct member names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // Tokens have about ten members: a list is faster than a set there. The cap keeps the
        // quadratic search harmless for a token of 16 KiB made of nothing but member names.
        const MAX_MEMBERS: usize = 200;
        let mut seen: Vec<Cow<'de, str>> = Vec::with_capacity(16);
        while let Some(Name(name)) = map.next_key()? {
            if seen.len() == MAX_MEMBERS {
                return Err(A::Error::custom("too many members"));
            }
            if seen.contains(&name) {
                return Err(A::Error::custom("duplicate member"));
            }
            seen.push(name);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// A member name, borrowed where JSON does not escape it.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_base64url_decodes() {
        assert_eq!(decode("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "A", "A+", "A/8", "AQ\n", " AQ", "é"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn rfc7515_4_member_names_must_be_unique_also_when_escaped() {
        assert!(is_object_with_unique_members(br#"{"a":1,"b":{"a":2}}"#));
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":1}{}"#,
            "[]",
            "\"a\"",
            "",
        ] {
            assert!(!is_object_with_unique_members(json.as_bytes()), "{json}");
        }
    }
}
