//! Implicit and hybrid flow, where a deployment and a client switched them on (OpenID Connect Core §3.2,
//! §3.3, Multiple Response Types).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::world::ISSUER;
use crate::support::{App, Browser, Page, World};

const ALL: [&str; 7] = [
    "code",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
    "none",
];

/// A response type, changes to a good request, and the error expected (empty: none).
type Case<'a> = (&'a str, &'a [(&'a str, Option<&'a str>)], &'a str);

async fn registered(world: &World) -> App {
    let changes = json!({
        "response_types": ALL,
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
    });
    App::register(world, changes).await
}

async fn ask(app: &App, response_type: &str, changes: &[(&str, Option<&str>)]) -> Page {
    let mut changes = changes.to_vec();
    changes.push(("response_type", Some(response_type)));
    Browser::new(&app.world)
        .pass(&app.request(&changes), "alice")
        .await
}

fn half(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}

on_both_engines! {
    with |config| config.protocol.front_channel_tokens = true;
    async fn multiple_response_types_5_each_sends_exactly_what_its_name_says(world: World) {
        world.user("alice").await;
        let app = registered(&world).await;
        for kind in ALL {
            let page = ask(&app, kind, &[]).await;
            let location = page.location();
            let separator = if matches!(kind, "code" | "none") { '?' } else { '#' };
            assert!(location.starts_with(&format!("https://app.example/cb{separator}")), "{kind}: {location}");
            assert_eq!(page.parameter("state").as_deref(), Some("xyz"), "{kind}");
            assert_eq!(page.parameter("iss").as_deref(), Some(ISSUER), "{kind}");
            let words: Vec<_> = kind.split(' ').collect();
            let code = page.parameter("code");
            let token = page.parameter("access_token");
            let id_token = page.parameter("id_token");
            assert_eq!(code.is_some(), words.contains(&"code"), "{kind}");
            assert_eq!(token.is_some(), words.contains(&"token"), "{kind}");
            assert_eq!(id_token.is_some(), words.contains(&"id_token"), "{kind}");
            assert_eq!(page.parameter("token_type").is_some(), token.is_some(), "{kind}");
            assert_eq!(page.parameter("expires_in").is_some(), token.is_some(), "{kind}");
            assert_eq!(page.parameter("refresh_token"), None, "{kind}");
            if let Some(token) = &token {
                assert_eq!(app.userinfo(token).await.status, 200, "{kind}");
            }
            if let Some(id_token) = &id_token {
                let claims = claims_of(id_token);
                assert_eq!(claims["nonce"], "n-0S6_WzA2Mj", "{kind}");
                // §3.2.2.10, §3.3.2.11: a hash of each companion, and of no other.
                assert_eq!(claims["at_hash"].as_str().map(str::to_owned), token.as_deref().map(half), "{kind}");
                assert_eq!(claims["c_hash"].as_str().map(str::to_owned), code.as_deref().map(half), "{kind}");
            }
            if let Some(code) = &code {
                let answer = app.redeem(code).await;
                assert_eq!(answer.status, 200, "{kind}: {}", answer.body);
                let second = claims_of(answer.json()["id_token"].as_str().expect("an ID token"));
                // §3.3.3.6: "the iss and sub Claim Values MUST be identical in both ID Tokens".
                if let Some(first) = &id_token {
                    let first = claims_of(first);
                    assert_eq!((&first["iss"], &first["sub"]), (&second["iss"], &second["sub"]), "{kind}");
                }
                assert!(second["at_hash"].is_string(), "{kind}");
            }
        }
    }
}

on_both_engines! {
    with |config| config.protocol.front_channel_tokens = true;
    async fn oidc_core_5_4_without_an_access_token_the_scope_claims_are_in_the_id_token(world: World) {
        world.user("alice").await;
        let app = registered(&world).await;
        let of = async |kind: &str| {
            let page = ask(&app, kind, &[]).await;
            claims_of(&page.parameter("id_token").expect("an ID token"))
        };
        assert_eq!(of("id_token").await["email"], "alice@example.org");
        assert_eq!(of("id_token token").await["email"], Value::Null);
        assert_eq!(of("code id_token").await["email"], Value::Null);
    }
}

on_both_engines! {
    with |config| config.protocol.front_channel_tokens = true;
    async fn rfc6749_4_1_2_a_replayed_hybrid_code_ends_the_token_that_came_beside_it(world: World) {
        world.user("alice").await;
        let app = registered(&world).await;
        let page = ask(&app, "code token", &[]).await;
        let code = page.parameter("code").expect("a code");
        let token = page.parameter("access_token").expect("a token");
        assert_eq!(app.redeem(&code).await.status, 200);
        assert_eq!(app.redeem(&code).await.error(), "invalid_grant");
        assert_eq!(app.userinfo(&token).await.status, 401);
    }
}

on_both_engines! {
    with |config| config.protocol.front_channel_tokens = true;
    async fn oidc_core_3_2_2_1_each_flaw_of_a_front_channel_request_has_its_code(world: World) {
        world.user("alice").await;
        let app = registered(&world).await;
        let cases: [Case<'_>; 7] = [
            ("id_token", &[("nonce", None)], "invalid_request"),
            ("code id_token", &[("nonce", None)], "invalid_request"),
            ("id_token token", &[("nonce", None)], "invalid_request"),
            ("code token", &[("nonce", None)], ""),
            ("id_token", &[("response_mode", Some("query"))], "invalid_request"),
            ("id_token", &[("scope", Some("profile"))], "invalid_scope"),
            ("token", &[], "unsupported_response_type"),
        ];
        for (kind, changes, expected) in cases {
            let page = ask(&app, kind, changes).await;
            assert_eq!(page.parameter("error").unwrap_or_default(), expected, "{kind} {changes:?}");
            // §3.2.2.6: errors come back in the fragment as well.
            if kind != "token" {
                assert!(page.location().contains('#'), "{kind} {changes:?}: {}", page.location());
            }
        }
        // Code alone still needs PKCE of a public client; a flow without a code has nothing to prove.
        let page = ask(&app, "id_token", &[("code_challenge", None), ("code_challenge_method", None)]).await;
        assert!(page.parameter("id_token").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_2_1_2_both_the_deployment_and_the_client_must_switch_it_on() {
    let off = World::sqlite().await;
    off.user("alice").await;
    let app = registered(&off).await;
    for kind in &ALL[1..] {
        let page = ask(&app, kind, &[]).await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("unsupported_response_type"),
            "{kind}"
        );
    }
    let told = off.get("/.well-known/openid-configuration").await.json();
    assert_eq!(told["response_types_supported"], json!(["code"]));

    let on = World::sqlite_with(|config| config.protocol.front_channel_tokens = true).await;
    on.user("alice").await;
    let plain = App::register(&on, json!({})).await;
    for kind in &ALL[1..] {
        let page = ask(&plain, kind, &[]).await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("unauthorized_client"),
            "{kind}"
        );
    }
    let told = on.get("/.well-known/openid-configuration").await.json();
    assert_eq!(told["response_types_supported"], json!(ALL));
}
