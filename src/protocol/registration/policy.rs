//! What a client may ask for that registers itself.

use serde_json::{Value, json};

use super::{Members, metadata_error};
use crate::crypto::jose::SigningAlgorithm;
use crate::protocol::client::ClientMetadata;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::GrantType;
use crate::protocol::or_none::{IdTokenAlg, RequestObjectAlg};

/// The limits of this installation.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Every scope that may be registered; a client that names none gets them all.
    pub scopes: Vec<String>,
    /// Every grant type that may be registered.
    pub grant_types: Vec<GrantType>,
    /// The algorithms for which there are keys.
    pub signing_algs: Vec<SigningAlgorithm>,
    /// Whether ID tokens may be unsigned.
    pub unsigned_id_tokens: bool,
    /// Whether request objects may be unsigned.
    pub unsigned_requests: bool,
}

impl Policy {
    /// Reads the metadata of a stranger within the limits.
    ///
    /// # Errors
    /// As [`ClientMetadata::parse`], and `invalid_client_metadata` for what the policy does not allow.
    pub fn read(&self, mut members: Members) -> Result<ClientMetadata, OAuthError> {
        let named = members.get("scope").is_some_and(|scope| *scope != "");
        // RFC 7591 §2: "If omitted, an authorization server MAY register a client with a default set
        // of scopes." A machine must say what it wants.
        if !named && signs_people_in(&members) {
            members.insert("scope".to_owned(), json!(self.scopes.join(" ")));
        }
        let metadata = ClientMetadata::from_members(members)?;
        self.check(&metadata)?;
        Ok(metadata)
    }

    fn check(&self, metadata: &ClientMetadata) -> Result<(), OAuthError> {
        let grants = &metadata.grant_types;
        if let Some(grant) = grants.iter().find(|g| !self.grant_types.contains(g)) {
            let name = grant.as_str();
            return Err(metadata_error(format!(
                "grant_types: {name} is not open to registration"
            )));
        }
        let mut scopes = metadata.scope.iter();
        if let Some(scope) = scopes.find(|scope| !self.scopes.iter().any(|s| s == scope)) {
            return Err(metadata_error(format!(
                "scope: {scope} is not open to registration"
            )));
        }
        let id_token_alg = metadata.id_token_signed_response_alg;
        if id_token_alg == IdTokenAlg::None && !self.unsigned_id_tokens {
            return Err(metadata_error(
                "id_token_signed_response_alg: none is switched off here",
            ));
        }
        // RFC 9101 §10.5: its objects would all be refused.
        if metadata.request_object_signing_alg == Some(RequestObjectAlg::None)
            && !self.unsigned_requests
        {
            return Err(metadata_error(
                "request_object_signing_alg: none is switched off here",
            ));
        }
        for (name, alg) in [
            ("id_token_signed_response_alg", id_token_alg.signed()),
            (
                "access_token_signed_response_alg",
                metadata.access_token_signed_response_alg,
            ),
            (
                "userinfo_signed_response_alg",
                metadata.userinfo_signed_response_alg,
            ),
            (
                "introspection_signed_response_alg",
                metadata.introspection_signed_response_alg,
            ),
        ] {
            if alg.is_some_and(|alg| !self.signing_algs.contains(&alg)) {
                return Err(metadata_error(format!(
                    "{name}: this server has no key for it"
                )));
            }
        }
        Ok(())
    }
}

/// RFC 7591 §2: "If omitted, the default behavior is that the client will use only the
/// "authorization_code" Grant Type."
fn signs_people_in(members: &Members) -> bool {
    members.get("grant_types").is_none_or(|grants| {
        let mut people = GrantType::ALL
            .into_iter()
            .filter(|grant| grant.signs_people_in());
        grants
            .as_array()
            .is_some_and(|grants| people.any(|grant| grants.contains(&Value::from(grant.as_str()))))
    })
}
