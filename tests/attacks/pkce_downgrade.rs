//! The challenge is taken out of the request, or weakened (RFC 9700 §2.1.1, §4.8).

use serde_json::json;

use crate::support::client::REDIRECT;
use crate::support::{App, Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_8_a_verifier_without_a_challenge_is_refused() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let stripped = [("code_challenge", None), ("code_challenge_method", None)];
    let code = app.code_with("alice", &stripped).await;
    assert_eq!(app.redeem(&code).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_8_a_challenge_without_a_verifier_is_refused() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let code = app.code("alice").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
    ];
    assert_eq!(app.token(&form).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_2_1_1_a_public_client_cannot_go_without_a_challenge_or_with_plain() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let public = App::register(&world, json!({"token_endpoint_auth_method": "none"})).await;
    let without = [("code_challenge", None), ("code_challenge_method", None)];
    let plain = [("code_challenge_method", Some("plain"))];
    let implied_plain = [("code_challenge_method", None)];
    for changes in [&without[..], &plain[..], &implied_plain[..]] {
        let page = Browser::new(&world).open(&public.request(changes)).await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("invalid_request"),
            "{changes:?}"
        );
        assert_eq!(page.parameter("code"), None);
    }
}
