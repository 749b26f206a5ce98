//! Tokens that leave from the authorization endpoint (RFC 6749 §4.2, OpenID Connect Core §3.2, §3.3),
//! for deployments and clients that switched them on.

use super::{Issuance, Recipients, target};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::Grant;

/// What a granted request may be answered with besides a code. No refresh token ever: RFC 6749
/// §4.2.2: "The authorization server MUST NOT issue a refresh token."
///
/// # Errors
/// `invalid_target`, where a resource server changed between the check of this very request and now.
pub fn decide(
    request: &AuthorizationRequest,
    grant: &Grant,
    recipients: Recipients<'_>,
) -> Result<Issuance, OAuthError> {
    Ok(Issuance {
        client_id: grant.client_id.clone(),
        scope: grant.scope.clone(),
        target: target(&[], &grant.resources, &grant.scope, recipients)?,
        nonce: request.nonce().map(str::to_owned),
        with_refresh_token: false,
        with_id_token: request.response_type().has_id_token(),
        grant: Some(grant.clone()),
    })
}
