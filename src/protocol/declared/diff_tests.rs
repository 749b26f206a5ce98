//! The difference, and the order in which it is put right.

use super::tests::{APP, accepted};
use super::*;

fn compared(
    present: &Declared,
    declared: &Declared,
    secrets: &[(&str, SecretState)],
    prune: bool,
) -> Result<Plan, Vec<Problem>> {
    plan(&Wanted {
        declared,
        present,
        versions: &BTreeMap::new(),
        by_themselves: &BTreeSet::from([(Section::Clients, "wild".to_owned())]),
        secrets: &secrets
            .iter()
            .map(|(id, state)| ((*id).to_owned(), state.clone()))
            .collect(),
        prune,
    })
}

fn shown(plan: &Plan) -> Vec<String> {
    let sign = |what: &What| match what {
        What::Added(_) => "+",
        What::Changed(_) => "~",
        What::Removed => "-",
    };
    plan.changes
        .iter()
        .map(|one| format!("{}{}", sign(&one.what), one.name))
        .collect()
}

#[test]
fn what_rests_on_others_comes_after_them_and_goes_before_them() {
    let all = accepted(&format!(
        "{APP}token_endpoint_auth_method = \"none\"\n[[groups]]\nname = \"g\"\n\
         [[roles]]\nname = \"a\"\ninherits = [\"b\"]\n[[roles]]\nname = \"b\"\ninherits = [\"c\"]\n[[roles]]\nname = \"c\"\n\
         [[resource_servers]]\nidentifier = \"https://r/\"\nname = \"R\"\n[[organisations]]\nname = \"o\"\ntitle = \"O\""
    ));
    let none = accepted(
        "clients = []\ngroups = []\nroles = []\nresource_servers = []\norganisations = []",
    );
    let come = compared(&none, &all, &[], true).unwrap();
    assert_eq!(
        shown(&come),
        ["+o", "+https://r/", "+c", "+b", "+a", "+g", "+app"]
    );
    let go = compared(&all, &none, &[], true).unwrap();
    assert_eq!(
        shown(&go),
        ["-app", "-g", "-a", "-b", "-c", "-https://r/", "-o"]
    );
    let stay = compared(&all, &none, &[], false).unwrap();
    assert_eq!((stay.changes.len(), stay.notes.len()), (0, 7));
    // A section that the file does not have is nobody's business.
    let silent = compared(&all, &accepted(""), &[], true).unwrap();
    assert_eq!(silent, Plan::default());
    assert_eq!(compared(&all, &all, &[], true).unwrap(), Plan::default());
    assert_ne!(come.digest(), go.digest());
    let wild = accepted(&APP.replace("app", "wild"));
    assert_eq!(
        compared(&wild, &accepted("clients = []"), &[], true).unwrap(),
        Plan::default()
    );
}

#[test]
fn a_secret_is_compared_and_never_shown() {
    let basic = accepted(APP);
    let post = accepted(&format!(
        "{APP}token_endpoint_auth_method = \"client_secret_post\""
    ));
    let public = accepted(&format!("{APP}token_endpoint_auth_method = \"none\""));
    let none = Declared::default();
    let unresolved = SecretState::Unresolved("the variable A is not set".to_owned());
    let (works, other) = (SecretState::Works(None), SecretState::Other);
    let later = SecretState::Works(Some("2027-01-01T00:00:00.000Z".to_owned()));
    // What is there, what is wanted, the reference: members that change, notes; `None`: refused.
    let cases = [
        (&none, &basic, Some(&other), Some((1, 0))),
        (&none, &basic, Some(&unresolved), None),
        (&none, &basic, None, None),
        (&none, &public, None, Some((1, 0))),
        (&basic, &basic, Some(&works), Some((0, 0))),
        (&basic, &basic, Some(&later), Some((0, 1))),
        (&basic, &basic, Some(&other), Some((1, 0))),
        (&basic, &basic, Some(&unresolved), Some((0, 1))),
        (&basic, &basic, None, Some((0, 0))),
        (&basic, &post, Some(&unresolved), Some((1, 1))),
        (&public, &basic, Some(&other), Some((1, 0))),
        (&public, &basic, Some(&unresolved), None),
        (&public, &basic, None, None),
        (&basic, &public, None, Some((1, 0))),
    ];
    for (index, (present, wanted, state, expected)) in cases.into_iter().enumerate() {
        let secrets: Vec<_> = state
            .map(|state| ("app", state.clone()))
            .into_iter()
            .collect();
        let found = compared(present, wanted, &secrets, false).ok();
        let found = found.map(|plan| (plan.changes.len(), plan.notes.len()));
        assert_eq!(found, expected, "case {index}");
    }
}

#[test]
fn who_loses_a_role_that_goes_is_told_though_the_file_does_not_speak_of_them() {
    let present = accepted(&format!(
        "{APP}token_endpoint_auth_method = \"none\"\nroles = [{{ role = \"a\" }}]\n\
         [[groups]]\nname = \"g\"\nroles = [{{ role = \"a\" }}]\n[[roles]]\nname = \"a\"\n[[roles]]\nname = \"b\""
    ));
    let notes = |file: &str, prune: bool| -> Vec<String> {
        let plan = compared(&present, &accepted(file), &[], prune).unwrap();
        plan.notes.into_iter().map(|one| one.note).collect()
    };
    assert_eq!(
        notes("roles = []", true),
        [
            "is held by group \"g\", which loses it",
            "is held by client \"app\", which loses it"
        ]
    );
    // Who goes too loses nothing.
    assert_eq!(
        notes("roles = []\ngroups = []\nclients = []", true),
        Vec::<String>::new()
    );
    assert!(
        !notes("roles = []", false)
            .iter()
            .any(|note| note.contains("loses"))
    );
}
