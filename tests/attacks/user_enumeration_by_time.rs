//! The time of an answer tells which accounts exist. No stopwatch here: every attempt must ask the
//! password pool for work, so when the pool is full every attempt is turned away.

use tessera::protocol::audit::{Actor, Origin};

use crate::support::{Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn asvs_v6_3_8_every_attempt_costs_one_password_check_whether_the_account_exists_or_not() {
    let world = World::sqlite_with(|config| {
        config.passwords.workers = 1;
        config.passwords.queue = 0;
    })
    .await;
    world.user("alice").await;
    let bob = world.user("bobby").await;
    world
        .tessera
        .set_user_disabled(bob.id, true, Actor::Operator, Origin::default())
        .await
        .expect("disabled");
    let only_place = world.tessera.passwords.admit().expect("a place");
    for name in ["alice", "bobby", "nobody"] {
        assert_eq!(attempt(&world, name).await, 503, "{name}");
    }
    drop(only_place);
    for name in ["alice", "bobby", "nobody"] {
        assert_eq!(attempt(&world, name).await, 401, "{name}");
    }
}

async fn attempt(world: &World, name: &str) -> u16 {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    browser.sign_in(&page, name, "wrong").await.answer.status
}
