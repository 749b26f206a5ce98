//! Guessing: what it costs, and whom it must not hurt.

use super::*;
use crate::flows::streaks::Guards;
use crate::storage::Reader as _;

const NEW: &str = "a new long one";

#[tokio::test]
async fn a_hundred_guesses_at_once_get_five_checks_whether_the_account_exists_or_not() {
    let world = World::new().await;
    world.user("alice").await;
    for name in ["alice", "nobody"] {
        let guesses = (0..100).map(|_| world.try_from("192.0.2.1", name, WRONG, None, None));
        let outcomes = futures_util::future::join_all(guesses).await;
        let count = |kind| {
            outcomes
                .iter()
                .filter(|outcome| kind_of(outcome) == kind)
                .count()
        };
        assert_eq!((count("wrong"), count("slowed")), (5, 95), "{name}");
    }
}

#[tokio::test]
async fn unknown_disabled_and_known_people_get_the_same_answer() {
    let world = World::new().await;
    world.user("alice").await;
    let bob = world.user("bobby").await;
    let (session, _) = world.sign_in("bobby").await;
    let tessera = &world.tessera;
    tessera
        .set_user_disabled(bob.id, true, Actor::Operator, Origin::default())
        .await
        .unwrap();
    assert!(!world.lives(&session).await);
    for (name, password) in [("alice", WRONG), ("bobby", PASSWORD), ("nobody", PASSWORD)] {
        let outcome = world
            .try_from("192.0.2.1", name, password, None, None)
            .await;
        assert_eq!(kind_of(&outcome), "wrong", "{name}");
    }
}

#[tokio::test]
async fn a_stranger_cannot_lock_the_owners_device_out_not_even_from_the_same_address() {
    let world = World::new().await;
    world.user("alice").await;
    let (_, device) = world.sign_in("alice").await;
    // Ten accounts, five guesses each: the account's budget and the address's are both spent.
    for name in ["alice", "a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        for _ in 0..5 {
            world.try_from("192.0.2.1", name, WRONG, None, None).await;
        }
    }
    let stranger = world.try_from("192.0.2.1", "j", WRONG, None, None).await;
    assert_eq!(kind_of(&stranger), "slowed");
    let owner = world
        .try_from("192.0.2.1", "alice", PASSWORD, device.as_ref(), None)
        .await;
    assert_eq!(kind_of(&owner), "signed in");
    let elsewhere = world
        .try_from("192.0.2.9", "alice", PASSWORD, None, None)
        .await;
    assert_eq!(kind_of(&elsewhere), "slowed");
    world.tessera.clock.advance(Duration::from_secs(31));
    let later = world
        .try_from("192.0.2.9", "alice", PASSWORD, None, None)
        .await;
    assert_eq!(kind_of(&later), "signed in");
}

#[tokio::test]
async fn two_hundred_right_passwords_from_one_office_slow_nobody() {
    let world = World::new().await;
    world.user("alice").await;
    for _ in 0..200 {
        world.sign_in("alice").await;
    }
}

#[tokio::test]
async fn what_is_typed_as_a_name_reaches_no_other_counter() {
    let world = World::new().await;
    let alice = world.user("alice").await;
    let (session, _) = world.sign_in("alice").await;
    for name in [
        format!("change:{}", alice.id),
        format!("settings:{}", alice.id),
    ] {
        for _ in 0..6 {
            world.try_from("192.0.2.1", &name, WRONG, None, None).await;
        }
    }
    let changed = world
        .tessera
        .change_password(
            &world.tessera.recently(&session).await.unwrap().unwrap(),
            secret(PASSWORD),
            secret("a new long one"),
            &visit(None),
            origin("192.0.2.1"),
        )
        .await
        .unwrap();
    assert_eq!(changed, PasswordChange::Changed);
}

#[tokio::test]
async fn asvs_v6_3_8_the_answers_do_not_tell_which_names_belong_together() {
    let world = World::new().await;
    world.user("alice").await;
    let answers = async |names: &[&str]| {
        let mut answers = Vec::new();
        for name in names {
            let outcome = world.try_from("192.0.2.1", name, WRONG, None, None).await;
            answers.push(kind_of(&outcome));
        }
        answers
    };
    // One name is emptied; then the other of the same account, or nobody's, is tried.
    let (name, spaced) = ("alice", " ALICE ");
    let mut of_alice = answers(&[name, spaced, name, name, name, name]).await;
    of_alice.extend(answers(&["alice@example.org", "ALICE@example.org"]).await);
    let mut of_nobody =
        answers(&["nobody", " NOBODY ", "nobody", "nobody", "nobody", "nobody"]).await;
    of_nobody.extend(answers(&["nobody@example.org", "NOBODY@example.org"]).await);
    assert_eq!(of_alice, of_nobody);
    let expected = ["wrong"; 5].into_iter().chain(["slowed", "wrong", "wrong"]);
    assert!(of_alice.iter().copied().eq(expected), "{of_alice:?}");
}

