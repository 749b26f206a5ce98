//! The discovery document.

use serde_json::Value;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn oidc_discovery_3_rfc8414_2_one_document_at_both_addresses() {
    let world = World::sqlite().await;
    let answer = world.get("/.well-known/openid-configuration").await;
    assert_eq!(answer.status, 200);
    let other = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(other.status, 200);
    assert_eq!(answer.body, other.body);
    let document: Value = answer.json();
    let document = serde_json::to_string_pretty(&document).expect("JSON");
    insta::assert_snapshot!("metadata", document);
}
