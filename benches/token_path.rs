//! The pieces of a token request, and the whole of one through the router. Ratios between rows of one
//! run mean something; a row alone does not.

use std::hint::black_box;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use base64::Engine as _;
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use tessera::base::{Clock, Entropy};
use tessera::config::{Config, DatabaseUrl};
use tessera::crypto::jose::{
    JwsAlgorithm, SigningAlgorithm, SigningKey, UnverifiedJwt, VerificationKey, generate,
};
use tessera::crypto::seal::MasterKey;
use tessera::flows::{Tessera, rotate_keys};
use tessera::protocol::access::Permit;
use tessera::protocol::audit::Origin;
use tessera::protocol::params::Params;
use tower::ServiceExt as _;

const FORM: &[u8] = b"grant_type=authorization_code&code=AkHP0bV0LFmAHX3qEpN0HKiDHYh8Rq_P1jb78VKYtY4\
    &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn pieces(c: &mut Criterion) {
    let entropy = Entropy::system();
    let claims = json!({
        "iss": "https://id.example.com", "sub": "01a1fc8f-5562-7e2b-89bc-4b2a44960fb1",
        "aud": "https://rows.example", "exp": 1_800_000_600, "iat": 1_800_000_000,
        "jti": "BFEhdZdWt-yeT3Jpim8ytg", "client_id": "01a1fc8f-5562-7e2b-89bc-4b2a44960fb2",
        "scope": "openid profile email rows:read",
    });
    for alg in [
        SigningAlgorithm::ES256,
        SigningAlgorithm::RS256,
        SigningAlgorithm::EdDSA,
    ] {
        let key = generate(alg, &entropy).expect("a key");
        let signer = SigningKey::from_pkcs8(alg, &key.kid, &key.private).expect("a signer");
        let verifier = VerificationKey::from_jwk(&key.public).expect("a verifier");
        let token = signer.sign("at+jwt", &claims).expect("a token");
        let allowed = [JwsAlgorithm::from(alg)];
        c.bench_function(&format!("sign {alg}"), |b| {
            b.iter(|| signer.sign("at+jwt", black_box(&claims)));
        });
        c.bench_function(&format!("verify {alg}"), |b| {
            b.iter(|| {
                let jwt = UnverifiedJwt::parse(black_box(&token)).expect("a JWT");
                jwt.verify::<serde_json::Value>(&verifier, &allowed).is_ok()
            });
        });
    }
    c.bench_function("parse a token request", |b| {
        b.iter(|| Params::parse(black_box(FORM)));
    });
}

fn whole(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = std::env::temp_dir().join(format!("tessera-bench-{}", std::process::id()));
    let (router, basic) = runtime.block_on(async {
        let mut config = Config::default();
        let url = format!("sqlite:{}", folder.join("tessera.db").display());
        config.database.url = DatabaseUrl::parse(&url).expect("a URL");
        let entropy = Entropy::system();
        let master = MasterKey::generate(&entropy);
        let tessera = Tessera::new(config, master, Clock::system(), entropy).expect("the parts");
        tessera.store.migrate().await.expect("the schema");
        rotate_keys::tick(&tessera).await.expect("keys");
        tessera.load_keys().await.expect("keys");
        let metadata = json!({
            "client_name": "bench", "grant_types": ["client_credentials"], "scope": "rows:read",
            "access_token_signed_response_alg": "ES256",
        });
        let (body, permit) = (metadata.to_string(), Permit::of_operator());
        let made = tessera.create_client(permit, body.as_bytes(), Origin::default());
        let (client, secret) = made.await.expect("the database").expect("registered");
        let secret = secret.expect("a secret");
        let pair = format!("{}:{}", client.id, secret.expose());
        let basic = base64::engine::general_purpose::STANDARD.encode(pair);
        (tessera::web::router(tessera), format!("Basic {basic}"))
    });
    c.bench_function("client credentials, ES256, durable, one at a time", |b| {
        b.to_async(&runtime).iter(|| {
            let request = Request::post("/token")
                .header("authorization", &basic)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from("grant_type=client_credentials"))
                .expect("a request");
            let router = router.clone();
            async move {
                let response = router.oneshot(request).await.expect("an answer");
                assert!(response.status().is_success());
                to_bytes(response.into_body(), 1 << 16)
                    .await
                    .expect("a body")
            }
        });
    });
    drop(std::fs::remove_dir_all(folder));
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3)).without_plots();
    targets = pieces, whole
}
criterion_main!(benches);
