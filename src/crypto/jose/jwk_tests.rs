use super::*;

/// RFC 7638 §3.1, the key of the example.
const RFC7638: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

fn parse(json: &str) -> Result<PublicJwk, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn rfc7638_3_1_the_thumbprint_of_the_example() {
    let jwk = parse(RFC7638).unwrap();
    assert_eq!(
        jwk.thumbprint(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert_eq!(jwk.kid(), Some("2011-04-29"));
    assert_eq!(jwk.alg(), Some("RS256"));
    assert_eq!(jwk.use_(), None);
}

#[test]
fn rfc8037_a_3_the_thumbprint_of_an_ed25519_key() {
    let jwk =
        parse(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
            .unwrap();
    assert_eq!(
        jwk.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn a_jwk_survives_the_way_through_json() {
    let jwk = parse(RFC7638).unwrap();
    let again = parse(&serde_json::to_string(&jwk).unwrap()).unwrap();
    assert_eq!(again, jwk);
}

#[test]
fn private_members_are_refused_whatever_they_hold() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in ["\"AQ\"", "null", "[]"] {
            let json = RFC7638.replacen('{', &format!("{{\"{member}\":{value},"), 1);
            let error = parse(&json).unwrap_err().to_string();
            assert!(error.contains("private"), "{member}: {error}");
        }
    }
    assert!(parse(r#"{"kty":"oct"}"#).is_err());
}

#[test]
fn a_private_key_with_several_private_members_is_refused() {
    let json = RFC7638.replacen('{', r#"{"d":"AQ","p":"AQ","q":"AQ","#, 1);
    assert!(parse(&json).is_err());
}

#[test]
fn malformed_members_are_refused() {
    let point = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    for json in [
        // A coordinate that is one byte short, and one that is missing.
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{point}","y":"AQAB"}}"#),
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{point}"}}"#),
        // An unknown curve and an unknown type.
        format!(r#"{{"kty":"EC","crv":"secp256k1","x":"{point}","y":"{point}"}}"#),
        r#"{"kty":"XYZ"}"#.to_owned(),
        "{}".to_owned(),
        // A leading zero octet, padding, and an exponent of 48 bits.
        r#"{"kty":"RSA","n":"AAEC","e":"AQAB"}"#.to_owned(),
        r#"{"kty":"RSA","n":"AQ==","e":"AQAB"}"#.to_owned(),
        r#"{"kty":"RSA","n":"AQAB","e":"AQABAQAB"}"#.to_owned(),
    ] {
        assert!(parse(&json).is_err(), "{json}");
    }
}

#[test]
fn rfc7517_4_2_use_and_key_ops_say_whether_a_key_verifies() {
    let with = |member: &str| parse(&RFC7638.replacen('{', &format!("{{{member},"), 1)).unwrap();
    assert!(with(r#""use":"sig""#).may_verify());
    assert!(!with(r#""use":"enc""#).may_verify());
    assert!(with(r#""key_ops":["verify"]"#).may_verify());
    assert!(!with(r#""key_ops":["encrypt"]"#).may_verify());
}
