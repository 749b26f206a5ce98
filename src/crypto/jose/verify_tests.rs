use serde_json::json;

use super::super::{SigningAlgorithm, SigningKey, generate};
use super::*;
use crate::base::Entropy;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn own_key(alg: SigningAlgorithm) -> (SigningKey, VerificationKey) {
    let key = generate(alg, &Entropy::seeded(5)).unwrap();
    (
        SigningKey::from_pkcs8(alg, &key.kid, &key.private).unwrap(),
        VerificationKey::from_jwk(&key.public).unwrap(),
    )
}

fn es256_token(claims: &Value) -> (String, VerificationKey) {
    let (signer, key) = own_key(SigningAlgorithm::ES256);
    (signer.sign("JWT", claims).unwrap(), key)
}

/// A token with a header and payload of the caller's choice, signed with `HS256`.
fn hs256(header: &str, payload: &str, secret: &[u8]) -> String {
    let input = format!(
        "{}.{}",
        json::encode(header.as_bytes()),
        json::encode(payload.as_bytes())
    );
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let tag = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", json::encode(tag.as_ref()))
}

fn check(token: &str, key: &VerificationKey) -> Result<Value, JwtError> {
    UnverifiedJwt::parse(token)?
        .verify(key, JwsAlgorithm::ALL)
        .map(VerifiedJwt::into_claims)
}

#[test]
fn our_own_tokens_verify_with_every_algorithm_and_only_their_key() {
    let claims = json!({"sub": "me", "n": 1});
    let keys: Vec<_> = SigningAlgorithm::ALL.iter().map(|&a| own_key(a)).collect();
    for (i, (signer, _)) in keys.iter().enumerate() {
        let token = signer.sign("at+jwt", &claims).unwrap();
        let parsed = UnverifiedJwt::parse(&token).unwrap();
        assert_eq!(parsed.header().kid(), Some(signer.kid()));
        assert!(parsed.header().typ_is("AT+JWT"));
        for (j, (_, key)) in keys.iter().enumerate() {
            let outcome = check(&token, key);
            if i == j {
                assert_eq!(outcome.unwrap(), claims);
            } else {
                assert_eq!(outcome.unwrap_err(), JwtError::KeyMismatch);
            }
        }
    }
}

#[test]
fn the_right_algorithm_with_another_key_is_a_bad_signature() {
    let (token, _) = es256_token(&json!({}));
    let other = generate(SigningAlgorithm::ES256, &Entropy::seeded(6)).unwrap();
    let other = VerificationKey::from_jwk(&other.public).unwrap();
    assert_eq!(check(&token, &other), Err(JwtError::BadSignature));
}

#[test]
fn rfc8725_3_1_an_algorithm_that_the_caller_did_not_name_is_refused() {
    let (token, key) = es256_token(&json!({}));
    let parsed = UnverifiedJwt::parse(&token).unwrap();
    let outcome = parsed.verify::<Value>(&key, &[JwsAlgorithm::RS256, JwsAlgorithm::EdDSA]);
    assert_eq!(outcome.unwrap_err(), JwtError::AlgorithmNotAllowed);
}

