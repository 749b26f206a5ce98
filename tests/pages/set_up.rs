//! `/setup`: the first administrator.

use tessera::base::Secret;
use tessera::flows::account::NewUser;
use tessera::protocol::audit::{Actor, Origin};

use super::{assert_page, signs_in};
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser};

const FIELDS: [(&str, &str); 3] = [
    ("username", "rooty"),
    ("email", "rooty@example.org"),
    ("password", PASSWORD),
];

on_both_engines! {
    async fn the_set_up_link_makes_one_administrator_and_no_second_one(world: World) {
        let link = world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let (mut first, mut second) = (Browser::new(&world), Browser::new(&world));
        let form = first.open(&link).await;
        assert_page(&form, 200);
        let late = second.open(&link).await;
        for (name, value) in [("username", "a b"), ("email", "rooty"), ("password", "short")] {
            let mut fields = FIELDS.to_vec();
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
            let refused = first.submit(&form, "/setup", &fields).await;
            assert_page(&refused, 422);
            assert!(refused.has(&format!("{name}-problem")), "{name}");
        }
        let made = first.submit(&form, "/setup", &FIELDS).await;
        assert_page(&made, 200);
        assert!(made.has("login"), "{}", made.answer.body);
        assert_page(&first.open(&link).await, 410);
        let other = [("username", "toory"), ("email", "toory@example.org"), ("password", PASSWORD)];
        assert_page(&second.submit(&late, "/setup", &other).await, 410);
        // What to do next, for as long as there is nothing.
        let account = async || {
            let mut browser = Browser::new(&world);
            let page = browser.open("/sign-in").await;
            browser.sign_in(&page, "rooty", PASSWORD).await
        };
        let page = account().await;
        assert!(page.has("first-steps") && page.answer.body.contains("tessera client create"));
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.has("current_password") && !page.has("first-steps"), "no administrator");
        App::register(&world, serde_json::json!({})).await;
        assert!(!account().await.has("first-steps"));
        assert!(signs_in(&world, "rooty", PASSWORD).await);
        assert!(!signs_in(&world, "toory", PASSWORD).await);
        assert!(world.tessera.offer_set_up_link().await.expect("the database").is_none());
    }
}

on_both_engines! {
    async fn an_expired_a_replaced_and_a_made_up_set_up_link_are_gone(world: World) {
        let offer = async || world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let mut browser = Browser::new(&world);
        assert_page(&browser.open("/setup").await, 410);
        assert_page(&browser.open("/setup?token=made-up").await, 410);
        let replaced = offer().await;
        let form = browser.open(&replaced).await;
        let link = offer().await;
        assert_page(&browser.open(&replaced).await, 410);
        assert_page(&browser.submit(&form, "/setup", &FIELDS).await, 410);
        world.advance(30 * 60 - 1);
        let form = browser.open(&link).await;
        assert_page(&form, 200);
        world.advance(1);
        assert_page(&browser.open(&link).await, 410);
        assert_page(&browser.submit(&form, "/setup", &FIELDS).await, 410);
        assert!(!signs_in(&world, "rooty", PASSWORD).await);
    }
}

on_both_engines! {
    async fn the_set_up_link_used_again_says_that_all_is_done_and_leads_to_sign_in(world: World) {
        let link = world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let mut browser = Browser::new(&world);
        let page = browser.open(&link).await;
        assert!(page.has("setup"), "{}", page.answer.body);
        let founder = [("username", "founder"), ("email", "founder@example.org"), ("password", PASSWORD)];
        let made = browser.submit(&page, "/setup", &founder).await;
        assert!(made.has("login"), "{}", made.answer.body);
        // Opened again, and sent again from a tab that was left open.
        for again in [browser.open(&link).await, browser.submit(&page, "/setup", &founder).await] {
            assert_eq!(again.answer.status, 410);
            let body = &again.answer.body;
            assert!(body.contains("Already set up") && body.contains("href=\"/sign-in\""), "{body}");
            assert!(!body.contains("Start the server again"), "{body}");
        }
    }
}

on_both_engines! {
    async fn the_set_up_link_is_done_when_the_command_line_made_the_administrator(world: World) {
        let link = world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let mut browser = Browser::new(&world);
        let stale = browser.open("/setup?token=of-an-earlier-start").await;
        assert!(stale.answer.body.contains("Start the server again"), "{}", stale.answer.body);
        let root = NewUser {
            username: "root".to_owned(),
            email: "root@example.org".to_owned(),
            name: String::new(),
            password: Secret::new(PASSWORD.to_owned()),
            administrator: true,
            email_verified: true,
        };
        let made = world.tessera.create_user(root, Actor::Operator, Origin::default()).await;
        assert!(made.expect("the database").is_ok());
        let page = browser.open(&link).await;
        assert!(page.answer.body.contains("Already set up"), "{}", page.answer.body);
    }
}
