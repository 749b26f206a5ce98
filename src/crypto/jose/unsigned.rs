//! JWTs that nobody signs (RFC 7519 §6), for the one place where a deployment and a client may want them.

use serde::Serialize;

use super::{CryptoError, json};

/// The claims as an unsecured JWT. RFC 7519 §6.1: "an Unsecured JWT is a JWS using the "alg" Header
/// Parameter value "none" and with the empty string for its JWS Signature value".
///
/// # Errors
/// [`CryptoError::Json`] if the claims cannot be serialised.
pub fn unsigned_jwt(claims: &impl Serialize) -> Result<String, CryptoError> {
    let payload = serde_json::to_vec(claims)?;
    let header = json::encode(br#"{"alg":"none","typ":"JWT"}"#);
    Ok(format!("{header}.{}.", json::encode(&payload)))
}

#[cfg(test)]
mod tests {
    use super::super::UnverifiedJwt;
    use super::*;

    #[test]
    fn rfc7519_6_1_the_signature_is_empty_and_no_reader_of_ours_takes_it() {
        let token = unsigned_jwt(&serde_json::json!({"sub": "me"})).unwrap();
        assert_eq!(
            token,
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJtZSJ9."
        );
        assert!(UnverifiedJwt::parse(&token).is_err());
    }
}
