//! Which claim comes under which name, by the languages that are wished for.

use serde_json::json;

use super::*;

fn ada() -> Map<String, Value> {
    let all = json!({
        "name": "Ada", "name#de": "Ada (de)", "name#de-CH": "Ada (de-CH)", "name#ja-Hani-JP": "愛達",
        "name#ja-Kana-JP": "エイダ", "nickname#fr": "Adèle", "nickname#it": "Adele",
        "email": "ada@example.org",
    });
    all.as_object().unwrap().clone()
}

fn told(found: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(found.into_iter().collect())
}

#[test]
fn oidc_core_5_2_a_wish_that_can_be_met_is_met_without_a_tag() {
    let all = ada();
    for (wished, expected) in [
        (&[][..], json!({"name": "Ada"})),
        (&["de"], json!({"name": "Ada (de)"})),
        (&["DE-ch"], json!({"name": "Ada (de-CH)"})),
        (&["de-AT-1996"], json!({"name": "Ada (de)"})),
        (&["de-x-private"], json!({"name": "Ada (de)"})),
        (&["ja-Kana"], json!({"name": "エイダ"})),
        (&["ja"], json!({"name": "愛達"})),
        (&["fr", "de", "ja"], json!({"name": "Ada (de)"})),
        // Neither a kind of German nor one of which German is a kind.
        (&["d"], json!({"name": "Ada"})),
        (&["deu"], json!({"name": "Ada"})),
        (&["ja-Latn-JP"], json!({"name": "Ada"})),
        (&["", "-", "dé"], json!({"name": "Ada"})),
    ] {
        let wished: Vec<String> = wished.iter().map(|tag| (*tag).to_owned()).collect();
        assert_eq!(told(due(&all, "name", &wished)), expected, "{wished:?}");
    }
}

#[test]
fn oidc_core_5_2_what_has_only_languages_comes_with_all_of_them_or_the_one_wished_for() {
    let all = ada();
    let both = json!({"nickname#fr": "Adèle", "nickname#it": "Adele"});
    assert_eq!(told(due(&all, "nickname", &[])), both);
    assert_eq!(told(due(&all, "nickname", &["de".to_owned()])), both);
    let wished = ["de".to_owned(), "it-IT".to_owned()];
    assert_eq!(
        told(due(&all, "nickname", &wished)),
        json!({"nickname": "Adele"})
    );
    assert_eq!(told(due(&all, "gender", &wished)), json!({}));
    let email = json!({"email": "ada@example.org"});
    assert_eq!(told(due(&all, "email", &wished)), email);
}

#[test]
fn oidc_core_5_5_2_what_was_asked_for_in_a_language_says_in_which_it_is() {
    let all = ada();
    for (asked, expected) in [
        ("name#de", json!({"name#de": "Ada (de)"})),
        ("name#DE", json!({"name#DE": "Ada (de)"})),
        ("name#de-AT", json!({"name#de": "Ada (de)"})),
        ("name#ja", json!({"name#ja-Hani-JP": "愛達"})),
        ("name#fr", json!({"name": "Ada"})),
        ("nickname#de", json!({})),
        ("address#de", json!({})),
    ] {
        let found = in_language(&all, asked, split(asked).unwrap());
        assert_eq!(told(found), expected, "{asked}");
    }
    for name in ["name", "email#de", "sub#de", "#de", "attributes#de"] {
        assert_eq!(split(name), None, "{name}");
    }
}

#[test]
fn bcp47_a_language_has_one_spelling() {
    for good in [
        "name#de",
        "family_name#ja-Kana-JP",
        "address#zh-Hant-TW",
        "gender#sl-rozaj",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for (bad, why) in [
        ("name#", "not a language tag"),
        ("name#de_DE", "not a language tag"),
        ("name#x", "not a language tag"),
        ("name#de#ch", "not a language tag"),
        ("name#JA-kana-jp", "spelled ja-Kana-JP"),
        ("locale#de", "has no languages"),
        ("phone_number#de", "has no languages"),
    ] {
        let problem = check(bad).unwrap_err();
        assert!(problem.contains(why), "{problem}");
    }
    assert_eq!(known(&["de".to_owned(), "??".to_owned()]), ["de"]);
}
