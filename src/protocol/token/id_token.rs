//! The claims of an ID token (OpenID Connect Core §2).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Issuance;
use crate::base::Timestamp;
use crate::crypto::jose;
use crate::protocol::grant::Grant;
use crate::protocol::or_none::IdTokenAlg;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(flatten)]
    person: Map<String, Value>,
}

/// What an ID token travels with: it vouches for it by a hash, so that neither can be swapped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Companions<'a> {
    /// OpenID Connect Core §3.1.3.6, §3.2.2.10.
    pub access_token: Option<&'a str>,
    /// OpenID Connect Core §3.3.2.11.
    pub code: Option<&'a str>,
}

/// What an ID token says about a person.
#[derive(Clone, Debug)]
pub struct Person {
    /// OpenID Connect Core §8: public, or pairwise for the client's sector.
    pub sub: String,
    /// The session, as it is called at the client.
    pub sid: Option<String>,
    /// Further claims that are due in this place.
    pub claims: Map<String, Value>,
}

impl IdTokenClaims {
    /// The claims of a new ID token, to be signed with `alg`.
    #[must_use]
    pub fn new(
        issuance: &Issuance,
        grant: &Grant,
        issuer: &str,
        person: Person,
        (companions, alg): (Companions<'_>, IdTokenAlg),
        lifetime: Duration,
        now: Timestamp,
    ) -> Self {
        // The hash is that of the signature algorithm: `none` has none, and only comes with tokens
        // straight from the token endpoint, where both hashes are optional (§3.1.3.6).
        let half = |text: &str| Some(jose::left_half_hash(alg.signed()?, text));
        let client = issuance.client_id().to_string();
        Self {
            iss: issuer.to_owned(),
            sub: person.sub,
            aud: client.clone(),
            exp: (now + lifetime).seconds(),
            iat: now.seconds(),
            auth_time: grant.auth_time.seconds(),
            nonce: issuance.nonce().map(str::to_owned),
            acr: grant.acr.clone(),
            amr: grant.amr.clone(),
            azp: client,
            at_hash: companions.access_token.and_then(half),
            c_hash: companions.code.and_then(half),
            sid: person.sid,
            person: person.claims,
        }
    }
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
    pub sid: Option<String>,
    /// Whether our signature was on it. Nothing in the token can say so.
    #[serde(skip)]
    pub proven: bool,
}
