//! A passkey as one more proof: why it was refused is told as on the sign-in page. And what its flags say
//! about copies (WebAuthn Level 3 §6.1.3).

use super::authenticator::at_the_step;
use super::passkeys::{add, enrol, fields, options, refused, send, sign_in};
use super::{assert_page, signed_in};
use crate::on_both_engines;
use crate::support::{Browser, Page, SecurityKey, World};

const STEP: &str = "/sign-in/step";

/// Answers the challenge of a page in the browser that has it.
async fn answer(browser: &mut Browser, page: &Page, key: &mut SecurityKey) -> Page {
    let answer = key.get(&options(page));
    send(browser, page, STEP, &answer).await
}

on_both_engines! {
    async fn webauthn_7_2_in_the_step_an_old_a_mixed_up_and_an_unverified_one_each_say_so(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        enrol(&world, "alice", &mut key).await;
        world.advance(1);
        let (mut browser, page) = at_the_step(&world, "alice").await;
        let mut found = SecurityKey { verifies: false, ..key.clone() };
        let unverified = answer(&mut browser, &page, &mut found).await;
        refused(&world, &unverified, 401, "did not check that it is you", "step_up", "user_not_verified").await;
        // An answer to the challenge of another page.
        let said = key.get(&options(&page));
        let page = browser.open(STEP).await;
        let other = send(&mut browser, &page, STEP, &said).await;
        refused(&world, &other, 401, "took too long", "step_up", "another_challenge").await;
        assert_eq!(answer(&mut browser, &other, &mut key).await.url, "/account");
        let (mut browser, page) = at_the_step(&world, "alice").await;
        let said = key.get(&options(&page));
        world.advance(300);
        let late = send(&mut browser, &page, STEP, &said).await;
        refused(&world, &late, 401, "took too long", "step_up", "expired_challenge").await;
        // The page that says so has a challenge that works.
        assert_eq!(answer(&mut browser, &late, &mut key).await.url, "/account");
    }
}

on_both_engines! {
    with |config| config.assurance.recent = std::time::Duration::from_mins(1);
    async fn webauthn_7_2_in_the_step_a_challenge_that_was_spent_is_told(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut browser = enrol(&world, "alice", &mut key).await;
        let mut steps = Vec::new();
        for _ in 0..2 {
            world.advance(61);
            let page = browser.open("/account/passkeys/new").await;
            assert!(page.url.starts_with("/sign-in/step?to="), "{}", page.url);
            if steps.is_empty() {
                let said = key.get(&options(&page));
                let done = send(&mut browser, &page, STEP, &said).await;
                assert_eq!(done.url, "/account/passkeys/new", "{}", done.answer.body);
                steps.push((page, said));
            }
        }
        // The challenge has three minutes left, and the session is asked for more.
        let (page, said) = &steps[0];
        let fresh = browser.open("/account/passkeys/new").await;
        let mut form = fields(page, said);
        form.retain(|(name, _)| name != "csrf");
        form.push(("csrf".to_owned(), fresh.field("csrf").expect("a token")));
        form.push(("method".to_owned(), "passkey".to_owned()));
        let again = browser.post(STEP, &form).await;
        refused(&world, &again, 401, "took too long", "step_up", "expired_challenge").await;
        assert_eq!(answer(&mut browser, &again, &mut key).await.url, "/account/passkeys/new");
    }
}

on_both_engines! {
    async fn webauthn_6_1_1_a_copy_is_told_in_the_step_and_what_the_passkey_opened_before_is_shut(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut with_both = enrol(&world, "alice", &mut key).await;
        let mut copy = key.clone();
        world.advance(1);
        let mut by_passkey = Browser::new(&world);
        assert_eq!(sign_in(&mut by_passkey, &mut key).await.url, "/account");
        let mut untouched = signed_in_with_both(&world, &mut key).await;
        let (mut thief, page) = at_the_step(&world, "alice").await;
        let page = answer(&mut thief, &page, &mut copy).await;
        refused(&world, &page, 401, "there may be a copy", "step_up", "cloned_authenticator").await;
        // A session that rests on nothing else ends; one with the password has that alone.
        assert_eq!(by_passkey.open("/account").await.url, "/sign-in");
        for browser in [&mut with_both, &mut untouched] {
            let page = browser.open("/account").await;
            assert_eq!(page.url, "/account");
        }
        let alice = world.tessera.find_user("alice").await.expect("the database").expect("alice");
        let left = world.tessera.sessions_of(alice.id).await.expect("the database");
        assert_eq!(left.len(), 2);
        let amr: Vec<_> = left.iter().map(|one| one.proofs.iter().map(|proof| proof.of.method.as_str()).collect::<Vec<_>>()).collect();
        assert_eq!(amr, [["password"], ["password"]]);
    }
}

async fn signed_in_with_both(world: &World, key: &mut SecurityKey) -> Browser {
    let (mut browser, page) = at_the_step(world, "alice").await;
    assert_eq!(answer(&mut browser, &page, key).await.url, "/account");
    browser
}

on_both_engines! {
    async fn webauthn_6_1_3_a_passkey_never_becomes_one_that_may_be_copied_nor_the_other_way(world: World) {
        world.user("alice").await;
        let mut bound = SecurityKey::new();
        enrol(&world, "alice", &mut bound).await;
        let mut changed = SecurityKey { may_sync: true, ..bound.clone() };
        let page = sign_in(&mut Browser::new(&world), &mut changed).await;
        refused(&world, &page, 401, "cannot be used here", "sign_in", "wrong_credentials").await;
        assert_eq!(sign_in(&mut Browser::new(&world), &mut bound).await.url, "/account");
        world.user("bobby").await;
        let mut phone = SecurityKey { may_sync: true, ..SecurityKey::new() };
        enrol(&world, "bobby", &mut phone).await;
        let mut changed = SecurityKey { may_sync: false, ..phone.clone() };
        let page = sign_in(&mut Browser::new(&world), &mut changed).await;
        refused(&world, &page, 401, "cannot be used here", "sign_in", "wrong_credentials").await;
        assert_eq!(sign_in(&mut Browser::new(&world), &mut phone).await.url, "/account");
    }
}

on_both_engines! {
    async fn webauthn_6_1_3_a_copy_of_what_cannot_be_copied_is_refused(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let mut absurd = SecurityKey { synced: true, ..SecurityKey::new() };
        let page = add(&mut browser, &mut absurd).await;
        assert_page(&page, 422);
        let mut key = SecurityKey::new();
        assert_page(&add(&mut browser, &mut key).await, 200);
        let mut absurd = SecurityKey { synced: true, ..key.clone() };
        let page = sign_in(&mut Browser::new(&world), &mut absurd).await;
        refused(&world, &page, 401, "cannot be used here", "sign_in", "wrong_credentials").await;
        assert_eq!(sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
    }
}

on_both_engines! {
    async fn webauthn_7_2_whether_there_is_a_copy_is_kept_as_it_was_told_last(world: World) {
        let alice = world.user("alice").await;
        let mut phone = SecurityKey { may_sync: true, counts: false, ..SecurityKey::new() };
        enrol(&world, "alice", &mut phone).await;
        for synced in [false, true, false] {
            phone.synced = synced;
            assert_eq!(sign_in(&mut Browser::new(&world), &mut phone).await.url, "/account");
            let mut reader = &world.tessera.store;
            let kept = tessera::storage::passkeys::of_user(&mut reader, alice.id).await.expect("the database");
            assert_eq!(kept[0].credential.is_backed_up(), synced);
            assert!(kept[0].credential.is_backup_eligible());
        }
    }
}
