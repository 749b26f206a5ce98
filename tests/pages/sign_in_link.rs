//! `/sign-in/email-link` and `/sign-in/link`.

use serde_json::{Value, json};
use tessera::flows::letters::LetterKind;
use tessera::flows::people::UserChanges;
use tessera::protocol::audit::{Actor, Origin};

use super::assert_page;
use super::authenticator::signed_in;
use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::client::{REDIRECT, claims_of};
use crate::support::world::{ISSUER, PASSWORD};
use crate::support::{App, Browser, Page, World};

const ASK: &str = "/sign-in/email-link";
const LINK: &str = "/sign-in/link";

async fn ask(browser: &mut Browser, identifier: &str) -> Page {
    let page = browser.open(ASK).await;
    browser
        .submit(&page, ASK, &[("identifier", identifier)])
        .await
}

async fn link(world: &World) -> String {
    world.letter_link(LetterKind::SignInLink).await
}

async fn asked(world: &World, identifier: &str) -> (Browser, String) {
    let mut browser = Browser::new(world);
    assert_page(&ask(&mut browser, identifier).await, 200);
    (browser, link(world).await)
}

async fn follow(browser: &mut Browser, link: &str) -> Page {
    let page = browser.open(link).await;
    assert_page(&page, 200);
    assert!(page.has("login"), "{}", page.answer.body);
    browser.submit(&page, LINK, &[]).await
}

