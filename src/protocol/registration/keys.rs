//! A client's own public keys (RFC 7591 §2 `jwks`), checked for form and for secrets in them.

use serde_json::Value;

use crate::crypto::jose::has_private_members;

/// More than any rotation needs; each costs a verification attempt where a token has no `kid`.
const MAX_KEYS: usize = 32;

/// Checks a JWK Set by value.
pub(super) fn check(set: &Value) -> Result<(), &'static str> {
    // RFC 7517 §5: "The value of the "keys" parameter is an array of JWK values."
    let keys = set
        .get("keys")
        .and_then(Value::as_array)
        .ok_or("jwks must be an object with an array named keys")?;
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return Err("jwks must have between 1 and 32 keys");
    }
    // OpenID Connect Registration §2: "The JWK Set MUST NOT contain private or symmetric key values."
    // Looked for first: who sent one has published it and must hear of it, whatever else is wrong.
    if keys.iter().any(has_private_members) {
        return Err("jwks has a private or symmetric key: it is no longer secret, replace it");
    }
    for key in keys {
        match key.get("kty").and_then(Value::as_str) {
            Some("RSA" | "EC" | "OKP") => {}
            Some(_) => return Err("jwks has a key with an unsupported kty"),
            None => return Err("jwks has a key without kty"),
        }
        // RFC 7517 §4.2: "sig" (signature), "enc" (encryption).
        if key.get("use").is_some_and(|value| !value.is_string()) {
            return Err("jwks has a key whose use is not a string");
        }
    }
    let mut kids: Vec<_> = keys
        .iter()
        .filter_map(|key| key.get("kid").and_then(Value::as_str))
        .collect();
    let named = kids.len();
    kids.sort_unstable();
    kids.dedup();
    // RFC 7517 §4.5: "When "kid" values are used within a JWK Set, different keys within the JWK Set
    // SHOULD use distinct "kid" values."
    if kids.len() < named {
        return Err("jwks has two keys with the same kid");
    }
    Ok(())
}
