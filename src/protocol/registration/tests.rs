use proptest::prelude::*;

use super::*;
use crate::protocol::client::{ApplicationType, AuthMethod, ClientId};
use crate::protocol::grant::GrantType;

/// Valid metadata in which each of `changes` replaces a member (`null` removes it).
fn document(changes: &Value) -> Vec<u8> {
    let mut base = json!({"redirect_uris": ["https://app.example/cb"]});
    for (name, value) in changes.as_object().unwrap() {
        base[name] = value.clone();
    }
    serde_json::to_vec(&base).unwrap()
}

pub(super) fn open(changes: &Value) -> Result<ClientMetadata, OAuthError> {
    ClientMetadata::parse(&document(changes))
}

pub(super) fn strict(changes: &Value) -> Result<ClientMetadata, OAuthError> {
    ClientMetadata::parse_strict(&document(changes))
}

#[test]
fn rfc7591_2_a_silent_client_gets_the_defaults() {
    let metadata = open(&json!({})).unwrap();
    assert_eq!(metadata.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(metadata.response_types, ["code"]);
    assert_eq!(metadata.scope.to_string(), DEFAULT_SCOPE);
    assert_eq!(metadata.application_type, ApplicationType::Web);
    let method = metadata.token_endpoint_auth_method;
    assert_eq!(method, AuthMethod::ClientSecretBasic);
}

#[test]
fn rfc7591_2_a_machine_has_no_response_type_and_no_default_scope() {
    let metadata = strict(&json!({
        "redirect_uris": null, "grant_types": ["client_credentials"],
    }))
    .unwrap();
    assert!(metadata.response_types.is_empty());
    assert!(metadata.scope.is_empty());
}

#[test]
fn rfc7591_2_good_metadata_is_accepted() {
    let key = json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "1"});
    for good in [
        json!({"client_name": "B\u{fc}cher & \u{672c}", "client_uri": "https://app.example"}),
        json!({"grant_types": ["authorization_code", "refresh_token"], "scope": "openid api"}),
        json!({"token_endpoint_auth_method": "none", "application_type": "native",
               "redirect_uris": ["com.example.app:/cb", "http://127.0.0.1/cb"]}),
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key]},
               "token_endpoint_auth_signing_alg": "ES256"}),
        json!({"token_endpoint_auth_method": "private_key_jwt",
               "jwks_uri": "https://app.example/jwks"}),
        json!({"token_endpoint_auth_method": "client_secret_jwt",
               "token_endpoint_auth_signing_alg": "HS256"}),
        json!({"allowed_origins": ["https://app.example", "http://localhost:3000"]}),
        json!({"resources": ["https://api.example/"], "resource_identifiers": ["urn:a"]}),
        json!({"default_max_age": 0, "require_auth_time": true, "contacts": ["a@b.example"]}),
        json!({"client_name#de": "Laden", "client_name": "Shop"}),
    ] {
        assert!(strict(&good).is_ok(), "{good}: {:?}", strict(&good));
        assert!(open(&good).is_ok(), "{good}");
    }
}

/// Each case: what is changed, and a word of the description. All but the redirect URIs are
/// `invalid_client_metadata`.
#[track_caller]
pub(super) fn refuse_all(cases: &[(Value, &str)], code: ErrorCode) {
    for (bad, word) in cases {
        let error = open(bad).unwrap_err();
        assert_eq!(error.code, code, "{bad}: {error}");
        assert!(error.description().contains(word), "{bad}: {error}");
    }
}

#[test]
fn rfc7591_3_2_2_bad_redirect_uris_have_a_code_of_their_own() {
    let cases = [
        (json!({"redirect_uris": ["http://app.example/"]}), "http"),
        (json!({"redirect_uris": ["https://a/#x"]}), "fragment"),
        (json!({"redirect_uris": ["com.example:/"]}), "web client"),
    ];
    refuse_all(&cases, ErrorCode::InvalidRedirectUri);
}

