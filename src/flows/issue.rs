//! Makes tokens of an [`Issuance`]. The transaction that allowed it is committed before: no token
//! leaves without its record, and no signature is computed while others wait for the writer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Internal, Tessera};
use crate::base::{Secret, Timestamp};
use crate::protocol::claims;
use crate::protocol::client::{AccessTokenFormat, Client};
use crate::protocol::token::Issuance;
use crate::protocol::token::access_token::AccessTokenClaims;
use crate::protocol::token::id_token::IdTokenClaims;
use crate::storage::users::User;
use crate::storage::{Tx, tokens};

/// The recognisable beginning of an opaque access token.
pub const OPAQUE_PREFIX: &str = "tsa_";

/// RFC 6749 §5.1.
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
}

/// What the transaction prepared: everything but the signatures.
pub struct Prepared {
    issuance: Issuance,
    claims: AccessTokenClaims,
    opaque: Option<Secret<String>>,
    refresh_token: Option<Secret<String>>,
    person: Option<User>,
}

impl Prepared {
    /// The name of the access token, for the record.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.claims.jti
    }
}

impl Tessera {
    /// Chooses the claims and, for an opaque token, stores them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn prepare(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        issuance: Issuance,
        refresh_token: Option<Secret<String>>,
        person: Option<User>,
        now: Timestamp,
    ) -> Result<Prepared, Internal> {
        let prepared = self.prepare_jwt(client, issuance, refresh_token, person, now);
        if let Some(token) = &prepared.opaque {
            let claims = serde_json::to_string(&prepared.claims).map_err(Internal::other)?;
            let expires_at = Timestamp::from_seconds(prepared.claims.exp);
            tokens::insert_opaque(tx, token.digest(), &claims, expires_at).await?;
        }
        Ok(prepared)
    }

    /// As [`Tessera::prepare`], for a client whose access tokens are JWTs.
    pub(super) fn prepare_jwt(
        &self,
        client: &Client,
        issuance: Issuance,
        refresh_token: Option<Secret<String>>,
        person: Option<User>,
        now: Timestamp,
    ) -> Prepared {
        let jti = URL_SAFE_NO_PAD.encode(self.entropy.bytes::<16>());
        let lifetime = self.config.tokens.access_token_lifetime;
        let claims = AccessTokenClaims::new(&issuance, self.issuer(), jti, lifetime, now);
        let opaque = (client.metadata.access_token_format == AccessTokenFormat::Opaque)
            .then(|| Secret::new(format!("{OPAQUE_PREFIX}{}", self.entropy.token().expose())));
        Prepared {
            issuance,
            claims,
            opaque,
            refresh_token,
            person,
        }
    }

    /// Signs.
    ///
    /// # Errors
    /// If no key of the algorithm is active.
    pub fn sign(&self, client: &Client, prepared: Prepared) -> Result<TokenResponse, Internal> {
        let keys = self.keys.current()?;
        let access_token = if let Some(token) = prepared.opaque {
            token.expose().clone()
        } else {
            let alg = client
                .metadata
                .access_token_signed_response_alg
                .unwrap_or_else(|| self.default_alg());
            let key = keys
                .active(alg)
                .ok_or_else(|| Internal::other(format!("no active key for {alg}")))?;
            key.sign("at+jwt", &prepared.claims)?
        };
        let id_token = match prepared.issuance.grant() {
            Some(grant) if prepared.issuance.with_id_token() => {
                let alg = client.metadata.id_token_signed_response_alg;
                let key = keys
                    .active(alg)
                    .ok_or_else(|| Internal::other(format!("no active key for {alg}")))?;
                let person = match &prepared.person {
                    Some(user) if client.metadata.claims_in_id_token => {
                        claims::released(&claims_of(user), prepared.issuance.scope())
                    }
                    _ => Map::new(),
                };
                let claims = IdTokenClaims::new(
                    &prepared.issuance,
                    grant,
                    self.issuer(),
                    &access_token,
                    person,
                    self.config.tokens.id_token_lifetime,
                    self.now(),
                );
                Some(key.sign("JWT", &claims)?)
            }
            _ => None,
        };
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer",
            expires_in: self.config.tokens.access_token_lifetime.as_secs(),
            refresh_token: prepared.refresh_token.map(|token| token.expose().clone()),
            id_token,
            scope: prepared.claims.scope,
        })
    }

    fn default_alg(&self) -> crate::crypto::jose::SigningAlgorithm {
        use crate::config::SigningAlg;
        use crate::crypto::jose::SigningAlgorithm as Alg;
        match self.config.tokens.default_signing_alg {
            SigningAlg::Rs256 => Alg::RS256,
            SigningAlg::Es256 => Alg::ES256,
            SigningAlg::Ps256 => Alg::PS256,
            SigningAlg::EdDsa => Alg::EdDSA,
        }
    }
}

/// Everything that is known of a person, by claim name (OpenID Connect Core §5.1).
#[must_use]
pub fn claims_of(user: &User) -> Map<String, Value> {
    let mut claims = user.profile.0.clone();
    claims.insert(
        "preferred_username".to_owned(),
        user.username.clone().into(),
    );
    claims.insert("email".to_owned(), user.email.clone().into());
    claims.insert("email_verified".to_owned(), user.email_verified.into());
    claims.insert("updated_at".to_owned(), user.updated_at.seconds().into());
    claims
}
