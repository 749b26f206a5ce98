//! The claims of an access token (RFC 9068 §2.2).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Issuance;
use crate::base::Timestamp;
use crate::base::ids::GrantId;

/// One or several recipients, written as RFC 7519 §4.1.3 likes it best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// A single one, as a string.
    One(String),
    /// Several, as an array.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `recipient` is one of them.
    #[must_use]
    pub fn contains(&self, recipient: &str) -> bool {
        self.as_slice().iter().any(|aud| aud == recipient)
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl From<&[String]> for Audience {
    fn from(recipients: &[String]) -> Self {
        match recipients {
            [one] => Self::One(one.clone()),
            many => Self::Many(many.to_vec()),
        }
    }
}

/// The claims of an access token; also what is stored of an opaque one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Who issued it.
    pub iss: String,
    /// The person, or the client where it acts for itself (RFC 9068 §2.2).
    pub sub: String,
    /// Which resource servers may take it.
    pub aud: Audience,
    /// Seconds since the epoch.
    pub exp: i64,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Its name; 128 random bits.
    pub jti: String,
    /// To which client it was issued.
    pub client_id: String,
    /// What it allows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// When the person proved who they are (RFC 9068 §2.2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How sure that made us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The browser session, as it is called at the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// What it came from: introspection asks whether that still stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<GrantId>,
    /// The deployment's own.
    #[serde(flatten)]
    pub own: Map<String, Value>,
}

impl AccessTokenClaims {
    /// The claims of a new access token about `sub` in the session `sid`, with the deployment's `own`.
    #[must_use]
    pub fn new(
        issuance: &Issuance,
        (sub, sid): (String, Option<String>),
        issuer: &str,
        (jti, own): (String, Map<String, Value>),
        lifetime: Duration,
        now: Timestamp,
    ) -> Self {
        let grant = issuance.grant();
        Self {
            iss: issuer.to_owned(),
            sub,
            aud: issuance.target().audience().into(),
            exp: (now + lifetime).seconds(),
            iat: now.seconds(),
            jti,
            client_id: issuance.client_id().to_string(),
            scope: issuance.target().scope().to_string(),
            auth_time: grant.map(|grant| grant.auth_time.seconds()),
            acr: grant.map(|grant| grant.acr.clone()),
            amr: grant.map(|grant| grant.amr.clone()),
            sid,
            grant_id: grant.map(|grant| grant.id),
            own,
        }
    }

    /// Whether it has not expired.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < Timestamp::from_seconds(self.exp)
    }
}
