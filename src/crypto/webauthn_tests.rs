//! What authenticators are asked for, and by whom.

use super::*;

/// Of nobody: its key was thrown away.
const ROOT: &str = include_str!("attestation_root.pem");

fn party(issuer: &str, models: Option<Models<'_>>) -> Result<RelyingParty, CryptoError> {
    RelyingParty::new(&Url::parse(issuer).unwrap(), "Tessera", models)
}

fn options(models: Option<Models<'_>>) -> serde_json::Value {
    let person = Person {
        id: UserId(Uuid::from_u128(7)),
        username: "ada",
        display_name: "Ada",
    };
    let party = party("https://id.example.com", models).unwrap();
    let offer = party
        .offer_registration(person, vec![vec![1, 2, 3]])
        .unwrap();
    serde_json::from_str(&offer.options).unwrap()
}

#[test]
fn webauthn_5_4_what_an_authenticator_is_asked_for() {
    let told = options(None);
    assert_eq!(told["rp"]["id"], "id.example.com");
    assert_eq!(told["attestation"], "none");
    assert_eq!(told["timeout"], 300_000);
    let selection = &told["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "preferred");
    assert_eq!(selection["userVerification"], "preferred");
    assert_eq!(told["excludeCredentials"][0]["id"], "AQID");
    let algorithms = told["pubKeyCredParams"].as_array().unwrap().iter();
    let algorithms: Vec<_> = algorithms.map(|one| one["alg"].as_i64().unwrap()).collect();
    assert_eq!(algorithms, [-7, -35, -257]);
}

#[test]
fn models_are_asked_for_a_certificate_and_without_roots_there_are_none() {
    let allowed = [Uuid::from_u128(1)];
    let models = |roots| Models {
        roots,
        allowed: &allowed,
    };
    assert_eq!(options(Some(models(ROOT)))["attestation"], "direct");
    let broken = ROOT.replace("MII", "???");
    for roots in ["", "no certificate", broken.as_str()] {
        assert!(
            party("https://id.example.com", Some(models(roots))).is_err(),
            "{roots}"
        );
    }
}

#[test]
fn webauthn_5_1_2_an_ip_address_is_no_rp_id() {
    assert!(party("http://127.0.0.1:8080", None).is_err());
    assert!(party("http://[::1]:8080", None).is_err());
    assert!(party("http://localhost:8080", None).is_ok());
}
