//! The rules of resource servers: one flaw per case, and what a token for several of them is like.

use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example";
const ALGORITHMS: [SigningAlgorithm; 2] = [SigningAlgorithm::RS256, SigningAlgorithm::ES256];
const MINUTE: Duration = Duration::from_mins(1);

fn server(changes: &Value) -> ResourceServer {
    let mut document = json!({"identifier": "https://a.example/", "name": "A",
        "scopes": {"a:read": "See what is in A"}});
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

fn two(a: Value, b: Value) -> ResourceServers {
    let mut b = b;
    b["identifier"] = "https://b.example/".into();
    b["scopes"] = json!({"b:read": "See what is in B", "write": "Write to B"});
    [server(&a), server(&b)].into_iter().collect()
}

fn audience(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn both() -> Vec<String> {
    audience(&["https://a.example/", "https://b.example/"])
}

#[test]
fn rfc8707_2_each_flaw_of_a_resource_server_is_named() {
    assert_eq!(server(&json!({})).problems(ISSUER, &ALGORITHMS), [""; 0]);
    let full = json!({"access_token_lifetime": 86400, "access_token_format": "jwt",
        "access_token_signed_response_alg": "ES256", "identifier": "urn:example:a"});
    assert_eq!(server(&full).problems(ISSUER, &ALGORITHMS), [""; 0]);
    for (flaw, word) in [
        (json!({"identifier": "a.example"}), "identifier"),
        (json!({"identifier": "https://a.example/#x"}), "identifier"),
        (json!({"identifier": ISSUER}), "identifier"),
        (json!({"name": " "}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "a\u{7}"}), "name"),
        (json!({"scopes": {"a b": "x"}}), "scopes"),
        (json!({"scopes": {"": "x"}}), "scopes"),
        (json!({"scopes": {"openid": "x"}}), "scopes"),
        (json!({"scopes": {"offline_access": "x"}}), "scopes"),
        (json!({"scopes": {"a": ""}}), "scopes"),
        (json!({"access_token_lifetime": 0}), "access_token_lifetime"),
        (
            json!({"access_token_lifetime": 86401}),
            "access_token_lifetime",
        ),
        (
            json!({"access_token_signed_response_alg": "PS256"}),
            "access_token_signed_response_alg",
        ),
        (
            json!({"access_token_signed_response_alg": "ES256", "access_token_format": "opaque"}),
            "access_token_signed_response_alg",
        ),
    ] {
        let problems = server(&flaw).problems(ISSUER, &ALGORITHMS);
        assert_eq!(problems.len(), 1, "{flaw}: {problems:?}");
        assert!(problems[0].starts_with(word), "{flaw}: {problems:?}");
    }
}

#[test]
fn an_unknown_member_is_refused() {
    for wrong in [
        json!({"identifier": "https://a.example/", "name": "A", "scope": {}}),
        json!({"name": "A"}),
        json!({"identifier": "https://a.example/", "name": "A", "scopes": ["x"]}),
    ] {
        assert!(
            serde_json::from_value::<ResourceServer>(wrong.clone()).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn rfc9068_2_2_a_token_lives_as_long_as_the_strictest_of_its_audience_allows() {
    let servers = two(json!({"access_token_lifetime": 30}), json!({}));
    let life = |names: &[&str]| servers.terms(&audience(names)).unwrap().lifetime(MINUTE);
    assert_eq!(life(&["https://a.example/"]).as_secs(), 30);
    assert_eq!(life(&["https://b.example/"]), MINUTE);
    assert_eq!(life(&["https://a.example/", ISSUER]).as_secs(), 30);
    assert_eq!(life(&[ISSUER]), MINUTE);
    let long = two(json!({"access_token_lifetime": 90}), json!({}));
    let terms = long.terms(&both()).unwrap();
    assert_eq!(terms.lifetime(MINUTE), MINUTE);
    assert_eq!(terms.longest_lifetime(MINUTE).as_secs(), 90);
    let alone = long.terms(&audience(&["https://a.example/"])).unwrap();
    assert_eq!(alone.lifetime(MINUTE).as_secs(), 90);
}

#[test]
fn rfc8707_2_resources_that_contradict_each_other_are_an_invalid_target() {
    let alg = |alg: &str| json!({ "access_token_signed_response_alg": alg });
    let format = |format: &str| json!({ "access_token_format": format });
    for (a, b) in [
        (alg("ES256"), alg("RS256")),
        (format("jwt"), format("opaque")),
    ] {
        let servers = two(a, b);
        let error = servers.terms(&both()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidTarget);
        assert!(servers.terms(&both()[..1]).is_ok());
    }
    for (a, b) in [
        (alg("ES256"), alg("ES256")),
        (alg("ES256"), json!({})),
        (json!({}), alg("ES256")),
    ] {
        let terms = two(a, b).terms(&both()).unwrap();
        assert_eq!(terms.alg, Some(SigningAlgorithm::ES256));
    }
}

#[test]
fn rfc9068_2_2_3_a_scope_travels_only_to_whom_it_means_something() {
    let servers = two(json!({}), json!({}));
    let scope = Scope::parse("openid a:read b:read other").unwrap();
    for (names, left) in [
        (&["https://a.example/"][..], "a:read"),
        (&["https://b.example/"], "b:read"),
        (
            &["https://a.example/", "https://b.example/"],
            "a:read b:read",
        ),
        (&["https://a.example/", ISSUER], "openid a:read other"),
        (&["https://c.example/"], "openid a:read b:read other"),
        (&[ISSUER], "openid a:read b:read other"),
    ] {
        let narrowed = servers.narrow(&scope, &audience(names));
        assert_eq!(narrowed.to_string(), left, "{names:?}");
    }
}

#[test]
fn the_words_for_a_scope_are_those_of_the_resource_that_is_asked_for() {
    let mut servers = two(json!({}), json!({}));
    let a = server(&json!({"scopes": {"a:read": "See A", "write": "Write to A"}}));
    servers.0.insert(a.identifier.clone(), a);
    let [a, b] = [&both()[..1], &both()[1..]];
    assert_eq!(servers.describe("write", a), Some("Write to A"));
    assert_eq!(servers.describe("write", b), Some("Write to B"));
    assert_eq!(servers.describe("write", &[]), None, "whose?");
    assert_eq!(servers.describe("a:read", &[]), Some("See A"));
    assert_eq!(servers.describe("email", a), None);
    assert_eq!(
        servers.display_name("https://c.example/"),
        "https://c.example/"
    );
    assert_eq!(
        servers.display_name("https://a.example/"),
        "A (https://a.example/)"
    );
}
