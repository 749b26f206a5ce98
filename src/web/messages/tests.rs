use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;
use crate::protocol::assurance::Method;
use crate::protocol::client_grade::all_findings;
use crate::web::views::admin::client_form::{PARTS, Spec};
use crate::web::views::admin::method_key;

#[test]
fn names_are_escaped_and_isolated() {
    let html = rich(
        Lang::En,
        "consent-title",
        &[("client", "<b>\u{202e}&\u{e000}1")],
    );
    assert!(
        html.to_string()
            .contains("<bdi class=\"name\">&lt;b&gt;&amp;\u{e000}1</bdi>"),
        "{html}"
    );
}

#[test]
fn time_is_told_in_plain_words() {
    assert_eq!(duration(Lang::En, Duration::from_secs(1)), "1 second");
    assert_eq!(duration(Lang::En, Duration::from_secs(61)), "2 minutes");
    assert_eq!(duration(Lang::De, Duration::from_hours(1)), "1 Stunde");
    let now = Timestamp::from_seconds(1_767_225_600);
    let before = |secs| now - Duration::from_secs(secs);
    assert_eq!(ago(Lang::En, now, before(30)), "just now");
    assert_eq!(ago(Lang::De, now, before(7_300)), "vor 2 Stunden");
    assert_eq!(date(Lang::En, now), "January 1, 2026");
    assert_eq!(date(Lang::De, now), "1. Januar 2026");
}

/// Key -> the placeables it uses.
fn catalogue(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for file in files(Path::new("locales").join(lang.tag()).as_path(), "ftl") {
        let mut key = String::new();
        for line in read(&file).lines() {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                key = line.split(' ').next().unwrap().to_owned();
                let twice = all.insert(key.clone(), BTreeSet::new());
                assert!(twice.is_none(), "{key} is defined twice in {}", lang.tag());
            }
            for used in line.split('$').skip(1) {
                let name = used
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .next()
                    .unwrap();
                all.get_mut(&key).unwrap().insert(name.to_owned());
            }
        }
    }
    all
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Everything that stands between two quotation marks in templates and views.
fn literals() -> BTreeSet<String> {
    let mut sources = files(Path::new("templates"), "html");
    sources.extend(files(Path::new("templates"), "txt"));
    sources.extend(files(Path::new("src/web"), "rs"));
    sources
        .iter()
        .flat_map(|path| {
            read(path)
                .split('"')
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Keys that templates ask for by name: `page.t("key")`, `page.rich("key", ...)` and the like.
fn asked_for() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut sources = files(Path::new("templates"), "html");
    sources.extend(files(Path::new("templates"), "txt"));
    for path in sources {
        let text = read(&path);
        for call in [
            ".t(\"",
            ".title(\"",
            ".with(\"",
            ".rich(\"",
            ".rich2(\"",
            ".count(\"",
        ] {
            for rest in text.split(call).skip(1) {
                keys.insert(rest.split('"').next().unwrap().to_owned());
            }
        }
    }
    for path in files(Path::new("src/web"), "rs") {
        let text = read(&path);
        for rest in text.split("Message::new(\"").skip(1) {
            keys.insert(rest.split('"').next().unwrap().to_owned());
        }
    }
    keys
}

#[test]
fn every_key_that_is_used_exists_in_every_language() {
    for lang in Lang::ALL {
        let known = catalogue(lang);
        let missing: Vec<_> = asked_for()
            .into_iter()
            .filter(|key| !known.contains_key(key))
            .collect();
        assert!(missing.is_empty(), "{} lacks {missing:?}", lang.tag());
    }
}

#[test]
fn every_language_has_the_same_keys_with_the_same_names_to_fill_in() {
    let english = catalogue(Lang::En);
    for lang in Lang::ALL {
        let other = catalogue(lang);
        let keys = |c: &BTreeMap<String, _>| c.keys().cloned().collect::<BTreeSet<String>>();
        assert_eq!(keys(&english), keys(&other), "{}", lang.tag());
        for (key, names) in &english {
            assert_eq!(names, &other[key], "{key} in {}", lang.tag());
        }
    }
}

#[test]
fn no_sentence_is_kept_that_nobody_says() {
    let mut used = literals();
    // Two tables whose rows are said by their names.
    let fields = PARTS.iter().flat_map(|part| part.specs);
    used.extend(fields.map(Spec::label));
    for finding in all_findings() {
        used.extend(["", "-text"].map(|end| format!("finding-{}{end}", finding.name)));
    }
    used.extend(Method::ALL.map(method_key));
    let idle: Vec<_> = catalogue(Lang::En)
        .into_keys()
        .filter(|key| !used.contains(key))
        .collect();
    assert!(idle.is_empty(), "unused: {idle:?}");
}

#[test]
fn every_sentence_parses() {
    for lang in Lang::ALL {
        for (key, names) in catalogue(lang) {
            let args: Vec<(&'static str, Value)> = names
                .into_iter()
                .map(|name| {
                    let number = matches!(name.as_str(), "n" | "day" | "month");
                    let value = if number {
                        Value::from(3)
                    } else {
                        Value::from("x")
                    };
                    (&*name.leak(), value)
                })
                .collect();
            let text = lookup(lang, &key, &args);
            // A key shows itself when it is not found; "optional" is both.
            assert!(
                text != key || key == "optional",
                "{} lacks {key}",
                lang.tag()
            );
            assert!(!text.contains('{'), "{key}: {text}");
        }
    }
}
