//! A machine acts for itself (RFC 6749 §4.4).

use super::{Issuance, Recipients, target};
use crate::protocol::authorize::resource;
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::scope::{self, Scope};

/// Decides about a client that has proven itself. That it has is the caller's type: RFC 6749
/// §4.4: "The client credentials grant type MUST only be used by confidential clients."
///
/// # Errors
/// `invalid_scope`, `invalid_target`.
pub fn decide<'a>(
    client: &Client,
    scope: Option<&str>,
    resources: impl Iterator<Item = &'a str>,
    recipients: Recipients<'_>,
) -> Result<Issuance, OAuthError> {
    // A machine has no person to speak of.
    let registered = client
        .metadata
        .scope
        .filter(|token| !scope::OF_OPENID.contains(&token));
    let scope = match scope {
        None => registered,
        Some(text) => {
            let asked = Scope::parse(text)?;
            if !asked.is_within(&registered) {
                return Err(OAuthError::new(
                    ErrorCode::InvalidScope,
                    "this client may not ask for this scope by itself",
                ));
            }
            asked
        }
    };
    let requested = resource::permitted(resources, &client.metadata, recipients.issuer)?;
    let granted = &client.metadata.resources;
    Ok(Issuance {
        client_id: client.id.clone(),
        grant: None,
        target: target(&requested, granted, &scope, recipients)?,
        scope,
        nonce: None,
        // RFC 6749 §4.4.3: "A refresh token SHOULD NOT be included."
        with_refresh_token: false,
        with_id_token: false,
    })
}
