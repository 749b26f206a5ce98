//! The owner hears of every change of what opens the account, and can say "it was not me"
//! (OWASP ASVS 5.0 V6.3.6).

use tessera::base::Secret;
use tessera::flows::hotp::NewToken;
use tessera::flows::letters::LetterKind;
use tessera::protocol::audit::Origin;

use super::authenticator::at_the_step;
use super::{assert_page, passkeys, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, PAGE, recovery_codes};
use crate::support::{Browser, SecurityKey, World};

async fn told(world: &World) -> Vec<LetterKind> {
    let letters = world.letters().await;
    letters.iter().map(|letter| letter.kind).collect()
}

on_both_engines! {
    async fn setting_up_and_removing_an_app_is_told_and_its_new_name_is_not(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        let app = Authenticator::scan(&world, &page);
        app.confirm(&mut browser, &page, PAGE).await;
        assert_eq!(told(&world).await, [LetterKind::FactorAdded]);
        let page = browser.open(PAGE).await;
        let device = page.field("device").expect("a device");
        let rename = [("change", "rename"), ("device", device.as_str()), ("name", "Tablet")];
        assert_page(&browser.submit(&page, PAGE, &rename).await, 200);
        assert_eq!(told(&world).await, []);
        let page = browser.open("/account/recovery").await;
        assert_eq!(recovery_codes(&browser.submit(&page, "/account/recovery", &[]).await).len(), 10);
        assert_eq!(told(&world).await, [LetterKind::FactorAdded]);
        let page = browser.open(PAGE).await;
        let remove = [("change", "remove"), ("device", device.as_str())];
        assert_page(&browser.submit(&page, PAGE, &remove).await, 200);
        assert_eq!(told(&world).await, [LetterKind::FactorRemoved]);
    }
}

on_both_engines! {
    async fn a_hardware_token_from_an_operator_is_told_too(world: World) {
        let alice = world.user("alice").await;
        let token = NewToken {
            seed: Secret::new(vec![7; 20]),
            name: "Feitian 1".to_owned(),
            digits: 6,
            counter: 0,
        };
        let added = world.tessera.add_token(alice.id, token, Origin::default()).await;
        let device = added.expect("the database").expect("a device");
        assert_eq!(told(&world).await, [LetterKind::FactorAdded]);
        let gone = world.tessera.take_device(alice.id, device.id, Origin::default()).await;
        assert!(gone.expect("the database"));
        assert_eq!(told(&world).await, [LetterKind::FactorRemoved]);
    }
}

on_both_engines! {
    async fn a_recovery_code_that_is_used_is_told_and_one_that_is_wrong_is_not(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        let wrong = browser.step(&page, "recovery_code", "code", "0000-0000-0000-0000").await;
        assert_page(&wrong, 401);
        assert_eq!(told(&world).await, []);
        let right = browser.step(&page, "recovery_code", "code", &app.recovery[0]).await;
        assert_eq!(right.url, "/account");
        assert_eq!(told(&world).await, [LetterKind::RecoveryCodeUsed]);
    }
}

on_both_engines! {
    async fn a_first_passkey_comes_with_recovery_codes_and_a_letter_and_the_last_one_takes_them_along(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut browser = signed_in(&world, "alice").await;
        let page = passkeys::add(&mut browser, &mut key).await;
        assert_page(&page, 200);
        let codes = recovery_codes(&page);
        assert_eq!(codes.len(), 10);
        assert_eq!(told(&world).await, [LetterKind::FactorAdded]);
        world.advance(1);
        let mut spare = SecurityKey { aaguid: [0; 16], ..SecurityKey::new() };
        assert_eq!(recovery_codes(&passkeys::add(&mut browser, &mut spare).await).len(), 0);
        assert_eq!(told(&world).await, [LetterKind::FactorAdded]);
        // One of them stands in for the passkey.
        let (mut other, step) = at_the_step(&world, "alice").await;
        assert!(step.has("with-recovery_code"));
        assert_eq!(other.step(&step, "recovery_code", "code", &codes[0]).await.url, "/account");
        told(&world).await;
        for left in [9, 0] {
            // What the removed one proved is forgotten: the spare one proves it anew.
            assert_eq!(passkeys::sign_in(&mut browser, &mut spare).await.url, "/account");
            let path = passkeys::link(&browser.open("/account").await);
            let page = browser.open(&path).await;
            assert_page(&browser.submit(&page, &path, &[("change", "remove")]).await, 200);
            assert_eq!(told(&world).await, [LetterKind::FactorRemoved]);
            let alice = world.tessera.find_user("alice").await.expect("the database").expect("alice");
            assert_eq!(world.tessera.recovery_codes_left(alice.id).await.expect("the database"), left);
        }
    }
}

