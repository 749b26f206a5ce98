//! Sets of public keys (RFC 7517 §5).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{JwkError, PublicJwk, has_private_members};

/// A JWK Set of public keys that this server can use.
///
/// When read, keys of unknown `kty` or `crv` and malformed ones are skipped (RFC 7517 §5:
/// "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" values that are not
/// understood"). A key with private members refuses the whole set: it has been published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct JwkSet {
    keys: Vec<PublicJwk>,
}

#[derive(Deserialize)]
struct Wire {
    keys: Vec<Value>,
}

impl JwkSet {
    /// The most keys that a set may have. Real sets have fewer than ten; each key costs memory
    /// and, where a token has no `kid`, a verification attempt.
    pub const MAX_KEYS: usize = 100;

    /// From keys already checked; `None` if there are more than [`Self::MAX_KEYS`].
    #[must_use]
    pub fn new(keys: Vec<PublicJwk>) -> Option<Self> {
        (keys.len() <= Self::MAX_KEYS).then_some(Self { keys })
    }

    /// The keys, in the order of the set.
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// The first key with this `kid`.
    pub fn find(&self, kid: &str) -> Option<&PublicJwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }
}

impl TryFrom<Wire> for JwkSet {
    type Error = JwkError;

    fn try_from(wire: Wire) -> Result<Self, JwkError> {
        if wire.keys.len() > Self::MAX_KEYS {
            return Err(JwkError::Malformed("keys"));
        }
        let mut keys = Vec::with_capacity(wire.keys.len());
        for value in wire.keys {
            // Judged before parsing, so that an unsupported or malformed private key is noticed too.
            if has_private_members(&value) {
                return Err(JwkError::Private);
            }
            if let Ok(key) = PublicJwk::deserialize(value) {
                keys.push(key);
            }
        }
        Ok(Self { keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn parse(keys: &str) -> Result<JwkSet, serde_json::Error> {
        serde_json::from_str(&format!(r#"{{"keys":[{keys}],"other":1}}"#))
    }

    #[test]
    fn rfc7517_5_unknown_keys_are_skipped_and_known_ones_found() {
        let set = parse(&format!(r#"{{"kty":"new"}},{{"kty":7}},3,{ED}"#)).unwrap();
        assert_eq!(set.keys().len(), 1);
        assert!(set.find("ed").is_some());
        assert!(set.find("other").is_none());
        assert_eq!(
            serde_json::to_string(&set).unwrap(),
            r#"{"keys":[{"kty":"OKP","kid":"ed","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
        );
    }

    #[test]
    fn a_published_private_key_refuses_the_set() {
        assert!(parse(&format!(r#"{ED},{{"kty":"oct","k":"AQ"}}"#)).is_err());
        assert!(parse(r#"{"kty":"OKP","crv":"X25519","d":"AQ"}"#).is_err());
    }

    #[test]
    fn a_set_is_bounded() {
        assert!(parse(&vec![ED; JwkSet::MAX_KEYS].join(",")).is_ok());
        assert!(parse(&vec![ED; JwkSet::MAX_KEYS + 1].join(",")).is_err());
    }
}
