//! Two tabs (or a tab and a thief) refresh in the same moment (RFC 9700 §4.14.2).

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;

on_both_engines! {
    async fn rfc9700_4_14_2_a_retry_kills_the_token_that_it_replaces(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let shared = tokens["refresh_token"].as_str().expect("a token");
        let (one, two) = tokio::join!(app.refresh(shared), app.refresh(shared));
        assert_eq!((one.status, two.status), (200, 200), "a lost response may be asked for again");
        let mut working = 0;
        for answer in [one, two] {
            let token = answer.json()["refresh_token"].as_str().expect("a token").to_owned();
            working += usize::from(app.refresh(&token).await.status == 200);
        }
        assert_eq!(working, 1, "one lineage");
    }
}
