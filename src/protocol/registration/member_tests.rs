//! The members of OpenID Connect Registration and the logout specifications: one mutation each.

use serde_json::json;

use super::tests::{open, refuse_all, registered, strict};
use super::*;
use crate::crypto::jose::SigningAlgorithm;
use crate::protocol::client::{ClientId, SubjectType};
use crate::protocol::or_none::IdTokenAlg;

const KEY: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","kid":"1"}]}"#;

fn keys() -> Value {
    serde_json::from_str(KEY).unwrap()
}

#[test]
fn oidc_registration_2_every_member_is_kept_and_told_again() {
    let sent = json!({
        "redirect_uris": ["https://app.example/cb"], "jwks": keys(),
        "default_max_age": 3600, "require_auth_time": true, "default_acr_values": ["urn:mace:silver"],
        "initiate_login_uri": "https://app.example/login", "subject_type": "pairwise",
        "sector_identifier_uri": "https://app.example/sector.json",
        "id_token_encrypted_response_alg": "ECDH-ES+A192KW",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "ES256", "userinfo_encrypted_response_alg": "RSA-OAEP-256",
        "userinfo_encrypted_response_enc": "A256CBC-HS512", "request_object_signing_alg": "PS512",
        "request_object_encryption_alg": "RSA-OAEP", "request_object_encryption_enc": "A128GCM",
        "request_uris": ["https://app.example/request.jwt#hash"], "require_signed_request_object": true,
        "introspection_signed_response_alg": "RS256",
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "frontchannel_logout_uri": "https://app.example/logout?x=1",
        "frontchannel_logout_session_required": true,
        "backchannel_logout_uri": "https://back.example:8443/logout",
        "backchannel_logout_session_required": true,
        "client_name#ja-Jpan-JP": "\u{672c}", "logo_uri#de": "https://app.example/de.png",
        "policy_uri#sl-rozaj-biske-1994": "https://app.example/p", "tos_uri#x-own": "https://a.example/",
        "client_uri#de-DE-u-co-phonebk": "https://app.example/de",
    });
    let metadata = open(&sent).unwrap();
    let answer = registration_response(&registered(metadata), None, None);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(answer.get(name), Some(value), "{name}");
    }
    assert!(answer.get("localized").is_none());
}

#[test]
fn oidc_registration_2_what_is_not_said_has_the_default_of_the_specification() {
    let silent = open(&json!({})).unwrap();
    assert_eq!(
        silent.id_token_signed_response_alg,
        IdTokenAlg::Signed(SigningAlgorithm::RS256)
    );
    assert_eq!(silent.subject_type, SubjectType::Public);
    assert!(!silent.require_auth_time && silent.default_max_age.is_none());
    assert!(silent.userinfo_signed_response_alg.is_none());
    assert!(silent.id_token_encrypted_response_enc.is_none());
    assert!(!silent.require_signed_request_object);
    assert!(!silent.frontchannel_logout_session_required);
    assert!(!silent.backchannel_logout_session_required);
    for prefix in [
        "id_token_encrypted_response",
        "userinfo_encrypted_response",
        "introspection_encrypted_response",
        "request_object_encryption",
    ] {
        let sent = json!({ format!("{prefix}_alg"): "ECDH-ES", "jwks": keys() });
        let answer = serde_json::to_value(open(&sent).unwrap()).unwrap();
        assert_eq!(answer[format!("{prefix}_enc")], "A128CBC-HS256");
    }
}

