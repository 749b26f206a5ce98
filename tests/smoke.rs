//! The main road, once, before anything else is looked at.

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;

on_both_engines! {
    async fn a_person_signs_in_consents_and_the_application_gets_refreshes_and_uses_tokens(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let access = tokens["access_token"].as_str().expect("an access token");
        assert_eq!(tokens["token_type"], "Bearer");
        assert!(tokens["id_token"].is_string());
        let userinfo = app.userinfo(access).await;
        assert_eq!(userinfo.json()["preferred_username"], "alice", "{}", userinfo.body);
        let refreshed = app.refresh(tokens["refresh_token"].as_str().expect("a refresh token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(app.introspect(access).await["active"], true);
    }
}

on_both_engines! {
    async fn a_machine_gets_its_token(world: World) {
        let machine = App::register(&world, json!({
            "redirect_uris": [], "grant_types": ["client_credentials"], "response_types": [],
            "scope": "rows:read"
        })).await;
        let answer = machine.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()["scope"], "rows:read");
    }
}