#[test]
fn alg_none_is_refused_in_every_spelling() {
    for alg in ["none", "None", "NONE", "nOnE"] {
        let header = json::encode(format!(r#"{{"alg":"{alg}"}}"#).as_bytes());
        let token = format!("{header}.e30.");
        assert_eq!(
            UnverifiedJwt::parse(&token).unwrap_err(),
            JwtError::UnsupportedAlgorithm
        );
    }
    let missing = hs256("{}", "{}", SECRET);
    assert_eq!(
        UnverifiedJwt::parse(&missing).unwrap_err(),
        JwtError::UnsupportedAlgorithm
    );
}

#[test]
fn rfc8725_2_1_an_hmac_keyed_with_the_public_key_is_refused() {
    let key = generate(SigningAlgorithm::RS256, &Entropy::system()).unwrap();
    let public = serde_json::to_vec(&key.public).unwrap();
    let token = hs256(r#"{"alg":"HS256"}"#, r#"{"sub":"admin"}"#, &public);
    let verification_key = VerificationKey::from_jwk(&key.public).unwrap();
    assert_eq!(check(&token, &verification_key), Err(JwtError::KeyMismatch));
    // Nor does a secret verify anything asymmetric.
    let secret = VerificationKey::from_secret(SECRET).unwrap();
    assert!(secret.algorithms().all(JwsAlgorithm::is_symmetric));
    let signer = SigningKey::from_pkcs8(SigningAlgorithm::RS256, "k", &key.private).unwrap();
    let token = signer.sign("JWT", &json!({})).unwrap();
    assert_eq!(check(&token, &secret), Err(JwtError::KeyMismatch));
}

#[test]
fn a_changed_header_payload_or_signature_is_refused() {
    let (token, key) = es256_token(&json!({"sub": "me", "scope": "openid"}));
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(check(&changed, &key).is_err(), "byte {at}");
    }
    for length in 0..token.len() {
        assert!(check(&token[..length], &key).is_err(), "length {length}");
    }
}

#[test]
fn the_shape_is_exactly_three_parts() {
    let (token, key) = es256_token(&json!({}));
    let shapes = [
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.e30"),
        token.replacen('.', "..", 1),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}="),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "....".to_owned(),
    ];
    for shape in shapes {
        assert!(
            matches!(check(&shape, &key), Err(JwtError::Malformed(_))),
            "{shape:?}"
        );
    }
    let long = format!("{token}{}", "A".repeat(UnverifiedJwt::MAX_BYTES));
    assert_eq!(check(&long, &key), Err(JwtError::TooLong));
}

#[test]
fn non_canonical_base64url_cannot_make_a_second_spelling_of_a_token() {
    // 64 bytes of signature leave four spare bits in the last of 86 characters.
    let (token, key) = es256_token(&json!({}));
    let last = token.chars().last().unwrap();
    let mut accepted = 0;
    for c in ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_'])
    {
        let spelled = format!("{}{c}", &token[..token.len() - 1]);
        if check(&spelled, &key).is_ok() {
            assert_eq!(c, last);
            accepted += 1;
        }
    }
    assert_eq!(accepted, 1);
}

#[test]
fn headers_with_crit_duplicates_or_wrong_types_are_refused() {
    let key = VerificationKey::from_secret(SECRET).unwrap();
    for (header, error) in [
        (
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            JwtError::CriticalExtension,
        ),
        (r#"{"alg":"HS256","crit":[]}"#, JwtError::CriticalExtension),
        (
            r#"{"alg":"HS256","alg":"RS256"}"#,
            JwtError::Malformed("header"),
        ),
        (
            r#"{"alg":"HS256","x":1,"x":2}"#,
            JwtError::Malformed("header"),
        ),
        (r#"{"alg":["HS256"]}"#, JwtError::Malformed("header")),
        (r#"{"alg":"HS256","kid":1}"#, JwtError::Malformed("header")),
        (r#"["HS256"]"#, JwtError::Malformed("header")),
        (
            r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AQ"}}"#,
            JwtError::Malformed("header"),
        ),
    ] {
        assert_eq!(check(&hs256(header, "{}", SECRET), &key), Err(error));
    }
    assert!(check(&hs256(r#"{"alg":"HS256","new":1}"#, "{}", SECRET), &key).is_ok());
}

#[test]
fn claims_must_be_an_object_with_unique_members() {
    let key = VerificationKey::from_secret(SECRET).unwrap();
    for payload in [
        "",
        "[]",
        "1",
        r#"{"sub":"a","sub":"b"}"#,
        "{} {}",
        "\u{feff}{}",
    ] {
        let token = hs256(r#"{"alg":"HS256"}"#, payload, SECRET);
        assert_eq!(check(&token, &key), Err(JwtError::Claims), "{payload}");
    }
}

#[test]
fn rfc7518_3_2_a_short_secret_is_refused_and_a_medium_one_limited() {
    assert!(VerificationKey::from_secret(&SECRET[..31]).is_err());
    let supported = |length| {
        VerificationKey::from_secret(&SECRET[..length])
            .unwrap()
            .algorithms()
            .map(JwsAlgorithm::as_str)
            .collect::<Vec<_>>()
    };
    assert_eq!(supported(32), ["HS256"]);
    assert_eq!(supported(48), ["HS256", "HS384"]);
    assert_eq!(supported(64), ["HS256", "HS384", "HS512"]);
}

#[test]
fn rfc7518_3_3_rsa_below_2048_bits_is_refused() {
    let jwk = |bits| {
        let key = openssl::rsa::Rsa::generate(bits).unwrap();
        let n = json::encode(&key.n().to_vec());
        serde_json::from_value::<PublicJwk>(json!({"kty": "RSA", "n": n, "e": "AQAB"})).unwrap()
    };
    assert!(VerificationKey::from_jwk(&jwk(1024)).is_err());
    assert!(VerificationKey::from_jwk(&jwk(2040)).is_err());
    let key = VerificationKey::from_jwk(&jwk(2048)).unwrap();
    assert_eq!(key.algorithms().count(), 6);
}

#[test]
fn rfc7517_a_key_is_used_only_for_what_its_owner_says() {
    let key = generate(SigningAlgorithm::ES256, &Entropy::seeded(8)).unwrap();
    let with = |member: &str, value: Value| {
        let mut jwk = serde_json::to_value(&key.public).unwrap();
        jwk[member] = value;
        VerificationKey::from_jwk(&serde_json::from_value(jwk).unwrap())
    };
    assert!(with("use", json!("sig")).is_ok());
    assert!(with("use", json!("enc")).is_err());
    assert!(with("key_ops", json!(["sign"])).is_err());
    assert!(with("alg", json!("RS256")).is_err());
    assert!(with("alg", json!("HS256")).is_err());
    assert!(with("alg", json!("none")).is_err());
    // A point that is not on the curve.
    assert!(with("x", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).is_err());
}

#[test]
fn typ_is_compared_as_a_media_type() {
    let typ_is = |typ: &str| {
        let token = hs256(&format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), "{}", SECRET);
        UnverifiedJwt::parse(&token)
            .unwrap()
            .header()
            .typ_is("at+jwt")
    };
    assert!(typ_is("at+jwt"));
    assert!(typ_is("Application/AT+JWT"));
    assert!(!typ_is("JWT"));
    assert!(!typ_is("text/at+jwt"));
    assert!(!typ_is("applicati\u{f6}n/at+jwt"));
}

proptest::proptest! {
    #[test]
    fn no_stranger_s_bytes_make_the_parser_panic(text in ".{0,200}") {
        let _ = UnverifiedJwt::parse(&text);
        let _ = serde_json::from_str::<PublicJwk>(&text);
    }

    #[test]
    fn no_header_or_payload_makes_the_parser_panic(
        header in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
        payload in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
    ) {
        let token = format!("{}.{}.AA", json::encode(&header), json::encode(&payload));
        if let Ok(parsed) = UnverifiedJwt::parse(&token) {
            let _ = parsed.unverified_claims::<Value>();
        }
    }
}
