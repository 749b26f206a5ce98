//! JWE: the examples of RFC 7520 section 5, opened as they stand, and what we write and refuse.

use josekit::jwe::{self, Dir, JweHeader};
use josekit::jwe::{ECDH_ES, ECDH_ES_A128KW, JweDecrypter, RSA_OAEP, RSA_OAEP_256};
use josekit::jwk::Jwk;

use super::*;
use crate::base::Entropy;
use ContentEncryptionAlgorithm as Enc;
use KeyManagementAlgorithm as Alg;

/// The plaintext of RFC 7520 section 5.
const FRODO: &str = "You can trust us to stick with you through thick and thin\u{2013}to the bitter end. And you can trust us to keep any secret of yours\u{2013}closer than you keep it yourself. But you cannot trust us to let you face trouble alone, and go off without a word. We are your friends, Frodo.";

const SAMWISE: &str = r#"{"kty":"RSA","kid":"samwise.gamgee@hobbiton.example","use":"enc","n":"wbdxI55VaanZXPY29Lg5hdmv2XhvqAhoxUkanfzf2-5zVUxa6prHRrI4pP1AhoqJRlZfYtWWd5mmHRG2pAHIlh0ySJ9wi0BioZBl1XP2e-C-FyXJGcTy0HdKQWlrfhTm42EW7Vv04r4gfao6uxjLGwfpGrZLarohiWCPnkNrg71S2CuNZSQBIPGjXfkmIy2tl_VWgGnL22GplyXj5YlBLdxXp3XeStsqo571utNfoUTU8E4qdzJ3U1DItoVkPGsMwlmmnJiwA7sXRItBCivR4M5qnZtdw-7v4WuR4779ubDuJ5nalMv2S66-RPcnFAzWSKxtBDnFJJDGIUe7Tzizjg1nms0Xq_yPub_UOlWn0ec85FCft1hACpWG8schrOBeNqHBODFskYpUc2LC5JA2TaPF2dA67dg1TTsC_FupfQ2kNGcE1LgprxKHcVWYQb86B-HozjHZcqtauBzFNV5tbTuB-TpkcvJfNcFLlH3b8mb-H_ox35FjqBSAjLKyoeqfKTpVjvXhd09knwgJf6VKq6UC418_TOljMVfFTWXUxlnfhOOnzW6HSSzD1c9WrCuVzsUMv54szidQ9wf1cYWf3g5qFDxDQKis99gcDaiCAwM3yEBIzuNeeCa5dartHDb1xEB_HcHSeYbghbMjGfasvKn0aZRsnTyC0xhWBlsolZE","e":"AQAB","alg":"RSA-OAEP","d":"n7fzJc3_WG59VEOBTkayzuSMM780OJQuZjN_KbH8lOZG25ZoA7T4Bxcc0xQn5oZE5uSCIwg91oCt0JvxPcpmqzaJZg1nirjcWZ-oBtVk7gCAWq-B3qhfF3izlbkosrzjHajIcY33HBhsy4_WerrXg4MDNE4HYojy68TcxT2LYQRxUOCf5TtJXvM8olexlSGtVnQnDRutxEUCwiewfmmrfveEogLx9EA-KMgAjTiISXxqIXQhWUQX1G7v_mV_Hr2YuImYcNcHkRvp9E7ook0876DhkO8v4UOZLwA1OlUX98mkoqwc58A_Y2lBYbVx1_s5lpPsEqbbH-nqIjh1fL0gdNfihLxnclWtW7pCztLnImZAyeCWAG7ZIfv-Rn9fLIv9jZ6r7r-MSH9sqbuziHN2grGjD_jfRluMHa0l84fFKl6bcqN1JWxPVhzNZo01yDF-1LiQnqUYSepPf6X3a2SOdkqBRiquE6EvLuSYIDpJq3jDIsgoL8Mo1LoomgiJxUwL_GWEOGu28gplyzm-9Q0U0nyhEf1uhSR8aJAQWAiFImWH5W_IQT9I7-yrindr_2fWQ_i1UgMsGzA7aOGzZfPljRy6z-tY_KuBG00-28S_aWvjyUc-Alp8AUyKjBZ-7CWH32fGWK48j1t-zomrwjL_mnhsPbGs0c9WsWgRzI-K8gE","p":"7_2v3OQZzlPFcHyYfLABQ3XP85Es4hCdwCkbDeltaUXgVy9l9etKghvM4hRkOvbb01kYVuLFmxIkCDtpi-zLCYAdXKrAK3PtSbtzld_XZ9nlsYa_QZWpXB_IrtFjVfdKUdMz94pHUhFGFj7nr6NNxfpiHSHWFE1zD_AC3mY46J961Y2LRnreVwAGNw53p07Db8yD_92pDa97vqcZOdgtybH9q6uma-RFNhO1AoiJhYZj69hjmMRXx-x56HO9cnXNbmzNSCFCKnQmn4GQLmRj9sfbZRqL94bbtE4_e0Zrpo8RNo8vxRLqQNwIy85fc6BRgBJomt8QdQvIgPgWCv5HoQ","q":"zqOHk1P6WN_rHuM7ZF1cXH0x6RuOHq67WuHiSknqQeefGBA9PWs6ZyKQCO-O6mKXtcgE8_Q_hA2kMRcKOcvHil1hqMCNSXlflM7WPRPZu2qCDcqssd_uMbP-DqYthH_EzwL9KnYoH7JQFxxmcv5An8oXUtTwk4knKjkIYGRuUwfQTus0w1NfjFAyxOOiAQ37ussIcE6C6ZSsM3n41UlbJ7TCqewzVJaPJN5cxjySPZPD3Vp01a9YgAD6a3IIaKJdIxJS1ImnfPevSJQBE79-EXe2kSwVgOzvt-gsmM29QQ8veHy4uAqca5dZzMs7hkkHtw1z0jHV90epQJJlXXnH8Q","dp":"19oDkBh1AXelMIxQFm2zZTqUhAzCIr4xNIGEPNoDt1jK83_FJA-xnx5kA7-1erdHdms_Ef67HsONNv5A60JaR7w8LHnDiBGnjdaUmmuO8XAxQJ_ia5mxjxNjS6E2yD44USo2JmHvzeeNczq25elqbTPLhUpGo1IZuG72FZQ5gTjXoTXC2-xtCDEUZfaUNh4IeAipfLugbpe0JAFlFfrTDAMUFpC3iXjxqzbEanflwPvj6V9iDSgjj8SozSM0dLtxvu0LIeIQAeEgT_yXcrKGmpKdSO08kLBx8VUjkbv_3Pn20Gyu2YEuwpFlM_H1NikuxJNKFGmnAq9LcnwwT0jvoQ","dq":"S6p59KrlmzGzaQYQM3o0XfHCGvfqHLYjCO557HYQf72O9kLMCfd_1VBEqeD-1jjwELKDjck8kOBl5UvohK1oDfSP1DleAy-cnmL29DqWmhgwM1ip0CCNmkmsmDSlqkUXDi6sAaZuntyukyflI-qSQ3C_BafPyFaKrt1fgdyEwYa08pESKwwWisy7KnmoUvaJ3SaHmohFS78TJ25cfc10wZ9hQNOrIChZlkiOdFCtxDqdmCqNacnhgE3bZQjGp3n83ODSz9zwJcSUvODlXBPc2AycH6Ci5yjbxt4Ppox_5pjm6xnQkiPgj01GpsUssMmBN7iHVsrE7N2iznBNCeOUIQ","qi":"FZhClBMywVVjnuUud-05qd5CYU0dK79akAgy9oX6RX6I3IIIPckCciRrokxglZn-omAY5CnCe4KdrnjFOT5YUZE7G_Pg44XgCXaarLQf4hl80oPEf6-jJ5Iy6wPRx7G2e8qLxnh9cOdf-kRqgOS3F48Ucvw3ma5V6KGMwQqWFeV31XtZ8l5cVI-I3NzBS7qltpUVgz2Ju021eyc7IlqgzR98qKONl27DuEES0aK0WE97jnsyO27Yp88Wa2RiBrEocM89QZI1seJiGDizHRUP4UZxw9zsXww46wy0P6f9grnYp7t8LkyDDk8eoI4KX6SNMNVcyVS9IWjlq8EzqZEKIA"}"#;

