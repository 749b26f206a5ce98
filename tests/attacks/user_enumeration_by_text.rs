//! The words of the sign-in page tell which accounts exist.

use tessera::protocol::audit::{Actor, Origin};

use crate::support::{Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn asvs_v6_3_8_known_unknown_and_disabled_accounts_get_the_same_page_and_the_same_limit() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let bob = world.user("bobby").await;
    world
        .tessera
        .set_user_disabled(bob.id, true, Actor::Operator, Origin::default())
        .await
        .expect("disabled");
    let mut seen = Vec::new();
    for name in ["alice", "bobby", "carol"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let mut browser = Browser::new(&world);
            let page = browser.open("/sign-in").await;
            let page = browser.sign_in(&page, name, "wrong").await;
            let csrf = page.field("csrf").unwrap_or_default();
            let id = page.answer.header("x-request-id");
            // The challenge for a passkey is a new one for everybody.
            let state = page.field("state").expect("a challenge");
            let (_, challenge) = page
                .answer
                .body
                .split_once("data-options=\"")
                .expect("options");
            let challenge = challenge.split('"').next().unwrap_or_default();
            let body = page
                .answer
                .body
                .replace(&state, "STATE")
                .replace(challenge, "CHALLENGE")
                .replace(name, "NAME")
                .replace(&csrf, "CSRF")
                .replace(&id, "ID");
            answers.push((
                page.answer.status,
                body.replace("&#61;", "=").replace(&csrf, "CSRF"),
            ));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}
