//! A stranger fills the audit log, so that nobody reads it any more (OWASP ASVS V16.4).

use serde_json::json;

use crate::on_both_engines;
use crate::support::{App, Browser, World};

async fn recorded(world: &World, kind: &str) -> usize {
    let events = world.audit().await;
    events.iter().filter(|event| event["kind"] == kind).count()
}

on_both_engines! {
    async fn asvs_v16_4_a_code_that_is_replayed_a_hundred_times_is_recorded_once(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let code = app.code("alice").await;
        assert_eq!(app.redeem(&code).await.status, 200);
        for _ in 0..40 {
            assert_eq!(app.redeem(&code).await.error(), "invalid_grant");
        }
        assert_eq!(recorded(&world, "code.replayed").await, 1);
        assert!(recorded(&world, "token.refused").await <= 20);
    }
}

on_both_engines! {
    async fn asvs_v16_4_tries_that_are_slowed_down_are_recorded_in_part(world: World) {
        world.user("alice").await;
        for _ in 0..45 {
            let mut browser = Browser::new(&world);
            let page = browser.open("/sign-in").await;
            browser.sign_in(&page, "alice", "a guess").await;
        }
        assert_eq!(recorded(&world, "sign_in").await, 5);
        assert_eq!(recorded(&world, "sign_in.slowed").await, 20);
    }
}

on_both_engines! {
    async fn rfc6749_5_2_wrong_secrets_of_a_client_are_recorded_in_part(world: World) {
        let app = App::register(&world, json!({})).await;
        let wrong = App { secret: "wrong".to_owned(), ..app.clone() };
        for _ in 0..45 {
            assert_eq!(wrong.token(&[("grant_type", "refresh_token"), ("refresh_token", "x")]).await.error(), "invalid_client");
        }
        assert_eq!(recorded(&world, "client_authentication.failed").await, 20);
    }
}
