//! A refresh token is stolen and used beside its owner (RFC 9700 §4.14).

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;

on_both_engines! {
    async fn rfc9700_4_14_2_a_replayed_refresh_token_ends_the_whole_family(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let stolen = tokens["refresh_token"].as_str().expect("a token");
        let second = app.refresh(stolen).await.json();
        let second = second["refresh_token"].as_str().expect("a token");
        let third = app.refresh(second).await.json();
        // The successor was used: within the retry window it is a replay all the same.
        assert_eq!(app.refresh(stolen).await.error(), "invalid_grant");
        assert_eq!(app.refresh(third["refresh_token"].as_str().expect("a token")).await.error(), "invalid_grant");
        assert_eq!(app.introspect(third["access_token"].as_str().expect("a token")).await["active"], false);
    }
}

on_both_engines! {
    async fn rfc9700_4_14_2_after_the_retry_window_a_used_token_is_a_replay(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let stolen = tokens["refresh_token"].as_str().expect("a token");
        let second = app.refresh(stolen).await.json();
        world.advance(31);
        assert_eq!(app.refresh(stolen).await.error(), "invalid_grant");
        assert_eq!(app.refresh(second["refresh_token"].as_str().expect("a token")).await.error(), "invalid_grant");
    }
}
