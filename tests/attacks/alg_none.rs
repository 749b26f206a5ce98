//! A token says that it needs no signature (RFC 8725 §2.1).

use serde_json::json;

use crate::support::assertion::{claims, hs256, machine, present, unsigned};
use crate::support::{App, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc8725_2_1_an_assertion_without_a_signature_is_refused() {
    let world = World::sqlite().await;
    let app = machine(&world).await;
    let claims = claims(&world, &app, "1");
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256"] {
        let bare = unsigned(&json!({"alg": alg}), &claims);
        for assertion in [format!("{bare}."), bare.clone(), format!("{bare}.AA")] {
            let answer = present(&world, &assertion).await;
            assert_eq!(answer.error(), "invalid_client", "{alg}");
        }
    }
    let good = hs256(app.secret.as_bytes(), &json!({"alg": "HS256"}), &claims);
    assert_eq!(present(&world, &good).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc8725_2_1_an_access_token_without_its_signature_is_refused() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({"access_token_format": "jwt"})).await;
    let tokens = app.tokens("alice").await;
    let token = tokens["access_token"].as_str().expect("a token");
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let none = unsigned(&json!({"alg": "none", "typ": "at+jwt"}), &json!({}))
        .split('.')
        .next()
        .expect("a header")
        .to_owned();
    for forged in [
        format!("{none}.{}.", parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(app.userinfo(&forged).await.status, 401);
        assert_eq!(app.introspect(&forged).await["active"], false);
    }
}