#[test]
fn rfc7591_3_2_2_malformed_members_are_refused_and_named() {
    let cases = [
        (json!({"redirect_uris": "https://a/"}), "redirect_uris"),
        (
            json!({"redirect_uris": vec!["https://a.example/"; 65]}),
            "too many",
        ),
        (
            json!({"post_logout_redirect_uris": ["javascript:x"]}),
            "post_logout",
        ),
        (json!({"client_uri": "javascript:alert(1)"}), "client_uri"),
        (json!({"logo_uri": "data:image/png,x"}), "logo_uri"),
        (json!({"policy_uri": "http://a.example/"}), "policy_uri"),
        (json!({"tos_uri": "https://user:pw@a.example/"}), "tos_uri"),
        (json!({"allowed_origins": ["*"]}), "allowed_origins"),
        (json!({"allowed_origins": ["null"]}), "allowed_origins"),
        (
            json!({"allowed_origins": ["https://a.example/"]}),
            "allowed_origins",
        ),
        (
            json!({"allowed_origins": ["https://*.a.example"]}),
            "allowed_origins",
        ),
        (
            json!({"allowed_origins": ["https://a.example:443"]}),
            "allowed_origins",
        ),
        (
            json!({"allowed_origins": ["http://a.example"]}),
            "allowed_origins",
        ),
        (json!({"scope": "a \"b"}), "scope"),
        (json!({"scope": ["a"]}), "scope"),
        (json!({"client_name": ""}), "client_name"),
        (json!({"client_name": "a\u{202e}b"}), "client_name"),
        (json!({"client_name": "x".repeat(201)}), "client_name"),
        (json!({"contacts": ["a\nb"]}), "contacts"),
        (json!({"default_max_age": -1}), "default_max_age"),
        (
            json!({"id_token_signed_response_alg": "HS256"}),
            "id_token_signed",
        ),
        (
            json!({"id_token_signed_response_alg": "none", "response_types": ["code", "code id_token"],
                   "grant_types": ["authorization_code", "implicit"]}),
            "id_token_signed",
        ),
        (json!({"application_type": "robot"}), "application_type"),
    ];
    refuse_all(&cases, ErrorCode::InvalidClientMetadata);
    let operator = json!({"resources": ["https://a/#x"]});
    let error = strict(&operator).unwrap_err();
    assert!(error.description().contains("resources"));
}

#[test]
fn rfc7591_2_1_members_that_contradict_each_other_are_refused() {
    let machine = ["client_credentials"];
    let cases = [
        (json!({"redirect_uris": []}), "redirect_uris"),
        (json!({"redirect_uris": null}), "redirect_uris"),
        (json!({"grant_types": []}), "grant_types"),
        (json!({"grant_types": ["password"]}), "grant_types"),
        (json!({"grant_types": ["refresh_token"]}), "refresh_token"),
        (
            json!({"grant_types": ["client_credentials", "refresh_token"]}),
            "refresh_token",
        ),
        (
            json!({"grant_types": machine, "response_types": ["code"]}),
            "response_types",
        ),
        (json!({"response_types": []}), "response_types"),
        (json!({"response_types": ["token"]}), "response_types"),
        (
            json!({"grant_types": machine, "token_endpoint_auth_method": "none"}),
            "client_credentials",
        ),
    ];
    refuse_all(&cases, ErrorCode::InvalidClientMetadata);
}

#[test]
fn rfc7591_2_keys_must_fit_the_method_and_must_be_public() {
    let key = json!({"kty": "EC", "kid": "1"});
    let (own, shared) = ("private_key_jwt", "client_secret_jwt");
    let cases = [
        (
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            "auth_method",
        ),
        (json!({"token_endpoint_auth_method": own}), "jwks"),
        (
            json!({"token_endpoint_auth_method": own, "jwks": {"keys": [key]},
                   "token_endpoint_auth_signing_alg": "HS256"}),
            "signing_alg",
        ),
        (
            json!({"token_endpoint_auth_method": shared,
                   "token_endpoint_auth_signing_alg": "RS256"}),
            "signing_alg",
        ),
        (
            json!({"token_endpoint_auth_signing_alg": "none"}),
            "signing_alg",
        ),
        (
            json!({"jwks": {"keys": [key]}, "jwks_uri": "https://a/"}),
            "excludes",
        ),
        (json!({"jwks_uri": "http://a.example/"}), "jwks_uri"),
        (json!({"jwks": {"keys": []}}), "between 1 and 32"),
        (json!({"jwks": []}), "keys"),
        (
            json!({"jwks": {"keys": [{"kty": "EC", "d": "x"}]}}),
            "private",
        ),
        (
            json!({"jwks": {"keys": [{"kty": "oct", "k": "x"}]}}),
            "private",
        ),
        (json!({"jwks": {"keys": [{"kty": "oct"}]}}), "kty"),
        (json!({"jwks": {"keys": [{}]}}), "kty"),
        (json!({"jwks": {"keys": ["x"]}}), "kty"),
        (json!({"jwks": {"keys": [key, key]}}), "same kid"),
    ];
    refuse_all(&cases, ErrorCode::InvalidClientMetadata);
}

#[test]
fn rfc7591_2_a_stranger_may_send_unknown_members_and_gets_no_privileges() {
    let metadata = open(&json!({
        "tls_client_auth_subject_dn": "CN=x", "contacts#ja": "\u{672c}", "skip_consent": true,
        "resource_identifiers": ["https://api.example/"], "resources": ["https://api.example/"],
    }))
    .unwrap();
    assert_eq!(metadata, open(&json!({})).unwrap());
}

