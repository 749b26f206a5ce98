//! A registered client: RFC 7591 §2 metadata, plus what Tessera adds to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::grant::GrantType;
use super::or_none::{IdTokenAlg, RequestObjectAlg};
use super::scope::Scope;
use crate::base::ids::OrganisationId;
use crate::base::{Digest, Timestamp};
use crate::crypto::jose::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, SigningAlgorithm};

/// A client identifier (RFC 6749 §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// Takes an identifier that the registry gave out or a request named.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a client proves itself at the token endpoint (OpenID Connect Core §9, RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1)
    ClientSecretBasic,
    /// In the form (RFC 6749 §2.3.1)
    ClientSecretPost,
    /// An HMAC assertion (RFC 7523 §2.2)
    ClientSecretJwt,
    /// A signed assertion (RFC 7523 §2.2)
    PrivateKeyJwt,
    /// A public client (RFC 6749 §2.1)
    None,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 5] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether a client goes on with its secrets where it changes from this to `other`: in the header or in
    /// the body, a secret is the same.
    #[must_use]
    pub fn shares_secrets_with(self, other: Self) -> bool {
        let plain = |method| matches!(method, Self::ClientSecretBasic | Self::ClientSecretPost);
        self == other || plain(self) && plain(other)
    }

    /// Whether it rests on a shared secret.
    #[must_use]
    pub const fn has_secret(self) -> bool {
        matches!(
            self,
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt
        )
    }
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// RFC 9068
    #[default]
    Jwt,
    /// A random string that only introspection understands
    Opaque,
}

/// OpenID Connect Registration §2 `application_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// Runs on a server or in a browser: https redirect URIs (http only on loopback).
    #[default]
    Web,
    /// Runs on a device: private-use schemes and loopback redirects (RFC 8252).
    Native,
}

/// OpenID Connect Core §8: how a client's subject identifiers are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The same `sub` at every client.
    #[default]
    Public,
    /// Another `sub` for each sector.
    Pairwise,
}

