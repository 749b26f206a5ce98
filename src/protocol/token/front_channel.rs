//! Tokens that leave from the authorization endpoint (RFC 6749 §4.2, OpenID Connect Core §3.2, §3.3),
//! for deployments and clients that switched them on.

use super::{Issuance, audience};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::Grant;

/// What a granted request may be answered with besides a code. No refresh token ever: RFC 6749
/// §4.2.2: "The authorization server MUST NOT issue a refresh token."
///
/// # Errors
/// `invalid_target`: never for the grant of this very request.
pub fn decide(
    request: &AuthorizationRequest,
    grant: &Grant,
    issuer: &str,
) -> Result<Issuance, OAuthError> {
    Ok(Issuance {
        client_id: grant.client_id.clone(),
        scope: grant.scope.clone(),
        audience: audience(&[], &grant.resources, issuer)?,
        nonce: request.nonce().map(str::to_owned),
        with_refresh_token: false,
        with_id_token: request.response_type().has_id_token(),
        grant: Some(grant.clone()),
    })
}
