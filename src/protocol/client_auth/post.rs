//! `client_secret_post` (RFC 6749 §2.3.1).

use crate::base::Secret;
use crate::protocol::client::ClientId;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;

use super::ClaimedClient;

/// Takes the claim of `client_secret`, if there is one.
pub(super) fn claim(params: &Params) -> Result<Option<ClaimedClient>, OAuthError> {
    let Some(secret) = params.get("client_secret") else {
        return Ok(None);
    };
    // RFC 6749 §2.3.1: "client_id: REQUIRED. [...] client_secret: REQUIRED."
    Ok(Some(ClaimedClient::Post {
        client_id: ClientId::new(params.require("client_id")?),
        secret: Secret::new(secret.to_owned()),
    }))
}
