//! `/sign-out`

use serde_json::json;

use super::assert_page;
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser};

on_both_engines! {
    async fn asvs_v7_4_1_signing_out_ends_this_session_at_once_and_no_other(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let (mut here, mut there) = (Browser::new(&world), Browser::new(&world));
        for browser in [&mut here, &mut there] {
            let page = browser.pass(&app.request(&[]), "alice").await;
            assert!(page.parameter("code").is_some());
        }
        let stolen = here.clone();
        let ask = here.open("/sign-out").await;
        assert_page(&ask, 200);
        assert!(ask.has("logout") && ask.has("stay"), "{}", ask.answer.body);
        assert_eq!(here.open("/account").await.url, "/account", "looking ends nothing");
        let stays = here.submit(&ask, "/sign-out", &[("decision", "stay")]).await;
        assert_eq!(stays.url, "/account");
        assert_page(&here.submit(&ask, "/sign-out", &[]).await, 400);
        assert_eq!(here.open("/account").await.url, "/account", "no decision ends nothing");

        let gone = here.submit(&ask, "/sign-out", &[("decision", "logout")]).await;
        assert_page(&gone, 200);
        assert!(!gone.answer.body.contains("alice"), "{}", gone.answer.body);
        assert!(!here.cookies.contains_key("tessera"), "{:?}", here.cookies);
        assert_eq!(here.open("/account").await.url, "/sign-in");
        let mut thief = stolen.clone();
        assert_eq!(thief.open("/account").await.url, "/sign-in", "a copy of the cookie is dead too");
        assert_eq!(there.open("/account").await.url, "/account");
        // Once more, and by who is nobody: the same page.
        assert_page(&here.open("/sign-out").await, 200);

        let page = here.open("/sign-in").await;
        assert_eq!(here.sign_in(&page, "alice", PASSWORD).await.url, "/account");
    }
}