async fn rows(world: &World) -> i64 {
    let mut reader = &world.tessera.store;
    let row = reader.row("SELECT count(*) AS n FROM attempt", vec![]);
    row.await.unwrap().unwrap().get("n").unwrap()
}

#[tokio::test]
async fn rows_of_made_up_names_go_with_time_and_a_try_that_nobody_looked_at_leaves_none() {
    let world = World::new().await;
    for name in ["one", "two", "three"] {
        world.try_from("192.0.2.1", name, WRONG, None, None).await;
    }
    assert_eq!(rows(&world).await, 4);
    world.tessera.clock.advance(Duration::from_hours(1));
    crate::flows::purge::run(&world.tessera).await.unwrap();
    assert_eq!(rows(&world).await, 0);
    let guards = Guards {
        own: world.tessera.name_bucket("nobody").unwrap(),
        address: None,
        streak: world.tessera.nobodys_streak().unwrap(),
    };
    let reserved = world.tessera.reserve_guess(guards).await.unwrap();
    assert!(reserved.is_ok());
    assert_eq!(rows(&world).await, 1);
    world.tessera.give_back(guards).await.unwrap();
    assert_eq!(rows(&world).await, 0);
}

#[tokio::test]
async fn who_reset_the_password_gets_in_though_a_stranger_goes_on_guessing() {
    let world = World::new().await;
    world.user("alice").await;
    let tessera = &world.tessera;
    for name in ["alice", "alice@example.org"] {
        for _ in 0..6 {
            world.try_from("192.0.2.1", name, WRONG, None, None).await;
        }
    }
    let asked = tessera.request_reset("alice", "en", origin("192.0.2.9"));
    assert_eq!(asked.await.unwrap(), None);
    let token = world.link_token(LetterKind::ResetPassword).await;
    let reset = tessera.reset_password(&token, secret(NEW), "en", origin("192.0.2.9"));
    let Reset::Changed(device) = reset.await.unwrap() else {
        panic!()
    };
    let device = device.expect("a known device");
    for name in ["alice", "alice@example.org"] {
        for _ in 0..6 {
            world.try_from("192.0.2.7", name, WRONG, None, None).await;
        }
        let elsewhere = world.try_from("192.0.2.9", name, NEW, None, None).await;
        assert_eq!(kind_of(&elsewhere), "slowed", "{name}");
        let owner = world
            .try_from("192.0.2.9", name, NEW, Some(&device), None)
            .await;
        assert_eq!(kind_of(&owner), "signed in", "{name}");
    }
}

#[tokio::test]
async fn made_up_names_do_not_fill_the_table_of_attempts() {
    let world = World::new().await;
    let free = i64::from(world.tessera.config.throttle.attempts) * 10;
    let mut outcomes = Vec::new();
    for number in 0..free + 50 {
        let name = format!("made up {number}");
        let outcome = world.try_from("192.0.2.1", &name, WRONG, None, None).await;
        outcomes.push(kind_of(&outcome));
    }
    let wrong = outcomes.iter().filter(|kind| **kind == "wrong").count();
    assert_eq!(i64::try_from(wrong), Ok(free), "then the address is slowed");
    // One for each name until then, and the one of the address.
    assert_eq!(rows(&world).await, free + 1);
    // Another address is not slowed, and the rows go with time.
    let other = world
        .try_from("192.0.2.2", "made up", WRONG, None, None)
        .await;
    assert_eq!(kind_of(&other), "wrong");
}

#[tokio::test]
async fn of_a_thousand_guesses_from_as_many_addresses_five_are_checked_and_the_owner_gets_in() {
    let world = World::new().await;
    world.user("alice").await;
    let (_, device) = world.sign_in("alice").await;
    let mut checked = 0;
    for address in a_thousand_addresses() {
        let tried = world.try_from(&address, "alice", WRONG, None, None).await;
        match kind_of(&tried) {
            "wrong" => checked += 1,
            "slowed" => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(checked, 5);
    // Recorded, and not a thousand times: the log of a flood is one that somebody reads.
    assert_eq!(world.slowed().await, 20);
    // Nor does the right password help a thousand-and-first; the owner has a device that is known.
    let guessed = world.try_from("198.18.9.9", "alice", PASSWORD, None, None);
    assert_eq!(kind_of(&guessed.await), "slowed");
    let owner = world.try_from("192.0.2.9", "alice", PASSWORD, device.as_ref(), None);
    assert_eq!(kind_of(&owner.await), "signed in");
}
