//! The JOSE algorithms that a client may register, and their defaults.

use super::rules::fail;
use crate::crypto::jose::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::protocol::authorize::ResponseType;
use crate::protocol::client::ClientMetadata;
use crate::protocol::error::OAuthError;
use crate::protocol::or_none::{IdTokenAlg, RequestObjectAlg};

/// OpenID Connect Registration §2: "the default [...] enc value is A128CBC-HS256", three times, and
/// RFC 9701 §6.
const DEFAULT_CONTENT_ENCRYPTION: ContentEncryptionAlgorithm =
    ContentEncryptionAlgorithm::A128CbcHs256;

/// A pair of members: the one with the key management algorithm, and the one that depends on it.
type Pair = (
    &'static str,
    Option<KeyManagementAlgorithm>,
    &'static str,
    Option<ContentEncryptionAlgorithm>,
);

fn pairs(metadata: &ClientMetadata) -> [Pair; 4] {
    [
        (
            "id_token_encrypted_response_alg",
            metadata.id_token_encrypted_response_alg,
            "id_token_encrypted_response_enc",
            metadata.id_token_encrypted_response_enc,
        ),
        (
            "userinfo_encrypted_response_alg",
            metadata.userinfo_encrypted_response_alg,
            "userinfo_encrypted_response_enc",
            metadata.userinfo_encrypted_response_enc,
        ),
        (
            "introspection_encrypted_response_alg",
            metadata.introspection_encrypted_response_alg,
            "introspection_encrypted_response_enc",
            metadata.introspection_encrypted_response_enc,
        ),
        (
            "request_object_encryption_alg",
            metadata.request_object_encryption_alg,
            "request_object_encryption_enc",
            metadata.request_object_encryption_enc,
        ),
    ]
}

/// Says what the specifications say where the client does not.
pub(super) fn fill_defaults(metadata: &mut ClientMetadata) {
    for (alg, enc) in [
        (
            metadata.id_token_encrypted_response_alg,
            &mut metadata.id_token_encrypted_response_enc,
        ),
        (
            metadata.userinfo_encrypted_response_alg,
            &mut metadata.userinfo_encrypted_response_enc,
        ),
        (
            metadata.introspection_encrypted_response_alg,
            &mut metadata.introspection_encrypted_response_enc,
        ),
        (
            metadata.request_object_encryption_alg,
            &mut metadata.request_object_encryption_enc,
        ),
    ] {
        if alg.is_some() {
            enc.get_or_insert(DEFAULT_CONTENT_ENCRYPTION);
        }
    }
}

/// OpenID Connect Registration §2: "The value none MUST NOT be used as the ID Token alg value unless the
/// Client uses only Response Types that return no ID Token from the Authorization Endpoint".
pub(super) fn unsigned_id_tokens(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let kinds = &metadata.response_types;
    let in_front =
        |text: &String| ResponseType::parse(text).is_some_and(ResponseType::has_id_token);
    if metadata.id_token_signed_response_alg == IdTokenAlg::None && kinds.iter().any(in_front) {
        return fail(
            "id_token_signed_response_alg: none excludes response types that carry an id_token",
        );
    }
    Ok(())
}

/// OpenID Connect Registration §2: `none` "MAY be used" for request objects, by a client that says so.
/// A shared secret proves nothing to a third party.
pub(super) fn signing(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    match metadata.request_object_signing_alg {
        Some(RequestObjectAlg::Signed(alg)) if alg.is_symmetric() => {
            fail("request_object_signing_alg: must be an asymmetric algorithm")
        }
        Some(RequestObjectAlg::Signed(_)) if !has_keys(metadata) => {
            fail("request_object_signing_alg: needs jwks or jwks_uri")
        }
        _ => Ok(()),
    }
}

/// RFC 9101 §10.5: such a client could not send a single request.
pub(super) fn signed_requests(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    if !metadata.require_signed_request_object {
        return Ok(());
    }
    if metadata.request_object_signing_alg == Some(RequestObjectAlg::None) {
        return fail("require_signed_request_object: excludes request_object_signing_alg none");
    }
    if !has_keys(metadata) {
        return fail("require_signed_request_object: needs jwks or jwks_uri");
    }
    Ok(())
}

/// OpenID Connect Registration §2: "When [...] enc is included, [...] alg MUST also be provided."
pub(super) fn encryption(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    for (alg_name, alg, enc_name, enc) in pairs(metadata) {
        if enc.is_some() && alg.is_none() {
            return fail(format!("{enc_name}: needs {alg_name}"));
        }
        // Request objects are encrypted to a key of ours, everything else to one of the client's.
        let to_client = alg_name != "request_object_encryption_alg";
        if to_client && alg.is_some() && !has_keys(metadata) {
            return fail(format!("{alg_name}: needs jwks or jwks_uri"));
        }
    }
    Ok(())
}

const fn has_keys(metadata: &ClientMetadata) -> bool {
    metadata.jwks.is_some() || metadata.jwks_uri.is_some()
}
