//! `/userinfo`, `/introspect`, `/revoke` and the public documents.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::on_both_engines;
use crate::support::{App, Browser, World};

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

on_both_engines! {
    async fn rfc7662_4_a_resource_server_sees_only_tokens_meant_for_it(world: World) {
        world.user("alice").await;
        let rows = "https://rows.example";
        let app = App::register(&world, json!({ "resources": [rows] })).await;
        let server = App::register(&world, json!({
            "resource_identifiers": [rows], "redirect_uris": [], "grant_types": [], "response_types": [], "scope": ""
        })).await;
        let stranger = App::register(&world, json!({
            "resource_identifiers": ["https://other.example"], "redirect_uris": [], "grant_types": [],
            "response_types": [], "scope": ""
        })).await;
        let code = app.code_with("alice", &[("resource", Some(rows))]).await;
        let tokens = app.redeem(&code).await.json();
        let access = text(&tokens["access_token"]);
        assert_eq!(server.introspect(access).await["active"], true);
        assert_eq!(server.introspect(access).await["username"], "alice");
        assert_eq!(stranger.introspect(access).await, json!({ "active": false }));
        assert_eq!(server.introspect("garbage").await, json!({ "active": false }));
        assert_eq!(server.introspect(text(&tokens["refresh_token"])).await, json!({ "active": false }));
    }
}

on_both_engines! {
    async fn rfc7009_2_1_revocation_takes_effect_at_once_and_only_for_ones_own_tokens(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let other = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
        let revoke = |who: &App, token: &str| {
            let (world, basic, token) = (world.clone(), who.basic(), token.to_owned());
            async move { world.post("/revoke", &[("authorization", &basic)], &[("token", &token)]).await.status }
        };
        assert_eq!(revoke(&other, access).await, 200);
        assert_eq!(revoke(&other, refresh).await, 200);
        assert_eq!(app.introspect(access).await["active"], true, "another client's word counts nothing");
        assert_eq!(revoke(&app, access).await, 200);
        assert_eq!(app.introspect(access).await, json!({ "active": false }));
        assert_eq!(app.userinfo(access).await.status, 401);
        assert_eq!(app.refresh(refresh).await.status, 200, "the family lives on");

        let tokens = app.tokens("alice").await;
        assert_eq!(revoke(&app, text(&tokens["refresh_token"])).await, 200);
        assert_eq!(app.introspect(text(&tokens["access_token"])).await, json!({ "active": false }));
        assert_eq!(app.refresh(text(&tokens["refresh_token"])).await.error(), "invalid_grant");
        assert_eq!(revoke(&app, "garbage").await, 200);
    }
}

on_both_engines! {
    async fn a_disabled_person_and_a_signed_out_session_end_their_tokens(world: World) {
        let user = world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let mut tokens = Vec::new();
        for scope in ["openid profile", "openid offline_access"] {
            let page = browser.pass(&app.request(&[("scope", Some(scope))]), "alice").await;
            let code = page.parameter("code").expect("a code");
            tokens.push(app.redeem(&code).await.json());
        }
        let out = browser.open("/sign-out").await;
        browser.submit(&out, "/sign-out", &[("decision", "logout")]).await;
        assert_eq!(app.introspect(text(&tokens[0]["access_token"])).await, json!({ "active": false }));
        // OpenID Connect Core 11
        assert_eq!(app.introspect(text(&tokens[1]["access_token"])).await["active"], true);
        world
            .tessera
            .set_user_disabled(
                user.id,
                true,
                tessera::protocol::audit::Actor::Operator,
                tessera::protocol::audit::Origin::default(),
            )
            .await
            .expect("disabled");
        assert_eq!(app.introspect(text(&tokens[1]["access_token"])).await, json!({ "active": false }));
        assert_eq!(app.userinfo(text(&tokens[1]["access_token"])).await.status, 401);
        assert_eq!(app.refresh(text(&tokens[1]["refresh_token"])).await.error(), "invalid_grant");
    }
}

on_both_engines! {
    async fn opaque_tokens_tell_nothing_and_introspect_alike(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({ "access_token_format": "opaque" })).await;
        let tokens = app.tokens("alice").await;
        let access = text(&tokens["access_token"]);
        assert!(access.starts_with("tsa_") && !access.contains('.'));
        assert_eq!(app.introspect(access).await["client_id"], app.id.as_str());
        assert_eq!(app.userinfo(access).await.status, 200);
        world.advance(601);
        assert_eq!(app.introspect(access).await, json!({ "active": false }), "expired");
    }
}