/// The newest event of a kind.
async fn event(world: &World, kind: &str) -> Value {
    let events = world.audit().await;
    events
        .into_iter()
        .find(|event| event["kind"] == kind)
        .unwrap_or_default()
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn a_link_signs_in_once_and_looking_at_it_spends_nothing(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        assert!(browser.open("/sign-in").await.has("email-link"));
        let page = browser.open(ASK).await;
        assert_page(&page, 200);
        assert_page(&browser.submit(&page, ASK, &[("identifier", " ")]).await, 422);
        ask(&mut browser, "alice").await;
        let first = link(&world).await;
        ask(&mut browser, "alice@example.org").await;
        let second = link(&world).await;
        // Software follows the links in mail, and so do people, more than once.
        for _ in 0..3 {
            let page = browser.open(&first).await;
            assert_page(&page, 200);
            assert!(page.has("login") && page.answer.body.contains("alice"));
        }
        assert_eq!(browser.open("/account").await.url, "/sign-in");
        let page = follow(&mut browser, &first).await;
        assert_eq!(page.url, "/account");
        let signed_in = event(&world, "sign_in").await;
        assert_eq!((&signed_in["outcome"], &signed_in["amr"]), (&json!("success"), &json!(["otp"])));
        for spent in [&first, &second] {
            let page = browser.open(spent).await;
            assert_page(&page, 410);
            assert!(!page.has("login") && page.has("new-link"));
        }
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn two_presses_at_once_sign_in_once_and_it_ends_after_a_quarter_of_an_hour(world: World) {
        world.user("alice").await;
        let (mut browser, link) = asked(&world, "alice").await;
        let page = browser.open(&link).await;
        let mut other = browser.clone();
        let (one, two) = tokio::join!(browser.submit(&page, LINK, &[]), other.submit(&page, LINK, &[]));
        let mut urls = [one.url, two.url];
        urls.sort();
        assert_eq!(urls, ["/account", LINK]);
        let (mut browser, link) = asked(&world, "alice").await;
        let page = browser.open(&link).await;
        world.advance(15 * 60);
        assert_page(&browser.open(&link).await, 410);
        assert_page(&browser.submit(&page, LINK, &[]).await, 410);
        assert_page(&browser.open("/sign-in/link?token=x").await, 410);
        assert_page(&browser.open(LINK).await, 410);
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn another_browser_is_not_signed_in_and_does_not_spend_it(world: World) {
        world.user("alice").await;
        let (mut mine, link) = asked(&world, "alice").await;
        let mut other = Browser::new(&world);
        let page = other.open(&link).await;
        assert_page(&page, 403);
        assert!(page.has("new-link") && !page.has("login") && !page.answer.body.contains("alice"));
        // With the form of a link of its own.
        let own = other.open("/sign-in").await;
        let token = link.split_once("token=").expect("a token").1;
        assert_page(&other.submit(&own, LINK, &[("token", token)]).await, 403);
        assert_eq!(other.open("/account").await.url, "/sign-in");
        // Nor does a click elsewhere sign in the browser that asked.
        assert_eq!(mine.open("/account").await.url, "/sign-in");
        assert_eq!(follow(&mut mine, &link).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn asvs_v6_3_8_the_answer_is_the_same_for_everybody_and_nobody(world: World) {
        world.user("alice").await;
        let bobby = world.user("bobby").await;
        world.tessera.set_user_disabled(bobby.id, true, Actor::Operator, Origin::default()).await.expect("disabled");
        let mut carol = world.user("carol").await;
        carol.email_verified = false;
        let now = world.tessera.now();
        let write = world.tessera.store.write::<_, tessera::flows::Internal, _>(move |tx| {
            Box::pin(async move { Ok(tessera::storage::users::update(tx, &carol, now).await?) })
        });
        write.await.expect("written");
        let mut fresh = Browser::new(&world);
        fresh.open(ASK).await;
        let mut seen = Vec::new();
        for (name, letters) in [("alice", 1), ("bobby", 0), ("carol", 0), ("diana", 0)] {
            let mut browser = fresh.clone();
            let answer = ask(&mut browser, name).await;
            assert_page(&answer, 200);
            assert_eq!(world.letters().await.len(), letters, "{name}");
            let mut headers = answer.answer.headers.clone();
            headers.remove("x-request-id").expect("a name of its own");
            seen.push((answer.answer.body.replace(name, "NAME"), headers));
        }
        for other in &seen[1..] {
            assert_eq!(seen[0], *other);
        }
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn letters_are_limited_by_name_and_by_address(world: World) {
        world.user("alice").await;
        let mut sent = 0;
        for _ in 0..8 {
            let status = ask(&mut Browser::new(&world), "alice").await.answer.status;
            assert!([200, 429].contains(&status), "{status}");
            sent += usize::from(status == 200);
        }
        assert_eq!((sent, world.letters().await.len()), (5, 5));
        let mut heard = 0;
        for n in 0..60 {
            heard += usize::from(ask(&mut Browser::new(&world), &format!("nobody{n}")).await.answer.status == 200);
        }
        assert_eq!(heard, 45);
    }
}

on_both_engines! {
    with |config| { config.codes.magic_link = true; config.codes.email = true; };
    async fn a_second_factor_is_asked_for_and_neither_password_nor_mailbox_is_one(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, link) = asked(&world, "alice").await;
        let page = follow(&mut browser, &link).await;
        assert_eq!(page.url, "/sign-in/step");
        assert!(page.has("code") && page.has("with-recovery_code"));
        // Whoever reads the mailbox gets no further by another letter, nor by the password.
        assert!(!page.has("with-email_code") && !page.has("with-password"));
        for (method, field, answer) in [("password", "password", PASSWORD), ("email_code", "send", "yes")] {
            assert_eq!(browser.step(&page, method, field, answer).await.url, "/sign-in/step");
        }
        assert!(world.letters().await.is_empty());
        assert_eq!(browser.open("/account").await.url, "/sign-in");
        assert_page(&browser.step(&page, "totp", "code", "000000").await, 401);
        assert_eq!(app.answer(&mut browser, &page).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn the_request_that_waits_goes_on_in_the_browser_that_asked(world: World) {
        world.user("alice").await;
        let client = App::register(&world, json!({"scope": "openid"})).await;
        let mut browser = Browser::new(&world);
        let request = client.request(&[("scope", Some("openid")), ("login_hint", Some("alice"))]);
        let page = browser.open(&request).await;
        let ticket = page.field("request").expect("a ticket");
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("request", &ticket).finish();
        let page = browser.open(&format!("{ASK}?{query}")).await;
        assert_eq!(page.field("identifier").as_deref(), Some("alice"));
        browser.submit(&page, ASK, &[("identifier", "alice")]).await;
        let link = link(&world).await;
        assert!(link.starts_with(&format!("{ISSUER}{LINK}?token=")) && link.len() < 120, "{link}");
        let page = browser.open(&link).await;
        assert!(page.answer.body.contains("Rows"));
        // The form ends, by redirects, at the application.
        assert!(page.answer.header("content-security-policy").contains("https://app.example"));
        let page = browser.submit(&page, LINK, &[]).await;
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await.followed();
        assert!(page.location().starts_with(REDIRECT), "{}", page.answer.body);
        let tokens = client.redeem(&page.parameter("code").expect("a code")).await.json();
        let claims = claims_of(tokens["id_token"].as_str().expect("an ID token"));
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("aal1"), &json!(["otp"])));
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn a_link_is_void_when_the_address_or_the_account_is_another_by_then(world: World) {
        let alice = world.user("alice").await;
        let (mut browser, old) = asked(&world, "alice").await;
        let mut moved = alice.clone();
        moved.take_email("alice@example.net");
        let now = world.tessera.now();
        let write = world.tessera.store.write::<_, tessera::flows::Internal, _>(move |tx| {
            Box::pin(async move { Ok(tessera::storage::users::update(tx, &moved, now).await?) })
        });
        write.await.expect("written");
        assert_page(&browser.open(&old).await, 410);
        let (mut browser, fresh) = asked(&world, "alice").await;
        let page = browser.open(&fresh).await;
        world.tessera.set_user_disabled(alice.id, true, Actor::Operator, Origin::default()).await.expect("disabled");
        assert_page(&browser.submit(&page, LINK, &[]).await, 410);
    }
}

on_both_engines! {
    async fn there_is_no_such_way_unless_it_is_switched_on(world: World) {
        world.user("alice").await;
        let on = world.beside(|config| config.codes.magic_link = true).await;
        let (_, link) = asked(&on, "alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open("/account/profile").await;
        assert!(!Browser::new(&world).open("/sign-in").await.has("email-link"));
        assert_page(&browser.open(ASK).await, 404);
        assert_page(&browser.submit(&page, ASK, &[("identifier", "alice")]).await, 404);
        assert_page(&browser.open(&link).await, 410);
        assert!(world.letters().await.is_empty());
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn a_link_on_its_way_ends_with_the_password_and_with_the_address(world: World) {
        let alice = world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let (mut thief, first) = asked(&world, "alice").await;
        assert!(thief.open(&first).await.has("login"));
        let page = owner.open("/account").await;
        let words = [("current_password", PASSWORD), ("password", "three brown kettles sing")];
        assert_page(&owner.submit(&page, "/account/password", &words).await, 200);
        world.letters().await;
        assert_page(&thief.open(&first).await, 410);

        let (mut thief, second) = asked(&world, "alice").await;
        let page = owner.open("/forgot-password").await;
        owner.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let page = owner.open(&world.letter_link(LetterKind::ResetPassword).await).await;
        assert_page(&owner.submit(&page, "/reset-password", &[("password", "four brown kettles sing")]).await, 200);
        world.letters().await;
        assert_page(&thief.open(&second).await, 410);

        let (mut thief, third) = asked(&world, "alice").await;
        let changes = UserChanges { email: Some("ada@new.example".to_owned()), ..UserChanges::default() };
        let done = world.tessera.change_user(alice.id, changes, Actor::Operator, Origin::default()).await;
        done.expect("the database").expect("changed");
        let back = UserChanges { email: Some("alice@example.org".to_owned()), ..UserChanges::default() };
        let done = world.tessera.change_user(alice.id, back, Actor::Operator, Origin::default()).await;
        done.expect("the database").expect("changed");
        assert_page(&thief.open(&third).await, 410);
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn asvs_v6_5_5_a_link_lives_ten_minutes(world: World) {
        world.user("alice").await;
        let (mut browser, letter) = asked(&world, "alice").await;
        world.advance(599);
        let page = browser.open(&letter).await;
        assert_page(&page, 200);
        world.advance(1);
        assert_ne!(browser.submit(&page, LINK, &[]).await.url, "/account");
        assert_page(&browser.open(&letter).await, 410);
        let (mut browser, letter) = asked(&world, "alice").await;
        world.advance(599);
        assert_eq!(follow(&mut browser, &letter).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn asvs_v6_3_1_a_stranger_who_asks_all_day_keeps_no_owner_from_a_link_on_a_device_of_theirs(world: World) {
        world.user("alice").await;
        let mut known = signed_in(&world, "alice").await;
        let page = known.open("/sign-out").await;
        known.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        let mut stranger = Browser::new(&world);
        let mut last = 200;
        for _ in 0..12 {
            last = ask(&mut stranger, "alice").await.answer.status;
        }
        assert_eq!(last, 429);
        world.letters().await;
        assert_page(&ask(&mut Browser::new(&world), "alice").await, 429);
        assert_page(&ask(&mut known, "alice").await, 200);
        let letter = link(&world).await;
        assert_eq!(follow(&mut known, &letter).await.url, "/account");
        // A device has a budget too, and somebody else's name none of it.
        world.user("bobby").await;
        for _ in 0..12 {
            last = ask(&mut known, "alice").await.answer.status;
        }
        assert_eq!(last, 429);
        assert_page(&ask(&mut stranger, "bobby").await, 200);
    }
}
