//! A token of one kind is used as another (RFC 8725 §2.8, RFC 9068 §2.1).

use serde_json::json;

use crate::support::{App, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc8725_2_8_an_id_token_or_a_refresh_token_is_not_an_access_token() {
    let world = World::sqlite().await;
    world.user("alice").await;
    for format in ["jwt", "opaque"] {
        let app = App::register(&world, json!({"access_token_format": format})).await;
        let tokens = app.tokens("alice").await;
        let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        assert_eq!(app.userinfo(&token("access_token")).await.status, 200);
        assert_eq!(app.userinfo(&token("id_token")).await.status, 401);
        assert_eq!(app.userinfo(&token("refresh_token")).await.status, 401);
        assert_eq!(app.introspect(&token("id_token")).await["active"], false);
        assert_eq!(
            app.refresh(&token("access_token")).await.error(),
            "invalid_grant"
        );
        assert_eq!(
            app.refresh(&token("id_token")).await.error(),
            "invalid_grant"
        );
        assert_eq!(
            app.redeem(&token("refresh_token")).await.error(),
            "invalid_grant"
        );
    }
}
