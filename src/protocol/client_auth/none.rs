//! `none`: a public client names itself and proves nothing (RFC 6749 §3.2.1).

use crate::protocol::client::ClientId;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;

use super::ClaimedClient;

/// Takes the claim of a bare `client_id`.
pub(super) fn claim(params: &Params) -> Result<ClaimedClient, OAuthError> {
    // RFC 6749 §5.2: "invalid_client: Client authentication failed (e.g., unknown client, no client
    // authentication included, or unsupported authentication method)."
    params
        .get("client_id")
        .map(|id| ClaimedClient::None {
            client_id: ClientId::new(id),
        })
        .ok_or_else(OAuthError::invalid_client)
}
