//! A thousand guesses from many addresses (NIST SP 800-63B-4 §3.2.2): a hundred are looked at, and the owner is
//! not locked out.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};
use tessera::flows::letters::LetterKind;
use tessera::storage::audit;

use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

const NEW: &str = "a new long passphrase";

/// Guesses at the password from `count` addresses; waits when told to. How many were looked at, or seemed so,
/// and how often the owner was told. Letters leave at once: a week goes by.
async fn guess(world: &World, name: &str, count: u32) -> (u32, usize) {
    let mut stranger = Browser::new(world);
    let page = stranger.open("/sign-in").await;
    let (mut answered, mut told) = (0, 0);
    for n in 0..count {
        stranger.address = Some(IpAddr::V4(Ipv4Addr::from(0xc633_0000 + n)));
        let answer = stranger.sign_in(&page, name, &format!("guess {n}")).await;
        match answer.answer.status {
            401 => answered += 1,
            429 => {
                told += letters(world, LetterKind::PasswordGuessed).await;
                world.advance(901);
            }
            other => panic!("{other}: {}", answer.answer.body),
        }
    }
    (answered, told)
}

async fn status(browser: &mut Browser, password: &str) -> u16 {
    browser.cookies.remove("tessera");
    let page = browser.open("/sign-in").await;
    browser
        .sign_in(&page, "alice", password)
        .await
        .answer
        .status
}

async fn stopped(world: &World) -> Vec<Value> {
    world.tessera.store.seal_audit().await.expect("sealed");
    let all = audit::newest(&world.tessera.store, 10_000)
        .await
        .expect("events");
    let all = all
        .iter()
        .map(|body| serde_json::from_str(body).expect("JSON"));
    all.filter(|event: &Value| event["kind"] == "guessing.stopped")
        .collect()
}

async fn letters(world: &World, kind: LetterKind) -> usize {
    let all = world.letters().await;
    all.iter().filter(|letter| letter.kind == kind).count()
}

on_both_engines! {
    async fn nist_800_63b_4_3_2_2_of_a_thousand_guesses_a_hundred_count_and_the_owner_signs_in_during_it(world: World) {
        let alice = world.user("alice").await;
        let mut owner = Browser::new(&world);
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
        let (answered, told) = guess(&world, "alice", 500).await;
        assert!(answered > 150, "{answered}: nobody is told that the rest was in vain");
        assert_eq!(told, 1);
        let events = stopped(&world).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["user_id"], json!(alice.id));
        assert_eq!((&events[0]["method"], &events[0]["failures"]), (&json!("password"), &json!(100)));
        // Not even the right one is looked at, and the answer does not say so.
        world.advance(901);
        let mut stranger = Browser::new(&world);
        assert_eq!(status(&mut stranger, PASSWORD).await, 401);
        // The owner's device is listened to; with that, every device is again.
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
        world.advance(901);
        assert_eq!(status(&mut stranger, PASSWORD).await, 200);
        assert_eq!(guess(&world, "alice", 500).await.1, 1);
        assert_eq!(stopped(&world).await.len(), 2);
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
    }
}

on_both_engines! {
    with |config| config.throttle.max_failures = 10;
    async fn both_names_of_an_account_are_counted_together_and_a_new_password_is_the_way_back(world: World) {
        world.user("alice").await;
        guess(&world, "alice", 5).await;
        guess(&world, "alice@example.org", 5).await;
        assert_eq!(stopped(&world).await.len(), 1);
        world.advance(901);
        let mut stranger = Browser::new(&world);
        assert_eq!(status(&mut stranger, PASSWORD).await, 401);
        let mut owner = Browser::new(&world);
        let page = owner.open("/sign-in").await;
        let wrong = owner.sign_in(&page, "alice", PASSWORD).await;
        assert!(wrong.answer.body.contains("only on devices where you signed in before"), "{}", wrong.answer.body);
        // What the letter says: set a new one.
        let page = owner.open(&world.letter_link(LetterKind::PasswordGuessed).await).await;
        owner.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let form = owner.open(&world.letter_link(LetterKind::ResetPassword).await).await;
        let done = owner.submit(&form, "/reset-password", &[("password", NEW)]).await;
        assert_eq!(done.answer.status, 200);
        assert_eq!(status(&mut stranger, NEW).await, 200);
    }
}

