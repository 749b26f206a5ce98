//! Another site presses "allow" for the victim (RFC 6749 §10.12).

use serde_json::json;

use crate::support::world::PASSWORD;
use crate::support::{App, Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc6749_10_12_a_forged_consent_gives_no_code() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut victim = Browser::new(&world);
    let page = victim.open(&app.request(&[])).await;
    let before = page.field("csrf").expect("a token");
    let consent = victim.sign_in(&page, "alice", PASSWORD).await;
    assert!(consent.has("allow"));
    let attackers = Browser::new(&world)
        .open("/sign-in")
        .await
        .field("csrf")
        .expect("a token");
    for csrf in ["", &attackers, &before] {
        let page = victim
            .submit(
                &consent,
                "/consent",
                &[("decision", "allow"), ("csrf", csrf)],
            )
            .await;
        assert_eq!((page.answer.status, page.location().as_str()), (403, ""));
    }
    // A link is not a decision either.
    let ticket = consent.field("request").expect("a ticket");
    let page = victim
        .open(&format!("/consent?request={ticket}&decision=allow"))
        .await;
    assert_eq!(page.parameter("code"), None);
    let page = victim
        .submit(&consent, "/consent", &[("decision", "allow")])
        .await;
    assert!(page.parameter("code").is_some());
}
