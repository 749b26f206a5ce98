//! JOSE (RFC 7515-7519, 7638): the only room that names josekit, OpenSSL and AWS-LC.
//!
//! Two libraries share the work, each where it is better. AWS-LC signs and verifies with the
//! algorithms that our own tokens use ([`SigningAlgorithm`]): measured per operation on one core,
//! release build, 420-byte message, keys parsed beforehand, it is the faster one (see `sign.rs`),
//! and its HMAC comparison takes constant time, which josekit's does not. josekit (OpenSSL) verifies what
//! only clients send (RS384 .. ES512), holds the JWKs for it, and seals (JWE).

mod algorithm;
mod decrypt;
mod encrypt;
mod generate;
mod half_hash;
mod json;
mod jwk;
mod jwk_set;
mod mac;
mod recipient;
mod sign;
mod unsecured;
mod verification_key;
mod verify;

#[cfg(test)]
mod jwe_tests;
#[cfg(test)]
mod vectors;

pub use algorithm::{
    ContentEncryptionAlgorithm, JwsAlgorithm, KeyAlgorithm, KeyManagementAlgorithm,
    SigningAlgorithm, UnknownAlgorithm,
};
pub use decrypt::{DecryptionKey, UnopenedJwe};
pub(in crate::crypto) use encrypt::{decrypt_direct, encrypt_direct};
pub use generate::{GeneratedKey, generate};
pub use half_hash::left_half_hash;
pub use json::is_object_with_unique_members;
pub use jwk::{JwkError, PublicJwk, has_private_members};
pub use jwk_set::JwkSet;
pub(in crate::crypto) use mac::{MacKey, derive_key, hmac_sha256};
pub use recipient::Recipient;
pub use sign::SigningKey;
pub use unsecured::{unsecured_claims, unsecured_jwt};
pub use verification_key::VerificationKey;
pub use verify::{JoseHeader, JwtError, UnverifiedJwt, VerifiedJwt};

/// Why a cryptographic operation did not succeed. For the log; never shown to a stranger.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The key is malformed, of the wrong kind, or too weak.
    #[error("unusable key: {0}")]
    Key(String),
    /// The claims could not be written as JSON.
    #[error("claims cannot be serialised: {0}")]
    Json(#[from] serde_json::Error),
    /// The library refused to work: exhausted randomness or memory, or a broken build.
    #[error("cryptographic library: {0}")]
    Library(String),
    /// Sealed data was changed, was sealed under another key or for another purpose.
    #[error("sealed data cannot be opened")]
    Unsealable,
}

impl CryptoError {
    fn library(error: impl std::fmt::Display) -> Self {
        Self::Library(error.to_string())
    }

    fn key(error: impl std::fmt::Display) -> Self {
        Self::Key(error.to_string())
    }
}
