//! The victim signs in on a session that the attacker knows; a session outlives its end.

use crate::on_both_engines;
use crate::support::Browser;
use crate::support::world::PASSWORD;

/// The name of the session cookie: the one that is neither anti-forgery nor device.
const SESSION: &str = "tessera";

on_both_engines! {
    async fn asvs_v7_2_4_a_planted_or_old_cookie_does_not_become_signed_in(world: World) {
        world.user("alice").await;
        world.user("mallory").await;
        let mut attacker = Browser::new(&world);
        let page = attacker.open("/sign-in").await;
        attacker.sign_in(&page, "mallory", PASSWORD).await;
        let planted = attacker.cookies[SESSION].clone();
        let mut victim = Browser::new(&world);
        victim.cookies.insert(SESSION.to_owned(), planted.clone());
        let page = victim.open("/sign-in").await;
        assert_eq!(victim.sign_in(&page, "alice", PASSWORD).await.url, "/account");
        assert_ne!(victim.cookies[SESSION], planted);
        assert_ne!(attacker.open("/account").await.url, "/account", "the planted cookie is worthless");
        // Signing in again changes it again.
        let before = victim.clone();
        let page = victim.open("/sign-in/another").await;
        victim.sign_in(&page, "alice", PASSWORD).await;
        assert_ne!(victim.cookies[SESSION], before.cookies[SESSION]);
        assert_ne!(before.clone().open("/account").await.url, "/account");
    }
}

on_both_engines! {
    async fn asvs_v7_4_1_a_signed_out_cookie_stays_dead_even_for_a_request_that_was_on_its_way(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        let mut stolen = browser.clone();
        let mut slow = browser.clone();
        let out = browser.open("/sign-out").await;
        let (_, _) = tokio::join!(browser.submit(&out, "/sign-out", &[("decision", "logout")]), slow.open("/account"));
        assert!(!browser.cookies.contains_key(SESSION));
        assert_ne!(stolen.open("/account").await.url, "/account");
        assert_ne!(slow.open("/account").await.url, "/account");
    }
}

on_both_engines! {
    async fn asvs_v7_2_4_half_a_sign_in_is_not_in_a_cookie_that_somebody_planted(world: World) {
        let alice = world.user("alice").await;
        world.user("mallory").await;
        let app = crate::support::authenticator::Authenticator::of(&world, &alice).await;
        let mut attacker = Browser::new(&world);
        let page = attacker.open("/sign-in").await;
        attacker.sign_in(&page, "mallory", PASSWORD).await;
        let planted = attacker.cookies[SESSION].clone();
        let mut victim = Browser::new(&world);
        victim.cookies.insert(SESSION.to_owned(), planted.clone());
        let page = victim.open("/sign-in/another").await;
        let step = victim.sign_in(&page, "alice", PASSWORD).await;
        assert!(step.url.starts_with("/sign-in/step"), "{}", step.url);
        let half = victim.cookies[SESSION].clone();
        assert_ne!(half, planted);
        // Who knows the planted one cannot go on with her password behind them.
        let page = attacker.open("/sign-in/step").await;
        assert!(!page.has("code"), "{}", page.answer.body);
        // And the whole of it changes it once more.
        assert_eq!(app.answer(&mut victim, &step).await.url, "/account");
        assert_ne!(victim.cookies[SESSION], half);
    }
}
