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
        "tessera session list u --json",
        "tessera session end 018f4d9e-0000-7000-8000-000000000000",
        "tessera session end --user u --json",
        "tessera session end --all",
        "tessera resource create --file - --json",
        "tessera resource update --file f",
        "tessera resource list --json",
        "tessera resource show https://api.example/",
        "tessera resource delete https://api.example/",
        "tessera client create --file -",
        "tessera client create --file f --organisation acme",
        "tessera client update c --file - --if-version 3",
        "tessera client list --json",
        "tessera client list --search shop --disabled --kind machine --organisation acme",
        "tessera client list --enabled --kind public",
        "tessera client show c",
        "tessera client delete c",
        "tessera client delete c --if-version 3",
        "tessera client rotate-secret c --now --json",
        "tessera client rotate-secret c --overlap 30d",
        "tessera client disable c",
        "tessera client enable c",
        "tessera organisation move --user u --to acme",
        "tessera organisation move --client c --out",
        "tessera key list --json",
        "tessera key rotate",
        "tessera key rotate --alg ES256 --now",
        "tessera key rotate --now --revoke kid",
        "tessera audit list",
        "tessera audit list --since 7d --kind sign_in --actor ada --limit 5 --json",
        "tessera audit list --before 01890a5d-ac96-774b-bcce-b302099a8057",
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
        "tessera session end",
        "tessera session end u",
        "tessera session end --user u --all",
        "tessera client create",
        "tessera client list --enabled --disabled",
        "tessera client list --kind nonsense",
        "tessera client rotate-secret c --now --overlap 1h",
        "tessera client rotate-secret c --overlap 31d",
        "tessera key rotate --alg none",
        "tessera key rotate --revoke kid",
        "tessera key rotate --now --alg ES256 --revoke kid",
        "tessera audit list --kind nonsense",
        "tessera audit list --limit 0",
        "tessera backup",
    ] {
        assert!(!accepts(line), "{line}");
    }
}

/// clap breaks what is longer, and takes the indent away: an example could not be copied.
#[test]
fn examples_fit_a_narrow_terminal() {
    let mut commands = vec![Cli::command()];
    let mut examples = 0;
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().cloned());
        let Some(help) = command.get_after_help() else {
            continue;
        };
        examples += 1;
        for line in help.to_string().lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
        }
    }
    assert!(examples > 5, "{examples}");
}
