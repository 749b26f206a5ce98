//! The moment between a right password and its session.

use super::*;
use crate::flows::people_tests::{PASSWORD, World, origin, secret};
use crate::storage::sessions;

/// A person whose password was just found right.
struct Caught {
    proven: User,
    guards: Guards,
    rehashed: Option<PasswordHash>,
    attempt: Arc<SignInAttempt>,
}

async fn prove(world: &World) -> Caught {
    let attempt = SignInAttempt {
        login: "alice".to_owned(),
        password: secret(PASSWORD),
        visit: Visit {
            device: None,
            user_agent: "test".to_owned(),
            here: Vec::new(),
            lang: "en".to_owned(),
        },
        captcha: None,
    };
    let tessera = &world.tessera;
    let user = tessera.named_by(&attempt.login).await.unwrap().unwrap();
    let origin = origin("192.0.2.1");
    let guards = tessera.guards(Some(&user), (&attempt.login, &attempt.visit), &origin);
    let guards = guards.await.unwrap();
    let rehashed = tessera.check(guards, Some(&user), &attempt.password);
    let rehashed = rehashed.await.unwrap();
    Caught {
        rehashed: rehashed.expect("the right password"),
        proven: user,
        guards,
        attempt: Arc::new(attempt),
    }
}

async fn go_on(world: &World, caught: Caught) -> bool {
    let user = caught.proven.id;
    let begun = world
        .tessera
        .begin_session(
            caught.proven,
            &caught.attempt,
            caught.guards,
            caught.rehashed,
            origin("192.0.2.1"),
        )
        .await
        .unwrap();
    let mut reader = &world.tessera.store;
    let now = world.tessera.now();
    let live = sessions::of_user(&mut reader, user, now).await.unwrap();
    assert_eq!(live.is_empty(), begun.is_none());
    begun.is_some()
}

#[tokio::test]
async fn a_right_password_makes_a_session() {
    let world = World::new().await;
    world.user("alice").await;
    let caught = prove(&world).await;
    assert!(go_on(&world, caught).await);
}

#[tokio::test]
async fn asvs_v7_4_3_a_proof_from_before_a_change_of_password_makes_no_session() {
    let world = World::new().await;
    let alice = world.user("alice").await;
    let caught = prove(&world).await;
    let now = world.tessera.now();
    let new = world.tessera.hash_password(secret("a new long one"));
    let new = new.await.unwrap();
    world
        .tessera
        .store
        .write::<_, Internal, _>(move |tx| {
            Box::pin(async move {
                users::set_password(tx, alice.id, new.as_phc(), now).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    assert!(!go_on(&world, caught).await);
}

#[tokio::test]
async fn a_proof_from_before_the_account_was_disabled_makes_no_session() {
    let world = World::new().await;
    let alice = world.user("alice").await;
    let caught = prove(&world).await;
    let operator = Actor::Operator;
    let disabled = world
        .tessera
        .set_user_disabled(alice.id, true, operator, Origin::default());
    assert!(disabled.await.unwrap());
    assert!(!go_on(&world, caught).await);
}
