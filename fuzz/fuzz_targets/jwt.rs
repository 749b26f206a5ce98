//! JWT header and claims: what parses has three parts and a known algorithm, and nothing verifies
//! under a key that never signed it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tessera::base::Entropy;
use tessera::crypto::jose::{JwsAlgorithm, SigningAlgorithm, UnverifiedJwt, VerificationKey, generate};

static KEY: LazyLock<VerificationKey> = LazyLock::new(|| {
    let key = generate(SigningAlgorithm::ES256, &Entropy::seeded(7)).expect("a key");
    VerificationKey::from_jwk(&key.public).expect("a key")
});

fuzz_target!(|text: &str| {
    let Ok(jwt) = UnverifiedJwt::parse(text) else {
        return;
    };
    assert_eq!(text.split('.').count(), 3);
    assert!(text.len() <= UnverifiedJwt::MAX_BYTES);
    assert!(JwsAlgorithm::ALL.contains(&jwt.header().alg()));
    let _ = jwt.unverified_claims::<serde_json::Value>();
    assert!(jwt.verify::<serde_json::Value>(&KEY, JwsAlgorithm::ALL).is_err());
});
