//! The `alg` values that exist for us (RFC 7518 §3.1, RFC 8037 §3.1).
//!
//! `none` is not among them: an unsigned token cannot even be named.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text is not an `alg` that the type knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown or unsupported JWS algorithm")]
pub struct UnknownAlgorithm;

macro_rules! algorithms {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every algorithm, in the order in which metadata lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The `alg` value as the specifications write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant)),+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownAlgorithm;

            fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
                match text {
                    $(stringify!($variant) => Ok(Self::$variant),)+
                    _ => Err(UnknownAlgorithm),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Owned: JSON may escape the text, and then it cannot be borrowed.
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

algorithms! {
    /// What our own keys sign with. The client chooses among the active ones.
    SigningAlgorithm {
        /// RSASSA-PKCS1-v1_5 with SHA-256: what every client must understand (OIDC Core §15.1).
        RS256,
        /// RSASSA-PSS with SHA-256, for financial-grade profiles (FAPI 2.0 §5.4).
        PS256,
        /// ECDSA on P-256 with SHA-256.
        ES256,
        /// Ed25519 (RFC 8037).
        EdDSA,
    }
}

algorithms! {
    /// What a JWS that somebody hands to us may be signed with: our own tokens, client
    /// assertions, request objects, DPoP proofs.
    JwsAlgorithm {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RS256,
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RS384,
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RS512,
        /// RSASSA-PSS with SHA-256.
        PS256,
        /// RSASSA-PSS with SHA-384.
        PS384,
        /// RSASSA-PSS with SHA-512.
        PS512,
        /// ECDSA on P-256 with SHA-256.
        ES256,
        /// ECDSA on P-384 with SHA-384.
        ES384,
        /// ECDSA on P-521 with SHA-512.
        ES512,
        /// Ed25519 (RFC 8037).
        EdDSA,
        /// HMAC with SHA-256, keyed with the client secret.
        HS256,
        /// HMAC with SHA-384, keyed with the client secret.
        HS384,
        /// HMAC with SHA-512, keyed with the client secret.
        HS512,
    }
}

impl JwsAlgorithm {
    /// Whether the verifier holds the same secret as the signer (HMAC). Such an algorithm never
    /// works with a public key, nor any other with a secret: RFC 8725 §2.1.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}

impl From<SigningAlgorithm> for JwsAlgorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::RS256 => Self::RS256,
            SigningAlgorithm::PS256 => Self::PS256,
            SigningAlgorithm::ES256 => Self::ES256,
            SigningAlgorithm::EdDSA => Self::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_round_trips_through_text_and_json() {
        for &algorithm in JwsAlgorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            let json = serde_json::to_string(&algorithm).unwrap();
            assert_eq!(json, format!("\"{algorithm}\""));
            assert_eq!(
                serde_json::from_str::<JwsAlgorithm>(&json).unwrap(),
                algorithm
            );
        }
        for &algorithm in SigningAlgorithm::ALL {
            assert_eq!(JwsAlgorithm::from(algorithm).as_str(), algorithm.as_str());
        }
    }

    #[test]
    fn none_cannot_be_named_in_any_spelling() {
        for text in ["none", "None", "NONE", "nOnE", "", "rs256", "ES256K", "RS1"] {
            assert_eq!(text.parse::<JwsAlgorithm>(), Err(UnknownAlgorithm));
        }
    }
}