#[test]
fn oidc_registration_2_malformed_members_are_refused_and_named() {
    let cases = [
        (json!({"subject_type": "other"}), "subject_type"),
        (
            json!({"sector_identifier_uri": "http://app.example/"}),
            "sector_identifier_uri",
        ),
        (json!({"default_acr_values": ["a b"]}), "default_acr_values"),
        (json!({"default_acr_values": [""]}), "default_acr_values"),
        (json!({"default_acr_values": "a"}), "default_acr_values"),
        (json!({"default_max_age": "3600"}), "default_max_age"),
        (json!({"require_auth_time": "yes"}), "require_auth_time"),
        (
            json!({"initiate_login_uri": "http://app.example/"}),
            "initiate_login_uri",
        ),
        (
            json!({"initiate_login_uri": "http://localhost:8443/login"}),
            "initiate_login_uri",
        ),
        (
            json!({"initiate_login_uri": "javascript:x"}),
            "initiate_login_uri",
        ),
        (
            json!({"request_uris": ["http://app.example/"]}),
            "request_uris",
        ),
        (
            json!({"request_uris": [format!("https://a.example/{}", "x".repeat(512))]}),
            "request_uris",
        ),
        (
            json!({"frontchannel_logout_uri": "https://other.example/"}),
            "frontchannel_logout_uri",
        ),
        (
            json!({"frontchannel_logout_uri": "https://app.example:444/"}),
            "frontchannel_logout_uri",
        ),
        (
            json!({"frontchannel_logout_uri": "http://app.example/"}),
            "frontchannel_logout_uri",
        ),
        (
            json!({"backchannel_logout_uri": "https://app.example/#x"}),
            "backchannel_logout_uri",
        ),
        (
            json!({"backchannel_logout_uri": "http://app.example/"}),
            "backchannel_logout_uri",
        ),
        (
            json!({"backchannel_logout_session_required": 1}),
            "backchannel_logout_session_required",
        ),
        (
            json!({"userinfo_signed_response_alg": "none"}),
            "userinfo_signed_response_alg",
        ),
        (
            json!({"userinfo_signed_response_alg": "HS256"}),
            "userinfo_signed_response_alg",
        ),
        (
            json!({"introspection_signed_response_alg": "HS256"}),
            "introspection_signed",
        ),
        (
            json!({"request_object_signing_alg": "HS256", "jwks": keys()}),
            "asymmetric",
        ),
        (json!({"request_object_signing_alg": "ES256"}), "needs jwks"),
        (
            json!({"require_signed_request_object": true}),
            "require_signed_request_object: needs jwks",
        ),
        (
            json!({"require_signed_request_object": true, "request_object_signing_alg": "none",
                   "jwks": keys()}),
            "excludes request_object_signing_alg none",
        ),
    ];
    refuse_all(&cases, ErrorCode::InvalidClientMetadata);
}

#[test]
fn rfc8725_3_2_rsa1_5_and_what_else_is_not_supported_cannot_be_registered() {
    for prefix in [
        "id_token_encrypted_response",
        "userinfo_encrypted_response",
        "introspection_encrypted_response",
        "request_object_encryption",
    ] {
        let (alg, enc) = (format!("{prefix}_alg"), format!("{prefix}_enc"));
        let mut cases: Vec<(Value, &str)> = ["RSA1_5", "dir", "A256KW", "none", ""]
            .map(|name| {
                (
                    json!({ alg.clone(): name, "jwks": keys() }),
                    "_alg: not a supported",
                )
            })
            .to_vec();
        cases.push((
            json!({ alg.clone(): "ECDH-ES", enc.clone(): "A512GCM", "jwks": keys() }),
            "_enc: not",
        ));
        cases.push((json!({ enc: "A128GCM", "jwks": keys() }), "_enc: needs"));
        if prefix != "request_object_encryption" {
            cases.push((json!({ alg: "ECDH-ES" }), "needs jwks or jwks_uri"));
        }
        refuse_all(&cases, ErrorCode::InvalidClientMetadata);
    }
}

#[test]
fn oidc_core_8_1_pairwise_subjects_need_one_host_or_a_sector() {
    let two = ["https://a.example/", "https://b.example/"];
    let app = ["com.example.app:/cb"];
    let cases = [
        (
            json!({"subject_type": "pairwise", "redirect_uris": two}),
            "sector_identifier_uri",
        ),
        (
            json!({"subject_type": "pairwise", "redirect_uris": app, "application_type": "native"}),
            "sector_identifier_uri",
        ),
        // A stranger's application that would be of the bank's sector, and loopback, which is everybody's.
        (
            json!({"subject_type": "pairwise", "redirect_uris": ["com.evil.app://bank.example/cb"], "application_type": "native"}),
            "sector_identifier_uri",
        ),
        (
            json!({"subject_type": "pairwise", "redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native"}),
            "sector_identifier_uri",
        ),
    ];
    refuse_all(&cases, ErrorCode::InvalidClientMetadata);
    assert!(open(&json!({"subject_type": "pairwise"})).is_ok());
    let sector = "https://a.example/sector.json";
    let good =
        json!({"subject_type": "pairwise", "redirect_uris": two, "sector_identifier_uri": sector});
    let metadata = open(&good).unwrap();
    assert!(
        check_sector(
            &metadata,
            br#"["https://b.example/","https://a.example/","x"]"#
        )
        .is_ok()
    );
    for bad in [
        &br#"["https://a.example/"]"#[..],
        b"[]",
        b"{}",
        b"",
        br#"["https://a.example/",1]"#,
    ] {
        let error = check_sector(&metadata, bad).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClientMetadata);
        assert!(error.description().starts_with("sector_identifier_uri: "));
    }
}

