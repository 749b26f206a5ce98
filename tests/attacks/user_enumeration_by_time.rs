//! The time of an answer tells which accounts exist. No stopwatch here: every attempt must ask the
//! password pool for work, so when the pool is full every attempt is turned away.

use tessera::base::Secret;
use tessera::protocol::audit::{Actor, Origin};

use crate::support::{Browser, World};

#[test]
fn asvs_v6_3_8_every_attempt_costs_one_password_check_whether_the_account_exists_or_not() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
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
        // The only blocking thread waits, and behind it the only password check that is admitted.
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let blocker = tokio::task::spawn_blocking(move || wait.recv().ok());
        let pool = world.tessera.passwords.clone();
        let held = tokio::spawn(async move { pool.verify(Secret::new(String::new()), None).await });
        tokio::task::yield_now().await;
        for name in ["alice", "bobby", "nobody"] {
            let mut browser = Browser::new(&world);
            let page = browser.open("/sign-in").await;
            assert_eq!(
                browser.sign_in(&page, name, "wrong").await.answer.status,
                503,
                "{name}"
            );
        }
        drop(release);
        blocker.await.expect("released");
        assert!(held.await.expect("checked").is_ok());
    });
}
