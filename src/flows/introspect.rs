//! Introspection (RFC 7662): a resource server sees only tokens that are meant for it.

use serde::Serialize;

use super::client_auth::AuthenticatedClient;
use super::encryption::{Form, Formed};
use super::{Internal, Outcome, Tessera};
use crate::base::{Digest, Timestamp};
use crate::crypto::jose::SigningAlgorithm;
use crate::protocol::client::{Client, ClientId};
use crate::protocol::custom_claims::{Occasion, Place};
use crate::protocol::scope::Scope;
use crate::protocol::token::access_token::{AccessTokenClaims, Audience};
use crate::protocol::token::refresh_token::{PREFIX, RefreshTokenHash};
use crate::storage::{grants, tokens, users};

/// RFC 7662 §2.2.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Introspection {
    /// All that is said of a token that does not work, or is none of the caller's business.
    Inactive {
        /// Always false.
        active: bool,
    },
    /// An access token.
    Access {
        /// Always true.
        active: bool,
        /// RFC 6749 §5.1
        token_type: &'static str,
        /// `preferred_username`, for logs of people.
        #[serde(skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        /// What the token says.
        #[serde(flatten)]
        claims: Box<AccessTokenClaims>,
    },
    /// A refresh token, told to its own client only.
    Refresh {
        /// Always true.
        active: bool,
        /// Whose it is.
        client_id: String,
        /// Who allowed it.
        sub: String,
        /// What it may be exchanged for.
        scope: String,
        /// Who issued it.
        iss: String,
        /// Seconds since the epoch.
        exp: i64,
    },
}

/// RFC 9701 §5. Neither `sub` nor `exp` at the top: nobody shall take it for an access token (§8.1).
#[derive(Serialize)]
struct IntrospectionClaims<'a> {
    iss: &'a str,
    /// The resource server that asked.
    aud: &'a str,
    iat: i64,
    token_introspection: &'a Introspection,
}

const INACTIVE: Introspection = Introspection::Inactive { active: false };

impl Tessera {
    /// Says what a token is, to a client that has proven itself: as a JWT (RFC 9701) if it asks for one
    /// now (`wants_jwt`) or is registered to get nothing else.
    ///
    /// # Errors
    /// Inner: `invalid_request` if the client wants its answers encrypted and has no key for it.
    pub async fn introspect(
        &self,
        caller: &AuthenticatedClient,
        token: &str,
        wants_jwt: bool,
    ) -> Outcome<Formed<Introspection>> {
        let client = caller.client();
        let metadata = &client.metadata;
        let signed = metadata.introspection_signed_response_alg;
        let alg = metadata.introspection_encrypted_response_alg;
        let answer = self.look_at(caller, token).await?;
        if !wants_jwt && signed.is_none() && alg.is_none() {
            return Ok(Ok(Formed::Json(answer)));
        }
        let form = Form {
            name: "introspection",
            // RFC 9701 §6: "The default, if omitted, is RS256."
            signed: Some(signed.unwrap_or(SigningAlgorithm::RS256)),
            alg,
            enc: metadata.introspection_encrypted_response_enc,
        };
        let claims = IntrospectionClaims {
            iss: self.issuer(),
            aud: client.id.as_str(),
            iat: self.now().seconds(),
            token_introspection: &answer,
        };
        let formed = self
            .form_claims(client, &form, "token-introspection+jwt", &claims)
            .await?;
        Ok(formed.map(Formed::Jwt))
    }

    async fn look_at(
        &self,
        caller: &AuthenticatedClient,
        token: &str,
    ) -> Result<Introspection, Internal> {
        if token.starts_with(PREFIX) {
            return self.introspect_refresh_token(caller.client(), token).await;
        }
        let Some(token) = self.live_token(token).await? else {
            return Ok(INACTIVE);
        };
        let mut claims = token.claims().clone();
        // RFC 7662 §4: "the authorization server MUST determine whether or not the token can be
        // used at the protected resource making the introspection call."
        if !concerns(caller.client(), &claims) {
            return Ok(INACTIVE);
        }
        let mut reader = &self.store;
        let person = match token.user() {
            Some(id) => users::find(&mut reader, id).await?,
            None => None,
        };
        let person = match person {
            Some(user) => Some(self.know(&mut reader, user).await?),
            None => None,
        };
        // As things are now; what the token itself carries stays.
        let scope = Scope::parse(&claims.scope).map_err(Internal::other)?;
        let occasion = Occasion {
            place: Place::Introspection,
            client: &ClientId::new(claims.client_id.as_str()),
            scope: &scope,
        };
        let own = self.own_claims(occasion, std::iter::empty(), person.as_ref());
        claims.own.extend(own);
        Ok(Introspection::Access {
            active: true,
            token_type: "Bearer",
            username: person.map(|person| person.user.username),
            claims: Box::new(claims),
        })
    }

    async fn introspect_refresh_token(
        &self,
        caller: &Client,
        token: &str,
    ) -> Result<Introspection, Internal> {
        let now = self.now();
        let hash = RefreshTokenHash(Digest::of(token.as_bytes()));
        let mut reader = &self.store;
        let Some(stored) = tokens::find_refresh(&mut reader, hash).await? else {
            return Ok(INACTIVE);
        };
        let Some(grant) = grants::find(&mut reader, stored.grant_id).await? else {
            return Ok(INACTIVE);
        };
        let user_live = users::find(&mut reader, grant.user_id)
            .await?
            .is_some_and(|user| !user.disabled);
        let live = grant.client_id == caller.id
            && user_live
            && grant.ended_at.is_none()
            && stored.used_at.is_none()
            && now < grant.expires_at
            && now < stored.expires_at;
        if !live {
            return Ok(INACTIVE);
        }
        Ok(Introspection::Refresh {
            active: true,
            client_id: grant.client_id.to_string(),
            sub: self.subject(caller, grant.user_id)?,
            scope: grant.scope.to_string(),
            iss: self.issuer().to_owned(),
            exp: earliest(grant.expires_at, stored.expires_at).seconds(),
        })
    }
}

fn earliest(a: Timestamp, b: Timestamp) -> Timestamp {
    a.min(b)
}

/// Whether the caller is whom the token is for, or who asked for it.
fn concerns(caller: &Client, claims: &AccessTokenClaims) -> bool {
    let meant_for = |aud: &Audience| {
        aud.as_slice()
            .iter()
            .any(|aud| caller.metadata.resource_identifiers.contains(aud))
    };
    claims.client_id == caller.id.as_str() || meant_for(&claims.aud)
}
