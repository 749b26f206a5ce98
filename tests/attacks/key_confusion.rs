//! A public key is taken for an HMAC secret, or the token brings its own key (RFC 8725 §2.1, §3.10).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::assertion::{claims, hs256, machine, present, unsigned};
use crate::support::{App, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc8725_2_1_a_public_key_is_never_an_hmac_secret() {
    let world = World::sqlite().await;
    let pair = es256_pair();
    let jwk = public_jwk(&pair);
    let jwks = json!({ "keys": [jwk] });
    let app = App::register(
        &world,
        json!({
            "redirect_uris": [], "grant_types": ["client_credentials"], "response_types": [],
            "scope": "rows:read", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
        }),
    )
    .await;
    let forged = claims(&world, &app, "1");
    let header = |alg: &str| json!({"alg": alg, "kid": jwk["kid"]});
    for secret in ["x", "y", "kid"]
        .iter()
        .filter_map(|name| jwk[*name].as_str())
        .map(|text| text.as_bytes().to_vec())
        .chain([
            jwk.to_string().into_bytes(),
            jwks.to_string().into_bytes(),
            pair.public_key().as_ref().to_vec(),
            Vec::new(),
        ])
    {
        // As HS256, and as ES256 with a MAC in the place of the signature.
        for alg in ["HS256", "ES256"] {
            let assertion = hs256(&secret, &header(alg), &forged);
            let answer = present(&world, &assertion).await;
            assert_eq!(answer.error(), "invalid_client", "{alg}");
        }
    }
    // The positive control: the same header and the same claims, signed with the private key.
    let input = unsigned(&header("ES256"), &forged);
    let signature = pair
        .sign(&SystemRandom::new(), input.as_bytes())
        .expect("a signature");
    let genuine = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    let answer = present(&world, &genuine).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn es256_pair() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}

/// RFC 7518 §6.2.1, from the uncompressed point.
fn public_jwk(pair: &EcdsaKeyPair) -> Value {
    let point = pair.public_key().as_ref();
    let (x, y) = (&point[1..33], &point[33..]);
    json!({
        "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256",
        "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
    })
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
    // The positive control: the same construction with the secret that is registered.
    let secret = app.secret.as_bytes();
    let assertion = hs256(secret, &json!({"alg": "HS256"}), &claims);
    let answer = present(&world, &assertion).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}
