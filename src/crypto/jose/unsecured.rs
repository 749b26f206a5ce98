//! Unsecured JWTs (RFC 7519 §6), for the one place where a client may be registered to send them.
//!
//! They are no [`super::UnverifiedJwt`]: `none` cannot be named there, so that nobody can let one pass
//! where a signature is due.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::verify::UnverifiedJwt;
use super::{CryptoError, JwtError, json};

#[derive(Deserialize)]
struct Header {
    alg: String,
    crit: Option<serde_json::Value>,
}

/// The claims of a JWT with `alg` `none` and an empty signature.
///
/// # Errors
/// [`JwtError`] for everything else, a signed JWT too.
pub fn unsecured_claims<C: DeserializeOwned>(compact: &str) -> Result<C, JwtError> {
    if compact.len() > UnverifiedJwt::MAX_BYTES {
        return Err(JwtError::TooLong);
    }
    let malformed = JwtError::Malformed("not an unsecured JWT");
    // RFC 7519 §6.1: "the JWS Signature value is the empty string".
    let Some((header, payload)) = compact
        .strip_suffix('.')
        .and_then(|text| text.split_once('.'))
    else {
        return Err(malformed);
    };
    let header = json::decode(header).ok_or(JwtError::Malformed("header encoding"))?;
    let payload = json::decode(payload).ok_or(JwtError::Malformed("payload encoding"))?;
    if !json::is_object_with_unique_members(&header) {
        return Err(malformed);
    }
    let header: Header = serde_json::from_slice(&header).map_err(|_| malformed)?;
    if header.crit.is_some() {
        return Err(JwtError::CriticalExtension);
    }
    if header.alg != "none" {
        return Err(JwtError::AlgorithmNotAllowed);
    }
    if !json::is_object_with_unique_members(&payload) {
        return Err(JwtError::Claims);
    }
    serde_json::from_slice(&payload).map_err(|_| JwtError::Claims)
}

/// The claims as a JWT that nobody signs. RFC 7519 §6.1: "an Unsecured JWT is a JWS using the "alg"
/// Header Parameter value "none" and with the empty string for its JWS Signature value".
///
/// # Errors
/// [`CryptoError::Json`] if the claims cannot be serialised.
pub fn unsecured_jwt(claims: &impl Serialize) -> Result<String, CryptoError> {
    let payload = serde_json::to_vec(claims)?;
    let header = json::encode(br#"{"alg":"none","typ":"JWT"}"#);
    Ok(format!("{header}.{}.", json::encode(&payload)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// RFC 7519 §6.1.
    const EXAMPLE: &str = "eyJhbGciOiJub25lIn0.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

    #[test]
    fn rfc7519_6_1_the_example_is_read_and_nothing_with_a_signature_or_another_alg() {
        let claims: Value = unsecured_claims(EXAMPLE).unwrap();
        assert_eq!(claims["iss"], "joe");
        assert!(unsecured_claims::<Value>(&format!("{EXAMPLE}AA")).is_err());
        assert!(unsecured_claims::<Value>(&EXAMPLE[..EXAMPLE.len() - 1]).is_err());
        // {"alg":"None"} and {"alg":"HS256"}
        for header in ["eyJhbGciOiJOb25lIn0", "eyJhbGciOiJIUzI1NiJ9"] {
            let other = EXAMPLE.replacen("eyJhbGciOiJub25lIn0", header, 1);
            assert!(unsecured_claims::<Value>(&other).is_err(), "{header}");
        }
    }
}
