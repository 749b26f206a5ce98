//! Holds the shape of the house: floors that only look down, libraries in their one room, a line in
//! the map for every room. Reads the sources with the standard library alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of `src/` and the modules that it may name. `outside` and `storage` share a floor and
/// so do `web` and `jobs`: neither of a pair sees the other.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("config", &["base"]),
    ("crypto", &["base"]),
    ("protocol", &["base", "crypto"]),
    ("storage", &["base", "config", "crypto", "protocol"]),
    ("outside", &["base", "config", "crypto", "protocol"]),
    (
        "flows",
        &["base", "config", "crypto", "protocol", "storage", "outside"],
    ),
    (
        "web",
        &[
            "base", "config", "crypto", "protocol", "storage", "outside", "flows",
        ],
    ),
    (
        "jobs",
        &[
            "base", "config", "crypto", "protocol", "storage", "outside", "flows",
        ],
    ),
    (
        "cli",
        &[
            "base", "config", "crypto", "protocol", "storage", "outside", "flows", "web", "jobs",
        ],
    ),
];

/// A library and the only paths below `src/` that may name it.
const ROOMS: &[(&str, &[&str])] = &[
    ("sqlx", &["storage/"]),
    ("josekit", &["crypto/jose/"]),
    ("openssl", &["crypto/jose/"]),
    ("aws_lc_rs", &["crypto/jose/"]),
    ("argon2", &["crypto/password"]),
    ("scrypt", &["crypto/password"]),
    ("pbkdf2", &["crypto/password"]),
    ("bcrypt", &["crypto/password"]),
    ("rayon", &["crypto/password"]),
    ("xorf", &["crypto/leaked.rs"]),
    ("sha1", &["crypto/leaked.rs", "crypto/password_schemes.rs"]),
    ("zxcvbn", &["protocol/password_rules.rs"]),
    ("totp_rs", &["crypto/otp"]),
    ("qrcodegen", &["crypto/otp"]),
    ("webauthn_rs_core", &["crypto/webauthn"]),
    ("oxide_auth", &["protocol/oxide.rs"]),
    ("reqwest", &["outside/http"]),
    ("lettre", &["outside/mail"]),
    ("axum", &["web/", "cli/"]),
    ("utoipa", &["web/api/"]),
    ("askama", &["web/"]),
    ("askama_web", &["web/"]),
    ("tower_sessions", &["web/"]),
    ("rust_embed", &["web/assets.rs"]),
    ("fluent_templates", &["web/messages"]),
    ("clap", &["cli/"]),
    ("indicatif", &["cli/progress.rs"]),
    ("axum_server", &["cli/"]),
    ("rand", &["base/entropy.rs"]),
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    assert!(found.len() > 50, "the sources were found");
    found
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below src");
            let text = fs::read_to_string(path).expect("UTF-8");
            (name.display().to_string(), text)
        })
        .collect()
}

/// The code of a line: neither comments nor what stands between quotes.
fn code(line: &str) -> String {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// The module of the house in which a file lives.
fn floor(file: &str) -> &str {
    file.split('/').next().unwrap_or_default()
}

/// Every `crate::x` (or, in the program itself, `tessera::x`) that a line names.
fn named(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for prefix in ["crate::", "tessera::"] {
        for (at, _) in line.match_indices(prefix) {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"') {
                continue;
            }
            let rest = &line[at + prefix.len()..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            names.push(&rest[..end]);
        }
    }
    names
}

#[test]
fn floors_only_look_down() {
    let mut broken = Vec::new();
    for (file, text) in sources() {
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == floor(&file)) else {
            assert!(
                file == "lib.rs" || file == "main.rs",
                "{file} is on no floor: give it one in MAY_NAME"
            );
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for name in named(&code(line)) {
                let known = MAY_NAME.iter().any(|(module, _)| *module == name);
                if known && name != floor(&file) && !allowed.contains(&name) {
                    broken.push(format!(
                        "{file}:{}: {} names {name}",
                        number + 1,
                        floor(&file)
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_library_stays_in_its_room() {
    let mut broken = Vec::new();
    for (file, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let line = code(line);
            for (library, rooms) in ROOMS {
                let uses = [format!("{library}::"), format!("use {library};")]
                    .iter()
                    .any(|form| {
                        line.match_indices(form.as_str()).any(|(at, _)| {
                            !line[..at]
                                .chars()
                                .next_back()
                                .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                        })
                    });
                if uses && !rooms.iter().any(|room| file.starts_with(room)) {
                    broken.push(format!(
                        "{file}:{}: {library} outside of {rooms:?}",
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_room_has_a_line_in_the_map() {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let map = fs::read_to_string(map).expect("docs/architecture.md");
    let rooms: BTreeSet<String> = sources()
        .iter()
        .filter_map(|(file, _)| {
            file.rsplit_once('/')
                .map(|(folder, _)| format!("{folder}/"))
        })
        .collect();
    let missing: Vec<_> = rooms
        .iter()
        .filter(|room| !map.contains(&format!("`{room}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "not in docs/architecture.md: {missing:?}"
    );
}

#[test]
fn files_stay_small_enough_to_read() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(file, text)| (text.lines().count(), file))
        .filter(|(lines, _)| *lines > 420)
        .collect();
    assert!(long.is_empty(), "over 420 lines: {long:?}");
}

/// Every other way would leave the session's applications in the dark: `storage/endings.rs` queues the
/// logout tokens with it.
#[test]
fn sessions_end_in_one_place() {
    let mut broken = Vec::new();
    for (file, text) in sources() {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let ends = flat.matches("UPDATE sso_session SET ended_at").count();
        if ends > 0 && file != "storage/endings.rs" {
            broken.push(format!("{file} ends sessions"));
        }
        let purges = flat.matches("DELETE FROM sso_session").count();
        let of_ended = "FROM sso_session WHERE expires_at <= $1 AND ended_at IS NOT NULL";
        if purges > flat.matches(of_ended).count() {
            broken.push(format!("{file} deletes sessions that may not have ended"));
        }
        // Takes the sessions along: only where they are ended first.
        let after_their_end = file == "storage/endings.rs"
            && flat.contains("end(tx, Which::AllOf(user), entropy, now, deliver_until).await?; let gone = tx .execute(\"DELETE FROM users");
        if flat.contains("DELETE FROM users") && !after_their_end {
            broken.push(format!("{file} deletes people: end their sessions first"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_test_that_the_documents_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for document in ["docs/attacks.md", "docs/authentication.md"] {
        let text = fs::read_to_string(root.join(document)).expect(document);
        let quoted = text.split('`').skip(1).step_by(2);
        let files = quoted.filter(|word| {
            Path::new(word).extension().is_some_and(|end| end == "rs")
                && (word.starts_with("tests/") || word.starts_with("src/"))
        });
        missing.extend(
            files
                .filter(|file| !root.join(file).exists())
                .map(str::to_owned),
        );
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// Whoever calls it may do everything: it is for who is at the machine.
#[test]
fn only_the_command_line_acts_as_the_operator() {
    let elsewhere: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| {
            !file.starts_with("cli/")
                && !file.ends_with("_tests.rs")
                && file != "protocol/access/decide.rs"
        })
        .filter(|(_, text)| text.lines().any(|line| code(line).contains("of_operator")))
        .map(|(file, _)| file)
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}
