//! The cookie of a known device is made up, borrowed or copied: it opens nothing, but it has a budget.

use tessera::flows::letters::LetterKind;

use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

const COOKIE: &str = "tessera-device";

async fn signed_in(world: &World, name: &str) -> Browser {
    let mut browser = Browser::new(world);
    again(&mut browser, name).await;
    browser
}

/// Signs out, if anybody is in, and in.
async fn again(browser: &mut Browser, name: &str) {
    browser.cookies.remove("tessera");
    let page = browser.open("/sign-in").await;
    let done = browser.sign_in(&page, name, PASSWORD).await;
    assert_eq!(done.url, "/account", "{}", done.answer.body);
}

fn with_cookie(world: &World, value: &str) -> Browser {
    let mut browser = Browser::new(world);
    browser.cookies.insert(COOKIE.to_owned(), value.to_owned());
    browser
}

/// A stranger empties the budget of the name.
async fn empty(world: &World, name: &str) {
    let mut stranger = Browser::new(world);
    let page = stranger.open("/sign-in").await;
    for _ in 0..6 {
        stranger.sign_in(&page, name, "a guess").await;
    }
}

async fn status(browser: &mut Browser, name: &str) -> u16 {
    browser.cookies.remove("tessera");
    let page = browser.open("/sign-in").await;
    browser.sign_in(&page, name, PASSWORD).await.answer.status
}

async fn replays(world: &World) -> usize {
    let all = world.audit().await;
    all.iter()
        .filter(|event| event["kind"] == "device.replayed")
        .count()
}

on_both_engines! {
    async fn a_made_up_cookie_is_nobodys_and_each_sign_in_gives_another_value(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let first = owner.cookies[COOKIE].clone();
        again(&mut owner, "alice").await;
        let second = owner.cookies[COOKIE].clone();
        assert_ne!(first, second);
        empty(&world, "alice").await;
        let mut changed = second.clone().into_bytes();
        changed[3] = if changed[3] == b'A' { b'B' } else { b'A' };
        for made_up in ["", "x", &"A".repeat(75), &String::from_utf8(changed).expect("ASCII"), &second[..74]] {
            assert_eq!(status(&mut with_cookie(&world, made_up), "alice").await, 429, "{made_up}");
        }
        assert_eq!(status(&mut with_cookie(&world, &second), "alice").await, 200);
        assert_eq!(replays(&world).await, 0);
    }
}

on_both_engines! {
    async fn an_attackers_own_account_on_his_device_is_no_budget_for_the_victims(world: World) {
        world.user("alice").await;
        world.user("mallory").await;
        let mut mallory = signed_in(&world, "mallory").await;
        empty(&world, "alice").await;
        assert_eq!(status(&mut mallory, "alice").await, 429);
        // Where both sign in, it is known for both, and the one does not make it unknown for the other.
        world.advance(31);
        let mut shared = signed_in(&world, "alice").await;
        again(&mut shared, "mallory").await;
        empty(&world, "alice").await;
        empty(&world, "mallory").await;
        again(&mut shared, "alice").await;
        again(&mut shared, "mallory").await;
    }
}

on_both_engines! {
    async fn a_copy_of_a_cookie_that_was_replaced_ends_the_device_and_is_on_record(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let stolen = owner.cookies[COOKIE].clone();
        again(&mut owner, "alice").await;
        world.all_letters().await;
        world.advance(61);
        empty(&world, "alice").await;
        assert_eq!(status(&mut with_cookie(&world, &stolen), "alice").await, 429);
        assert_eq!(status(&mut with_cookie(&world, &stolen), "alice").await, 429);
        assert_eq!(replays(&world).await, 1);
        // Nobody can tell who is the thief: the newer value has no budget any more either.
        assert_eq!(status(&mut owner, "alice").await, 429);
        world.advance(31);
        // The owner gets in as from a new device, hears of it, and it is known again.
        again(&mut owner, "alice").await;
        let kinds: Vec<_> = world.all_letters().await.iter().map(|letter| letter.kind).collect();
        assert_eq!(kinds, [LetterKind::NewDevice]);
        empty(&world, "alice").await;
        again(&mut owner, "alice").await;
        let page = owner.open("/account/events").await;
        assert!(page.answer.body.contains("A copy of a device&#39;s cookie was used")
            || page.answer.body.contains("A copy of a device's cookie was used"), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn a_thief_who_signed_in_with_a_copied_cookie_is_found_when_the_owner_comes_back(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        world.all_letters().await;
        let mut thief = with_cookie(&world, &owner.cookies[COOKIE]);
        again(&mut thief, "alice").await;
        world.advance(61);
        again(&mut owner, "alice").await;
        assert_eq!(replays(&world).await, 1);
        empty(&world, "alice").await;
        assert_eq!(status(&mut thief, "alice").await, 429);
        again(&mut owner, "alice").await;
    }
}

on_both_engines! {
    async fn two_tabs_that_sign_in_at_once_keep_the_device(world: World) {
        world.user("alice").await;
        let owner = signed_in(&world, "alice").await;
        let (mut one, mut two) = (owner.clone(), owner.clone());
        tokio::join!(again(&mut one, "alice"), again(&mut two, "alice"));
        assert_eq!(one.cookies[COOKIE], two.cookies[COOKIE]);
        world.advance(59);
        // The answer to the other one was slow.
        let mut slow = owner.clone();
        again(&mut slow, "alice").await;
        assert_eq!(one.cookies[COOKIE], slow.cookies[COOKIE]);
        world.advance(600);
        empty(&world, "alice").await;
        again(&mut slow, "alice").await;
        assert_eq!(replays(&world).await, 0);
    }
}

on_both_engines! {
    async fn who_ends_the_other_sessions_or_changes_the_password_keeps_this_device_alone(world: World) {
        world.user("alice").await;
        for path in ["/account/sessions/end-others", "/account/password"] {
            let mut lost = signed_in(&world, "alice").await;
            let mut here = signed_in(&world, "alice").await;
            let page = here.open("/account").await;
            let fields = [("current_password", PASSWORD), ("password", PASSWORD)];
            let done = here.submit(&page, path, &fields).await;
            assert_eq!(done.answer.status, 200, "{}", done.answer.body);
            empty(&world, "alice").await;
            assert_eq!(status(&mut lost, "alice").await, 429, "{path}");
            again(&mut here, "alice").await;
            world.advance(1801);
        }
    }
}

on_both_engines! {
    async fn after_it_was_not_me_no_device_is_known(world: World) {
        world.user("alice").await;
        let owner = signed_in(&world, "alice").await;
        let mut thief = with_cookie(&world, &owner.cookies[COOKIE]);
        signed_in(&world, "alice").await;
        let page = {
            let mut reader = Browser::new(&world);
            let letters = world.all_letters().await;
            let letter = letters.iter().find(|letter| letter.kind == LetterKind::NewDevice);
            let link = letter.and_then(|letter| letter.link.clone()).expect("a letter");
            let asked = reader.open(&link).await;
            reader.submit(&asked, "/not-me", &[]).await
        };
        assert_eq!(page.answer.status, 200, "{}", page.answer.body);
        empty(&world, "alice").await;
        assert_eq!(status(&mut thief, "alice").await, 429);
    }
}
