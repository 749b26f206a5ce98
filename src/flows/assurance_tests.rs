//! Levels as an operator writes them.

use std::time::Duration;

use super::*;
use crate::base::Entropy;
use crate::config::Config;

fn read_text(assurance: &str) -> Result<AssurancePolicy, String> {
    let unique = u64::from_ne_bytes(Entropy::system().bytes());
    let file = std::env::temp_dir().join(format!("tessera-levels-{unique}.toml"));
    std::fs::write(&file, format!("[assurance]\n{assurance}")).unwrap();
    let config = Config::load(Some(&file), std::iter::empty());
    std::fs::remove_file(&file).unwrap();
    let config = config.map_err(|why| format!("{why:?}"))?;
    read(&config.assurance).map_err(|why| why.to_string())
}

#[test]
fn what_is_written_of_a_level_is_what_it_takes() {
    let policy = read_text(
        r#"levels = [
            { name = "low" },
            { name = "urn:example:two", methods = ["password", "totp"], factors = 2, max_age = "10m" },
            { name = "key", phishing_resistant = true, device_bound = true },
        ]
        scopes = [{ scope = "pay", level = "key" }]
        second_factor = "required""#,
    )
    .unwrap();
    let level = |name| policy.levels.find(name).unwrap().clone();
    assert_eq!(policy.levels.names(), ["low", "urn:example:two", "key"]);
    let low = Level {
        name: "low".to_owned(),
        methods: Method::ALL.to_vec(),
        factors: 1,
        phishing_resistant: false,
        device_bound: false,
        max_age: None,
    };
    assert_eq!(level("low"), low);
    let two = Level {
        name: "urn:example:two".to_owned(),
        methods: vec![Method::Password, Method::Totp],
        factors: 2,
        max_age: Some(Duration::from_mins(10)),
        ..low.clone()
    };
    assert_eq!(level("urn:example:two"), two);
    let key = Level {
        name: "key".to_owned(),
        phishing_resistant: true,
        device_bound: true,
        ..low
    };
    assert_eq!(level("key"), key);
    assert_eq!(policy.scopes, [("pay".to_owned(), "key".to_owned())]);
    assert!(policy.second_factor_required);
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_sentence() {
    for (text, words) in [
        (
            r#"levels = [{ name = "a", methods = ["face"] }]"#,
            "face is no method",
        ),
        (r#"levels = [{ name = "a b" }]"#, "visible ASCII"),
        (
            r#"levels = [{ name = "a", factors = 3 }]"#,
            "factors must be 1 or 2",
        ),
        (
            r#"levels = [{ name = "a", factors = 0 }]"#,
            "factors must be 1 or 2",
        ),
        (
            r#"levels = [{ name = "a" }, { name = "b" }, { name = "a" }]"#,
            "a is there twice",
        ),
        (
            r#"scopes = [{ scope = "pay", level = "gold" }]"#,
            "wants gold, which is no level",
        ),
    ] {
        let why = read_text(text).unwrap_err();
        assert!(why.contains(words), "{text}: {why}");
    }
    let long = "x".repeat(MAX_NAME + 1);
    assert!(read_text(&format!("levels = [{{ name = \"{long}\" }}]")).is_err());
    // Silent, it is as NIST SP 800-63B-4 has it.
    assert_eq!(read_text("").unwrap().levels, Levels::default());
}
