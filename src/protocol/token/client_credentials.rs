//! A machine acts for itself (RFC 6749 §4.4).

use super::{Issuance, audience};
use crate::protocol::authorize::resource;
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::scope::Scope;

/// Scopes that speak of a person: a machine has none.
const OF_PEOPLE: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// Decides about a client that has proven itself. That it has is the caller's type: RFC 6749
/// §4.4: "The client credentials grant type MUST only be used by confidential clients."
///
/// # Errors
/// `invalid_scope`, `invalid_target`.
pub fn decide<'a>(
    client: &Client,
    scope: Option<&str>,
    resources: impl Iterator<Item = &'a str>,
    issuer: &str,
) -> Result<Issuance, OAuthError> {
    let registered = client
        .metadata
        .scope
        .filter(|token| !OF_PEOPLE.contains(&token));
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
    let requested = resource::permitted(resources, &client.metadata, issuer)?;
    Ok(Issuance {
        client_id: client.id.clone(),
        grant: None,
        scope,
        audience: audience(&requested, &client.metadata.resources, issuer)?,
        nonce: None,
        // RFC 6749 §4.4.3: "A refresh token SHOULD NOT be included."
        with_refresh_token: false,
        with_id_token: false,
    })
}
