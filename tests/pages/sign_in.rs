//! `/sign-in`

use serde_json::json;

use super::assert_page;
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser};

on_both_engines! {
    async fn rfc6585_4_who_guesses_too_often_is_told_how_long_to_wait(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[])).await;
        for _ in 0..5 {
            let wrong = browser.sign_in(&page, "alice", "a wrong guess").await;
            assert_page(&wrong, 401);
            assert_eq!(wrong.answer.header("retry-after"), "");
            assert!(wrong.has("problems") && wrong.has("login"), "{}", wrong.answer.body);
        }
        let slowed = browser.sign_in(&page, "alice", PASSWORD).await;
        assert_page(&slowed, 429);
        let wait: u64 = slowed.answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(slowed.answer.body.contains("Too many attempts. Please wait"), "{}", slowed.answer.body);
        assert_eq!(slowed.field("username").as_deref(), Some("alice"), "typed once is enough");
        assert!(!slowed.answer.body.contains(PASSWORD));
        world.advance(wait - 1);
        assert_page(&browser.sign_in(&slowed, "alice", PASSWORD).await, 429);
        world.advance(1);
        let consent = browser.sign_in(&slowed, "alice", PASSWORD).await;
        assert!(consent.has("allow"), "the request is not lost: {}", consent.answer.body);
    }
}

on_both_engines! {
    async fn cwe_79_a_name_that_was_typed_comes_back_as_text(world: World) {
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let page = browser.sign_in(&page, "\"><script>alert(1)</script>", "x").await;
        assert_page(&page, 401);
        assert!(!page.answer.body.contains("<script>alert"), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_pages_on_the_way_speak_the_language_that_was_asked_for(world: World) {
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[("ui_locales", Some("de en"))])).await;
        assert!(page.answer.body.contains("lang=\"de\""), "{}", page.url);
        let wrong = browser.sign_in(&page, "alice", "a wrong guess").await;
        assert!(wrong.answer.body.contains("lang=\"de\""), "and after a mistake too");
        let other = page.url.replace("/sign-in", "/sign-in/another");
        assert!(browser.open(&other).await.answer.body.contains("lang=\"de\""));
        assert!(browser.open("/sign-in").await.answer.body.contains("lang=\"en\""));
    }
}
