//! A client presents a code that was issued to another one (RFC 6749 §4.1.3).

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;

on_both_engines! {
    async fn rfc6749_4_1_3_another_clients_code_is_refused_and_stays_good_for_its_owner(world: World) {
        world.user("alice").await;
        let owner = App::register(&world, json!({})).await;
        let thief = App::register(&world, json!({})).await;
        let code = owner.code("alice").await;
        assert_eq!(thief.redeem(&code).await.error(), "invalid_grant");
        let tokens = owner.redeem(&code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        // Nor can the thief end the owner's grant with the spent code or the refresh token.
        assert_eq!(thief.redeem(&code).await.error(), "invalid_grant");
        let refresh = tokens.json()["refresh_token"].as_str().expect("a token").to_owned();
        assert_eq!(thief.refresh(&refresh).await.error(), "invalid_grant");
        assert_eq!(owner.refresh(&refresh).await.status, 200);
    }
}
