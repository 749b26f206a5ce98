//! A password is forgotten, or changed.

use super::*;

#[tokio::test]
async fn a_reset_ends_every_session_works_once_and_frees_the_account() {
    let world = World::new().await;
    world.user("alice").await;
    let (session, _) = world.sign_in("alice").await;
    for _ in 0..6 {
        world
            .try_from("192.0.2.7", "alice", WRONG, None, None)
            .await;
    }
    let tessera = &world.tessera;
    tessera
        .request_reset("alice@example.org", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    let old = world.link_token(LetterKind::ResetPassword).await;
    tessera
        .request_reset("alice", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    let token = world.link_token(LetterKind::ResetPassword).await;
    let reset = async |token: &Secret<String>, password: &str| {
        let reset = tessera.reset_password(token, secret(password), "en", Origin::default());
        reset.await.unwrap()
    };
    assert!(matches!(reset(&token, "alice123").await, Reset::Refused(_)));
    // At once from two browsers: one wins.
    let (one, two) = tokio::join!(
        reset(&token, "a new long one"),
        reset(&token, "another long one")
    );
    assert_eq!(
        [&one, &two]
            .iter()
            .filter(|reset| matches!(reset, Reset::Changed(_)))
            .count(),
        1
    );
    // And every other link is void.
    let again = reset(&old, "a third long one").await;
    assert!(matches!(again, Reset::Expired));
    assert!(!world.lives(&session).await);
    let new = if matches!(one, Reset::Changed(_)) {
        "a new long one"
    } else {
        "another long one"
    };
    let outcome = world.try_from("192.0.2.7", "alice", new, None, None).await;
    assert_eq!(kind_of(&outcome), "signed in");
    let old_password = world
        .try_from("192.0.2.7", "alice", PASSWORD, None, None)
        .await;
    assert_eq!(kind_of(&old_password), "wrong");
    let letters = world.letters().await;
    assert_eq!(letters[0].kind, LetterKind::PasswordChanged);
    assert!(letters[0].link.is_some());
}

#[tokio::test]
async fn a_reset_link_dies_with_its_time_and_strangers_are_sent_nothing() {
    let world = World::new().await;
    world.user("alice").await;
    let tessera = &world.tessera;
    assert_eq!(
        tessera
            .request_reset("nobody", "en", origin("192.0.2.1"))
            .await
            .unwrap(),
        None
    );
    assert!(world.letters().await.is_empty());
    tessera
        .request_reset("alice", "en", origin("192.0.2.1"))
        .await
        .unwrap();
    let token = world.link_token(LetterKind::ResetPassword).await;
    assert!(tessera.peek_reset(&token).await.unwrap().is_some());
    tessera.clock.advance(Duration::from_mins(30));
    assert!(tessera.peek_reset(&token).await.unwrap().is_none());
    // The decoy of a stranger opens nothing, and neither does a link of another purpose.
    assert!(tessera.peek_sign_up(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_of_password_ends_the_other_sessions_and_slows_guesses() {
    let world = World::new().await;
    world.user("alice").await;
    let (here, _) = world.sign_in("alice").await;
    let (there, _) = world.sign_in("alice").await;
    let change = async |current: &str, new: &str| {
        let origin = origin("192.0.2.1");
        let tessera = &world.tessera;
        let here = tessera.recently(&here).await.unwrap().unwrap();
        tessera
            .change_password(&here, secret(current), secret(new), &visit(None), origin)
            .await
            .unwrap()
    };
    for _ in 0..10 {
        assert!(matches!(
            change(PASSWORD, "short").await,
            PasswordChange::Refused(_)
        ));
    }
    for _ in 0..5 {
        assert_eq!(
            change(WRONG, "a new long one").await,
            PasswordChange::WrongPassword
        );
    }
    let slowed = change(PASSWORD, "a new long one").await;
    assert!(matches!(slowed, PasswordChange::Slowed(_)));
    world.tessera.clock.advance(Duration::from_secs(31));
    assert_eq!(
        change(PASSWORD, "a new long one").await,
        PasswordChange::Changed
    );
    assert!(world.lives(&here).await);
    assert!(!world.lives(&there).await);
}

#[tokio::test]
async fn asvs_v7_4_3_a_session_from_before_a_reset_changes_no_password() {
    let world = World::new().await;
    world.user("alice").await;
    let (thief, _) = world.sign_in("alice").await;
    let tessera = &world.tessera;
    let thief = tessera.recently(&thief).await.unwrap().unwrap();
    let asked = tessera.request_reset("alice", "en", origin("192.0.2.1"));
    assert_eq!(asked.await.unwrap(), None);
    let token = world.link_token(LetterKind::ResetPassword).await;
    let new = secret("the owner's new one");
    let reset = tessera.reset_password(&token, new, "en", Origin::default());
    assert!(matches!(reset.await.unwrap(), Reset::Changed(_)));
    // The thief's request was let in a moment before, with the old password, which was right then.
    let visit = visit(None);
    let changed = tessera.change_password(
        &thief,
        secret(PASSWORD),
        secret("the thief's new one"),
        &visit,
        origin("192.0.2.1"),
    );
    assert_eq!(changed.await.unwrap(), PasswordChange::WrongPassword);
    let owner = world
        .try_from("192.0.2.1", "alice", "the owner's new one", None, None)
        .await;
    assert_eq!(kind_of(&owner), "signed in");
}
