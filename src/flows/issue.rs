//! Makes tokens of an [`Issuance`]. The transaction that allowed it is committed before: no token
//! leaves without its record, and no signature is computed while others wait for the writer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::custom_claims::Known;
use super::{Internal, Tessera};
use crate::base::{Secret, Timestamp};
use crate::crypto::jose::{Recipient, SigningAlgorithm, SigningKey, unsecured_jwt};
use crate::protocol::claims;
use crate::protocol::client::{AccessTokenFormat, Client};
use crate::protocol::custom_claims::{Occasion, Place};
use crate::protocol::grant::Grant;
use crate::protocol::or_none::IdTokenAlg;
use crate::protocol::resource_server::ResourceServers;
use crate::protocol::token::access_token::AccessTokenClaims;
use crate::protocol::token::id_token::{Companions, IdTokenClaims, Person};
use crate::protocol::token::{Issuance, Recipients};
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

impl TokenResponse {
    /// The access token, as it is sent.
    #[must_use]
    pub(super) fn access_token(&self) -> &str {
        &self.access_token
    }

    /// What it allows.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ')
    }
}

/// What the transaction prepared: everything but the signatures.
pub struct Prepared {
    issuance: Issuance,
    claims: AccessTokenClaims,
    opaque: Option<Secret<String>>,
    refresh_token: Option<Secret<String>>,
    person: Option<Known>,
}

impl Prepared {
    /// What the access token allows where it is for.
    #[must_use]
    pub fn access_token_scope(&self) -> &str {
        &self.claims.scope
    }

    /// For how many seconds the access token works (RFC 6749 §5.1).
    #[must_use]
    pub fn expires_in(&self) -> u64 {
        u64::try_from(self.claims.exp - self.claims.iat).unwrap_or_default()
    }

    /// The name of the access token, for the record.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.claims.jti
    }
}

/// Which claims about a person an ID token carries besides those asked for one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeClaims {
    /// OpenID Connect Core §5.4: they "are returned from the UserInfo Endpoint", unless the client is
    /// registered to have them here as well.
    AtUserinfo,
    /// §5.4: "when no Access Token is issued (which is the case for the response_type value id_token),
    /// the resulting Claims are returned in the ID Token."
    Here,
}

