use super::*;

const HASH: &str = "$2b$10$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";

fn problems(line: &Value) -> Vec<String> {
    match Described::read(&line.to_string()) {
        Err(why) => vec![why],
        Ok(read) => read.check(Vec::new(), false).err().unwrap_or_default(),
    }
}

#[test]
fn a_whole_person_is_read_and_an_id_kept() {
    let sub = "0b8c5bd0-6d2a-4c2f-9a60-6f3e6b1f0a11";
    let line = json!({
        "sub": sub, "username": "ada", "email": "ada@example.com", "email_verified": true,
        "profile": {"name": "Ada Lovelace <b>", "attributes": {"department": "Engines"}},
        "password_hash": HASH, "enabled": false, "organisation": "acme", "groups": ["Engineers"],
    });
    let read = Described::read(&line.to_string()).unwrap();
    let person = read.check(Vec::new(), false).unwrap();
    assert_eq!(person.id.unwrap().to_string(), sub);
    assert!(person.password.is_some());
    assert!(!person.described.enabled);
    let debug = format!("{person:?}");
    assert!(
        !debug.contains(HASH) && !debug.contains("OAcXxm9k"),
        "{debug}"
    );
}

#[test]
fn who_must_change_the_password_comes_without_it() {
    let line = json!({"username": "a", "email": "a@b.example", "password_hash": HASH, "password_change_required": true});
    let person = Described::read(&line.to_string()).unwrap();
    assert!(person.check(Vec::new(), false).unwrap().password.is_none());
}

#[test]
fn every_problem_of_a_line_is_told_by_its_member() {
    let line = json!({
        "sub": "4711", "username": "bob\u{202e}by", "email": "bob", "profile": {"name": "B\u{0}ob", "shoe": 44},
        "password_hash": "hunter2", "groups": ["", "a\u{200f}b"], "organisation": "a\u{0}b",
    });
    let told = problems(&line);
    for member in [
        "username: ",
        "email: ",
        "profile.name: ",
        "\"shoe\"",
        "sub: ",
        "password_hash: ",
        "groups: ",
        "organisation: ",
    ] {
        assert!(
            told.iter().any(|one| one.starts_with(member)),
            "{member} in {told:?}"
        );
    }
    assert!(!told.iter().any(|one| one.contains("hunter2")), "{told:?}");
}

#[test]
fn html_is_text_and_marks_that_turn_it_are_refused_in_each_field() {
    let person = |name: &str| json!({"username": "ada", "email": "ada@example.com", "profile": {"name": name, "given_name": name}});
    assert_eq!(
        problems(&person("<script>alert(1)</script>")),
        Vec::<String>::new()
    );
    for mark in ["\u{202e}", "\u{2066}", "\u{200f}", "\u{0}", "\u{1b}"] {
        assert!(
            problems(&person(&format!("A{mark}da"))).len() >= 2,
            "{mark:?}"
        );
        let named = json!({"username": format!("a{mark}da"), "email": "ada@example.com"});
        assert_eq!(
            problems(&named),
            ["username: has characters that are not allowed"]
        );
    }
}

#[test]
fn what_is_no_such_line_is_told_without_repeating_it() {
    let hash = format!("\"{HASH}\"");
    for (line, told) in [
        ("{".to_owned(), "is no JSON, at column 1"),
        ("[]".to_owned(), "has a value of the wrong type"),
        ("{} {}".to_owned(), "missing member username"),
        (r#"{"username":"a"}"#.to_owned(), "missing member email"),
        (
            r#"{"username":"a","email":"a@b.c","admin":true}"#.to_owned(),
            "unknown member admin",
        ),
        (
            r#"{"username":"a","username":"b"}"#.to_owned(),
            "duplicate member username",
        ),
        (
            format!(r#"{{"username":"a","email":"a@b.c","enabled":{hash}}}"#),
            "has a value of the wrong type",
        ),
        (
            format!(r#"{{"username":"a","email":"a@b.c","password_hash":{hash}"#),
            "is no JSON, at column",
        ),
    ] {
        let why = Described::read(&line).unwrap_err();
        assert!(why.starts_with(told), "{line}: {why}");
        assert!(!why.contains("XXXX"), "{why}");
    }
}

#[test]
fn an_id_is_kept_only_in_the_one_spelling_of_a_uuid() {
    for bad in [
        "",
        "ada",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0B8C5BD0-6D2A-4C2F-9A60-6F3E6B1F0A11",
        "0b8c5bd06d2a4c2f9a606f3e6b1f0a11",
        "{0b8c5bd0-6d2a-4c2f-9a60-6f3e6b1f0a11}",
    ] {
        let line = json!({"sub": bad, "username": "a", "email": "a@b.example"});
        assert_eq!(problems(&line).len(), 1, "{bad}");
    }
}

#[test]
fn of_the_same_person_the_mark_is_the_same_and_of_another_it_is_not() {
    let of = |text: &str| {
        let read = Described::read(text).unwrap();
        let person = read.check(Vec::new(), false).unwrap();
        person.canonical().expose().clone()
    };
    let one = of(r#"{"username":"a","email":"a@b.example","profile":{"name":"A"}}"#);
    let spelled = of(
        r#"{ "profile": {"name":"\u0041"}, "email":"a@b.example", "enabled": true, "username":"a"}"#,
    );
    let other = of(r#"{"username":"a","email":"a@b.example","profile":{"name":"B"}}"#);
    assert_eq!(one, spelled);
    assert_ne!(one, other);
}
