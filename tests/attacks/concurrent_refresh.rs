//! Two tabs (or a tab and a thief) refresh in the same moment (RFC 9700 §4.14.2).

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;

on_both_engines! {
    async fn rfc9700_4_14_2_answers_to_one_token_carry_one_successor(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let shared = tokens["refresh_token"].as_str().expect("a token");
        let (one, two) = tokio::join!(app.refresh(shared), app.refresh(shared));
        assert_eq!((one.status, two.status), (200, 200), "a lost response may be asked for again");
        assert_eq!(one.json()["refresh_token"], two.json()["refresh_token"], "one lineage");
        assert_ne!(one.json()["refresh_token"], *shared);
    }
}

on_both_engines! {
    async fn rfc9700_4_14_2_a_thief_within_the_retry_window_is_found_at_the_next_refresh(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let stolen = app.tokens("alice").await["refresh_token"].as_str().expect("a token").to_owned();
        let owners = app.refresh(&stolen).await.json();
        world.advance(29);
        let thiefs = app.refresh(&stolen).await.json();
        // Both refresh again some minutes later, in either order: the second one is a replay.
        world.advance(500);
        let next = app.refresh(owners["refresh_token"].as_str().expect("a token")).await.json();
        world.advance(60);
        assert_eq!(app.refresh(thiefs["refresh_token"].as_str().expect("a token")).await.error(), "invalid_grant");
        assert_eq!(app.introspect(next["access_token"].as_str().expect("a token")).await["active"], false);
        assert_eq!(app.refresh(next["refresh_token"].as_str().expect("a token")).await.error(), "invalid_grant");
    }
}
