//! The command line as it is typed.

use clap::{CommandFactory as _, Parser as _};

use super::Cli;

fn accepts(line: &str) -> bool {
    Cli::try_parse_from(line.split(' ')).is_ok()
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_documented_command_is_accepted() {
    for line in [
        "tessera",
        "tessera serve",
        "tessera --config t.toml serve",
        "tessera serve --config t.toml",
        "tessera config check",
        "tessera config print",
        "tessera migrate",
        "tessera user create --username u --email e@x.org --password-stdin",
        "tessera user create --username u --email e@x.org --name N --admin --password-stdin --json",
        "tessera user create --username u --email e@x.org --profile f --password-stdin",
        "tessera user update u --profile - --email e@x.org --name N --json",
        "tessera user update u --disable",
        "tessera user update u --enable",
        "tessera user show u --json",
        "tessera user list --json",
        "tessera user token add u --hotp --seed-file - --name N --digits 8 --counter 3 --json",
        "tessera user token list u --json",
        "tessera user token remove u 018f4d9e-0000-7000-8000-000000000000",
        "tessera resource create --file - --json",
        "tessera resource update --file f",
        "tessera resource list --json",
        "tessera resource show https://api.example/",
        "tessera resource delete https://api.example/",
        "tessera client create --file -",
        "tessera client list --json",
        "tessera client show c",
        "tessera client delete c",
        "tessera client rotate-secret c --now --json",
        "tessera client disable c",
        "tessera client enable c",
        "tessera key list --json",
        "tessera key rotate",
        "tessera key rotate --alg ES256 --now",
        "tessera key rotate --now --revoke kid",
        "tessera audit verify --json",
        "tessera backup f",
        "tessera restore f",
        "tessera health",
    ] {
        assert!(accepts(line), "{line}");
    }
}

#[test]
fn half_a_command_is_refused() {
    for line in [
        "tessera nonsense",
        "tessera user create --username u --email e@x.org",
        "tessera client create",
        "tessera key rotate --alg none",
        "tessera key rotate --revoke kid",
        "tessera key rotate --now --alg ES256 --revoke kid",
        "tessera backup",
    ] {
        assert!(!accepts(line), "{line}");
    }
}
