//! `private_key_jwt` and `client_secret_jwt` (RFC 7523 §2.2 and §3, OpenID Connect Core §9).

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::base::{Secret, Timestamp};
use crate::protocol::client::ClientId;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::params::Params;

use super::ClaimedClient;

/// The one `client_assertion_type` (RFC 7523 §2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far the client's clock may be ahead. 8 s is common; NTP-less machines drift by a minute.
const SKEW: Duration = Duration::from_mins(1);

/// How far ahead an assertion may end. Its `jti` is remembered until then; libraries ask for 5 to 60
/// minutes. RFC 7523 §3: "the authorization server may reject JWTs with an "exp" claim value that is
/// unreasonably far in the future."
const MAX_LIFE: Duration = Duration::from_hours(1);

/// Room for a UUID or a hash, not for filling the table of used ones.
const MAX_JTI: usize = 256;

/// Takes the claim of `client_assertion`, if there is one.
pub(super) fn claim(params: &Params) -> Result<Option<ClaimedClient>, OAuthError> {
    let kind = params.get("client_assertion_type");
    let Some(assertion) = params.get("client_assertion") else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(OAuthError::invalid_request(
                "client_assertion_type came without client_assertion",
            )),
        };
    };
    // RFC 7523 §2.2: "The value of the "client_assertion_type" is
    // "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"."
    match kind {
        Some(JWT_BEARER) => Ok(Some(ClaimedClient::Assertion {
            client_id: params.get("client_id").map(ClientId::new),
            assertion: Secret::new(assertion.to_owned()),
        })),
        Some(_) => Err(OAuthError::invalid_request(
            "this client_assertion_type is not supported",
        )),
        None => Err(OAuthError::invalid_request(
            "client_assertion came without client_assertion_type",
        )),
    }
}

/// `aud` (RFC 7519 §4.1.3): one string or an array of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// The claims of a client assertion. Members with other types than these fail to deserialise.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AssertionClaims {
    /// Who made it: the client.
    pub iss: Option<String>,
    /// Whom it is about: the client.
    pub sub: Option<String>,
    /// For whom it was made: this server.
    pub aud: Option<Audience>,
    /// When it ends.
    #[serde(deserialize_with = "numeric_date")]
    pub exp: Option<Timestamp>,
    /// When it was made.
    #[serde(deserialize_with = "numeric_date")]
    pub iat: Option<Timestamp>,
    /// When it begins.
    #[serde(deserialize_with = "numeric_date")]
    pub nbf: Option<Timestamp>,
    /// Its name, so that it works once.
    pub jti: Option<String>,
}

/// RFC 7519 §2, NumericDate: "A JSON numeric value representing the number of seconds [...] non-integer
/// values can be represented."
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let number = Option::<serde_json::Number>::deserialize(deserializer)?;
    Ok(number.and_then(|n| {
        n.as_i64()
            .map(Timestamp::from_seconds)
            .or_else(|| n.as_f64().map(from_fraction))
    }))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and so does the instant"
)]
fn from_fraction(seconds: f64) -> Timestamp {
    Timestamp::from_micros((seconds * 1_000_000.0) as i64)
}

/// Proof that the claims of an assertion were in order. What is left to do is to use up its `jti`.
#[derive(Debug)]
pub struct AcceptedAssertion {
    client_id: ClientId,
    jti: String,
    expires_at: Timestamp,
}

impl AcceptedAssertion {
    /// The client that made it.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Its name. Unique only together with the client's.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// Until when the `jti` must be remembered.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Checks the claims of an assertion **whose signature was verified** with a key of `client_id`. So
/// the answer may say what is wrong: only the owner of the key reads it.
///
/// # Errors
/// `invalid_client`.
pub fn check_assertion_claims(
    claims: &AssertionClaims,
    client_id: &ClientId,
    issuer: &str,
    token_endpoint: &str,
    now: Timestamp,
) -> Result<AcceptedAssertion, OAuthError> {
    let fail = |reason| OAuthError::new(ErrorCode::InvalidClient, reason);
    // OpenID Connect Core §9: "iss: REQUIRED. Issuer. This MUST contain the client_id of the OAuth
    // Client. sub: REQUIRED. Subject. This MUST contain the client_id of the OAuth Client."
    let own = Some(client_id.as_str());
    if claims.iss.as_deref() != own || claims.sub.as_deref() != own {
        return Err(fail("iss and sub of the assertion must be the client_id"));
    }
    // RFC 7523 §3: "The JWT MUST contain an "aud" (audience) claim containing a value that identifies
    // the authorization server as an intended audience. The token endpoint URL of the authorization
    // server MAY be used". An assertion made for another server stops here.
    let ours = claims
        .aud
        .as_ref()
        .is_some_and(|aud| aud.contains(issuer) || aud.contains(token_endpoint));
    if !ours {
        return Err(fail("aud of the assertion must be the issuer"));
    }
    // RFC 7523 §3: "The JWT MUST contain an "exp" (expiration time) claim that limits the time window
    // during which the JWT can be used." RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be
    // accepted".
    let expires_at = claims
        .exp
        .ok_or_else(|| fail("the assertion must have exp"))?;
    if expires_at <= now {
        return Err(fail("the assertion has expired"));
    }
    if expires_at > now + MAX_LIFE {
        return Err(fail("exp of the assertion is more than an hour ahead"));
    }
    // RFC 7519 §4.1.5: "the current date/time MUST be after or equal to the not-before date/time".
    if claims.nbf.is_some_and(|nbf| nbf > now + SKEW) {
        return Err(fail("the assertion is not valid yet"));
    }
    if claims.iat.is_some_and(|iat| iat > now + SKEW) {
        return Err(fail("iat of the assertion lies ahead"));
    }
    // OpenID Connect Core §9: "jti: REQUIRED. JWT ID. A unique identifier for the token, which can be
    // used to prevent reuse of the token. These tokens MUST only be used once".
    let jti = claims
        .jti
        .as_deref()
        .filter(|jti| (1..=MAX_JTI).contains(&jti.len()))
        .ok_or_else(|| fail("the assertion must have a jti of at most 256 bytes"))?;
    Ok(AcceptedAssertion {
        client_id: client_id.clone(),
        jti: jti.to_owned(),
        expires_at,
    })
}