const PEREGRIN: &str = r#"{"kty":"EC","kid":"peregrin.took@tuckborough.example","use":"enc","crv":"P-384","x":"YU4rRUzdmVqmRtWOs2OpDE_T5fsNIodcG8G5FWPrTPMyxpzsSOGaQLpe2FpxBmu2","y":"A8-yxCHxkfBz3hKZfI1jUYMjUhsEveZ9THuwFjH2sCNdtksRJU7D5-SkgaFL1ETP","d":"iTx2pk7wW-GqJkHcEkFQb2EFyYcO7RugmaW3mRrQVAOUiPommT0IdnYK2xDlZh-j"}"#;

const MERIADOC: &str = r#"{"kty":"EC","kid":"meriadoc.brandybuck@buckland.example","use":"enc","crv":"P-256","x":"Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0","y":"HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw","d":"r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8"}"#;

fn held<D: JweDecrypter + 'static>(
    algorithm: Alg,
    jwk: &str,
    read: impl Fn(&Jwk) -> Result<D, josekit::JoseError>,
) -> DecryptionKey {
    let jwk = Jwk::from_bytes(jwk).unwrap();
    DecryptionKey {
        kid: jwk.key_id().unwrap().to_owned(),
        algorithm,
        decrypter: Box::new(read(&jwk).unwrap()),
    }
}

