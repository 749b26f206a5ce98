//! Our pages are framed by another site (RFC 9700 §4.16).

use serde_json::json;

use crate::support::{App, Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_16_no_page_can_be_framed() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    let sign_in = browser.open(&app.request(&[])).await;
    let consent = browser
        .sign_in(&sign_in, "alice", crate::support::world::PASSWORD)
        .await;
    assert!(consent.has("allow"), "{}", consent.answer.body);
    let account = browser.open("/account").await;
    let error = browser.open("/authorize").await;
    let nowhere = browser.open("/nowhere").await;
    for page in [sign_in, consent, account, error, nowhere] {
        let policy = page.answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{}", page.url);
        assert!(!policy.contains("unsafe-inline"), "{}", page.url);
        assert_eq!(
            page.answer.header("x-frame-options"),
            "DENY",
            "{}",
            page.url
        );
        assert_eq!(
            page.answer.header("x-content-type-options"),
            "nosniff",
            "{}",
            page.url
        );
    }
}