/// Client metadata as validated by [`ClientMetadata::parse`]; the members have their RFC 7591 names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientMetadata {
    /// Shown to people. RFC 7591 §2.
    pub client_name: Option<String>,
    /// The client's home page, linked on the consent page.
    pub client_uri: Option<String>,
    /// An https image, shown on the consent page after we fetched it.
    pub logo_uri: Option<String>,
    /// Privacy policy.
    pub policy_uri: Option<String>,
    /// Terms of service.
    pub tos_uri: Option<String>,
    /// Who to write to.
    pub contacts: Vec<String>,
    /// RFC 7591 §2: which software this is.
    pub software_id: Option<String>,
    /// RFC 7591 §2: and which version.
    pub software_version: Option<String>,
    /// `web` or `native`.
    pub application_type: ApplicationType,
    /// Byte-exact redirect URIs (RFC 9700 §2.1); loopback ones of native clients match any port.
    pub redirect_uris: Vec<String>,
    /// RP-Initiated Logout §2.1.
    pub post_logout_redirect_uris: Vec<String>,
    /// Which grants it may use; `authorization_code` if silent.
    pub grant_types: Vec<GrantType>,
    /// Only `code` so far.
    pub response_types: Vec<String>,
    /// Every scope that it may ask for.
    pub scope: Scope,
    /// How it proves itself; `client_secret_basic` if silent.
    pub token_endpoint_auth_method: AuthMethod,
    /// The one algorithm of its assertions; any fitting one if silent.
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Its public keys, by value. Excludes `jwks_uri`.
    pub jwks: Option<Value>,
    /// Its public keys, by reference.
    pub jwks_uri: Option<String>,
    /// Signs its ID tokens. OpenID Connect Registration §2: RS256 if silent.
    pub id_token_signed_response_alg: IdTokenAlg,
    /// Signs its access tokens; the server's `tokens.default_signing_alg` if silent.
    pub access_token_signed_response_alg: Option<SigningAlgorithm>,
    /// JWT or opaque access tokens.
    pub access_token_format: AccessTokenFormat,
    /// The resource identifiers (RFC 8707) that it may ask tokens for.
    pub resources: Vec<String>,
    /// The resource identifiers that it *is*: it may introspect tokens meant for them.
    pub resource_identifiers: Vec<String>,
    /// Browser origins that may read the token, userinfo and revocation endpoints (CORS).
    pub allowed_origins: Vec<String>,
    /// PKCE demanded of a confidential client too. A public client must always use it.
    pub require_pkce: bool,
    /// First-party: people are not asked for consent.
    pub skip_consent: bool,
    /// Scope claims also go into the ID token, for clients that read only that.
    pub claims_in_id_token: bool,
    /// OpenID Connect Registration §2, seconds: used where the request has no `max_age`.
    pub default_max_age: Option<u32>,
    /// OpenID Connect Registration §2.
    pub require_auth_time: bool,
    /// OpenID Connect Registration §2: used where the request has no `acr_values`.
    pub default_acr_values: Vec<String>,
    /// The least level of assurance, whatever a request says.
    pub minimum_acr: Option<String>,
    /// OpenID Connect Registration §2: where a third party may begin a login.
    pub initiate_login_uri: Option<String>,
    /// `public` or `pairwise`.
    pub subject_type: SubjectType,
    /// OpenID Connect Registration §5: a JSON array of every redirect URI of the sector.
    pub sector_identifier_uri: Option<String>,
    /// Encrypts its ID tokens (JWE `alg`).
    pub id_token_encrypted_response_alg: Option<KeyManagementAlgorithm>,
    /// The content encryption of its ID tokens (JWE `enc`); set wherever `alg` is.
    pub id_token_encrypted_response_enc: Option<ContentEncryptionAlgorithm>,
    /// Signs its userinfo; plain JSON if silent.
    pub userinfo_signed_response_alg: Option<SigningAlgorithm>,
    /// Encrypts its userinfo (JWE `alg`).
    pub userinfo_encrypted_response_alg: Option<KeyManagementAlgorithm>,
    /// The content encryption of its userinfo (JWE `enc`); set wherever `alg` is.
    pub userinfo_encrypted_response_enc: Option<ContentEncryptionAlgorithm>,
    /// The only algorithm that may sign its request objects; any if silent.
    pub request_object_signing_alg: Option<RequestObjectAlg>,
    /// RFC 9101 §10.5: its requests come in signed request objects, or not at all.
    pub require_signed_request_object: bool,
    /// What it may encrypt its request objects with (JWE `alg`).
    pub request_object_encryption_alg: Option<KeyManagementAlgorithm>,
    /// The content encryption of its request objects (JWE `enc`); set wherever `alg` is.
    pub request_object_encryption_enc: Option<ContentEncryptionAlgorithm>,
    /// OpenID Connect Core §6.2: where its request objects may lie.
    pub request_uris: Vec<String>,
    /// RFC 9701 §6: signs its introspection answers; plain JSON if silent.
    pub introspection_signed_response_alg: Option<SigningAlgorithm>,
    /// RFC 9701 §6: encrypts its introspection answers (JWE `alg`).
    pub introspection_encrypted_response_alg: Option<KeyManagementAlgorithm>,
    /// RFC 9701 §6: the content encryption of them (JWE `enc`); set wherever `alg` is.
    pub introspection_encrypted_response_enc: Option<ContentEncryptionAlgorithm>,
    /// Front-Channel Logout §2.
    pub frontchannel_logout_uri: Option<String>,
    /// Front-Channel Logout §2: it wants `iss` and `sid`.
    pub frontchannel_logout_session_required: bool,
    /// Back-Channel Logout §2.2.
    pub backchannel_logout_uri: Option<String>,
    /// Back-Channel Logout §2.2: it wants `sid`.
    pub backchannel_logout_session_required: bool,
    /// RFC 7591 §2.3, as it was sent: "its value MUST be returned unmodified in the response".
    pub software_statement: Option<String>,
    /// RFC 7591 §2.2: values in a language, by their whole name (`client_name#ja-Jpan-JP`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub localized: BTreeMap<String, String>,
}