#[test]
fn an_operators_typing_error_is_named_with_what_was_meant() {
    for (bad, expected) in [
        (
            json!({"redirect_uri": []}),
            "unknown member redirect_uri: did you mean redirect_uris?",
        ),
        (
            json!({"skip_consnet": true}),
            "unknown member skip_consnet: did you mean skip_consent?",
        ),
        (json!({"zzz": 1}), "unknown member zzz"),
        (json!({"zzz#de": 1}), "unknown member zzz#de"),
    ] {
        assert_eq!(strict(&bad).unwrap_err().description(), expected);
    }
    assert!(strict(&json!({"skip_consent": true})).unwrap().skip_consent);
}

#[test]
fn what_is_no_object_or_too_large_is_refused() {
    let large = format!("{{\"client_name\": \"{}\"}}", "x".repeat(MAX_BYTES));
    for bad in ["", "[]", "null", "{", "{}{}", "\u{feff}{}", &large] {
        let error = ClientMetadata::parse(bad.as_bytes()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClientMetadata);
    }
}

pub(super) fn registered(metadata: ClientMetadata) -> Client {
    Client {
        id: ClientId::new("app"),
        metadata,
        secrets: Vec::new(),
        disabled: false,
        by_stranger: false,
        organisation: None,
        version: 1,
        created_at: Timestamp::from_micros(1_700_000_000_999_999),
    }
}

#[test]
fn rfc7591_3_2_1_the_answer_has_everything_that_was_registered() {
    let client = registered(open(&json!({"client_name": "Shop"})).unwrap());
    let secret = Secret::new("hunter2".to_owned());
    let answer = registration_response(&client, Some(&secret), None);
    assert_eq!(answer["client_id"], "app");
    assert_eq!(answer["client_id_issued_at"], 1_700_000_000);
    assert_eq!(answer["client_secret"], "hunter2");
    assert_eq!(answer["client_secret_expires_at"], 0);
    assert_eq!(answer["client_name"], "Shop");
    assert_eq!(answer["scope"], DEFAULT_SCOPE);
    assert_eq!(answer["grant_types"], json!(["authorization_code"]));
    assert!(answer.get("logo_uri").is_none() && answer.get("contacts").is_none());

    let end = Some(Timestamp::from_seconds(2_000_000_000));
    let answer = registration_response(&client, Some(&secret), end);
    assert_eq!(answer["client_secret_expires_at"], 2_000_000_000);

    let answer = registration_response(&client, None, None);
    assert!(answer.get("client_secret").is_none());
    assert!(answer.get("client_secret_expires_at").is_none());
}

#[test]
fn rfc7592_2_2_what_the_answer_says_can_be_sent_back() {
    for metadata in [
        strict(&json!({"skip_consent": true, "contacts": ["a@b.example"]})).unwrap(),
        strict(&json!({"redirect_uris": null, "grant_types": ["client_credentials"]})).unwrap(),
    ] {
        let client = registered(metadata.clone());
        let mut answer = registration_response(&client, None, None);
        let members = answer.as_object_mut().unwrap();
        members.retain(|name, _| !matches!(name.as_str(), "client_id" | "client_id_issued_at"));
        let again = ClientMetadata::parse_strict(answer.to_string().as_bytes()).unwrap();
        assert_eq!(again, metadata);
    }
}

#[test]
fn every_rule_is_about_a_member_that_exists() {
    let known = known_members();
    for rule in RULES {
        assert!(known.contains_key(rule.name), "{}", rule.name);
        assert!(!rule.section.is_empty());
    }
}

proptest! {
    #[test]
    fn a_stranger_never_gets_what_only_an_operator_may_give(
        uri in "(https?|com\\.ex)://[a-z.*@#]{1,8}/?",
        method in prop_oneof![Just("none"), Just("private_key_jwt"), Just("client_secret_post")],
        machine in any::<bool>(),
    ) {
        let grants: &[&str] =
            if machine { &["authorization_code", "client_credentials"] } else { &["authorization_code"] };
        let document = json!({
            "redirect_uris": [uri], "token_endpoint_auth_method": method, "grant_types": grants,
            "skip_consent": true, "resource_identifiers": ["urn:x"],
        });
        if let Ok(metadata) = ClientMetadata::parse(document.to_string().as_bytes()) {
            prop_assert!(!metadata.skip_consent && metadata.resource_identifiers.is_empty());
            prop_assert!(metadata.redirect_uris.iter().all(|u| u.starts_with("https://") || u.starts_with("http://localhost")));
            let public = metadata.token_endpoint_auth_method == AuthMethod::None;
            prop_assert!(!(public && metadata.grant_types.contains(&GrantType::ClientCredentials)));
        }
    }
}
