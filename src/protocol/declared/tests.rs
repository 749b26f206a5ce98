//! Files that will not do, and what is told of them; what is written is read back.

use super::*;
use crate::protocol::client::AuthMethod;

fn toml(text: &str) -> Result<Declared, Vec<String>> {
    let told = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect();
    read(text.as_bytes(), Format::Toml).map_err(told)
}

fn refused(text: &str) -> Vec<String> {
    toml(&format!("version = 1\n{text}")).unwrap_err()
}

pub(super) fn accepted(text: &str) -> Declared {
    toml(&format!("version = 1\n{text}")).unwrap()
}

pub(super) const APP: &str =
    "[[clients]]\nclient_id = \"app\"\nredirect_uris = [\"https://app.example/\"]\n";

#[test]
fn what_a_file_may_not_say_is_told_with_its_line_and_its_place() {
    let cases = [
        (
            "clients = 5",
            "line 2: clients: must be a list of tables, as in [[clients]]",
        ),
        ("clients = [5]", "line 2: client number 1: must be a table"),
        (
            "[[users]]\nname = \"x\"",
            "line 2: unknown section \"users\"; there are settings, organisations, resource_servers, roles, groups, clients",
        ),
        ("[[roles]]", "line 2: role number 1: missing member name"),
        (
            "[[roles]]\nname = \"x\"\n\nbuilt_in = true",
            "line 2: role \"x\": unknown member built_in; expected one of name, description, permissions, inherits",
        ),
        (
            "[[roles]]\nname = \"X\"",
            "line 2: role \"X\": \"X\" is no name for a role: a-z, 0-9 and '-', at most 64, a letter first",
        ),
        (
            "[[roles]]\nname = \"x\"\n[[roles]]\nname = \"x\"",
            "line 4: role \"x\": is there twice",
        ),
        (
            "[[organisations]]\nname = \"a\"\ntitle = \" \"",
            "line 4: organisation \"a\": title: must not be empty",
        ),
        (
            "[[organisations]]\nname = \"a\"\ntitle = \"x\\u202Ey\"",
            "line 4: organisation \"a\": title: has characters that are not allowed",
        ),
        (
            "[[groups]]\nname = \"a\"\nid = \"x\"",
            "line 2: group \"a\": unknown member id; expected one of name, organisation, roles",
        ),
        (
            "[[groups]]\nname = \"a\"\nroles = [{ role = \"x\", valid_from = \"soon\" }]",
            "line 4: group \"a\": roles: valid_from and valid_until must be times, as 2027-01-31T09:00:00Z",
        ),
        (
            "[[groups]]\nname = \"a\"\nroles = [{ role = \"x\", valid_from = 2027-01-01T00:00:00Z, valid_until = 2027-01-01T00:00:00Z }]",
            "line 4: group \"a\": roles: x would be over before it begins",
        ),
        (
            "[[clients]]\nclient_id = \"a b\"\nredirect_uris = [\"https://a/\"]",
            "line 3: client \"a b\": client_id: must be 1 to 100 of A-Z, a-z, 0-9, '.', '_', '~' and '-'",
        ),
        (
            "[[clients]]\nclient_id = \"a\\u202Eb\\u0000\"\nredirect_uris = [\"https://a/\"]",
            "line 3: client \"a\\u{202e}b\\0\": client_id: must be 1 to 100 of A-Z, a-z, 0-9, '.', '_', '~' and '-'",
        ),
    ];
    for (text, told) in cases {
        assert_eq!(refused(text), [told], "{text}");
    }
    for (text, begins) in [
        ("version = 2", "line 2: not TOML: "),
        ("[[roles]\n", "line 2: not TOML: "),
    ] {
        let told = refused(text);
        assert!(told.len() == 1 && told[0].starts_with(begins), "{told:?}");
    }
    for text in ["", "version = 2", "version = \"1\""] {
        let told = toml(text).unwrap_err();
        assert_eq!(
            told,
            ["version = 1 must be there: the version of this format"],
            "{text}"
        );
    }
}

