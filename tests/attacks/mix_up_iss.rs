//! A client that talks to several servers is told by another one that the code is ours (RFC 9207).

use serde_json::json;

use crate::support::world::ISSUER;
use crate::support::{App, Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc9207_2_every_authorization_response_names_the_issuer() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    let none = [("prompt", Some("none"))];
    let refused = browser.open(&app.request(&none)).await;
    assert_eq!(
        refused.parameter("error").as_deref(),
        Some("login_required")
    );
    assert_eq!(refused.parameter("iss").as_deref(), Some(ISSUER));
    let bad = browser
        .open(&app.request(&[("response_type", Some("bogus"))]))
        .await;
    assert_eq!(bad.parameter("iss").as_deref(), Some(ISSUER));
    let page = browser.pass(&app.request(&[]), "alice").await;
    assert_eq!(page.parameter("iss").as_deref(), Some(ISSUER));
    let metadata = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
}
