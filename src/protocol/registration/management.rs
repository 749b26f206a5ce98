//! What a client sends and gets when it looks after its own registration (RFC 7592).

use serde_json::{Value, json};

use super::{Members, metadata_error, registration_response};
use crate::base::{Secret, Timestamp};
use crate::protocol::client::{Client, ClientId};
use crate::protocol::error::OAuthError;

/// RFC 7592 §2.2: the request "MUST NOT include the "registration_access_token",
/// "registration_client_uri", "client_secret_expires_at", or "client_id_issued_at" fields".
const NEVER_SENT: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// Takes out of a replacement what is not metadata; returns the `client_secret` that the client
/// believes to have, which the caller must compare.
///
/// # Errors
/// `invalid_client_metadata`, naming the member.
pub fn check_replacement(
    members: &mut Members,
    id: &ClientId,
) -> Result<Option<Secret<String>>, OAuthError> {
    if let Some(name) = NEVER_SENT.iter().find(|name| members.contains_key(**name)) {
        return Err(metadata_error(format!("{name}: must not be sent")));
    }
    // RFC 7592 §2.2: "The client MUST include its "client_id" field in the request, and it MUST be
    // the same as its currently issued client identifier."
    if members.remove("client_id").as_ref().and_then(Value::as_str) != Some(id.as_str()) {
        return Err(metadata_error("client_id: must be the one of this client"));
    }
    match members.remove("client_secret") {
        None => Ok(None),
        Some(Value::String(secret)) => Ok(Some(Secret::new(secret))),
        Some(_) => Err(metadata_error("client_secret: must be a string")),
    }
}

/// The client information response (RFC 7592 §3), for whoever holds `token`.
///
/// It holds secrets in clear: send it, and do not log it.
#[must_use]
pub fn management_response(
    client: &Client,
    secret: Option<&Secret<String>>,
    token: &Secret<String>,
    uri: &str,
) -> Value {
    let newest = client.secrets.first();
    let expires_at = newest.and_then(|secret| secret.expires_at);
    let mut answer = registration_response(client, secret, expires_at);
    // Also where the secret itself is not told again: the client must know when to come for another.
    if newest.is_some() {
        answer["client_secret_expires_at"] = json!(expires_at.map_or(0, Timestamp::seconds));
    }
    answer["registration_access_token"] = json!(token.expose());
    answer["registration_client_uri"] = json!(uri);
    answer
}
