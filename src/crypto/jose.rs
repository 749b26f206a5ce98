//! Placeholder: algorithm names only.
use serde::{Deserialize, Serialize};
/// Our signing algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5
    RS256,
    /// RSASSA-PSS
    PS256,
    /// ECDSA P-256
    ES256,
    /// Ed25519
    EdDSA,
}
