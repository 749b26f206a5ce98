//! A public key is taken for an HMAC secret, or the token brings its own key (RFC 8725 §2.1, §3.10).

use serde_json::{Value, json};

use crate::support::assertion::{claims, hs256, machine, present};
use crate::support::{App, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc8725_2_1_a_public_key_is_never_an_hmac_secret() {
    let world = World::sqlite().await;
    let jwks: Value = world.get("/jwks").await.json();
    let app = App::register(&world, json!({
        "redirect_uris": [], "grant_types": ["client_credentials"], "response_types": [], "scope": "rows:read",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
    })).await;
    let claims = claims(&world, &app, "1");
    for key in jwks["keys"].as_array().expect("keys") {
        for secret in ["n", "x", "kid"]
            .iter()
            .filter_map(|name| key[*name].as_str())
            .map(str::to_owned)
            .chain([key.to_string(), String::new(), jwks.to_string()])
        {
            let assertion = hs256(
                secret.as_bytes(),
                &json!({"alg": "HS256", "kid": key["kid"]}),
                &claims,
            );
            assert_eq!(present(&world, &assertion).await.error(), "invalid_client");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc8725_3_10_a_key_that_the_token_brings_along_is_ignored() {
    let world = World::sqlite().await;
    let app = machine(&world).await;
    let claims = claims(&world, &app, "1");
    let own = "an attacker's own secret, long enough";
    for header in [
        json!({"alg": "HS256", "jwk": {"kty": "oct", "k": own}}),
        json!({"alg": "HS256", "jku": "https://evil.example/jwks"}),
        json!({"alg": "HS256", "x5u": "https://evil.example/x5c"}),
        json!({"alg": "HS256", "kid": "../../../../dev/null"}),
    ] {
        let assertion = hs256(own.as_bytes(), &header, &claims);
        assert_eq!(
            present(&world, &assertion).await.error(),
            "invalid_client",
            "{header}"
        );
    }
}
