//! From the body of a registration request to metadata that may be stored.

use super::{Outcome, Tessera};
use crate::protocol::client::{Client, ClientMetadata};
use crate::protocol::client_auth::check_secret;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::grant::GrantType;
use crate::protocol::registration::{Members, Policy, check_replacement, read_members};

/// A request that may be granted.
pub(super) struct Request {
    /// What will be registered.
    pub(super) metadata: ClientMetadata,
    /// The client presented a secret that is not its newest: it never got that.
    pub(super) has_old_secret: bool,
}

impl Tessera {
    /// From the body of a request to metadata that may be stored; `old` is the client that replaces its
    /// own.
    pub(super) async fn read_registration(
        &self,
        body: &[u8],
        old: Option<&Client>,
    ) -> Outcome<Request> {
        let (members, has_old_secret) = match self.read_own(body, old) {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let accepted = old.and_then(|old| old.metadata.software_statement.as_deref());
        let members = match self.apply_statement(members, accepted).await? {
            Ok(members) => members,
            Err(error) => return Ok(Err(error)),
        };
        let metadata = match self.registration_policy().read(members) {
            Ok(metadata) => metadata,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = self.check_sector(&metadata).await {
            return Ok(Err(error));
        }
        let metadata = match old {
            Some(old) => metadata.with_privileges_of(&old.metadata),
            None => metadata,
        };
        Ok(Ok(Request {
            metadata,
            has_old_secret,
        }))
    }

    /// The members, and whether the client presented a secret that is not its newest.
    fn read_own(&self, body: &[u8], old: Option<&Client>) -> Result<(Members, bool), OAuthError> {
        let mut members = read_members(body)?;
        let Some(old) = old else {
            return Ok((members, false));
        };
        let Some(secret) = check_replacement(&mut members, &old.id)? else {
            return Ok((members, false));
        };
        // RFC 7592 §2.2: "If the client includes the "client_secret" field in the request, the value of
        // this field MUST match the currently issued client secret for that client. The client MUST NOT
        // be allowed to overwrite its existing client secret with its own chosen value."
        match check_secret(old, &secret, self.now()) {
            Some(proof) => {
                let newest = old.secrets.first().map(|secret| secret.id);
                Ok((members, newest != Some(proof.secret_id())))
            }
            None => Err(OAuthError::new(
                ErrorCode::InvalidClientMetadata,
                "client_secret: must be the one of this client",
            )),
        }
    }

    fn registration_policy(&self) -> Policy {
        let config = &self.config.registration;
        let front_channel = self.config.protocol.front_channel_tokens;
        let open = |grant: &GrantType| {
            let named = config
                .grant_types
                .iter()
                .any(|open| open.as_str() == grant.as_str());
            named && (*grant != GrantType::Implicit || front_channel)
        };
        let algorithms = self.config.keys.algorithms.iter();
        Policy {
            unsigned_id_tokens: self.config.protocol.unsigned_id_tokens,
            unsigned_requests: self.config.protocol.takes_unsigned_request_objects(),
            scopes: config.scopes.clone(),
            grant_types: GrantType::ALL.into_iter().filter(open).collect(),
            signing_algs: algorithms
                .filter_map(|alg| alg.as_str().parse().ok())
                .collect(),
        }
    }
}
