//! Client assertions, made by hand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tessera::base::Entropy;
use tessera::crypto::jose::{GeneratedKey, SigningAlgorithm, SigningKey, generate};
use tessera::protocol::client_auth::assertion::JWT_BEARER;

use super::world::{Answer, ISSUER};
use super::{App, World};

/// A machine that proves itself with `client_secret_jwt`.
pub async fn machine(world: &World) -> App {
    App::machine(
        world,
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
    )
    .await
}

/// A key pair of a client.
pub struct Pair {
    alg: SigningAlgorithm,
    generated: GeneratedKey,
}

impl Pair {
    /// A new one.
    pub fn new(alg: SigningAlgorithm) -> Self {
        let generated = generate(alg, &Entropy::system()).expect("a key");
        Self { alg, generated }
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        serde_json::to_value(&self.generated.public).expect("JSON")
    }

    /// Claims, signed, under the key's own name.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.generated.kid, claims)
    }

    /// Claims, signed, under another name.
    pub fn sign_as(&self, kid: &str, claims: &Value) -> String {
        self.sign_with(kid, "JWT", claims)
    }

    /// Claims, signed, as a kind of JWT (`typ`).
    pub fn sign_typed(&self, typ: &str, claims: &Value) -> String {
        self.sign_with(&self.generated.kid, typ, claims)
    }

    fn sign_with(&self, kid: &str, typ: &str, claims: &Value) -> String {
        SigningKey::from_pkcs8(self.alg, kid, &self.generated.private)
            .expect("the key")
            .sign(typ, claims)
            .expect("signed")
    }
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
    present_with(world, assertion, &[]).await
}

/// As [`present`], with more in the form.
pub async fn present_with(world: &World, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    world.post("/token", &[], &[&form[..], more].concat()).await
}