#[test]
fn of_a_client_everything_that_is_wrong_is_told_at_once_and_nothing_of_its_secret() {
    let told = refused(
        "[[clients]]
client_id = \"app\"
redirect_uris = [\"http://elsewhere.example/\"]
grant_type = [\"authorization_code\"]
client_secret = \"hunter2-hunter2\"
by_stranger = false
version = 7
require_pkce = \"yes\"
enabled = \"no\"
organisation = 7
",
    );
    let beginnings = [
        "line 11: client \"app\": organisation: must be",
        "line 10: client \"app\": enabled: must be true or false",
        "line 6: client \"app\": client_secret: must be { env",
        "line 5: client \"app\": unknown member grant_type: did you mean grant_types?",
        "line 7: client \"app\": unknown member by_stranger",
        "line 8: client \"app\": unknown member version",
        "line 9: client \"app\": require_pkce: must be true or false",
    ];
    for begins in beginnings {
        let at = told
            .iter()
            .filter(|one| one.starts_with(begins) || one.contains(&begins[8..]))
            .count();
        assert_eq!(at, 1, "{begins}: {told:#?}");
    }
    assert_eq!(told.len(), beginnings.len(), "{told:#?}");
    assert!(!told.concat().contains("hunter2"), "{told:#?}");
    for reference in [
        "{ env = \"A\", file = \"B\" }",
        "{ value = \"hunter2\" }",
        "{ env = 5 }",
        "{}",
    ] {
        let told = refused(&format!("{APP}client_secret = {reference}"));
        assert!(told[0].contains("client_secret: must be { env"), "{told:?}");
        assert!(!told.concat().contains("hunter2"), "{told:?}");
    }
    let told = refused(&format!(
        "{APP}client_secret = {{ env = \"A\" }}\ntoken_endpoint_auth_method = \"none\""
    ));
    assert!(
        told[0].ends_with("this client does not authenticate with a secret"),
        "{told:?}"
    );
}

#[test]
fn marks_that_turn_the_text_around_and_nul_are_in_no_text() {
    let texts = [
        "[[roles]]\nname = \"xMARK\"",
        "[[groups]]\nname = \"xMARK\"",
        "[[organisations]]\nname = \"o\"\ntitle = \"xMARK\"",
        "[[organisations]]\nname = \"oMARK\"\ntitle = \"x\"",
        "APPclient_name = \"xMARK\"",
        "APP\"client_name#de\" = \"xMARK\"",
        "APPcontacts = [\"xMARK\"]",
        "APPsoftware_id = \"xMARK\"",
        "APPsoftware_version = \"xMARK\"",
        "APPpolicy_uri = \"https://a/ MARK\"",
        "APPredirect_uris = [\"https://a/MARK\"]",
        "APPorganisation = \"xMARK\"",
    ];
    for text in texts {
        for mark in ["\\u202E", "\\u2066", "\\u200F", "\\u0000", "\\u001B"] {
            let app = if text.contains("redirect_uris") {
                "[[clients]]\nclient_id = \"app\"\n"
            } else {
                APP
            };
            let text = text.replace("APP", app).replace("MARK", mark);
            let file = toml(&format!("version = 1\n{text}"));
            let told = match file {
                Err(told) => told,
                Ok(file) => check(&file, &Declared::default(), false)
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            };
            assert!(!told.is_empty(), "{text}");
            assert!(!told.concat().contains(is_unsafe), "{told:?}");
        }
    }
}

#[test]
fn rfc8259_4_a_member_that_is_there_twice_has_no_meaning() {
    let json = |text: &str| read(text.as_bytes(), Format::Json);
    let text = r#"{"version": 1, "clients": [{"client_id": "app", "client_id": "other"}]}"#;
    let told = json(text).unwrap_err()[0].to_string();
    assert!(told.contains("\"client_id\" is there twice"), "{told}");
    assert!(
        json("[]").unwrap_err()[0]
            .to_string()
            .contains("must be an object")
    );
    assert!(
        json("{\"version\": 1} x").unwrap_err()[0]
            .to_string()
            .starts_with("line 1: not JSON")
    );
    let right = json(r#"{"version": 1, "roles": [{"name": "x", "inherits": []}]}"#).unwrap();
    assert_eq!(right, accepted("[[roles]]\nname = \"x\""));
}

#[test]
fn what_leads_nowhere_is_found_before_anything_is_applied() {
    let present =
        accepted("[[organisations]]\nname = \"here\"\ntitle = \"Here\"\n[[roles]]\nname = \"old\"");
    let told = |text: &str, prune: bool| {
        let problems = check(&accepted(text), &present, prune);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let cases = [
        (
            "[[roles]]\nname = \"a\"\ninherits = [\"b\"]",
            "role \"a\": inherits: there is no role b to inherit from",
        ),
        (
            "[[roles]]\nname = \"auditor\"\npermissions = [\"*:*\"]",
            "role \"auditor\": name: auditor is built in and cannot be changed",
        ),
        (
            "[[roles]]\nname = \"super-administrator\"",
            "role \"super-administrator\": name: super-administrator is built in and cannot be changed",
        ),
        (
            "[[groups]]\nname = \"g\"\norganisation = \"x\"",
            "group \"x/g\": organisation: there is no organisation \"x\"",
        ),
        (
            "[[groups]]\nname = \"g\"\nroles = [{ role = \"x\" }]",
            "group \"g\": roles: there is no role x",
        ),
        (
            "[[groups]]\nname = \"g\"\nroles = [{ role = \"old\", organisation = \"x\" }]",
            "group \"g\": roles: there is no organisation \"x\"",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(told(text, false), [wanted], "{text}");
    }
    assert_eq!(
        told(&format!("{APP}organisation = \"x\""), false),
        ["client \"app\": organisation: there is no organisation \"x\""]
    );
    let circle =
        "[[roles]]\nname = \"a\"\ninherits = [\"b\"]\n[[roles]]\nname = \"b\"\ninherits = [\"a\"]";
    assert_eq!(told(circle, false).len(), 2);
    // What is there counts, unless it goes.
    let heir = "[[roles]]\nname = \"a\"\ninherits = [\"old\"]";
    assert!(told(heir, false).is_empty());
    assert_eq!(
        told(heir, true),
        ["role \"a\": inherits: there is no role old to inherit from"]
    );
    assert!(told(&format!("{APP}organisation = \"here\""), true).is_empty());
    assert!(
        !told(
            &format!("organisations = []\n{APP}organisation = \"here\""),
            true
        )
        .is_empty()
    );
}

#[test]
fn what_is_written_is_read_back() {
    let file = accepted(&format!(
        "{APP}client_name = \"A \\\"quoted\\\" <script> \\\\ 'name' äß字\"\n\"client_name#de\" = \"Ä\"\n\
         roles = [{{ role = \"auditor\", organisation = \"o\" }}, {{ role = \"r\" }}]\nenabled = false\n\
         jwks = {{ keys = [{{ kty = \"EC\", crv = \"P-256\", x = \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\", y = \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\", use = \"sig\" }}] }}\n\
         [[clients]]\nclient_id = \"a-b\"\ngrant_types = [\"client_credentials\"]\n\
         [[clients]]\nclient_id = \"a.b\"\ngrant_types = [\"client_credentials\"]\n\
         [[organisations]]\nname = \"o\"\ntitle = \"O\"\nclosed = true\n\
         [[resource_servers]]\nidentifier = \"https://r/\"\nname = \"R\"\npublished = true\nscopes = {{ \"a:b\" = \"'B'\", \"c\\\\d\" = \"D\" }}\n\
         [[groups]]\nname = \"g\"\norganisation = \"o\"\nroles = [{{ role = \"r\", valid_until = 2040-01-01T00:00:00Z }}]\n\
         [[roles]]\nname = \"r\"\npermissions = [\"*:read\"]"
    ))
    .with_references();
    for format in [Format::Toml, Format::Json] {
        let text = write(&file, format).unwrap();
        let back =
            read(text.as_bytes(), format).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
        assert_eq!(back, file, "{text}");
        for name in [
            "TESSERA_SECRET_APP\"",
            "TESSERA_SECRET_A_B\"",
            "TESSERA_SECRET_A_B_2\"",
        ] {
            assert!(text.contains(name), "{text}");
        }
    }
    let clients = file.clients.unwrap();
    assert_eq!(
        clients["app"].metadata.token_endpoint_auth_method,
        AuthMethod::ClientSecretBasic
    );
    let empty = accepted("clients = []\nroles = []");
    for format in [Format::Toml, Format::Json] {
        assert_eq!(
            read(write(&empty, format).unwrap().as_bytes(), format).unwrap(),
            empty
        );
    }
}

#[test]
fn what_is_over_is_nobodys_wish() {
    let mut file = accepted(
        "[[groups]]\nname = \"g\"\nroles = [{ role = \"r\", valid_until = 2027-01-01T00:00:00Z }]",
    );
    let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
    file.forget_what_is_over(at("2026-12-31T23:59:59Z"));
    assert_eq!(file.groups.as_ref().unwrap()["/g"].roles.len(), 1);
    file.forget_what_is_over(at("2027-01-01T00:00:00Z"));
    assert!(file.groups.unwrap()["/g"].roles.is_empty());
}
