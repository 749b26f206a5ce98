//! `/token`: a valid default, and one mutation per case.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::on_both_engines;
use crate::support::client::{REDIRECT, VERIFIER};
use crate::support::{App, World};

/// A valid exchange with changes: `None` leaves a parameter out.
async fn exchange(app: &App, code: &str, changes: &[(&str, Option<&str>)]) -> (u16, String) {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        if let Some(value) = value {
            form.push((name, value));
        }
    }
    let answer = app.token(&form).await;
    assert_eq!(
        answer.header("cache-control"),
        "no-store",
        "RFC 6749 section 5.1"
    );
    (
        answer.status,
        answer.json()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

on_both_engines! {
    async fn rfc6749_5_2_each_broken_exchange_has_its_code(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let other = format!("{VERIFIER}x");
        let cases: &[(&str, Option<&str>, &str)] = &[
            ("grant_type", None, "invalid_request"),
            ("grant_type", Some("password"), "unsupported_grant_type"),
            ("grant_type", Some("client_credentials"), "unauthorized_client"),
            ("code", None, "invalid_request"),
            ("code", Some("made-up"), "invalid_grant"),
            ("redirect_uri", None, "invalid_request"),
            ("redirect_uri", Some("https://app.example/cb/"), "invalid_grant"),
            ("redirect_uri", Some("https://app.example/cb?x=1"), "invalid_grant"),
            ("code_verifier", None, "invalid_grant"),
            ("code_verifier", Some("short"), "invalid_grant"),
            ("code_verifier", Some(&other), "invalid_grant"),
            ("resource", Some("https://unknown.example"), "invalid_target"),
        ];
        let code = app.code("alice").await;
        for (name, value, error) in cases {
            let expected = (400, (*error).to_owned());
            assert_eq!(exchange(&app, &code, &[(name, *value)]).await, expected, "{name}={value:?}");
        }
        // None of them spent the code.
        assert_eq!(exchange(&app, &code, &[]).await.0, 200);
    }
}

on_both_engines! {
    async fn rfc6749_4_1_2_a_code_expires_after_60_seconds(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let code = app.code("alice").await;
        world.advance(61);
        assert_eq!(exchange(&app, &code, &[]).await, (400, "invalid_grant".to_owned()));
    }
}

on_both_engines! {
    async fn rfc9700_2_1_1_a_superfluous_verifier_is_refused(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let without = [("code_challenge", None), ("code_challenge_method", None)];
        let code = app.code_with("alice", &without).await;
        assert_eq!(exchange(&app, &code, &[]).await, (400, "invalid_grant".to_owned()));
        assert_eq!(exchange(&app, &code, &[("code_verifier", None)]).await.0, 200);
    }
}

on_both_engines! {
    async fn rfc6749_6_a_refresh_may_narrow_the_scope_and_never_widen_it(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
        let asked = |scope| [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)];
        let wider = app.token(&asked("openid rows:read")).await;
        assert_eq!((wider.status, wider.error().as_str()), (400, "invalid_scope"));
        let narrower = app.token(&asked("openid")).await;
        assert_eq!(narrower.json()["scope"], "openid", "{}", narrower.body);
    }
}

on_both_engines! {
    async fn rfc6749_6_a_lost_response_may_be_retried_and_brings_the_same_refresh_token(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let first = app.tokens("alice").await["refresh_token"].as_str().expect("a token").to_owned();
        let lost = app.refresh(&first).await.json()["refresh_token"].as_str().expect("a token").to_owned();
        world.advance(10);
        let retried = app.refresh(&first).await;
        assert_eq!(retried.status, 200, "{}", retried.body);
        assert_eq!(retried.json()["refresh_token"], lost);
        assert_eq!(app.refresh(&lost).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc9700_4_14_2_a_late_replay_ends_the_family(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let first = tokens["refresh_token"].as_str().expect("a token");
        let second = app.refresh(first).await.json();
        world.advance(31);
        assert_eq!(app.refresh(first).await.error(), "invalid_grant");
        let heir = second["refresh_token"].as_str().expect("a token");
        assert_eq!(app.refresh(heir).await.error(), "invalid_grant");
        let access = second["access_token"].as_str().expect("a token");
        assert_eq!(app.introspect(access).await, json!({ "active": false }));
        assert!(world.audit().await.iter().any(|event| event["kind"] == "refresh.replayed"));
    }
}

on_both_engines! {
    async fn oidc_core_12_2_a_refreshed_id_token_is_about_the_same_sign_in_and_has_no_nonce(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let first = app.tokens("alice").await;
        world.advance(5);
        let second = app.refresh(first["refresh_token"].as_str().expect("a token")).await.json();
        let (before, after) = (claims(&first["id_token"]), claims(&second["id_token"]));
        for name in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(before[name], after[name], "{name}");
        }
        assert_eq!(before["nonce"], "n-0S6_WzA2Mj");
        assert!(after.get("nonce").is_none());
    }
}

/// The claims of a JWT, unverified.
fn claims(token: &serde_json::Value) -> serde_json::Value {
    use base64::Engine as _;
    let part = token
        .as_str()
        .expect("a token")
        .split('.')
        .nth(1)
        .expect("claims");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc6749_5_2_client_authentication_fails_with_401_only_where_http_tried_it() {
    let world = World::sqlite().await;
    let app = App::register(
        &world,
        json!({"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [], "scope": "a"}),
    )
    .await;
    let form = [("grant_type", "client_credentials")];
    let wrong = App {
        secret: "wrong".to_owned(),
        ..app.clone()
    };
    let answer = wrong.token(&form).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (401, "invalid_client")
    );
    assert!(
        answer
            .header("www-authenticate")
            .starts_with("Basic realm=")
    );

    let in_form = [
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
    ];
    let post = world
        .post("/token", &[], &[&form[..], &in_form[..]].concat())
        .await;
    assert_eq!(
        (post.status, post.error().as_str()),
        (400, "invalid_client"),
        "another method"
    );
    assert_eq!(post.header("www-authenticate"), "");

    let both = world
        .post(
            "/token",
            &[("authorization", &app.basic())],
            &[&form[..], &in_form[..]].concat(),
        )
        .await;
    assert_eq!(
        (both.status, both.error().as_str()),
        (400, "invalid_request"),
        "two methods"
    );

    let unknown = App {
        id: "nobody".to_owned(),
        ..app
    };
    assert_eq!(unknown.token(&form).await.error(), "invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc6749_3_2_what_is_no_form_is_refused_without_a_500() {
    let world = World::sqlite().await;
    let get = world.get("/token").await;
    assert_eq!((get.status, get.header("allow").as_str()), (405, "POST"));
    let json = Request::post("/token")
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .expect("a request");
    assert_eq!(world.send(json).await.error(), "invalid_request");
    for body in [
        &b"grant_type=%ff"[..],
        b"grant_type=\xff",
        b"a=1&a=2",
        b"a=%00",
    ] {
        let answer = world.post_raw("/token", &[], body.to_vec()).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request")
        );
    }
    let large = world.post_raw("/token", &[], vec![b'a'; 1 << 20]).await;
    assert_eq!(large.status, 413);
    for description in [get.body, large.body] {
        assert!(description.is_ascii());
    }
}
