//! Every second factor is lost: never in at once with the password alone (OWASP ASVS 5.0 V6.4.4, NIST SP
//! 800-63B-4 §4.2).

use serde_json::json;
use tessera::base::Secret;
use tessera::config::RecoveryProof;
use tessera::flows::admission::Visit;
use tessera::flows::letters::LetterKind;
use tessera::flows::login::{SignInAttempt, SignInOutcome};
use tessera::flows::people::UserChanges;
use tessera::flows::step::{Answer as StepAnswer, Prover, StepOutcome};
use tessera::protocol::audit::{Actor, Origin};

use super::authenticator::at_the_step;
use super::{assert_page, passkeys, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, recovery_codes};
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, SecurityKey, World};

const PAGE: &str = "/sign-in/recover";
const DAY: u64 = 86_400;

/// Asks for a way back, with nothing but the password.
async fn begin(world: &World) -> Page {
    let (mut browser, page) = at_the_step(world, "alice").await;
    assert!(page.has("lost"), "{}", page.answer.body);
    let page = browser.open(PAGE).await;
    assert_page(&page, 200);
    if !page.has("begin") {
        return page;
    }
    browser.submit(&page, PAGE, &[]).await
}

async fn kinds(world: &World) -> Vec<LetterKind> {
    let letters = world.letters().await;
    let mut kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
    // They leave in no order.
    kinds.sort_by_key(|kind| format!("{kind:?}"));
    kinds
}

async fn turn(world: &World) {
    world.tessera.turn_recoveries().await.expect("the database");
}

async fn come_back(browser: &mut Browser, link: &str, password: &str) -> Page {
    let page = browser.open(link).await;
    if page.answer.status == 410 {
        return page;
    }
    let fields = [("password", password), ("decision", "go_on")];
    browser.submit(&page, "/recover", &fields).await
}

