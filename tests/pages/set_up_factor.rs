//! `/sign-in/set-up`: where everybody needs a second factor.

use serde_json::json;
use tessera::config::SecondFactor;

use super::{assert_page, passkeys};
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, confirm_with, recovery_codes};
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, SecurityKey};

const PAGE: &str = "/sign-in/set-up";

on_both_engines! {
    with |config| config.assurance.second_factor = SecondFactor::Required;
    async fn who_has_no_second_factor_sets_one_up_on_the_way_in(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[])).await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.url.starts_with(PAGE), "{}", page.url);
        assert_page(&page, 200);
        assert!(page.has("seed"));
        // Half a sign-in is none.
        assert_eq!(browser.open("/account").await.url, "/sign-in");
        let device = Authenticator::scan(&world, &page);
        let refused = confirm_with(&mut browser, &page, PAGE, "000000").await;
        assert_page(&refused, 422);
        assert_eq!(Authenticator::scan(&world, &refused).code(), device.code());
        world.advance(1);
        let done = device.confirm(&mut browser, &refused, PAGE).await;
        assert_page(&done, 200);
        assert_eq!(recovery_codes(&done).len(), 10);
        let ticket = page.url.split_once('?').expect("a ticket").1;
        assert!(done.answer.body.contains("href=\"/continue?request="), "{}", done.answer.body);
        let page = browser.open(&format!("/continue?{ticket}")).await;
        assert!(page.has("allow"), "{}", page.answer.body);
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        let code = page.parameter("code").expect("a code");
        let tokens = app.redeem(&code).await.json();
        let claims = crate::support::client::claims_of(tokens["id_token"].as_str().expect("a token"));
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("aal2"), &json!(["otp", "pwd", "mfa"])));
        // And next time it is asked for.
        world.advance(30);
        let mut other = Browser::new(&world);
        let page = other.open("/sign-in").await;
        let page = other.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(page.url, "/sign-in/step");
        assert_eq!(device.answer(&mut other, &page).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.assurance.second_factor = SecondFactor::Required;
    async fn a_thief_of_the_password_who_waits_at_that_page_comes_too_late(world: World) {
        world.user("alice").await;
        let mut thief = Browser::new(&world);
        let page = thief.open("/sign-in").await;
        let waiting = thief.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(waiting.url, PAGE);
        let planted = Authenticator::scan(&world, &waiting);
        let mut owner = Browser::new(&world);
        let page = owner.open("/sign-in").await;
        let page = owner.sign_in(&page, "alice", PASSWORD).await;
        let device = Authenticator::scan(&world, &page);
        assert_eq!(recovery_codes(&device.confirm(&mut owner, &page, PAGE).await).len(), 10);
        let late = planted.confirm(&mut thief, &waiting, PAGE).await;
        assert_eq!(late.url, "/sign-in/step");
        assert!(!late.has("seed"));
        assert_page(&thief.step(&late, "totp", "code", &planted.code()).await, 401);
        // Too old a beginning sets nothing up either.
        assert_eq!(owner.open("/account").await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.assurance.second_factor = SecondFactor::Required;
    async fn of_two_tabs_one_sets_it_up(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let one = browser.sign_in(&page, "alice", PASSWORD).await;
        let two = browser.open(PAGE).await;
        let (first, second) = (Authenticator::scan(&world, &one), Authenticator::scan(&world, &two));
        let mut other = browser.clone();
        let (a, b) = tokio::join!(first.confirm(&mut browser, &one, PAGE), second.confirm(&mut other, &two, PAGE));
        let shown = [&a, &b].iter().filter(|page| recovery_codes(page).len() == 10).count();
        assert_eq!(shown, 1, "{} {}", a.answer.body, b.answer.body);
    }
}

on_both_engines! {
    async fn where_it_is_not_required_the_page_leads_on(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        assert_eq!(browser.open(PAGE).await.url, "/sign-in");
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(browser.open(PAGE).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.assurance.second_factor = SecondFactor::Required;
    async fn a_passkey_does_as_well_and_one_of_somebody_else_does_not(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[])).await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.url.starts_with(PAGE) && page.has("create-passkey") && page.has("seed"), "{}", page.answer.body);
        let mut key = SecurityKey::new();
        let made = key.create(&passkeys::options(&page));
        let done = passkeys::send(&mut browser, &page, PAGE, &made).await;
        assert_page(&done, 200);
        assert_eq!(recovery_codes(&done).len(), 10);
        let ticket = page.url.split_once('?').expect("a ticket").1;
        assert!(browser.open(&format!("/continue?{ticket}")).await.has("allow"));
        // The same page again, which is half a sign-in no more.
        let again = passkeys::send(&mut browser, &page, PAGE, &made).await;
        assert!(recovery_codes(&again).is_empty() && !again.has("seed"), "{}", again.answer.body);
        let mut bob = Browser::new(&world);
        let page = bob.open("/sign-in").await;
        let page = bob.sign_in(&page, "bobby", PASSWORD).await;
        let stolen = key.clone().create(&passkeys::options(&page));
        let refused = passkeys::send(&mut bob, &page, PAGE, &stolen).await;
        assert_page(&refused, 422);
        assert_eq!(bob.open("/account").await.url, "/sign-in");
        // And next time it is enough, alone.
        assert_eq!(passkeys::sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
    }
}