#[test]
fn rfc7591_2_2_a_language_is_a_tag_of_bcp_47_and_its_value_follows_the_rule_of_its_member() {
    let cases = [
        (json!({"client_name#": "x"}), "BCP 47"),
        (json!({"client_name#de_DE": "x"}), "BCP 47"),
        (json!({"client_name#a-b#c": "x"}), "BCP 47"),
        (json!({"client_name#toolonglang": "x"}), "BCP 47"),
        (
            json!({"client_name#de": "x", "client_name#DE": "y"}),
            "twice",
        ),
        (json!({"client_name#de": 1}), "must be a string"),
        (json!({"client_name#de": "a\u{202e}b"}), "visible"),
        (json!({"logo_uri#de": "javascript:x"}), "https"),
    ];
    refuse_all(&cases, ErrorCode::InvalidClientMetadata);
    assert!(
        open(&json!({"client_name#de": null}))
            .unwrap()
            .localized
            .is_empty()
    );
    let own = json!({"localized": {"client_name#de": "x"}});
    assert!(
        open(&own).unwrap().localized.is_empty(),
        "our name for it is none of theirs"
    );
    assert!(strict(&own).is_err());
    assert!(
        strict(&json!({"software_statement": "a.b.c"})).is_err(),
        "nobody checked it"
    );
}

#[test]
fn rfc7592_2_2_a_replacement_says_who_it_is_and_nothing_that_is_ours() {
    let id = ClientId::new("app");
    let check = |sent: Value| {
        let mut members = read_members(sent.to_string().as_bytes()).unwrap();
        check_replacement(&mut members, &id).map(|secret| (secret, members))
    };
    for (bad, word) in [
        (json!({}), "client_id"),
        (json!({"client_id": null}), "client_id"),
        (json!({"client_id": "other"}), "client_id"),
        (json!({"client_id": ["app"]}), "client_id"),
        (
            json!({"client_id": "app", "client_secret": 1}),
            "client_secret",
        ),
        (
            json!({"client_id": "app", "registration_access_token": "x"}),
            "registration_access_token",
        ),
        (
            json!({"client_id": "app", "registration_client_uri": "x"}),
            "registration_client_uri",
        ),
        (
            json!({"client_id": "app", "client_secret_expires_at": 0}),
            "client_secret_expires_at",
        ),
        (
            json!({"client_id": "app", "client_id_issued_at": 0}),
            "client_id_issued_at",
        ),
    ] {
        let error = check(bad.clone()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClientMetadata);
        assert!(error.description().starts_with(word), "{bad}: {error}");
    }
    let (secret, rest) =
        check(json!({"client_id": "app", "client_secret": "s", "scope": "a"})).unwrap();
    assert_eq!(secret.unwrap().expose(), "s");
    assert_eq!(Value::Object(rest), json!({"scope": "a"}));
}

#[test]
fn rfc7591_2_3_a_statement_is_current_and_for_us_and_only_its_metadata_remains() {
    let now = Timestamp::from_seconds(1_000_000);
    let read = |claims: Value| {
        let claims = claims.as_object().unwrap().clone();
        metadata_of_statement(claims, &["https://id.example"], now)
    };
    let good = json!({
        "iss": "i", "sub": "s", "jti": "j", "iat": 1_000_030.5, "nbf": 1_000_060, "exp": 1_000_001,
        "aud": ["x", "https://id.example"], "client_name": "A", "tos_uri": null,
        "software_statement": "a.b.c",
    });
    assert_eq!(
        Value::Object(read(good).unwrap()),
        json!({"client_name": "A"})
    );
    for bad in [
        json!({"exp": 1_000_000}),
        json!({"exp": "soon"}),
        json!({"nbf": 1_000_061}),
        json!({"iat": 1_000_061}),
        json!({"aud": "https://other.example"}),
        json!({"aud": []}),
        json!({"aud": null}),
    ] {
        assert_eq!(
            read(bad.clone()).unwrap_err().code,
            ErrorCode::InvalidSoftwareStatement,
            "{bad}"
        );
    }
}

#[test]
fn rfc8259_4_a_member_may_come_once() {
    for bad in [
        r#"{"scope":"a","scope":"b"}"#,
        r#"{"scope":"a","sc\u006fpe":"b"}"#,
    ] {
        let error = ClientMetadata::parse(bad.as_bytes()).unwrap_err();
        assert!(error.description().contains("twice"));
    }
}
