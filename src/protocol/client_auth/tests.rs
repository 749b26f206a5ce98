use serde_json::{Value, json};

use super::assertion::JWT_BEARER;
use super::*;
use crate::base::Timestamp;
use crate::protocol::error::ErrorCode;

const BASIC: &str = "Basic YXBwOnNlY3JldA=="; // app:secret

type Form<'a> = &'a [(&'a str, &'a str)];

fn read(authorization: Option<&str>, form: Form<'_>) -> Result<ClaimedClient, ClaimError> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let params = Params::parse(form.as_bytes()).unwrap();
    ClaimedClient::read(authorization.map(str::as_bytes), &params)
}

/// The method that was found, or the code of the refusal.
fn outcome(authorization: Option<&str>, form: Form<'_>) -> String {
    match read(authorization, form) {
        Ok(claim) => AuthMethod::ALL
            .into_iter()
            .filter(|method| claim.fits(*method))
            .map(AuthMethod::as_str)
            .collect::<Vec<_>>()
            .join(" "),
        Err(refusal) => {
            assert_eq!(refusal.tried_http_auth, authorization.is_some());
            refusal.error.code.to_string()
        }
    }
}

#[test]
fn rfc6749_2_3_exactly_one_method_is_found() {
    const ID: (&str, &str) = ("client_id", "app");
    const SECRET: (&str, &str) = ("client_secret", "secret");
    const JWT: (&str, &str) = ("client_assertion", "a.b.c");
    const TYPE: (&str, &str) = ("client_assertion_type", JWT_BEARER);
    let other_type = (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
    );
    let cases: &[(Option<&str>, Form, &str)] = &[
        (Some(BASIC), &[], "client_secret_basic"),
        (Some(BASIC), &[ID], "client_secret_basic"),
        (Some(BASIC), &[("client_id", "other")], "invalid_request"),
        (Some(BASIC), &[SECRET], "invalid_request"),
        (Some(BASIC), &[ID, SECRET], "invalid_request"),
        (Some(BASIC), &[JWT, TYPE], "invalid_request"),
        (Some(BASIC), &[TYPE], "invalid_request"),
        (Some("Bearer x"), &[], "invalid_client"),
        (Some("Bearer x"), &[ID, SECRET], "invalid_client"),
        (Some(""), &[ID], "invalid_client"),
        (None, &[ID, SECRET], "client_secret_post"),
        (None, &[SECRET], "invalid_request"),
        (None, &[JWT, TYPE], "client_secret_jwt private_key_jwt"),
        (None, &[ID, JWT, TYPE], "client_secret_jwt private_key_jwt"),
        (None, &[ID, SECRET, JWT, TYPE], "invalid_request"),
        (None, &[ID, JWT], "invalid_request"),
        (None, &[ID, TYPE], "invalid_request"),
        (None, &[ID, JWT, other_type], "invalid_request"),
        (None, &[ID], "none"),
        (None, &[], "invalid_client"),
    ];
    for (authorization, form, expected) in cases {
        assert_eq!(
            outcome(*authorization, form),
            *expected,
            "{authorization:?} {form:?}"
        );
    }
}

#[test]
fn rfc6749_5_2_only_a_header_asks_for_a_challenge() {
    assert!(read(Some(BASIC), &[]).unwrap().tried_http_auth());
    assert!(
        !read(None, &[("client_id", "app")])
            .unwrap()
            .tried_http_auth()
    );
    assert!(read(Some("Bearer x"), &[]).unwrap_err().tried_http_auth);
}

#[test]
fn a_claim_does_not_print_its_secret() {
    let shown = format!("{:?}", read(Some(BASIC), &[]).unwrap());
    assert!(
        shown.contains("app") && !shown.contains("\"secret\""),
        "{shown}"
    );
}

const NOW: i64 = 1_000_000;

fn accept(change: impl FnOnce(&mut Value)) -> Result<AcceptedAssertion, OAuthError> {
    let mut claims = json!({
        "iss": "app", "sub": "app", "aud": "https://id.example", "jti": "one",
        "exp": NOW + 300, "iat": NOW, "nbf": NOW,
    });
    change(&mut claims);
    check_assertion_claims(
        &serde_json::from_value(claims).unwrap(),
        &ClientId::new("app"),
        "https://id.example",
        "https://id.example/token",
        Timestamp::from_seconds(NOW),
    )
}

#[test]
fn rfc7523_3_a_good_assertion_is_accepted() {
    let accepted = accept(|_| {}).unwrap();
    assert_eq!(accepted.client_id().as_str(), "app");
    assert_eq!(accepted.jti(), "one");
    assert_eq!(accepted.expires_at(), Timestamp::from_seconds(NOW + 300));
    let good: [(&str, Value); 7] = [
        ("aud", json!("https://id.example/token")),
        (
            "aud",
            json!(["https://other.example", "https://id.example"]),
        ),
        ("exp", json!(NOW + 3600)),
        ("exp", json!(1_000_000.5)),
        ("iat", json!(NOW + 60)),
        ("nbf", json!(NOW + 60)),
        ("iat", Value::Null),
    ];
    for (name, value) in good {
        let result = accept(|claims| claims[name] = value.clone());
        assert!(result.is_ok(), "{name} {value}: {result:?}");
    }
}

#[test]
fn rfc7523_3_each_claim_is_checked() {
    let bad: [(&str, Value); 19] = [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("sub", json!("other")),
        ("sub", Value::Null),
        ("aud", json!("https://other.example")),
        ("aud", json!("https://id.example/")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(NOW)),
        ("exp", json!(NOW - 1)),
        ("exp", json!(NOW + 3601)),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", Value::Null),
        ("iat", json!(NOW + 61)),
        ("nbf", json!(NOW + 61)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
        ("jti", Value::Null),
    ];
    for (name, value) in bad {
        let error = accept(|claims| claims[name] = value.clone()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClient, "{name} {value}");
    }
}

#[test]
fn rfc7519_2_claims_of_the_wrong_type_are_not_read_at_all() {
    for wrong in [
        json!({"exp": "1000"}),
        json!({"aud": 1}),
        json!({"jti": 5}),
        json!({"iss": ["app"]}),
    ] {
        assert!(serde_json::from_value::<AssertionClaims>(wrong).is_err());
    }
}
