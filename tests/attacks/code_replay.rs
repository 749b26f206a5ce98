//! A code is used twice (RFC 6749 §4.1.2, RFC 9700 §4.2).

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;

on_both_engines! {
    async fn rfc6749_4_1_2_a_second_use_is_refused_and_revokes_what_the_first_one_gave(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let code = app.code("alice").await;
        let first = app.redeem(&code).await.json();
        let (access, refresh) = (first["access_token"].as_str().expect("a token"), first["refresh_token"].as_str().expect("a token"));
        assert_eq!(app.userinfo(access).await.status, 200);
        world.advance(30);
        let second = app.redeem(&code).await;
        assert_eq!((second.status, second.error().as_str()), (400, "invalid_grant"));
        assert_eq!(app.refresh(refresh).await.error(), "invalid_grant");
        assert_eq!(app.introspect(access).await["active"], false);
        assert_eq!(app.userinfo(access).await.status, 401);
        assert!(world.audit().await.iter().any(|event| event["kind"] == "code.replayed" || event["event"] == "code.replayed"), "the replay is on record");
    }
}

on_both_engines! {
    async fn rfc6749_4_1_2_an_expired_code_is_refused(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let code = app.code("alice").await;
        world.advance(61);
        assert_eq!(app.redeem(&code).await.error(), "invalid_grant");
    }
}
