//! What must not compile: proofs that nobody proved, things spent twice, secrets that show.
//!
//! Each file beside this one is compiled against the library as an outsider would; a line that must
//! be refused ends in `//~` and the compiler's codes. Not with trybuild, which builds every
//! dependency a second time (minutes, for the OpenSSL alone) and compares the compiler's words.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A line and why it is refused.
type Refusals = BTreeSet<(usize, String)>;

// The compiler finds these in different passes, and a pass with errors is the last one.
#[test]
fn a_proof_cannot_be_made_outside() {
    assert_refused("forged.rs");
}

#[test]
fn nothing_else_passes_for_a_proof_and_a_secret_neither_shows_nor_compares() {
    assert_refused("misused.rs");
}

#[test]
fn what_may_be_spent_once_is_gone_when_it_is_spent() {
    assert_refused("spent.rs");
}

/// The positive control: what the other files do wrong can be done right.
#[test]
fn who_was_given_a_proof_may_use_it() {
    let (refusals, said) = compile("honest.rs");
    assert!(refusals.is_empty(), "{said}");
}

fn assert_refused(file: &str) {
    let (refusals, said) = compile(file);
    let text = std::fs::read_to_string(folder().join(file)).expect("the file");
    let expected: Refusals = text
        .lines()
        .enumerate()
        .filter_map(|(at, line)| Some((at + 1, line.split_once("//~")?.1)))
        .flat_map(|(at, codes)| codes.split_whitespace().map(move |code| (at, code.into())))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(refusals, expected, "{said}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proofs")
}

/// The errors of a file (line and code) and the compiler's own words.
fn compile(file: &str) -> (Refusals, String) {
    let program = std::env::current_exe().expect("this test");
    let dependencies = program.parent().expect("its folder");
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=metadata",
            "-o",
        ])
        .arg(std::env::temp_dir().join(format!("tessera-proof-{}-{file}", std::process::id())))
        .args(["--error-format=short", "--cap-lints=allow", "-L"])
        .arg(dependencies)
        .arg("--extern")
        .arg(format!("tessera={}", library(dependencies).display()))
        .arg(folder().join(file))
        .output()
        .expect("rustc");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let refusals: Refusals = said.lines().filter_map(refusal).collect();
    assert_eq!(output.status.success(), refusals.is_empty(), "{said}");
    (refusals, said)
}

/// `path/forged.rs:12:5: error[E0451]: ...`
fn refusal(line: &str) -> Option<(usize, String)> {
    let (place, error) = line.split_once(": error[")?;
    let number = place.rsplit(':').nth(1)?.parse().ok()?;
    Some((number, error.split(']').next()?.to_owned()))
}

/// The library that this test was linked with: the newest, where older builds lie beside it.
fn library(folder: &Path) -> PathBuf {
    std::fs::read_dir(folder)
        .expect("the folder of the build")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("libtessera-"))
                && path
                    .extension()
                    .is_some_and(|extension| extension == "rlib")
        })
        .max_by_key(|path| path.metadata().and_then(|data| data.modified()).ok())
        .expect("the library was built")
}
