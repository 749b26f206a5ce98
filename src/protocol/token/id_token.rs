//! The claims of an ID token (OpenID Connect Core §2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Issuance;
use crate::base::ids::SessionId;
use crate::base::{Digest, Timestamp};
use crate::protocol::grant::Grant;

/// The claims of an ID token.
#[derive(Clone, Debug, Serialize)]
pub struct IdTokenClaims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    acr: String,
    amr: Vec<String>,
    azp: String,
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    #[serde(flatten)]
    person: Map<String, Value>,
}

impl IdTokenClaims {
    /// The claims of a new ID token that travels with `access_token`. `person` holds further claims
    /// of clients that are registered to have them here.
    #[must_use]
    pub fn new(
        issuance: &Issuance,
        grant: &Grant,
        issuer: &str,
        access_token: &str,
        person: Map<String, Value>,
        lifetime: Duration,
        now: Timestamp,
    ) -> Self {
        let client = issuance.client_id().to_string();
        Self {
            iss: issuer.to_owned(),
            sub: grant.user_id.to_string(),
            aud: client.clone(),
            exp: (now + lifetime).seconds(),
            iat: now.seconds(),
            auth_time: grant.auth_time.seconds(),
            nonce: issuance.nonce().map(str::to_owned),
            acr: grant.acr.clone(),
            amr: grant.amr.clone(),
            azp: client,
            at_hash: at_hash(access_token),
            sid: grant.session_id,
            person,
        }
    }
}

/// OpenID Connect Core §3.1.3.6: "the base64url encoding of the left-most half of the hash of the
/// octets of the ASCII representation of the access_token value". SHA-256 for every algorithm that
/// we sign with; for EdDSA (Ed25519) clients expect SHA-512.
fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Digest::of(access_token.as_bytes()).as_bytes()[..16])
}

/// What we read back from an ID token that comes as `id_token_hint`.
#[derive(Clone, Debug, Deserialize)]
pub struct HintClaims {
    /// Must be us.
    pub iss: String,
    /// Whom it was about.
    pub sub: String,
    /// For which client.
    pub aud: super::access_token::Audience,
    /// In which session.
    #[serde(default)]
    pub sid: Option<SessionId>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn oidc_core_3_1_3_6_at_hash_is_the_left_half_of_sha256() {
        // The example of OpenID Connect Core, appendix A.3.
        assert_eq!(
            super::at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
