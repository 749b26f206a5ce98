//! The document: exactly the members that work.

use serde_json::{Value, json};

use super::*;

const VIEW: ServerView<'static> = ServerView {
    issuer: "https://id.example/tenant",
    signing_algs: &[SigningAlgorithm::RS256, SigningAlgorithm::ES256],
    assertion_algs: &["RS256", "ES256", "HS256"],
    request_object_algs: &["none", "RS256"],
    opening_algs: &[KeyManagementAlgorithm::RsaOaep256],
    signed_requests: false,
    unsigned_id_tokens: false,
    scopes: &["openid", "profile"],
    claims: &["sub", "name"],
    acr_values: &[],
    ui_locales: &["en", "de"],
    registration_open: false,
    sign_up_open: false,
    front_channel_tokens: false,
};

fn document(view: &ServerView<'_>) -> Value {
    serde_json::to_value(metadata(view)).unwrap()
}

#[test]
fn rfc8414_2_the_document_has_exactly_the_members_that_work() {
    let all = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ];
    let algs = json!(["RS256", "ES256", "HS256"]);
    let wraps = json!([
        "RSA-OAEP",
        "RSA-OAEP-256",
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A192KW",
        "ECDH-ES+A256KW"
    ]);
    let encs = json!([
        "A128CBC-HS256",
        "A192CBC-HS384",
        "A256CBC-HS512",
        "A128GCM",
        "A192GCM",
        "A256GCM"
    ]);
    let mut expected = json!({
        "issuer": "https://id.example/tenant",
        "authorization_endpoint": "https://id.example/tenant/authorize",
        "token_endpoint": "https://id.example/tenant/token",
        "userinfo_endpoint": "https://id.example/tenant/userinfo",
        "jwks_uri": "https://id.example/tenant/jwks",
        "introspection_endpoint": "https://id.example/tenant/introspect",
        "revocation_endpoint": "https://id.example/tenant/revoke",
        "end_session_endpoint": "https://id.example/tenant/sign-out",
        "check_session_iframe": "https://id.example/tenant/check-session",
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": all,
        "token_endpoint_auth_signing_alg_values_supported": algs,
        "introspection_endpoint_auth_methods_supported": all[..4],
        "introspection_endpoint_auth_signing_alg_values_supported": algs,
        "revocation_endpoint_auth_methods_supported": all,
        "revocation_endpoint_auth_signing_alg_values_supported": algs,
        "scopes_supported": ["openid", "profile"],
        "claims_supported": ["sub", "name"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": true,
        "require_signed_request_object": false,
        "request_object_signing_alg_values_supported": ["none", "RS256"],
        "ui_locales_supported": ["en", "de"],
    });
    for what in ["id_token", "userinfo", "introspection", "request_object"] {
        let name = |of: &str| format!("{what}_{of}_values_supported");
        expected[name("encryption_alg")] = wraps.clone();
        expected[name("encryption_enc")] = encs.clone();
        if what != "request_object" {
            expected[name("signing_alg")] = json!(["RS256", "ES256"]);
        }
    }
    expected["request_object_encryption_alg_values_supported"] = json!(["RSA-OAEP-256"]);
    assert_eq!(document(&VIEW), expected);
}

#[test]
fn what_is_switched_on_appears() {
    let open = document(&ServerView {
        registration_open: true,
        sign_up_open: true,
        front_channel_tokens: true,
        unsigned_id_tokens: true,
        opening_algs: &[],
        acr_values: &["urn:example:mfa"],
        ..VIEW
    });
    assert_eq!(
        open["registration_endpoint"],
        "https://id.example/tenant/register"
    );
    assert_eq!(open["response_types_supported"][5], "code id_token token");
    assert_eq!(open["grant_types_supported"][3], "implicit");
    assert_eq!(open["id_token_signing_alg_values_supported"][2], "none");
    assert!(open["request_object_encryption_enc_values_supported"].is_null());
    assert_eq!(open["prompt_values_supported"][4], "create");
    assert_eq!(open["acr_values_supported"], json!(["urn:example:mfa"]));
}

#[test]
fn rfc8414_3_3_the_issuer_stays_as_it_is_and_its_slash_does_not_double() {
    let view = ServerView {
        issuer: "https://id.example/",
        ..VIEW
    };
    let document = document(&view);
    assert_eq!(document["issuer"], "https://id.example/");
    assert_eq!(document["token_endpoint"], "https://id.example/token");
}
