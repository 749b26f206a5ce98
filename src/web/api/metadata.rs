//! Client metadata as the API describes it: the members of [`ClientMetadata`], which reads and checks them.
//!
//! [`ClientMetadata`]: crate::protocol::client::ClientMetadata

use serde::Serialize;
use utoipa::ToSchema;

/// RFC 7591 §2, and what Tessera adds to it. `null` is as good as absent. Names for people may come in
/// languages: `client_name#de`.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = ClientMetadata)]
pub struct Metadata {
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
    pub contacts: Option<Vec<String>>,
    /// RFC 7591 §2: which software this is.
    pub software_id: Option<String>,
    /// RFC 7591 §2: and which version.
    pub software_version: Option<String>,
    /// `web` or `native`.
    pub application_type: Option<String>,
    /// Byte-exact redirect URIs (RFC 9700 §2.1); loopback ones of native clients match any port.
    pub redirect_uris: Option<Vec<String>>,
    /// RP-Initiated Logout §2.1.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Which grants it may use; `authorization_code` if silent.
    pub grant_types: Option<Vec<String>>,
    /// Only `code` so far.
    pub response_types: Option<Vec<String>>,
    /// Every scope that it may ask for.
    pub scope: Option<String>,
    /// How it proves itself; `client_secret_basic` if silent.
    pub token_endpoint_auth_method: Option<String>,
    /// The one algorithm of its assertions; any fitting one if silent.
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Its public keys, by value. Excludes `jwks_uri`.
    pub jwks: Option<serde_json::Map<String, serde_json::Value>>,
    /// Its public keys, by reference.
    pub jwks_uri: Option<String>,
    /// Signs its ID tokens. OpenID Connect Registration §2: RS256 if silent.
    pub id_token_signed_response_alg: Option<String>,
    /// Signs its access tokens; the server's `tokens.default_signing_alg` if silent.
    pub access_token_signed_response_alg: Option<String>,
    /// JWT or opaque access tokens.
    pub access_token_format: Option<String>,
    /// The resource identifiers (RFC 8707) that it may ask tokens for.
    pub resources: Option<Vec<String>>,
    /// The resource identifiers that it *is*: it may introspect tokens meant for them.
    pub resource_identifiers: Option<Vec<String>>,
    /// Browser origins that may read the token, userinfo and revocation endpoints (CORS).
    pub allowed_origins: Option<Vec<String>>,
    /// PKCE demanded of a confidential client too. A public client must always use it.
    pub require_pkce: Option<bool>,
    /// First-party: people are not asked for consent.
    pub skip_consent: Option<bool>,
    /// Scope claims also go into the ID token, for clients that read only that.
    pub claims_in_id_token: Option<bool>,
    /// OpenID Connect Registration §2, seconds: used where the request has no `max_age`.
    pub default_max_age: Option<u32>,
    /// OpenID Connect Registration §2.
    pub require_auth_time: Option<bool>,
    /// OpenID Connect Registration §2: used where the request has no `acr_values`.
    pub default_acr_values: Option<Vec<String>>,
    /// The least level of assurance, whatever a request says.
    pub minimum_acr: Option<String>,
    /// OpenID Connect Registration §2: where a third party may begin a login.
    pub initiate_login_uri: Option<String>,
    /// `public` or `pairwise`.
    pub subject_type: Option<String>,
    /// OpenID Connect Registration §5: a JSON array of every redirect URI of the sector.
    pub sector_identifier_uri: Option<String>,
    /// Encrypts its ID tokens (JWE `alg`).
    pub id_token_encrypted_response_alg: Option<String>,
    /// The content encryption of its ID tokens (JWE `enc`); set wherever `alg` is.
    pub id_token_encrypted_response_enc: Option<String>,
    /// Signs its userinfo; plain JSON if silent.
    pub userinfo_signed_response_alg: Option<String>,
    /// Encrypts its userinfo (JWE `alg`).
    pub userinfo_encrypted_response_alg: Option<String>,
    /// The content encryption of its userinfo (JWE `enc`); set wherever `alg` is.
    pub userinfo_encrypted_response_enc: Option<String>,
    /// The only algorithm that may sign its request objects; any if silent.
    pub request_object_signing_alg: Option<String>,
    /// RFC 9101 §10.5: its requests come in signed request objects, or not at all.
    pub require_signed_request_object: Option<bool>,
    /// What it may encrypt its request objects with (JWE `alg`).
    pub request_object_encryption_alg: Option<String>,
    /// The content encryption of its request objects (JWE `enc`); set wherever `alg` is.
    pub request_object_encryption_enc: Option<String>,
    /// OpenID Connect Core §6.2: where its request objects may lie.
    pub request_uris: Option<Vec<String>>,
    /// RFC 9701 §6: signs its introspection answers; plain JSON if silent.
    pub introspection_signed_response_alg: Option<String>,
    /// RFC 9701 §6: encrypts its introspection answers (JWE `alg`).
    pub introspection_encrypted_response_alg: Option<String>,
    /// RFC 9701 §6: the content encryption of them (JWE `enc`); set wherever `alg` is.
    pub introspection_encrypted_response_enc: Option<String>,
    /// Front-Channel Logout §2.
    pub frontchannel_logout_uri: Option<String>,
    /// Front-Channel Logout §2: it wants `iss` and `sid`.
    pub frontchannel_logout_session_required: Option<bool>,
    /// Back-Channel Logout §2.2.
    pub backchannel_logout_uri: Option<String>,
    /// Back-Channel Logout §2.2: it wants `sid`.
    pub backchannel_logout_session_required: Option<bool>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::Metadata;
    use crate::protocol::client::ClientMetadata;

    fn names(of: &impl serde::Serialize) -> BTreeSet<String> {
        match serde_json::to_value(of).unwrap() {
            Value::Object(members) => members.into_iter().map(|(name, _)| name).collect(),
            _ => BTreeSet::new(),
        }
    }

    #[test]
    fn the_description_has_the_members_that_are_read() {
        let mut read = names(&ClientMetadata::default());
        read.remove("software_statement");
        assert_eq!(names(&Metadata::default()), read);
    }
}