async fn happened(world: &World, kind: &str) -> bool {
    world
        .audit()
        .await
        .iter()
        .any(|event| event["kind"] == kind)
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn after_the_wait_password_and_link_set_up_a_new_factor_and_the_lost_ones_are_gone(world: World) {
        let alice = world.user("alice").await;
        let lost = Authenticator::of(&world, &alice).await;
        let (mut elsewhere, page) = at_the_step(&world, "alice").await;
        assert_eq!(lost.answer(&mut elsewhere, &page).await.url, "/account");
        world.letters().await;
        let begun = begin(&world).await;
        assert_page(&begun, 200);
        assert!(begun.answer.body.contains("January 18, 2027"), "{}", begun.answer.body);
        let first = world.letter_link(LetterKind::RecoveryBegun).await;
        // Asked again, it is the same one, and nobody is written to.
        assert_page(&begin(&world).await, 200);
        assert_eq!(kinds(&world).await, []);
        // Before the time neither the link nor the right password opens anything.
        let mut browser = Browser::new(&world);
        for _ in 0..2 {
            let early = come_back(&mut browser, &first, PASSWORD).await;
            assert!(early.has("stop") && !early.has("password"), "{}", early.answer.body);
            assert_eq!(browser.open("/sign-in/set-up").await.url, "/sign-in");
            world.advance(DAY);
            turn(&world).await;
            turn(&world).await;
            assert_eq!(kinds(&world).await, [LetterKind::RecoveryBegun]);
        }
        world.advance(DAY);
        turn(&world).await;
        let link = world.letter_link(LetterKind::RecoveryReady).await;
        assert_page(&come_back(&mut browser, &link, "a guess").await, 401);
        assert_eq!(browser.open("/sign-in/set-up").await.url, "/sign-in");
        // Whoever has the password and not the link is asked for what is lost, still.
        let (mut thief, page) = at_the_step(&world, "alice").await;
        assert!(!thief.open("/sign-in/set-up").await.has("seed"));
        assert!(page.has("lost"));
        let page = come_back(&mut browser, &link, PASSWORD).await;
        assert_eq!(page.url, "/sign-in/set-up", "{}", page.answer.body);
        // Nothing is gone before the new one is there.
        assert_eq!(browser.open("/account").await.url, "/sign-in");
        let found = Authenticator::scan(&world, &page);
        let done = found.confirm(&mut browser, &page, "/sign-in/set-up").await;
        assert_eq!(recovery_codes(&done).len(), 10, "{}", done.answer.body);
        assert_eq!(browser.open("/account").await.url, "/account");
        assert_eq!(elsewhere.open("/account").await.url, "/sign-in");
        assert_eq!(kinds(&world).await, [LetterKind::FactorAdded, LetterKind::FactorRemoved]);
        for kind in ["recovery.begun", "recovery.opened", "recovery.finished"] {
            assert!(happened(&world, kind).await, "{kind}");
        }
        // The link is spent, and the old app and its codes are worth nothing.
        assert_page(&browser.open(&link).await, 410);
        world.advance(60);
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert_page(&lost.answer(&mut browser, &page).await, 401);
        assert_page(&browser.step(&page, "recovery_code", "code", &lost.recovery[0]).await, 401);
        assert_eq!(found.answer(&mut browser, &page).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn a_sign_in_with_a_real_factor_ends_it_and_one_with_the_password_alone_does_not(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        begin(&world).await;
        let link = world.letter_link(LetterKind::RecoveryBegun).await;
        at_the_step(&world, "alice").await;
        let mut reader = Browser::new(&world);
        assert_page(&reader.open(&link).await, 200);
        let (mut owner, page) = at_the_step(&world, "alice").await;
        let account = app.answer(&mut owner, &page).await;
        assert_eq!(account.url, "/account");
        assert!(!account.has("recovery-under-way"));
        assert!(happened(&world, "recovery.cancelled").await);
        assert_page(&reader.open(&link).await, 410);
        world.advance(4 * DAY);
        turn(&world).await;
        assert_eq!(kinds(&world).await, []);
        assert_page(&come_back(&mut reader, &link, PASSWORD).await, 410);
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn a_sign_in_ends_one_that_is_ready_too_and_a_page_that_was_open_opens_nothing(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        begin(&world).await;
        world.letters().await;
        world.advance(3 * DAY);
        turn(&world).await;
        let link = world.letter_link(LetterKind::RecoveryReady).await;
        let mut thief = Browser::new(&world);
        let open = thief.open(&link).await;
        assert!(open.has("go_on"), "{}", open.answer.body);
        let mut half = Browser::new(&world);
        assert_eq!(come_back(&mut half, &link, PASSWORD).await.url, "/sign-in/set-up");
        let (mut owner, page) = at_the_step(&world, "alice").await;
        let code = app.recovery[0].as_str();
        assert_eq!(owner.step(&page, "recovery_code", "code", code).await.url, "/account");
        let late = [("password", PASSWORD), ("decision", "go_on")];
        assert_page(&thief.submit(&open, "/recover", &late).await, 410);
        assert!(!half.open("/sign-in/set-up").await.has("seed"));
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn asking_and_coming_back_are_slowed_down(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let mut slowed = false;
        for _ in 0..50 {
            let page = begin(&world).await;
            slowed = page.answer.status == 429;
            if slowed {
                break;
            }
            let stopped = world.tessera.cancel_recovery(alice.id, "by_owner", Origin::default()).await;
            assert!(stopped.expect("the database"));
            assert_eq!(kinds(&world).await, [LetterKind::RecoveryBegun]);
        }
        assert!(slowed);
        assert_eq!(kinds(&world).await, []);
        world.advance(DAY);
        assert_page(&begin(&world).await, 200);
        world.letters().await;
        world.advance(3 * DAY);
        turn(&world).await;
        let link = world.letter_link(LetterKind::RecoveryReady).await;
        let mut browser = Browser::new(&world);
        let mut guesses = 0;
        while come_back(&mut browser, &link, "a guess").await.answer.status == 401 {
            guesses += 1;
            assert!(guesses < 50);
        }
        assert!(guesses > 0);
        assert_page(&come_back(&mut browser, &link, PASSWORD).await, 429);
        world.advance(DAY);
        assert_eq!(come_back(&mut browser, &link, PASSWORD).await.url, "/sign-in/set-up");
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn pages_and_letters_are_in_the_persons_language(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[("ui_locales", Some("de"))])).await;
        let step = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(step.answer.body.contains("Ich habe alles davon verloren"), "{}", step.answer.body);
        let page = browser.open(&step.url.replace("/sign-in/step", PAGE)).await;
        assert!(page.answer.body.contains("Um einen Weg zurück bitten"), "{}", page.answer.body);
        let page = browser.submit(&page, PAGE, &[]).await;
        assert!(page.answer.body.contains("Ihr Weg zurück ist ab dem"), "{}", page.answer.body);
        let letters = world.letters().await;
        assert_eq!(letters.iter().map(|letter| letter.lang.as_str()).collect::<Vec<_>>(), ["de"]);
        world.advance(DAY);
        turn(&world).await;
        let letters = world.letters().await;
        assert_eq!(letters.iter().map(|letter| letter.lang.as_str()).collect::<Vec<_>>(), ["de"]);
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn who_is_signed_in_is_told_on_the_account_page_and_stops_it(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut owner, page) = at_the_step(&world, "alice").await;
        app.answer(&mut owner, &page).await;
        begin(&world).await;
        let link = world.letter_link(LetterKind::RecoveryBegun).await;
        let account = owner.open("/account").await;
        assert!(account.has("recovery-under-way"), "{}", account.answer.body);
        let stopped = owner.submit(&account, "/account/recovery/stop", &[]).await;
        assert_page(&stopped, 200);
        assert!(!stopped.has("recovery-under-way"));
        assert_page(&owner.open(&link).await, 410);
        // A stranger's form stops nothing.
        begin(&world).await;
        let mut stranger = Browser::new(&world);
        let page = stranger.open("/sign-in").await;
        assert_eq!(stranger.submit(&page, "/account/recovery/stop", &[]).await.url, "/sign-in");
        assert!(owner.open("/account").await.has("recovery-under-way"));
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn the_letter_stops_it_or_locks_the_account(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        for (decision, letters) in [("stop", vec![]), ("lock", vec![LetterKind::AccountLocked])] {
            begin(&world).await;
            let link = world.letter_link(LetterKind::RecoveryBegun).await;
            let mut browser = Browser::new(&world);
            let page = browser.open(&link).await;
            assert_page(&browser.submit(&page, "/recover", &[("decision", decision)]).await, 200);
            assert_page(&browser.open(&link).await, 410);
            assert_eq!(kinds(&world).await, letters);
        }
        // The password is void, and what was set up before is still there.
        world.set_password(&alice, "a new long passphrase").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let page = browser.sign_in(&page, "alice", "a new long passphrase").await;
        assert_eq!(app.answer(&mut browser, &page).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn a_mailbox_alone_opens_no_account_with_a_passkey_at_once(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        passkeys::enrol(&world, "alice", &mut key).await;
        world.letters().await;
        begin(&world).await;
        world.letters().await;
        // A new password ends what the old one began.
        let mut thief = Browser::new(&world);
        let page = thief.open("/forgot-password").await;
        thief.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let form = thief.open(&world.letter_link(LetterKind::ResetPassword).await).await;
        thief.submit(&form, "/reset-password", &[("password", "a new long passphrase")]).await;
        assert_eq!(kinds(&world).await, [LetterKind::PasswordChanged]);
        world.advance(4 * DAY);
        turn(&world).await;
        assert_eq!(kinds(&world).await, []);
        let page = thief.open("/sign-in").await;
        let page = thief.sign_in(&page, "alice", "a new long passphrase").await;
        assert_eq!(page.url, "/sign-in/step");
        let page = thief.open(PAGE).await;
        assert!(page.has("begin"), "{}", page.answer.body);
        thief.submit(&page, PAGE, &[]).await;
        let link = world.letter_link(LetterKind::RecoveryBegun).await;
        let early = come_back(&mut thief, &link, "a new long passphrase").await;
        assert!(!early.has("password"), "{}", early.answer.body);
        // The owner is there in time.
        assert_eq!(passkeys::sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
        world.advance(4 * DAY);
        assert_page(&come_back(&mut thief, &link, "a new long passphrase").await, 410);
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn without_the_password_there_is_no_way_back_and_an_old_one_is_closed(world: World) {
        let alice = world.user("alice").await;
        assert_eq!(Browser::new(&world).open(PAGE).await.url, "/sign-in");
        // Nothing to lose.
        let mut browser = signed_in(&world, "alice").await;
        assert_eq!(browser.open(PAGE).await.url, "/account");
        Authenticator::of(&world, &alice).await;
        begin(&world).await;
        world.letters().await;
        let mut told = Vec::new();
        for _ in 0..12 {
            world.advance(DAY);
            turn(&world).await;
            told.append(&mut kinds(&world).await);
        }
        assert_eq!(told, [LetterKind::RecoveryBegun, LetterKind::RecoveryBegun, LetterKind::RecoveryReady]);
        assert!(happened(&world, "recovery.cancelled").await);
        assert!(begin(&world).await.answer.body.contains("Your way back is open from"));
    }
}

on_both_engines! {
    async fn by_default_an_operator_looks_at_the_person_first(world: World) {
        let alice = world.user("alice").await;
        let lost = Authenticator::of(&world, &alice).await;
        let (mut browser, _) = at_the_step(&world, "alice").await;
        let page = browser.open(PAGE).await;
        assert!(page.answer.body.contains("those who run this") || page.answer.body.contains("those who run"));
        assert!(!page.has("begin"));
        browser.submit(&page, PAGE, &[]).await;
        assert_eq!(kinds(&world).await, []);
        let made = world.tessera.recover_by_operator(alice.id, Origin::default()).await;
        let link = made.expect("the database").expect("a link").expose().clone();
        assert_eq!(kinds(&world).await, [LetterKind::RecoveryAllowed]);
        assert_page(&come_back(&mut browser, &link, "a guess").await, 401);
        let page = come_back(&mut browser, &link, PASSWORD).await;
        assert_eq!(page.url, "/sign-in/set-up");
        let mut key = SecurityKey::new();
        let made = key.create(&passkeys::options(&page));
        let done = passkeys::send(&mut browser, &page, "/sign-in/set-up", &made).await;
        assert_eq!(recovery_codes(&done).len(), 10, "{}", done.answer.body);
        world.advance(60);
        let (mut other, page) = at_the_step(&world, "alice").await;
        assert!(!page.has("with-totp"));
        assert_page(&other.step(&page, "recovery_code", "code", &lost.recovery[0]).await, 401);
        // A day later another link is none.
        let made = world.tessera.recover_by_operator(alice.id, Origin::default()).await;
        let link = made.expect("the database").expect("a link").expose().clone();
        world.advance(DAY);
        assert_page(&come_back(&mut browser, &link, PASSWORD).await, 410);
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::None;
    async fn where_nothing_proves_it_only_recovery_codes_open_the_account(world: World) {
        let alice = world.user("alice").await;
        let app = Authenticator::of(&world, &alice).await;
        let (mut browser, step) = at_the_step(&world, "alice").await;
        let page = browser.open(PAGE).await;
        assert!(!page.has("begin") && page.answer.body.contains("recovery code"), "{}", page.answer.body);
        let refused = world.tessera.recover_by_operator(alice.id, Origin::default()).await;
        assert!(refused.expect("the database").is_err());
        assert_eq!(browser.step(&step, "recovery_code", "code", &app.recovery[0]).await.url, "/account");
    }
}

/// Chooses a password by the mailbox alone.
async fn reset(world: &World, password: &str) {
    let mut browser = Browser::new(world);
    let page = browser.open("/forgot-password").await;
    let fields = [("identifier", "alice")];
    browser.submit(&page, "/forgot-password", &fields).await;
    let page = browser
        .open(&world.letter_link(LetterKind::ResetPassword).await)
        .await;
    let fields = [("password", password)];
    assert_page(
        &browser.submit(&page, "/reset-password", &fields).await,
        200,
    );
}

/// Opens the link of a letter and says "it was not me".
async fn not_me(world: &World, link: &str) {
    let mut browser = Browser::new(world);
    let page = browser.open(link).await;
    assert_page(&browser.submit(&page, "/not-me", &[]).await, 200);
    world.letter_link(LetterKind::AccountLocked).await;
}

const THIEF: &str = "three brown kettles sing";

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn asvs_v6_4_3_a_mailbox_alone_does_not_take_young_factors_away_and_is_in(world: World) {
        world.user("alice").await;
        // The thief of the mailbox was in, and the owner takes the account back and protects it.
        reset(&world, THIEF).await;
        let before = world.letter_link(LetterKind::PasswordChanged).await;
        world.advance(60);
        reset(&world, PASSWORD).await;
        world.letters().await;
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/authenticator").await;
        let app = Authenticator::scan(&world, &page);
        let codes = recovery_codes(&app.confirm(&mut owner, &page, "/account/authenticator").await);
        let added = world.letter_link(LetterKind::FactorAdded).await;
        for (link, password) in [(before, THIEF), (added, "four brown kettles sing")] {
            not_me(&world, &link).await;
            reset(&world, password).await;
            world.letter_link(LetterKind::PasswordChanged).await;
            // The factor and its codes are gone, and the password alone is not enough all the same.
            let mut thief = Browser::new(&world);
            let page = thief.open("/sign-in").await;
            let page = thief.sign_in(&page, "alice", password).await;
            assert_eq!(page.url, PAGE, "{}", page.answer.body);
            assert!(page.has("begin"), "{}", page.answer.body);
            assert_eq!(thief.open("/account").await.url, "/sign-in");
            assert_ne!(thief.open("/sign-in/set-up").await.url, "/sign-in/set-up");
            let half = thief.open("/sign-in/step").await;
            let code = [("method", "recovery_code"), ("code", codes[0].as_str())];
            assert_ne!(thief.submit(&half, "/sign-in/step", &code).await.url, "/account");
        }
        // The app and its ten codes went with the first; there was nothing left for the second.
        let events = world.audit().await;
        let locked = events.iter().filter(|event| event["kind"] == "account.locked");
        let mut removed: Vec<_> = locked.map(|event| event["factors_removed"].as_i64().expect("a number")).collect();
        removed.sort_unstable();
        assert_eq!(removed, [0, 11]);
        // Whoever waits in the open comes back, and has a second factor again; then nothing is lost any more.
        let password = "four brown kettles sing";
        let mut owner = Browser::new(&world);
        let page = owner.open("/sign-in").await;
        let page = owner.sign_in(&page, "alice", password).await;
        owner.submit(&page, PAGE, &[]).await;
        world.advance(3 * DAY);
        world.letters().await;
        turn(&world).await;
        let link = world.letter_link(LetterKind::RecoveryReady).await;
        let page = come_back(&mut owner, &link, password).await;
        let found = Authenticator::scan(&world, &page);
        found.confirm(&mut owner, &page, "/sign-in/set-up").await;
        let page = owner.open("/account/authenticator").await;
        let device = page.field("device").expect("a device");
        let remove = [("change", "remove"), ("device", device.as_str())];
        assert_page(&owner.submit(&page, "/account/authenticator", &remove).await, 200);
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        assert_eq!(browser.sign_in(&page, "alice", password).await.url, "/account");
    }
}

on_both_engines! {
    async fn not_me_where_no_factor_was_set_up_since_asks_for_none(world: World) {
        world.user("alice").await;
        reset(&world, THIEF).await;
        not_me(&world, &world.letter_link(LetterKind::PasswordChanged).await).await;
        reset(&world, "four brown kettles sing").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        assert_eq!(browser.sign_in(&page, "alice", "four brown kettles sing").await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn an_operator_who_changes_the_address_ends_what_the_old_mailbox_began(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        begin(&world).await;
        let link = world.letter_link(LetterKind::RecoveryBegun).await;
        let moved = |email: &str| UserChanges { email: Some(email.to_owned()), ..UserChanges::default() };
        let change = |email| world.tessera.change_user(alice.id, moved(email), Actor::Operator, Origin::default());
        change("alice@new.example").await.expect("the database").expect("changed");
        assert!(happened(&world, "recovery.cancelled").await);
        world.advance(4 * DAY);
        turn(&world).await;
        assert_eq!(kinds(&world).await, []);
        assert_page(&come_back(&mut Browser::new(&world), &link, PASSWORD).await, 410);
        // What an operator allowed was handed over, and stays.
        let made = world.tessera.recover_by_operator(alice.id, Origin::default()).await;
        let link = made.expect("the database").expect("a link").expose().clone();
        change("alice@newer.example").await.expect("the database").expect("changed");
        let page = come_back(&mut Browser::new(&world), &link, PASSWORD).await;
        assert_eq!(page.url, "/sign-in/set-up", "{}", page.answer.body);
    }
}

on_both_engines! {
    with |config| config.recovery.proof = RecoveryProof::Email;
    async fn a_real_factor_ends_it_also_where_the_password_is_proven_last(world: World) {
        let alice = world.user("alice").await;
        Authenticator::of(&world, &alice).await;
        begin(&world).await;
        let visit = || Visit { device: None, user_agent: "test".to_owned(), here: Vec::new(), lang: "en".to_owned() };
        let attempt = SignInAttempt {
            login: "alice".to_owned(),
            password: Secret::new(PASSWORD.to_owned()),
            visit: visit(),
            captcha: None,
        };
        let begun = world.tessera.sign_in(attempt, Origin::default()).await.expect("the database");
        let SignInOutcome::More(half) = begun else { panic!("{begun:?}") };
        // No page asks in this order yet.
        let mut turned = json!(half);
        turned["proofs"][0]["method"] = json!("totp");
        let half = serde_json::from_value(turned).expect("half a sign-in");
        let answer = StepAnswer::Password(Secret::new(PASSWORD.to_owned()));
        let done = world.tessera.step(Prover::Entering(half), answer, visit(), Origin::default()).await;
        let done = done.expect("the database");
        assert!(matches!(done, StepOutcome::SignedIn { .. }), "{done:?}");
        assert!(happened(&world, "recovery.cancelled").await);
    }
}
