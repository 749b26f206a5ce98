//! What was refused is in the audit: who guesses is seen (OWASP ASVS 5.0 V16.3.1).

use serde_json::{Value, json};
use tessera::flows::letters::LetterKind;

use super::authenticator::{at_the_step, signed_in};
use super::passkeys::{self, options, recorded, send};
use super::{assert_page, phone};
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, PAGE, confirm_with};
use crate::support::{Browser, Gateway, Page, SecurityKey, World};

async fn assert_recorded(world: &World, kind: &str, reason: &str) {
    assert!(
        recorded(world, kind, Some(reason)).await,
        "{kind} {reason}: {:?}",
        world.audit().await
    );
}

/// With the anti-forgery token that the session has by now: another tab has set something up.
async fn send_again(browser: &mut Browser, page: &Page, code: &str) {
    let fresh = browser.open(PAGE).await;
    let fields = [
        ("csrf", fresh.field("csrf").expect("a token")),
        ("change", "add".to_owned()),
        ("state", page.field("state").expect("a state")),
        ("code", code.to_owned()),
    ];
    let form = fields.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(browser.post(PAGE, &form).await.url, PAGE);
}

on_both_engines! {
    async fn a_code_that_sets_nothing_up_is_recorded_with_its_reason(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        let app = Authenticator::scan(&world, &page);
        assert_page(&confirm_with(&mut browser, &page, PAGE, "000000").await, 422);
        assert_recorded(&world, "factor.changed", "wrong_credentials").await;
        assert_page(&app.confirm(&mut browser, &page, PAGE).await, 200);
        send_again(&mut browser, &page, &app.code()).await;
        assert_recorded(&world, "factor.changed", "set_up_already").await;
        let late = browser.open(PAGE).await;
        for _ in 0..4 {
            world.advance(30);
            let page = browser.open(PAGE).await;
            let more = Authenticator::scan(&world, &page);
            assert_page(&more.confirm(&mut browser, &page, PAGE).await, 200);
        }
        let sixth = Authenticator::scan(&world, &late);
        send_again(&mut browser, &late, &sixth.code()).await;
        assert_recorded(&world, "factor.changed", "too_many").await;
    }
}

on_both_engines! {
    with |config| config.assurance.recent = std::time::Duration::from_hours(1);
    async fn a_page_that_lay_open_sets_nothing_up_and_is_recorded(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        let app = Authenticator::scan(&world, &page);
        world.advance(15 * 60);
        app.confirm(&mut browser, &page, PAGE).await;
        assert_recorded(&world, "factor.changed", "expired").await;
    }
}

on_both_engines! {
    async fn of_two_tabs_the_one_that_lost_its_session_on_the_way_is_recorded(world: World) {
        let alice = world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let live = world.tessera.sessions_of(alice.id).await.expect("the database");
        let person = world.tessera.resolve_session(live[0].id).await.expect("the database").expect("alive");
        let recent = world.tessera.recently(&person).await.expect("the database").expect("recent");
        let enroller = tessera::flows::enrol::Enroller::from(recent);
        let visitor = tessera::base::Digest::of(b"a browser");
        let prompt = world.tessera.offer_passkey(&enroller, visitor).await.expect("the database").expect("passkeys");
        let credential = SecurityKey::new().create(&prompt.options);
        browser.open("/account").await;
        let whose = tessera::flows::session::Whose::Of(alice.id);
        world.tessera.end_as_operator(whose, tessera::protocol::audit::Origin::default()).await.expect("ended");
        let answer = tessera::flows::passkeys::PasskeyAnswer { state: prompt.state, credential, browser: visitor };
        let visit = tessera::flows::admission::Visit {
            device: None,
            user_agent: String::new(),
            here: vec![live[0].id],
            lang: "en".to_owned(),
        };
        let origin = tessera::protocol::audit::Origin::default();
        let added = world.tessera.add_passkey(&enroller, &answer, "Key".to_owned(), visit, origin).await.expect("the database");
        assert!(matches!(added, tessera::flows::passkey_settings::PasskeyAdded::Expired), "{added:?}");
        assert_recorded(&world, "factor.changed", "expired").await;
    }
}