on_both_engines! {
    async fn webauthn_6_1_1_a_passkey_that_is_blocked_is_told(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        passkeys::enrol(&world, "alice", &mut key).await;
        let mut copy = key.clone();
        assert_eq!(passkeys::sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
        told(&world).await;
        assert_page(&passkeys::sign_in(&mut Browser::new(&world), &mut copy).await, 401);
        assert_eq!(told(&world).await, [LetterKind::PasskeySuspended]);
        // Once: what is blocked is not told again.
        assert_page(&passkeys::sign_in(&mut Browser::new(&world), &mut copy).await, 401);
        assert_eq!(told(&world).await, []);
    }
}

on_both_engines! {
    async fn not_me_takes_back_the_passkey_that_was_added_and_leaves_what_was_there(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        // Somebody at her unlocked computer, a day later.
        world.advance(86_400);
        let (mut thief, page) = at_the_step(&world, "alice").await;
        assert_eq!(app.answer(&mut thief, &page).await.url, "/account");
        let mut key = SecurityKey::new();
        assert_page(&passkeys::add(&mut thief, &mut key).await, 200);
        let link = world.letter_link(LetterKind::FactorAdded).await;
        assert_eq!(passkeys::sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
        world.advance(3_600);
        let mut owner = Browser::new(&world);
        let page = owner.open(&link).await;
        let said = owner.submit(&page, "/not-me", &[("decision", "lock")]).await;
        assert_page(&said, 200);
        assert_page(&passkeys::sign_in(&mut Browser::new(&world), &mut key).await, 401);
        assert_eq!(thief.open("/account").await.url, "/sign-in");
        // Hers is still there: a new password alone does not open the account.
        world.set_password(&alice, crate::support::world::PASSWORD).await;
        let (mut browser, step) = at_the_step(&world, "alice").await;
        assert!(!step.has("with-passkey"), "{}", step.answer.body);
        assert_eq!(app.answer(&mut browser, &step).await.url, "/account");
    }
}

on_both_engines! {
    async fn what_people_call_their_devices_is_not_in_the_audit_log(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open(PAGE).await;
        Authenticator::scan(&world, &page).confirm(&mut browser, &page, PAGE).await;
        assert_page(&passkeys::add(&mut browser, &mut SecurityKey::new()).await, 200);
        let page = browser.open(PAGE).await;
        let device = page.field("device").expect("a device");
        let rename = [("change", "rename"), ("device", device.as_str()), ("name", "Zaphod")];
        assert_page(&browser.submit(&page, PAGE, &rename).await, 200);
        let path = passkeys::link(&browser.open("/account").await);
        let page = browser.open(&path).await;
        assert_page(&browser.submit(&page, &path, &[("change", "rename"), ("name", "Zaphod")]).await, 200);
        for path in [&path, PAGE] {
            let page = browser.open(path).await;
            let remove = [("change", "remove"), ("device", device.as_str())];
            assert_page(&browser.submit(&page, path, &remove).await, 200);
        }
        let changed: Vec<_> = world.audit().await.into_iter().filter(|event| event["kind"] == "factor.changed").collect();
        assert_eq!(changed.len(), 6, "{changed:?}");
        for event in changed {
            assert!(event["factor_id"].is_string() && event.get("name").is_none(), "{event}");
            assert!(!event.to_string().contains("Zaphod"), "{event}");
        }
    }
}

/// Presses "it was not me" in the letter of this kind.
async fn not_me(world: &World, kind: LetterKind) {
    let link = world.letter_link(kind).await;
    world.advance(3_600);
    let mut owner = Browser::new(world);
    let page = owner.open(&link).await;
    let said = owner
        .submit(&page, "/not-me", &[("decision", "lock")])
        .await;
    assert_page(&said, 200);
}

on_both_engines! {
    async fn not_me_takes_back_the_app_that_was_added_and_its_codes_open_nothing(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        world.advance(86_400);
        let (mut thief, page) = at_the_step(&world, "alice").await;
        assert_eq!(app.answer(&mut thief, &page).await.url, "/account");
        world.advance(30);
        let page = thief.open(PAGE).await;
        let theirs = Authenticator::scan(&world, &page);
        assert_page(&theirs.confirm(&mut thief, &page, PAGE).await, 200);
        world.advance(30);
        let (mut again, step) = at_the_step(&world, "alice").await;
        assert_eq!(theirs.answer(&mut again, &step).await.url, "/account");
        not_me(&world, LetterKind::FactorAdded).await;
        for browser in [&mut thief, &mut again] {
            assert_eq!(browser.open("/account").await.url, "/sign-in");
        }
        world.set_password(&alice, crate::support::world::PASSWORD).await;
        let (mut browser, step) = at_the_step(&world, "alice").await;
        assert_page(&theirs.answer(&mut browser, &step).await, 401);
        assert_eq!(app.answer(&mut browser, &step).await.url, "/account");
    }
}

on_both_engines! {
    async fn not_me_takes_back_recovery_codes_that_somebody_made_anew(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        world.advance(86_400);
        let (mut thief, page) = at_the_step(&world, "alice").await;
        assert_eq!(app.answer(&mut thief, &page).await.url, "/account");
        let page = thief.open("/account/recovery").await;
        let theirs = recovery_codes(&thief.submit(&page, "/account/recovery", &[]).await);
        assert_eq!(theirs.len(), 10);
        not_me(&world, LetterKind::FactorAdded).await;
        world.set_password(&alice, crate::support::world::PASSWORD).await;
        let (mut browser, step) = at_the_step(&world, "alice").await;
        assert!(!step.has("with-recovery_code"), "{}", step.answer.body);
        browser.step(&step, "recovery_code", "code", &theirs[0]).await;
        assert_eq!(browser.open("/account").await.url, "/sign-in");
        // The app is hers, and still opens the account.
        let (mut browser, step) = at_the_step(&world, "alice").await;
        assert_eq!(app.answer(&mut browser, &step).await.url, "/account");
    }
}
