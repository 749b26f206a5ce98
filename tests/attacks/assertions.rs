//! Client assertions, made by hand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::world::{Answer, ISSUER};
use crate::support::{App, World};

/// A machine that proves itself with `client_secret_jwt`.
pub async fn machine(world: &World) -> App {
    App::register(
        world,
        json!({
            "redirect_uris": [], "grant_types": ["client_credentials"], "response_types": [],
            "scope": "rows:read", "token_endpoint_auth_method": "client_secret_jwt",
        }),
    )
    .await
}

/// The claims of a good assertion.
pub fn claims(world: &World, app: &App, jti: &str) -> Value {
    let now = world.tessera.now().seconds();
    json!({"iss": app.id, "sub": app.id, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": jti})
}

/// Header and claims, encoded, with a dot between.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

/// An HS256 JWS.
pub fn hs256(key: &[u8], header: &Value, claims: &Value) -> String {
    let input = unsigned(header, claims);
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    let mac = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))
}

/// A `client_credentials` request with this assertion.
pub async fn present(world: &World, assertion: &str) -> Answer {
    world
        .post(
            "/token",
            &[],
            &[
                ("grant_type", "client_credentials"),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
                ("client_assertion", assertion),
            ],
        )
        .await
}