impl Default for ClientMetadata {
    fn default() -> Self {
        Self {
            client_name: None,
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            software_id: None,
            software_version: None,
            application_type: ApplicationType::Web,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode],
            response_types: vec!["code".to_owned()],
            scope: Scope::default(),
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            token_endpoint_auth_signing_alg: None,
            jwks: None,
            jwks_uri: None,
            id_token_signed_response_alg: IdTokenAlg::Signed(SigningAlgorithm::RS256),
            access_token_signed_response_alg: None,
            access_token_format: AccessTokenFormat::Jwt,
            resources: Vec::new(),
            resource_identifiers: Vec::new(),
            allowed_origins: Vec::new(),
            require_pkce: false,
            skip_consent: false,
            claims_in_id_token: false,
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            minimum_acr: None,
            initiate_login_uri: None,
            subject_type: SubjectType::Public,
            sector_identifier_uri: None,
            id_token_encrypted_response_alg: None,
            id_token_encrypted_response_enc: None,
            userinfo_signed_response_alg: None,
            userinfo_encrypted_response_alg: None,
            userinfo_encrypted_response_enc: None,
            request_object_signing_alg: None,
            require_signed_request_object: false,
            request_object_encryption_alg: None,
            request_object_encryption_enc: None,
            request_uris: Vec::new(),
            introspection_signed_response_alg: None,
            introspection_encrypted_response_alg: None,
            introspection_encrypted_response_enc: None,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            software_statement: None,
            localized: BTreeMap::new(),
        }
    }
}

/// One of a client's secrets as it is kept. A client has several while it rotates them.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    /// Names the secret, not its value.
    pub id: uuid::Uuid,
    /// SHA-256 of the secret.
    pub digest: Digest,
    /// The secret sealed under the master key; only for `client_secret_jwt`, whose HMAC needs it.
    pub sealed: Option<String>,
    /// When it stops to work; `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// A registered client as the registry holds it.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub id: ClientId,
    /// What it registered.
    pub metadata: ClientMetadata,
    /// Its secrets, newest first.
    pub secrets: Vec<ClientSecret>,
    /// A disabled client is answered as if it did not exist.
    pub disabled: bool,
    /// It registered itself and nobody approved of that: registration is open to strangers.
    pub by_stranger: bool,
    /// The organisation that it belongs to; `None`: the deployment.
    pub organisation: Option<OrganisationId>,
    /// How often it was written: what `If-Match` compares.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Client {
    /// Whether people of this organisation may use it: a client of an organisation is for its people alone,
    /// and one of the deployment for everybody.
    #[must_use]
    pub fn admits(&self, organisation: Option<OrganisationId>) -> bool {
        self.organisation.is_none() || self.organisation == organisation
    }

    /// The name for people: `client_name`, or the identifier where there is none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.metadata
            .client_name
            .as_deref()
            .unwrap_or(self.id.as_str())
    }

    /// RFC 6749 §2.1: a client that cannot keep a secret.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.metadata.token_endpoint_auth_method == AuthMethod::None
    }

    /// Where a person begins at this client a login here. OpenID Connect Core §4: "iss: REQUIRED. Issuer
    /// Identifier for the OP that the RP is to send the Authentication Request to."
    #[must_use]
    pub fn login_link(&self, issuer: &str) -> Option<String> {
        let mut url = Url::parse(self.metadata.initiate_login_uri.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("iss", issuer);
        Some(url.into())
    }

    /// Whether it is registered for a grant type.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.metadata.grant_types.contains(&grant)
    }
}