on_both_engines! {
    async fn rfc6750_userinfo_takes_the_token_from_header_or_form_and_no_other_token(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let access = text(&tokens["access_token"]);
        let form = world.post("/userinfo", &[], &[("access_token", access)]).await;
        assert_eq!(form.json()["sub"], app.userinfo(access).await.json()["sub"]);
        let lower = Request::get("/userinfo")
            .header("authorization", format!("bEaReR {access}"))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(world.send(lower).await.status, 200);
        let query = world.get(&format!("/userinfo?access_token={access}")).await;
        assert_eq!((query.status, query.header("www-authenticate").contains("error=")), (401, false));
        let id_token = app.userinfo(text(&tokens["id_token"])).await;
        assert_eq!(id_token.error(), "invalid_token");
        assert!(id_token.header("www-authenticate").contains("error=\"invalid_token\""));
        let twice = world
            .post("/userinfo", &[("authorization", &format!("Bearer {access}"))], &[("access_token", access)])
            .await;
        assert_eq!(twice.error(), "invalid_request");
    }
}

on_both_engines! {
    async fn rfc9110_5_3_a_repeated_authorization_header_is_refused_everywhere(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let bearer = format!("Bearer {}", text(&tokens["access_token"]));
        // The good one first and last: neither may win.
        for values in [[bearer.as_str(), "Bearer other"], ["Basic eDp5", bearer.as_str()]] {
            for method in ["GET", "POST"] {
                let mut request = Request::builder().method(method).uri("/userinfo");
                for value in values {
                    request = request.header("authorization", value);
                }
                let answer = world.send(request.body(Body::empty()).expect("a request")).await;
                assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{method}");
                assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""));
            }
        }
        let basic = app.basic();
        for path in ["/token", "/introspect", "/revoke"] {
            let headers = [("authorization", basic.as_str()), ("authorization", basic.as_str())];
            let answer = world.post(path, &headers, &[("token", "x")]).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{path}");
        }
        assert_eq!(app.userinfo(text(&tokens["access_token"])).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc8414_3_the_documents_are_public_cached_and_name_the_issuer() {
    let world = World::sqlite().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/jwks",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("cache-control").contains("max-age=300"));
        let again = Request::get(path)
            .header("if-none-match", answer.header("etag"))
            .body(Body::empty())
            .expect("a request");
        assert_eq!(world.send(again).await.status, 304);
    }
    let metadata = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], "http://localhost:8080");
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    let keys = world.get("/jwks").await.json();
    for key in keys["keys"].as_array().expect("keys") {
        assert!(key["kid"].is_string() && key["alg"].is_string());
        assert!(key.get("d").is_none());
    }
    // A verifier that takes the first key that fits, whatever its use, finds one that signs.
    let keys = keys["keys"].as_array().expect("keys");
    let uses: Vec<_> = keys.iter().map(|key| key["use"].as_str()).collect();
    assert_eq!(uses, [Some("sig"), Some("sig"), Some("enc"), Some("enc")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_lets_registered_origins_read_and_never_with_cookies() {
    let world = World::sqlite().await;
    App::register(
        &world,
        json!({ "allowed_origins": ["https://spa.example"] }),
    )
    .await;
    let preflight = |origin: &str| {
        Request::options("/token")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(Body::empty())
            .expect("a request")
    };
    let known = world.send(preflight("https://spa.example")).await;
    assert_eq!(
        known.header("access-control-allow-origin"),
        "https://spa.example"
    );
    assert_eq!(known.header("access-control-allow-credentials"), "");
    let unknown = world.send(preflight("https://evil.example")).await;
    assert_eq!(unknown.header("access-control-allow-origin"), "");
}

on_both_engines! {
    async fn rfc6750_3_1_a_token_without_openid_is_told_what_it_lacks_at_userinfo(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        for (scope, status, error) in [("profile", 403, "insufficient_scope"), ("openid profile", 200, "")] {
            let code = app.code_with("alice", &[("scope", Some(scope))]).await;
            let tokens = app.redeem(&code).await.json();
            let answer = app.userinfo(text(&tokens["access_token"])).await;
            assert_eq!(answer.status, status, "{scope}: {}", answer.body);
            let told = answer.header("www-authenticate").contains(&format!("error=\"{error}\""));
            assert_eq!(told, !error.is_empty(), "{scope}: {}", answer.header("www-authenticate"));
        }
    }
}

on_both_engines! {
    async fn rfc7662_2_1_rfc7009_2_1_a_request_without_a_token_is_no_request(world: World) {
        let app = App::register(&world, json!({})).await;
        let ask = async |path: &str, form: &[(&str, &str)]| {
            world.post(path, &[("authorization", &app.basic())], form).await
        };
        for path in ["/introspect", "/revoke"] {
            for form in [&[][..], &[("token_type_hint", "access_token")], &[("token", "")]] {
                let answer = ask(path, form).await;
                assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{path} {form:?}");
            }
            assert_eq!(ask(path, &[("token", "garbage")]).await.status, 200, "{path}");
        }
    }
}
