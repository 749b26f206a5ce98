//! Each standard claim with what it may be and what it may not.

use serde_json::json;

use super::*;
use crate::protocol::claims;

fn of(claim: &str, value: Value) -> Vec<String> {
    problems(&Map::from_iter([(claim.to_owned(), value)]))
}

#[test]
fn oidc_core_5_1_every_standard_claim_has_one_place() {
    for claim in claims::supported() {
        let inside = RULES.iter().filter(|(known, _)| *known == claim).count();
        let elsewhere = ELSEWHERE
            .iter()
            .filter(|(known, _)| *known == claim)
            .count();
        assert_eq!(inside + elsewhere, 1, "{claim}");
    }
}

/// Claim, all good values, all bad ones.
type Case = (&'static str, Value, Value);

#[test]
fn oidc_core_5_1_each_claim_takes_what_the_specification_says_and_nothing_else() {
    let long = "x".repeat(201);
    check(&[
        (
            "name",
            json!(["Ada", "Zoë Ångström", "李小龍"]),
            json!(["", "  ", null, 1, "a\nb", "a\u{202e}b", long, ["Ada"]]),
        ),
        ("nickname", json!(["ada"]), json!(["", null, {}])),
        ("gender", json!(["female", "non-binary"]), json!(["", 1])),
        (
            "website",
            json!(["https://ada.example", "http://ada.example/~ada?x=1"]),
            json!([
                "",
                "ada.example",
                "ftp://ada.example/",
                "javascript:alert(1)",
                "https://",
                null
            ]),
        ),
        (
            "picture",
            json!(["https://ada.example/a.png"]),
            json!(["data:image/png;base64,AA==", "/a.png"]),
        ),
        (
            "profile",
            json!(["https://ada.example/"]),
            json!(["urn:x:y"]),
        ),
        (
            "birthdate",
            json!([
                "1815-12-10",
                "0000-12-10",
                "1815",
                "0000-02-29",
                "2000-02-29"
            ]),
            json!([
                "",
                "0000",
                "1900-02-29",
                "1815-13-01",
                "1815-00-10",
                "1815-1-1",
                "10.12.1815",
                "1815-12",
                "18151210",
                "+815-12-10",
                1815,
                null
            ]),
        ),
        (
            "zoneinfo",
            json!(["Europe/Paris", "America/Los_Angeles", "UTC", "Asia/Kolkata"]),
            json!([
                "",
                "europe/paris",
                "Europe/Atlantis",
                "CEST",
                "+02:00",
                null
            ]),
        ),
        (
            "locale",
            json!(["en", "en-US", "fr-CA", "ja-Jpan-JP", "zh-Hant-TW"]),
            json!(["", "en_US", "English", "e", "en-", null]),
        ),
    ]);
}

#[test]
fn oidc_core_5_1_1_numbers_addresses_and_attributes_have_a_form() {
    check(&[
        (
            "phone_number",
            json!([
                "+1 (425) 555-1212",
                "+56 (2) 687 2400",
                "+1 (604) 555-1234;ext=5678",
                "+4930123456"
            ]),
            json!([
                "",
                "0301234567",
                "+0301234567",
                "+1234567890123456",
                "+1",
                "+1 555 1234;ext=",
                "+1 555 1234;ext=x",
                "+1 555 1234 ",
                "+1 555 1234;phone-context=x",
                49_301_234,
                null
            ]),
        ),
        (
            "phone_number_verified",
            json!([true, false]),
            json!(["true", 1, null]),
        ),
        (
            "address",
            json!([
                {"formatted": "1 Lane\nLondon\r\nUK"},
                {"street_address": "1 Lane\nFlat 2", "locality": "London", "region": "Greater London",
                    "postal_code": "N1", "country": "UK"},
            ]),
            json!(["1 Lane", {}, {"city": "London"}, {"locality": ""}, {"locality": null},
                {"postal_code": 1234}, {"locality": "a\nb"}, {"formatted": "a\n\nb"}, null]),
        ),
        (
            "attributes",
            json!([{}, {"department": "R&D", "employee_number": 7, "groups": ["a"], "manager": {"id": 1}}]),
            json!([[], "x", {"": 1}, {"a": null}, {"a": ""}, {"a\n": 1}, null]),
        ),
    ]);
}

fn check(table: &[Case]) {
    for (claim, good, bad) in table {
        for value in good.as_array().unwrap() {
            assert_eq!(of(claim, value.clone()), [""; 0], "{claim} {value}");
        }
        for value in bad.as_array().unwrap() {
            let found = of(claim, value.clone());
            assert_eq!(found.len(), 1, "{claim} {value}");
            assert!(
                found[0].starts_with(&format!("{claim} must be ")),
                "{found:?}"
            );
        }
    }
}

#[test]
fn what_is_unknown_or_kept_elsewhere_is_refused_with_where_it_belongs() {
    for (claim, hint) in [
        ("department", "goes under attributes"),
        ("Name", "goes under attributes"),
        ("email", "--email"),
        ("email_verified", "follows"),
        ("preferred_username", "the user name"),
        ("sub", "given by Tessera"),
        ("updated_at", "kept by Tessera"),
    ] {
        let found = of(claim, json!("x"));
        assert!(found.len() == 1 && found[0].contains(hint), "{found:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_together_and_a_profile_has_a_size() {
    let profile = json!({"name": "", "locale": "en_US", "gender": "x"});
    assert_eq!(problems(profile.as_object().unwrap()).len(), 2);
    let many: Map<String, Value> = (0..65).map(|n| (format!("a{n}"), json!(1))).collect();
    assert_eq!(of(ATTRIBUTES, json!(many)).len(), 1);
    assert_eq!(of(ATTRIBUTES, json!({"a": "x".repeat(17_000)})).len(), 1);
}

#[test]
fn oidc_core_5_2_what_people_read_may_come_in_several_languages_and_is_held_to_the_same_rules() {
    for (claim, value) in [
        ("name#de", json!("Ada")),
        ("family_name#ja-Kana-JP", json!("ラブレス")),
        ("website#en", json!("https://ada.example/en")),
        ("address#zh-Hant", json!({"locality": "倫敦"})),
    ] {
        assert_eq!(of(claim, value), Vec::<String>::new(), "{claim}");
    }
    for (claim, value) in [
        ("name#de", json!("")),
        ("name#DE", json!("Ada")),
        ("name#", json!("Ada")),
        ("website#en", json!("ada")),
        ("birthdate#de", json!("1815-12-10")),
        ("attributes#de", json!({"a": 1})),
        ("email#de", json!("ada@example.org")),
        ("role#de", json!("x")),
    ] {
        let found = of(claim, value);
        assert!(found.len() == 1 && found[0].contains(claim), "{found:?}");
    }
}