/// The example opens, and does not once any of its parts is changed.
fn opens(key: &DecryptionKey, enc: Enc, compact: &str) {
    let jwe = UnopenedJwe::parse(compact).unwrap();
    assert_eq!(
        (jwe.alg(), jwe.enc(), jwe.kid()),
        (key.algorithm(), enc, Some(key.kid()))
    );
    assert_eq!(jwe.open(key).unwrap().expose(), FRODO.as_bytes());
    for (at, part) in compact.split('.').enumerate() {
        if part.is_empty() {
            continue;
        }
        let mut bytes = json::decode(part).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let mut parts: Vec<_> = compact.split('.').map(str::to_owned).collect();
        parts[at] = json::encode(&bytes);
        let changed = parts.join(".");
        let opened = UnopenedJwe::parse(&changed).and_then(|jwe| jwe.open(key));
        assert!(opened.is_none(), "part {at}");
    }
}

#[test]
fn rfc7520_5_2_rsa_oaep_and_a256gcm() {
    opens(
        &held(Alg::RsaOaep, SAMWISE, |jwk| {
            RSA_OAEP.decrypter_from_jwk(jwk)
        }),
        Enc::A256Gcm,
        "eyJhbGciOiJSU0EtT0FFUCIsImtpZCI6InNhbXdpc2UuZ2FtZ2VlQGhvYmJpdG9uLmV4YW1wbGUiLCJlbmMiOiJBMjU2R0NNIn0.rT99rwrBTbTI7IJM8fU3Eli7226HEB7IchCxNuh7lCiud48LxeolRdtFF4nzQibeYOl5S_PJsAXZwSXtDePz9hk-BbtsTBqC2UsPOdwjC9NhNupNNu9uHIVftDyucvI6hvALeZ6OGnhNV4v1zx2k7O1D89mAzfw-_kT3tkuorpDU-CpBENfIHX1Q58-Aad3FzMuo3Fn9buEP2yXakLXYa15BUXQsupM4A1GD4_H4Bd7V3u9h8Gkg8BpxKdUV9ScfJQTcYm6eJEBz3aSwIaK4T3-dwWpuBOhROQXBosJzS1asnuHtVMt2pKIIfux5BC6huIvmY7kzV7W7aIUrpYm_3H4zYvyMeq5pGqFmW2k8zpO878TRlZx7pZfPYDSXZyS0CfKKkMozT_qiCwZTSz4duYnt8hS4Z9sGthXn9uDqd6wycMagnQfOTs_lycTWmY-aqWVDKhjYNRf03NiwRtb5BE-tOdFwCASQj3uuAgPGrO2AWBe38UjQb0lvXn1SpyvYZ3WFc7WOJYaTa7A8DRn6MC6T-xDmMuxC0G7S2rscw5lQQU06MvZTlFOt0UvfuKBa03cxA_nIBIhLMjY2kOTxQMmpDPTr6Cbo8aKaOnx6ASE5Jx9paBpnNmOOKH35j_QlrQhDWUN6A2Gg8iFayJ69xDEdHAVCGRzN3woEI2ozDRs.-nBoKLH0YkLZPSI9.o4k2cnGN8rSSw3IDo1YuySkqeS_t2m1GXklSgqBdpACm6UJuJowOHC5ytjqYgRL-I-soPlwqMUf4UgRWWeaOGNw6vGW-xyM01lTYxrXfVzIIaRdhYtEMRBvBWbEwP7ua1DRfvaOjgZv6Ifa3brcAM64d8p5lhhNcizPersuhw5f-pGYzseva-TUaL8iWnctc-sSwy7SQmRkfhDjwbz0fz6kFovEgj64X1I5s7E6GLp5fnbYGLa1QUiML7Cc2GxgvI7zqWo0YIEc7aCflLG1-8BboVWFdZKLK9vNoycrYHumwzKluLWEbSVmaPpOslY2n525DxDfWaVFUfKQxMF56vn4B9QMpWAbnypNimbM8zVOw.UCGiqJxhBI3IFVdPalHHvA",
    );
}