on_both_engines! {
    async fn a_wrong_code_for_a_telephone_is_recorded(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = phone::add(&mut browser, "+4915112345678").await;
        let code = gateway.code().await;
        assert_page(&phone::confirm(&mut browser, &page, &phone::another(&code)).await, 422);
        assert_recorded(&world, "factor.changed", "wrong_credentials").await;
        assert_page(&phone::confirm(&mut browser, &page, &code).await, 200);
    }
}

on_both_engines! {
    with |config| config.codes.magic_link = true;
    async fn a_link_that_is_spent_or_elsewhere_is_recorded(world: World) {
        world.user("alice").await;
        let ask = "/sign-in/email-link";
        let mut browser = Browser::new(&world);
        let page = browser.open(ask).await;
        browser.submit(&page, ask, &[("identifier", "alice")]).await;
        let link = world.letter_link(LetterKind::SignInLink).await;
        let page = browser.open(&link).await;
        let mut other = Browser::new(&world);
        let form = other.open("/sign-in").await;
        let token = page.field("token").expect("a token");
        other.submit(&form, "/sign-in/link", &[("token", &token)]).await;
        assert_recorded(&world, "sign_in", "another_browser").await;
        let before = browser.clone();
        assert_eq!(browser.submit(&page, "/sign-in/link", &[]).await.url, "/account");
        before.clone().submit(&page, "/sign-in/link", &[]).await;
        assert_recorded(&world, "sign_in", "expired_link").await;
    }
}

on_both_engines! {
    async fn rfc6238_5_2_a_code_used_twice_and_an_older_one_are_recorded(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let code = app.code();
        for code in [code, app.code_after(-30)] {
            let (mut browser, page) = at_the_step(&world, "alice").await;
            let done = browser.step(&page, "totp", "code", &code).await;
            if done.url == "/account" {
                assert!(!recorded(&world, "step_up", Some("wrong_credentials")).await);
                let (mut browser, page) = at_the_step(&world, "alice").await;
                assert_page(&browser.step(&page, "totp", "code", &code).await, 401);
            }
        }
        let events = world.audit().await;
        let refused = events.iter().filter(|event| event["kind"] == "step_up" && event["reason"] == "wrong_credentials");
        assert_eq!(refused.count(), 2);
    }
}

async fn begun(world: &World) -> Vec<Value> {
    let events = world.audit().await;
    let begun = events
        .into_iter()
        .filter(|event| event["kind"] == "sign_in.begun");
    begun
        .map(|event| json!([event["method"], event["offer"]]))
        .collect()
}

on_both_engines! {
    async fn half_a_sign_in_is_recorded_with_what_it_was_offered(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        assert_eq!(begun(&world).await, Vec::<Value>::new());
        at_the_step(&world, "alice").await;
        assert_eq!(begun(&world).await, [json!(["password", ["totp", "recovery_code"]])]);
    }
}

on_both_engines! {
    with |config| config.assurance.second_factor = tessera::config::SecondFactor::Required;
    async fn and_so_is_one_that_has_no_way_on(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let page = browser.sign_in(&page, "alice", crate::support::world::PASSWORD).await;
        assert_eq!(page.url, "/sign-in/set-up");
        assert_eq!(begun(&world).await, [json!(["password", []])]);
    }
}

on_both_engines! {
    async fn a_passkey_page_that_is_sent_twice_is_recorded(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open("/account/passkeys/new").await;
        let mut key = SecurityKey::new();
        let made = key.create(&options(&page));
        assert_page(&send(&mut browser, &page, "/account/passkeys/new", &made).await, 200);
        assert_page(&send(&mut browser, &page, "/account/passkeys/new", &made).await, 422);
        assert_recorded(&world, "factor.changed", "expired_challenge").await;
        assert_eq!(passkeys::sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
    }
}
