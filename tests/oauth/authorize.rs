//! `/authorize`: what is shown, what is redirected, and what a prompt asks for.

use serde_json::json;

use crate::on_both_engines;
use crate::support::client::REDIRECT;
use crate::support::{App, Browser};

on_both_engines! {
    async fn rfc6749_4_1_2_1_without_a_proven_redirect_uri_nothing_is_redirected(world: World) {
        let app = App::register(&world, json!({})).await;
        for change in [
            ("client_id", None),
            ("client_id", Some("nobody")),
            ("redirect_uri", None),
            ("redirect_uri", Some("https://evil.example/cb")),
            ("redirect_uri", Some("https://app.example/cb#f")),
        ] {
            let page = Browser::new(&world).open(&app.request(&[change])).await;
            assert!(page.answer.status >= 400, "{change:?}");
            assert_eq!(page.location(), "", "{change:?}");
            assert!(page.answer.body.contains("<html"), "{change:?}");
        }
    }
}

on_both_engines! {
    async fn each_refusal_goes_back_with_its_code_the_state_and_iss(world: World) {
        let app = App::register(&world, json!({})).await;
        let cases: &[(&str, Option<&str>, &str)] = &[
            ("response_type", None, "invalid_request"),
            ("response_type", Some("token"), "unsupported_response_type"),
            ("response_mode", Some("smoke"), "invalid_request"),
            ("scope", Some("nothing:known"), "invalid_scope"),
            ("code_challenge_method", Some("plain"), "invalid_request"),
            ("code_challenge", Some("short"), "invalid_request"),
            ("prompt", Some("none login"), "invalid_request"),
            ("prompt", Some("none"), "login_required"),
            ("max_age", Some("-1"), "invalid_request"),
            ("request", Some("x.y.z"), "invalid_request_object"),
            ("request_uri", Some("https://app.example/r"), "invalid_request_uri"),
            ("registration", Some("{}"), "registration_not_supported"),
            ("resource", Some("https://unknown.example"), "invalid_target"),
            ("id_token_hint", Some("garbage"), "invalid_request"),
        ];
        for (name, value, error) in cases {
            let page = Browser::new(&world).open(&app.request(&[(name, *value)])).await;
            assert!(page.location().starts_with(REDIRECT), "{name}: {}", page.answer.status);
            assert_eq!(page.parameter("error").as_deref(), Some(*error), "{name}={value:?}");
            assert_eq!(page.parameter("state").as_deref(), Some("xyz"), "{name}");
            assert_eq!(page.parameter("iss").as_deref(), Some("http://localhost:8080"), "RFC 9207");
        }
    }
}

on_both_engines! {
    async fn consent_is_remembered_and_prompts_ask_again(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        assert!(browser.pass(&app.request(&[]), "alice").await.parameter("code").is_some());
        world.advance(5);
        // Neither a password nor consent again.
        assert!(browser.open(&app.request(&[])).await.parameter("code").is_some());
        assert!(browser.open(&app.request(&[("prompt", Some("none"))])).await.parameter("code").is_some());
        // OpenID Connect Core 3.1.2.1
        assert!(browser.open(&app.request(&[("prompt", Some("login"))])).await.has("login"));
        assert!(browser.open(&app.request(&[("prompt", Some("consent"))])).await.has("allow"));
        assert!(browser.open(&app.request(&[("max_age", Some("1"))])).await.has("login"));
        // And each is answered once.
        let again = browser.pass(&app.request(&[("prompt", Some("login consent"))]), "alice").await;
        assert!(again.parameter("code").is_some());
        let more = browser.open(&app.request(&[("scope", Some("openid rows:read"))])).await;
        assert!(more.has("allow"), "a new scope asks");
    }
}

on_both_engines! {
    async fn a_denial_is_access_denied_and_nothing_is_remembered(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[])).await;
        let page = browser.sign_in(&page, "alice", crate::support::world::PASSWORD).await;
        let denied = browser.submit(&page, "/consent", &[("decision", "deny")]).await;
        assert_eq!(denied.parameter("error").as_deref(), Some("access_denied"));
        assert!(browser.open(&app.request(&[])).await.has("allow"));
    }
}

on_both_engines! {
    async fn rfc8707_2_the_resource_becomes_the_audience(world: World) {
        world.user("alice").await;
        let rows = "https://rows.example";
        let app = App::register(&world, json!({ "resources": [rows] })).await;
        let code = app.code_with("alice", &[("resource", Some(rows))]).await;
        let tokens = app.redeem(&code).await.json();
        let access = tokens["access_token"].as_str().expect("a token");
        assert_eq!(app.introspect(access).await["aud"], rows);
        // One token, one audience: it does not open userinfo.
        assert_eq!(app.userinfo(access).await.error(), "invalid_token");
    }
}

on_both_engines! {
    async fn a_prepared_ticket_is_answered_by_nothing_that_was_done_before(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({
            "application_type": "native", "token_endpoint_auth_method": "none",
            "redirect_uris": ["http://127.0.0.1/cb"]
        })).await;
        // A stranger keeps a ticket for his own port ready...
        let evil = app.request(&[("redirect_uri", Some("http://127.0.0.1:6666/cb"))]);
        let mut stranger = Browser::new(&world);
        let ticket = stranger.open(&evil).await.field("request").expect("a ticket");
        // ...and the person allows the real application.
        let mut person = Browser::new(&world);
        let real = app.request(&[("redirect_uri", Some("http://127.0.0.1:5555/cb"))]);
        assert!(person.pass(&real, "alice").await.parameter("code").is_some());
        world.advance(1);
        let page = person.open(&format!("/continue?request={ticket}")).await;
        assert_eq!(page.location(), "", "no code for the stranger");
        assert!(page.has("allow"), "the person is asked");
    }
}