#[test]
fn rfc7520_5_4_ecdh_es_a128kw_on_p384_and_a128gcm() {
    opens(
        &held(Alg::EcdhEsA128Kw, PEREGRIN, |jwk| {
            ECDH_ES_A128KW.decrypter_from_jwk(jwk)
        }),
        Enc::A128Gcm,
        "eyJhbGciOiJFQ0RILUVTK0ExMjhLVyIsImtpZCI6InBlcmVncmluLnRvb2tAdHVja2Jvcm91Z2guZXhhbXBsZSIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAtMzg0IiwieCI6InVCbzRrSFB3Nmtiang1bDB4b3dyZF9vWXpCbWF6LUdLRlp1NHhBRkZrYllpV2d1dEVLNml1RURzUTZ3TmROZzMiLCJ5Ijoic3AzcDVTR2haVkMyZmFYdW1JLWU5SlUyTW84S3BvWXJGRHI1eVBOVnRXNFBnRXdaT3lRVEEtSmRhWTh0YjdFMCJ9LCJlbmMiOiJBMTI4R0NNIn0.0DJjBXri_kBcC46IkU5_Jk9BqaQeHdv2.mH-G2zVqgztUtnW_.tkZuOO9h95OgHJmkkrfLBisku8rGf6nzVxhRM3sVOhXgz5NJ76oID7lpnAi_cPWJRCjSpAaUZ5dOR3Spy7QuEkmKx8-3RCMhSYMzsXaEwDdXta9Mn5B7cCBoJKB0IgEnj_qfo1hIi-uEkUpOZ8aLTZGHfpl05jMwbKkTe2yK3mjF6SBAsgicQDVCkcY9BLluzx1RmC3ORXaM0JaHPB93YcdSDGgpgBWMVrNU1ErkjcMqMoT_wtCex3w03XdLkjXIuEr2hWgeP-nkUZTPU9EoGSPj6fAS-bSz87RCPrxZdj_iVyC6QWcqAu07WNhjzJEPc4jVntRJ6K53NgPQ5p99l3Z408OUqj4ioYezbS6vTPlQ.WuGzxmcreYjpHGJoa17EBg",
    );
}

#[test]
fn rfc7520_5_5_ecdh_es_on_p256_and_a128cbc_hs256() {
    opens(
        &held(Alg::EcdhEs, MERIADOC, |jwk| ECDH_ES.decrypter_from_jwk(jwk)),
        Enc::A128CbcHs256,
        "eyJhbGciOiJFQ0RILUVTIiwia2lkIjoibWVyaWFkb2MuYnJhbmR5YnVja0BidWNrbGFuZC5leGFtcGxlIiwiZXBrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoibVBVS1RfYkFXR0hJaGcwVHBqanFWc1AxclhXUXVfdndWT0hIdE5rZFlvQSIsInkiOiI4QlFBc0ltR2VBUzQ2ZnlXdzVNaFlmR1RUMElqQnBGdzJTUzM0RHY0SXJzIn0sImVuYyI6IkExMjhDQkMtSFMyNTYifQ..yc9N8v5sYyv3iGQT926IUg.BoDlwPnTypYq-ivjmQvAYJLb5Q6l-F3LIgQomlz87yW4OPKbWE1zSTEFjDfhU9IPIOSA9Bml4m7iDFwA-1ZXvHteLDtw4R1XRGMEsDIqAYtskTTmzmzNa-_q4F_evAPUmwlO-ZG45Mnq4uhM1fm_D9rBtWolqZSF3xGNNkpOMQKF1Cl8i8wjzRli7-IXgyirlKQsbhhqRzkv8IcY6aHl24j03C-AR2le1r7URUhArM79BY8soZU0lzwI-sD5PZ3l4NDCCei9XkoIAfsXJWmySPoeRb2Ni5UZL4mYpvKDiwmyzGd65KqVw7MsFfI_K767G9C9Azp73gKZD0DyUn1mn0WW5LmyX_yJ-3AROq8p1WZBfG-ZyJ6195_JGG2m9Csg.WCCkNa-x4BeB9hIDIfFuhg",
    );
}