impl Tessera {
    /// Whom tokens may be for.
    pub(super) fn recipients<'a>(&'a self, servers: &'a ResourceServers) -> Recipients<'a> {
        Recipients {
            issuer: self.issuer(),
            servers,
        }
    }

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
        person: Option<Known>,
        now: Timestamp,
    ) -> Result<Prepared, Internal> {
        let issuance = self.within_roles(tx, issuance, now).await?;
        let prepared = self.prepare_jwt(client, issuance, refresh_token, person, now)?;
        if let Some(token) = &prepared.opaque {
            let claims = serde_json::to_string(&prepared.claims).map_err(Internal::other)?;
            let expires_at = Timestamp::from_seconds(prepared.claims.exp);
            tokens::insert_opaque(tx, token.digest(), &claims, expires_at).await?;
        }
        Ok(prepared)
    }

    /// As [`Tessera::prepare`], for a client whose access tokens are JWTs. Whoever calls it for such a token
    /// asks [`Tessera::within_roles`] before.
    pub(super) fn prepare_jwt(
        &self,
        client: &Client,
        issuance: Issuance,
        refresh_token: Option<Secret<String>>,
        person: Option<Known>,
        now: Timestamp,
    ) -> Result<Prepared, Internal> {
        let jti = URL_SAFE_NO_PAD.encode(self.entropy.bytes::<16>());
        let terms = issuance.target().terms();
        let lifetime = terms.lifetime(self.config.tokens.access_token_lifetime);
        let format = access_token_format(client, &issuance);
        // RFC 9068 §2.2: "sub [...] In case of access tokens obtained through grants where no resource
        // owner is involved, [...] the value of "sub" SHOULD correspond to an identifier the
        // authorization server uses to indicate the client application."
        let names = match issuance.grant() {
            Some(grant) => (
                self.subject(client, grant.user_id)?,
                self.sid_of(client, grant)?,
            ),
            None => (client.id.to_string(), None),
        };
        let occasion = Occasion {
            place: Place::AccessToken,
            client: &client.id,
            scope: issuance.target().scope(),
        };
        let own = self.own_claims(occasion, std::iter::empty(), person.as_ref());
        let issuer = self.issuer();
        let claims = AccessTokenClaims::new(&issuance, names, issuer, (jti, own), lifetime, now);
        let opaque = (format == AccessTokenFormat::Opaque)
            .then(|| Secret::new(format!("{OPAQUE_PREFIX}{}", self.entropy.token().expose())));
        Ok(Prepared {
            issuance,
            claims,
            opaque,
            refresh_token,
            person,
        })
    }

    /// Signs the answer of the token endpoint; its ID token is encrypted to `recipient`.
    ///
    /// # Errors
    /// If no key of the algorithm is active.
    pub fn sign(
        &self,
        client: &Client,
        prepared: Prepared,
        recipient: Option<&Recipient>,
    ) -> Result<TokenResponse, Internal> {
        let access_token = self.sign_access_token(client, &prepared)?;
        let companions = Companions {
            access_token: Some(&access_token),
            code: None,
        };
        let id_token = if prepared.issuance.with_id_token() {
            let scope_claims = ScopeClaims::AtUserinfo;
            Some(self.sign_id_token(client, &prepared, companions, scope_claims, recipient)?)
        } else {
            None
        };
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer",
            expires_in: prepared.expires_in(),
            refresh_token: prepared.refresh_token.map(|token| token.expose().clone()),
            id_token,
            scope: prepared.claims.scope,
        })
    }

    /// The access token as it is sent.
    ///
    /// # Errors
    /// If no key of the algorithm is active.
    pub(super) fn sign_access_token(
        &self,
        client: &Client,
        prepared: &Prepared,
    ) -> Result<String, Internal> {
        if let Some(token) = &prepared.opaque {
            return Ok(token.expose().clone());
        }
        // What the resource server can verify counts for more than what the client would like.
        let terms = prepared.issuance.target().terms();
        let alg = terms
            .alg
            .or(client.metadata.access_token_signed_response_alg)
            .unwrap_or_else(|| self.default_alg());
        Ok(self.signing_key(alg)?.sign("at+jwt", &prepared.claims)?)
    }

    /// The ID token that goes along with `companions`, signed, and then encrypted where the client
    /// registered that (OpenID Connect Core §2: "signed then encrypted").
    ///
    /// # Errors
    /// If no key of the algorithm is active.
    pub(super) fn sign_id_token(
        &self,
        client: &Client,
        prepared: &Prepared,
        companions: Companions<'_>,
        scope_claims: ScopeClaims,
        recipient: Option<&Recipient>,
    ) -> Result<String, Internal> {
        let (Some(grant), Some(known)) = (prepared.issuance.grant(), &prepared.person) else {
            return Err(Internal::other("an ID token about nobody"));
        };
        let all = claims_of(&known.user);
        let wished = &grant.claims.locales;
        let mut claims = claims::requested(&all, grant.claims.id_token.keys(), wished);
        if scope_claims == ScopeClaims::Here || client.metadata.claims_in_id_token {
            claims.extend(claims::released(&all, prepared.issuance.scope(), wished));
        }
        let occasion = Occasion {
            place: Place::IdToken,
            client: &client.id,
            scope: prepared.issuance.scope(),
        };
        claims.extend(self.own_claims(occasion, grant.claims.id_token.keys(), Some(known)));
        let person = Person {
            sub: self.subject(client, grant.user_id)?,
            sid: self.sid_of(client, grant)?,
            claims,
        };
        let alg = client.metadata.id_token_signed_response_alg;
        let claims = IdTokenClaims::new(
            &prepared.issuance,
            grant,
            self.issuer(),
            person,
            (companions, alg),
            self.config.tokens.id_token_lifetime,
            self.now(),
        );
        let jwt = match alg {
            IdTokenAlg::Signed(alg) => self.signing_key(alg)?.sign("JWT", &claims)?,
            IdTokenAlg::None => unsecured_jwt(&claims)?,
        };
        Ok(match recipient {
            Some(recipient) => recipient.encrypt_jwt(&jwt)?,
            None => jwt,
        })
    }

    fn sid_of(&self, client: &Client, grant: &Grant) -> Result<Option<String>, Internal> {
        let session = grant.session_id;
        session.map(|session| self.sid(client, session)).transpose()
    }

    /// The active key of an algorithm.
    ///
    /// # Errors
    /// If there is none: no key set was loaded, or the algorithm was taken out of `keys.algorithms`.
    pub(super) fn signing_key(&self, alg: SigningAlgorithm) -> Result<Arc<SigningKey>, Internal> {
        let keys = self.keys.current()?;
        keys.active(alg)
            .cloned()
            .ok_or_else(|| Internal::other(format!("no active key for {alg}")))
    }

    fn default_alg(&self) -> SigningAlgorithm {
        use crate::config::SigningAlg;
        match self.config.tokens.default_signing_alg {
            SigningAlg::Rs256 => SigningAlgorithm::RS256,
            SigningAlg::Es256 => SigningAlgorithm::ES256,
            SigningAlg::Ps256 => SigningAlgorithm::PS256,
            SigningAlg::EdDsa => SigningAlgorithm::EdDSA,
        }
    }
}

/// What the access token looks like: as the resource server says, or as the client does.
pub(super) fn access_token_format(client: &Client, issuance: &Issuance) -> AccessTokenFormat {
    let terms = issuance.target().terms();
    terms.format.unwrap_or(client.metadata.access_token_format)
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