on_both_engines! {
    with |config| config.throttle.max_failures = 10;
    async fn who_does_not_exist_gets_the_same_answers_and_leaves_no_count_behind(world: World) {
        world.user("alice").await;
        let answers = async |name: &str| {
            let (answered, _) = guess(&world, name, 40).await;
            let mut stranger = Browser::new(&world);
            let page = stranger.open("/sign-in").await;
            world.advance(901);
            let last = stranger.sign_in(&page, name, PASSWORD).await;
            (answered, last.answer.status)
        };
        assert_eq!(answers("alice").await, answers("nobody").await);
        assert_eq!(stopped(&world).await.len(), 1);
    }
}

on_both_engines! {
    with |config| config.throttle.max_failures = 10;
    async fn a_known_device_has_a_count_of_its_own_and_is_a_stranger_after_it(world: World) {
        world.user("alice").await;
        let mut stolen = Browser::new(&world);
        assert_eq!(status(&mut stolen, PASSWORD).await, 200);
        let mut owner = Browser::new(&world);
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
        for _ in 0..10 {
            assert_eq!(status(&mut stolen, "a guess").await, 401);
            world.advance(901);
        }
        let events = stopped(&world).await;
        assert_eq!((events.len(), &events[0]["known_device"]), (1, &json!(true)));
        // Its own count is spent, those of the others are not.
        assert_eq!(status(&mut Browser::new(&world), PASSWORD).await, 200);
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
        guess(&world, "alice", 30).await;
        world.advance(901);
        assert_eq!(status(&mut stolen, PASSWORD).await, 401, "a stranger like the others");
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
    }
}

on_both_engines! {
    with |config| config.throttle.max_failures = 10;
    async fn codes_of_an_app_end_for_strangers_with_the_password_not_for_the_owner(world: World) {
        let alice = world.user("alice").await;
        let mut owner = Browser::new(&world);
        assert_eq!(status(&mut owner, PASSWORD).await, 200);
        let app = Authenticator::of(&world, &alice).await;
        let attempt = async |browser: &mut Browser, code: &str| {
            browser.cookies.remove("tessera");
            let page = browser.open("/sign-in").await;
            let page = browser.sign_in(&page, "alice", PASSWORD).await;
            browser.step(&page, "totp", "code", code).await.answer.status
        };
        let mut thief = Browser::new(&world);
        for _ in 0..10 {
            assert_eq!(attempt(&mut thief, "000000").await, 401);
            world.advance(901);
        }
        assert_eq!(attempt(&mut thief, &app.code()).await, 401, "not even the right one");
        let events = stopped(&world).await;
        assert_eq!((events.len(), &events[0]["method"]), (1, &json!("totp")));
        assert_eq!(letters(&world, LetterKind::CodeGuessed).await, 1);
        assert_eq!(attempt(&mut owner, &app.code()).await, 200);
        world.advance(901);
        assert_eq!(attempt(&mut Browser::new(&world), &app.code()).await, 200, "the owner was there");
    }
}

on_both_engines! {
    with |config| {
        config.throttle.max_failures = 6;
        config.throttle.max_delay = config.throttle.first_delay;
    };
    async fn a_stolen_session_guesses_at_the_current_password_as_often_and_no_more(world: World) {
        world.user("alice").await;
        let mut thief = Browser::new(&world);
        assert_eq!(status(&mut thief, PASSWORD).await, 200);
        let page = thief.open("/account").await;
        let change = async |thief: &mut Browser, current: &str| {
            let fields = [("current_password", current), ("password", NEW)];
            thief.submit(&page, "/account/password", &fields).await.answer.status
        };
        // Fast enough to be recently authenticated all along.
        let mut refused = 0;
        while refused < 6 {
            match change(&mut thief, "a guess").await {
                403 => refused += 1,
                429 => world.advance(31),
                other => panic!("{other}"),
            }
        }
        assert_eq!(stopped(&world).await.len(), 1);
        world.advance(31);
        assert_eq!(change(&mut thief, PASSWORD).await, 403, "not even the right one");
    }
}