fn pair(alg: Alg) -> (PublicJwk, DecryptionKey) {
    let key = generate(alg, &Entropy::system()).unwrap();
    let private = DecryptionKey::from_pkcs8(alg, &key.kid, &key.private).unwrap();
    (key.public, private)
}

#[test]
fn rfc7519_5_2_every_pair_of_algorithms_carries_a_nested_jwt() {
    for &alg in Alg::ALL {
        let (public, private) = pair(alg);
        for &enc in Enc::ALL {
            let recipient = Recipient::new(&public, alg, enc).unwrap();
            let sent = recipient.encrypt_jwt("a.b.c").unwrap();
            let jwe = UnopenedJwe::parse(&sent).unwrap();
            assert_eq!(jwe.open(&private).unwrap().expose(), b"a.b.c");
            let header = json::decode(sent.split('.').next().unwrap()).unwrap();
            let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
            assert_eq!(header["alg"], alg.as_str());
            assert_eq!(header["enc"], enc.as_str());
            assert_eq!(header["kid"], *private.kid());
            assert_eq!(header["cty"], "JWT");
            assert!(header.get("zip").is_none());
        }
    }
}

#[test]
fn rfc8037_a_6_a_message_to_an_x25519_key_opens() {
    let secret = josekit::jwk::Jwk::generate_ecx_key(josekit::jwk::alg::ecx::EcxCurve::X25519);
    let secret = secret.unwrap();
    let public: PublicJwk =
        serde_json::from_str(&secret.to_public_key().unwrap().to_string()).unwrap();
    let again = serde_json::to_string(&public).unwrap();
    assert_eq!(serde_json::from_str::<PublicJwk>(&again).unwrap(), public);
    assert!(VerificationKey::from_jwk(&public).is_err());
    let recipient = Recipient::new(&public, Alg::EcdhEs, Enc::A256Gcm).unwrap();
    let sent = recipient.encrypt_jwt("a.b.c").unwrap();
    let decrypter = ECDH_ES.decrypter_from_jwk(&secret).unwrap();
    let (opened, _) = jwe::deserialize_compact(&sent, &decrypter).unwrap();
    assert_eq!(opened, b"a.b.c");
}

fn jwk_with(jwk: &PublicJwk, changes: serde_json::Value) -> PublicJwk {
    let mut members = serde_json::to_value(jwk).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members[name] = value.clone();
    }
    serde_json::from_value(members).unwrap()
}

#[test]
fn oidc_core_10_2_the_key_is_chosen_by_use_type_and_algorithm() {
    let (rsa, _) = pair(Alg::RsaOaep);
    let (ec, _) = pair(Alg::EcdhEs);
    let any = |jwk: &PublicJwk, kid: &str| {
        jwk_with(
            jwk,
            serde_json::json!({"kid": kid, "use": null, "alg": null}),
        )
    };
    let chosen = |keys: &[PublicJwk], alg| {
        Recipient::choose(keys, alg, Enc::A128CbcHs256).and_then(|found| found.kid)
    };
    let said = jwk_with(&ec, serde_json::json!({"kid": "said", "alg": null}));
    let keys = [
        any(&ec, "first"),
        any(&ec, "second"),
        said,
        any(&rsa, "rsa"),
    ];
    assert_eq!(chosen(&keys, Alg::EcdhEs).as_deref(), Some("said"));
    assert_eq!(
        chosen(&keys[..2], Alg::EcdhEsA128Kw).as_deref(),
        Some("first")
    );
    assert_eq!(chosen(&keys, Alg::RsaOaep256).as_deref(), Some("rsa"));
    assert_eq!(chosen(&keys[..3], Alg::RsaOaep), None);
    // A key that says what it is for is for nothing else.
    assert_eq!(chosen(std::slice::from_ref(&rsa), Alg::RsaOaep256), None);
    for changes in [
        serde_json::json!({"use": "sig"}),
        serde_json::json!({"key_ops": ["verify"]}),
    ] {
        assert_eq!(chosen(&[jwk_with(&rsa, changes)], Alg::RsaOaep), None);
    }
    let wrapping = jwk_with(&rsa, serde_json::json!({"key_ops": ["wrapKey"]}));
    assert!(chosen(&[wrapping], Alg::RsaOaep).is_some());
    // Not on the curve: passed over, as if it were not there.
    let off = jwk_with(&ec, serde_json::json!({"x": "A".repeat(43), "kid": "off"}));
    assert_eq!(chosen(std::slice::from_ref(&off), Alg::EcdhEs), None);
    assert!(chosen(&[off, ec], Alg::EcdhEs).is_some());
}

