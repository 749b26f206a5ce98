//! The JOSE algorithms that a client may register, and their defaults.

use super::rules::fail;
use crate::protocol::client::{ClientMetadata, RequestObjectAlg};
use crate::protocol::error::OAuthError;

/// RFC 7518 §4.1. RSA1_5 is not among them: its padding can be tried out message by message
/// (RFC 8725 §3.2: "Avoid all RSA-PKCS1 v1.5 encryption algorithms").
pub(super) const KEY_MANAGEMENT: [&str; 6] = [
    "RSA-OAEP",
    "RSA-OAEP-256",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
];

/// RFC 7518 §5.1.
pub(super) const CONTENT_ENCRYPTION: [&str; 4] =
    ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"];

/// OpenID Connect Registration §2: "the default [...] enc value is A128CBC-HS256", three times.
const DEFAULT_CONTENT_ENCRYPTION: &str = "A128CBC-HS256";

/// A pair of members: the one with the key management algorithm, and the one that depends on it.
type Pair<'a> = (
    &'static str,
    &'a Option<String>,
    &'static str,
    &'a Option<String>,
);

fn pairs(metadata: &ClientMetadata) -> [Pair<'_>; 3] {
    [
        (
            "id_token_encrypted_response_alg",
            &metadata.id_token_encrypted_response_alg,
            "id_token_encrypted_response_enc",
            &metadata.id_token_encrypted_response_enc,
        ),
        (
            "userinfo_encrypted_response_alg",
            &metadata.userinfo_encrypted_response_alg,
            "userinfo_encrypted_response_enc",
            &metadata.userinfo_encrypted_response_enc,
        ),
        (
            "request_object_encryption_alg",
            &metadata.request_object_encryption_alg,
            "request_object_encryption_enc",
            &metadata.request_object_encryption_enc,
        ),
    ]
}

/// Says what the specifications say where the client does not.
pub(super) fn fill_defaults(metadata: &mut ClientMetadata) {
    for (alg, enc) in [
        (
            &metadata.id_token_encrypted_response_alg,
            &mut metadata.id_token_encrypted_response_enc,
        ),
        (
            &metadata.userinfo_encrypted_response_alg,
            &mut metadata.userinfo_encrypted_response_enc,
        ),
        (
            &metadata.request_object_encryption_alg,
            &mut metadata.request_object_encryption_enc,
        ),
    ] {
        if alg.is_some() && enc.is_none() {
            *enc = Some(DEFAULT_CONTENT_ENCRYPTION.to_owned());
        }
    }
}

/// OpenID Connect Registration §2: `none` "MAY be used" for request objects, by a client that says so.
/// A shared secret proves nothing to a third party.
pub(super) fn signing(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let Some(RequestObjectAlg::Signed(alg)) = metadata.request_object_signing_alg else {
        return Ok(());
    };
    if alg.is_symmetric() {
        return fail("request_object_signing_alg: must be an asymmetric algorithm");
    }
    if has_keys(metadata) {
        return Ok(());
    }
    fail("request_object_signing_alg: needs jwks or jwks_uri")
}

/// OpenID Connect Registration §2: "When [...] enc is included, [...] alg MUST also be provided."
pub(super) fn encryption(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    for (alg_name, alg, enc_name, enc) in pairs(metadata) {
        if let Some(alg) = alg
            && !KEY_MANAGEMENT.contains(&alg.as_str())
        {
            return fail(format!("{alg_name}: not a supported algorithm"));
        }
        let Some(enc) = enc else { continue };
        if alg.is_none() {
            return fail(format!("{enc_name}: needs {alg_name}"));
        }
        if !CONTENT_ENCRYPTION.contains(&enc.as_str()) {
            return fail(format!("{enc_name}: not a supported algorithm"));
        }
        // Request objects are encrypted to a key of ours, everything else to one of the client's.
        if alg_name != "request_object_encryption_alg" && !has_keys(metadata) {
            return fail(format!("{alg_name}: needs jwks or jwks_uri"));
        }
    }
    Ok(())
}

const fn has_keys(metadata: &ClientMetadata) -> bool {
    metadata.jwks.is_some() || metadata.jwks_uri.is_some()
}
