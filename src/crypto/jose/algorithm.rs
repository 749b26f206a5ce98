//! The `alg` and `enc` values that exist for us (RFC 7518 §3.1, §4.1, §5.1, RFC 8037 §3).
//!
//! `none` is not among them: an unsigned token cannot even be named. Nor is `RSA1_5`, whose padding can
//! be tried out message by message (RFC 8725 §3.2), nor `dir`: nobody shares a content key with us.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text is not an algorithm that the type knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a supported algorithm")]
pub struct UnknownAlgorithm;

macro_rules! algorithms {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every algorithm, in the order in which metadata lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value as the specifications write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownAlgorithm;

            fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
                match text {
                    $($text => Ok(Self::$variant),)+
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
        RS256 = "RS256",
        /// RSASSA-PSS with SHA-256, for financial-grade profiles (FAPI 2.0 §5.4).
        PS256 = "PS256",
        /// ECDSA on P-256 with SHA-256.
        ES256 = "ES256",
        /// Ed25519 (RFC 8037).
        EdDSA = "EdDSA",
    }
}

algorithms! {
    /// What a JWS that somebody hands to us may be signed with: our own tokens, client
    /// assertions, request objects, DPoP proofs.
    JwsAlgorithm {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RS256 = "RS256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RS384 = "RS384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RS512 = "RS512",
        /// RSASSA-PSS with SHA-256.
        PS256 = "PS256",
        /// RSASSA-PSS with SHA-384.
        PS384 = "PS384",
        /// RSASSA-PSS with SHA-512.
        PS512 = "PS512",
        /// ECDSA on P-256 with SHA-256.
        ES256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        ES384 = "ES384",
        /// ECDSA on P-521 with SHA-512.
        ES512 = "ES512",
        /// Ed25519 (RFC 8037).
        EdDSA = "EdDSA",
        /// HMAC with SHA-256, keyed with the client secret.
        HS256 = "HS256",
        /// HMAC with SHA-384, keyed with the client secret.
        HS384 = "HS384",
        /// HMAC with SHA-512, keyed with the client secret.
        HS512 = "HS512",
    }
}

algorithms! {
    /// How the key that encrypts the content is brought to the recipient (JWE `alg`, RFC 7518 §4.1).
    KeyManagementAlgorithm {
        /// RSAES OAEP with SHA-1 and MGF1 with SHA-1: what older clients know.
        RsaOaep = "RSA-OAEP",
        /// RSAES OAEP with SHA-256 and MGF1 with SHA-256.
        RsaOaep256 = "RSA-OAEP-256",
        /// The agreed key is the content key itself.
        EcdhEs = "ECDH-ES",
        /// The agreed key wraps the content key with AES-128.
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        /// The agreed key wraps the content key with AES-192.
        EcdhEsA192Kw = "ECDH-ES+A192KW",
        /// The agreed key wraps the content key with AES-256.
        EcdhEsA256Kw = "ECDH-ES+A256KW",
    }
}

algorithms! {
    /// How the content is encrypted (JWE `enc`, RFC 7518 §5.1).
    ContentEncryptionAlgorithm {
        /// AES-128 in CBC mode, HMAC with SHA-256: what every implementation must have (§5.1).
        A128CbcHs256 = "A128CBC-HS256",
        /// AES-192 in CBC mode, HMAC with SHA-384.
        A192CbcHs384 = "A192CBC-HS384",
        /// AES-256 in CBC mode, HMAC with SHA-512.
        A256CbcHs512 = "A256CBC-HS512",
        /// AES-128 in Galois/counter mode.
        A128Gcm = "A128GCM",
        /// AES-192 in Galois/counter mode.
        A192Gcm = "A192GCM",
        /// AES-256 in Galois/counter mode.
        A256Gcm = "A256GCM",
    }
}

/// What a key of ours is for. One key serves one algorithm (RFC 8725 §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyAlgorithm {
    /// It signs what we send.
    Signing(SigningAlgorithm),
    /// It opens what is sent to us.
    Encryption(KeyManagementAlgorithm),
}

impl KeyAlgorithm {
    /// Every algorithm that a key of ours may be for: first those that sign.
    pub fn all() -> impl Iterator<Item = Self> {
        let signing = SigningAlgorithm::ALL.iter().copied().map(Self::Signing);
        let encryption = KeyManagementAlgorithm::ALL.iter().copied();
        signing.chain(encryption.map(Self::Encryption))
    }

    /// The `alg` of the key.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signing(alg) => alg.as_str(),
            Self::Encryption(alg) => alg.as_str(),
        }
    }

    /// The `use` of the key (RFC 7517 §4.2).
    #[must_use]
    pub const fn use_(self) -> &'static str {
        match self {
            Self::Signing(_) => "sig",
            Self::Encryption(_) => "enc",
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        let found = Self::all().find(|alg| alg.as_str() == text);
        found.ok_or(UnknownAlgorithm)
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for KeyAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<SigningAlgorithm> for KeyAlgorithm {
    fn from(alg: SigningAlgorithm) -> Self {
        Self::Signing(alg)
    }
}

impl From<KeyManagementAlgorithm> for KeyAlgorithm {
    fn from(alg: KeyManagementAlgorithm) -> Self {
        Self::Encryption(alg)
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
    fn every_kind_of_key_is_told_by_its_alg_alone() {
        let all: Vec<_> = KeyAlgorithm::all().collect();
        for &alg in &all {
            assert_eq!(alg.as_str().parse(), Ok(alg));
        }
        assert_eq!(all.len(), 10);
        for text in ["RSA1_5", "dir", "A128KW", "none", "HS256", "RS384"] {
            assert_eq!(text.parse::<KeyAlgorithm>(), Err(UnknownAlgorithm));
        }
    }

    #[test]
    fn none_cannot_be_named_in_any_spelling() {
        for text in ["none", "None", "NONE", "nOnE", "", "rs256", "ES256K", "RS1"] {
            assert_eq!(text.parse::<JwsAlgorithm>(), Err(UnknownAlgorithm));
        }
    }
}