#[test]
fn rfc7518_4_3_a_short_rsa_modulus_is_refused() {
    let (rsa, _) = pair(Alg::RsaOaep);
    let short = json::encode(&[0xff; 128]);
    let short = jwk_with(&rsa, serde_json::json!({"n": short}));
    assert!(Recipient::new(&short, Alg::RsaOaep, Enc::A128Gcm).is_err());
    assert!(Recipient::new(&rsa, Alg::RsaOaep, Enc::A128Gcm).is_ok());
}

/// A message to an RSA key of ours, with a header of the sender's choice.
fn to_us(public: &PublicJwk, change: impl Fn(&mut JweHeader)) -> String {
    let mut header = JweHeader::new();
    header.set_content_encryption("A128CBC-HS256");
    change(&mut header);
    let encrypter = RSA_OAEP_256.encrypter_from_jwk(&public.to_josekit());
    jwe::serialize_compact(&[b'x'; 100], &header, &encrypter.unwrap()).unwrap()
}

#[test]
fn rfc8725_3_2_weak_and_foreign_key_management_is_refused() {
    let (public, private) = pair(Alg::RsaOaep256);
    let good = to_us(&public, |_| {});
    assert!(UnopenedJwe::parse(&good).unwrap().open(&private).is_some());

    let mut header = JweHeader::new();
    header.set_content_encryption("A128CBC-HS256");
    #[expect(deprecated, reason = "it is what must be refused")]
    let weak = jwe::RSA1_5
        .encrypter_from_jwk(&public.to_josekit())
        .unwrap();
    let weak = jwe::serialize_compact(b"x", &header, &weak).unwrap();
    assert!(UnopenedJwe::parse(&weak).is_none());

    let direct = Dir.encrypter_from_bytes([1; 32]).unwrap();
    let direct = jwe::serialize_compact(b"x", &header, &direct).unwrap();
    assert!(UnopenedJwe::parse(&direct).is_none());

    // The same modulus under another algorithm: the key is for one alone.
    let other = RSA_OAEP.encrypter_from_jwk(&public.to_josekit()).unwrap();
    let other = jwe::serialize_compact(b"x", &header, &other).unwrap();
    assert!(UnopenedJwe::parse(&other).unwrap().open(&private).is_none());
}

#[test]
fn rfc8725_3_6_compressed_and_critical_and_oversized_messages_are_refused() {
    let (public, _) = pair(Alg::RsaOaep256);
    let zipped = to_us(&public, |header| header.set_compression("DEF"));
    assert!(UnopenedJwe::parse(&zipped).is_none());
    let critical = to_us(&public, |header| header.set_critical(&vec!["exp"]));
    assert!(UnopenedJwe::parse(&critical).is_none());
    let good = to_us(&public, |_| {});
    let oversized = good.replacen('.', &format!(".{}", "A".repeat(24 * 1024)), 1);
    assert!(UnopenedJwe::parse(&oversized).is_none());
    for text in ["", "....", "a.b.c", "a.b.c.d.e", &good[1..]] {
        assert!(UnopenedJwe::parse(text).is_none(), "{text}");
    }
}

#[test]
fn rfc7518_5_2_2_2_a_shortened_tag_is_refused() {
    for enc in [Enc::A128CbcHs256, Enc::A256CbcHs512, Enc::A256Gcm] {
        let (public, _) = pair(Alg::EcdhEs);
        let recipient = Recipient::new(&public, Alg::EcdhEs, enc).unwrap();
        let good = recipient.encrypt_jwt("a.b.c").unwrap();
        let (rest, tag) = good.rsplit_once('.').unwrap();
        let tag = json::decode(tag).unwrap();
        for length in 0..tag.len() {
            let short = format!("{rest}.{}", json::encode(&tag[..length]));
            assert!(UnopenedJwe::parse(&short).is_none(), "{enc} {length}");
        }
    }
}
