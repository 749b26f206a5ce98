use proptest::prelude::*;

use super::power::{ReadAudit, ReadClients, WriteClients, WriteRoles, WriteUsers};
use super::*;
use crate::base::ids::{OrganisationId, UserId};
use crate::base::{Entropy, Timestamp};
use crate::protocol::audit::Actor;
use crate::protocol::scope::Scope;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn organisation(seed: u64) -> OrganisationId {
    OrganisationId::new(NOW, &Entropy::seeded(seed))
}

fn held(role: &str, tenant: Tenant) -> Held {
    Held {
        role: RoleName::parse(role).unwrap(),
        tenant,
        valid_from: None,
        valid_until: None,
        group: None,
    }
}

fn caller(held: Vec<Held>) -> Caller {
    Caller {
        actor: Actor::User(UserId::new(NOW, &Entropy::seeded(9))),
        held,
        scopes: None,
    }
}

fn role(name: &str, permissions: &[&str], inherits: &[&str]) -> Role {
    Role {
        name: RoleName::parse(name).unwrap(),
        description: String::new(),
        permissions: permissions
            .iter()
            .map(|p| Pattern::parse(p).unwrap())
            .collect(),
        inherits: inherits
            .iter()
            .map(|p| RoleName::parse(p).unwrap())
            .collect(),
    }
}

fn may<P: Power>(
    roles: &Roles,
    caller: &Caller,
    wanted: Option<OrganisationId>,
) -> Option<Permit<P>> {
    decide(roles, caller, wanted, NOW).permit
}

fn why<P: Power>(roles: &Roles, caller: &Caller, wanted: Option<OrganisationId>) -> String {
    let decision = decide::<P>(roles, caller, wanted, NOW);
    let reasons: Vec<_> = decision.reasons.iter().map(Reason::to_string).collect();
    reasons.join("; ")
}

#[test]
fn permissions_are_read_strictly() {
    for right in [
        "clients:read",
        "*:read",
        "clients:*",
        "*:*",
        "in-voices.v2:approve_all",
    ] {
        assert_eq!(Pattern::parse(right).unwrap().to_string(), right);
    }
    for wrong in [
        "",
        "clients",
        ":",
        "clients:",
        ":read",
        "Clients:read",
        "a:b:c",
        "cl*:read",
        "a b:c",
        "1a:b",
    ] {
        assert!(Pattern::parse(wrong).is_err(), "{wrong}");
    }
    for wrong in ["", "A", "1", "a_b", "-a", "a\u{202e}", &"a".repeat(65)] {
        assert!(RoleName::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_roles_that_are_built_in_do_what_they_say() {
    let roles = Roles::new([]);
    let every = |name: &str| {
        let caller = caller(vec![held(name, Tenant::Deployment)]);
        [
            may::<ReadClients>(&roles, &caller, None).is_some(),
            may::<WriteClients>(&roles, &caller, None).is_some(),
            may::<WriteUsers>(&roles, &caller, None).is_some(),
            may::<WriteRoles>(&roles, &caller, None).is_some(),
            may::<ReadAudit>(&roles, &caller, None).is_some(),
        ]
    };
    assert_eq!(every("super-administrator"), [true; 5]);
    assert_eq!(every("client-manager"), [true, true, false, false, false]);
    assert_eq!(every("user-manager"), [false, false, true, false, false]);
    assert_eq!(every("auditor"), [true, false, false, false, true]);
    assert_eq!(every("nobody-knows-it"), [false; 5]);
}

#[test]
fn a_table_cannot_redefine_what_is_built_in() {
    let roles = Roles::new([role("auditor", &["*:*"], &[])]);
    let auditor = caller(vec![held("auditor", Tenant::Deployment)]);
    assert!(may::<WriteClients>(&roles, &auditor, None).is_none());
}

#[test]
fn a_role_is_also_what_it_inherits_from() {
    let roles = Roles::new([
        role("support", &[], &["helpers"]),
        role("helpers", &["invoices:read"], &["client-manager"]),
    ]);
    let person = caller(vec![held("support", Tenant::Deployment)]);
    assert!(may::<WriteClients>(&roles, &person, None).is_some());
    assert_eq!(
        why::<WriteClients>(&roles, &person, None),
        "allowed by the role support, which is also helpers, which is also client-manager"
    );
    let names = effective_roles(&roles, &person.held, Tenant::Deployment, NOW);
    let names: Vec<_> = names.iter().map(RoleName::as_str).collect();
    assert_eq!(names, ["client-manager", "helpers", "support"]);
}

#[test]
fn a_circle_is_refused_and_one_that_is_there_does_no_harm() {
    let roles = Roles::new([
        role("first", &[], &["second"]),
        role("second", &["clients:read"], &["first"]),
    ]);
    assert_eq!(roles.paths(&RoleName::parse("first").unwrap()).len(), 2);
    let roles = Roles::new([role("second", &[], &["first"])]);
    assert!(matches!(
        roles.check(&role("first", &[], &["second"])),
        Err(RoleProblem::Circular(_))
    ));
    assert!(matches!(
        roles.check(&role("own", &[], &["own"])),
        Err(RoleProblem::Circular(_))
    ));
    assert!(matches!(
        roles.check(&role("third", &[], &["nothing"])),
        Err(RoleProblem::UnknownParent(_))
    ));
    assert!(matches!(
        roles.check(&role("auditor", &[], &[])),
        Err(RoleProblem::BuiltIn(_))
    ));
}

#[test]
fn a_role_counts_from_when_until_when_it_says() {
    let roles = Roles::new([]);
    let second = std::time::Duration::from_secs(1);
    let mut late = held("client-manager", Tenant::Deployment);
    late.valid_from = Some(NOW + second);
    let mut over = held("client-manager", Tenant::Deployment);
    over.valid_until = Some(NOW);
    let mut now = held("client-manager", Tenant::Deployment);
    (now.valid_from, now.valid_until) = (Some(NOW), Some(NOW + second));
    let person = |held: &Held| caller(vec![held.clone()]);
    assert!(may::<WriteClients>(&roles, &person(&late), None).is_none());
    assert!(may::<WriteClients>(&roles, &person(&over), None).is_none());
    assert!(may::<WriteClients>(&roles, &person(&now), None).is_some());
    assert!(why::<WriteClients>(&roles, &person(&over), None).contains("not valid at this time"));
}

#[test]
fn a_role_in_one_organisation_says_nothing_in_another() {
    let roles = Roles::new([]);
    let (ours, theirs) = (organisation(1), organisation(2));
    let person = caller(vec![held(
        "super-administrator",
        Tenant::Organisation(ours),
    )]);
    let permit = may::<WriteClients>(&roles, &person, None).unwrap();
    assert_eq!(permit.within().organisation(), Some(ours));
    assert!(permit.within().holds(Some(ours)));
    assert!(!permit.within().holds(Some(theirs)) && !permit.within().holds(None));
    assert!(may::<WriteClients>(&roles, &person, Some(theirs)).is_none());
    assert!(why::<WriteClients>(&roles, &person, Some(theirs)).contains("another organisation"));

    let both = caller(vec![
        held("client-manager", Tenant::Organisation(ours)),
        held("auditor", Tenant::Organisation(theirs)),
    ]);
    assert!(may::<ReadClients>(&roles, &both, None).is_none());
    assert!(why::<ReadClients>(&roles, &both, None).contains("say in which one"));
    assert!(may::<WriteClients>(&roles, &both, Some(theirs)).is_none());
    assert!(may::<WriteClients>(&roles, &both, Some(ours)).is_some());
}

#[test]
fn a_token_needs_the_scope_as_well_and_the_scope_is_not_enough() {
    let roles = Roles::new([]);
    let mut person = caller(vec![held("auditor", Tenant::Deployment)]);
    person.scopes = Some(Scope::parse("openid clients:write").unwrap());
    assert!(may::<WriteClients>(&roles, &person, None).is_none());
    assert!(may::<ReadClients>(&roles, &person, None).is_none());
    assert!(why::<ReadClients>(&roles, &person, None).contains("scope clients:read"));
    person.scopes = Some(Scope::parse("clients:read").unwrap());
    assert!(may::<ReadClients>(&roles, &person, None).is_some());
}

#[test]
fn nobody_raises_anybody_above_themselves() {
    let roles = Roles::new([]);
    let ours = organisation(1);
    let deployment = |name: &str| vec![held(name, Tenant::Deployment)];
    let manager = may::<WriteUsers>(&roles, &caller(deployment("user-manager")), None).unwrap();
    assert!(manager.covers(&roles, &[], NOW));
    assert!(manager.covers(&roles, &deployment("user-manager"), NOW));
    assert!(!manager.covers(&roles, &deployment("client-manager"), NOW));
    assert!(!manager.covers(&roles, &deployment("super-administrator"), NOW));
    let mut tomorrow = deployment("super-administrator");
    tomorrow[0].valid_from = Some(NOW + std::time::Duration::from_hours(24));
    assert!(!manager.covers(&roles, &tomorrow, NOW));
    tomorrow[0].valid_until = Some(NOW);
    assert!(
        manager.covers(&roles, &tomorrow, NOW),
        "what is over gives nothing"
    );

    let local = caller(vec![held(
        "super-administrator",
        Tenant::Organisation(ours),
    )]);
    let local = may::<WriteUsers>(&roles, &local, None).unwrap();
    assert!(local.covers(&roles, &[held("auditor", Tenant::Organisation(ours))], NOW));
    assert!(!local.covers(&roles, &deployment("auditor"), NOW));
    let theirs = Tenant::Organisation(organisation(2));
    assert!(!local.covers(&roles, &[held("auditor", theirs)], NOW));
}

#[test]
fn a_token_reaches_no_further_than_its_scopes_whoever_it_is_of() {
    let roles = Roles::new([role("biller", &["invoices:read"], &[])]);
    let deployment = |name: &str| vec![held(name, Tenant::Deployment)];
    let root = |scopes: Option<&str>| {
        let mut root = caller(deployment("super-administrator"));
        root.scopes = scopes.map(|scopes| Scope::parse(scopes).unwrap());
        may::<WriteRoles>(&roles, &root, None).unwrap()
    };
    let all: Vec<String> = power::ALL.iter().map(Permission::to_string).collect();
    let may_give =
        |permit: &Permit<WriteRoles>, name: &str| permit.covers(&roles, &deployment(name), NOW);
    // On a page they may all of it.
    assert!(may_give(&root(None), "super-administrator") && may_give(&root(None), "biller"));
    let without_audit = all.join(" ").replace("audit:read", "");
    for scopes in [
        "roles:write",
        "openid roles:write *:* roles:* *:write",
        without_audit.trim(),
    ] {
        for name in ["super-administrator", "auditor"] {
            assert!(!may_give(&root(Some(scopes)), name), "{scopes}: {name}");
        }
    }
    assert!(may_give(&root(Some(&all.join(" "))), "super-administrator"));
    for name in ["client-manager", "auditor", "biller"] {
        assert!(!may_give(&root(Some("roles:write")), name), "{name}");
    }
    let clients = "roles:write clients:read clients:write resources:read";
    assert!(!may_give(&root(Some(clients)), "client-manager"));
    assert!(may_give(
        &root(Some(&format!("{clients} resources:write"))),
        "client-manager"
    ));
    assert!(may_give(&root(Some("roles:write invoices:read")), "biller"));
    // A scope adds nothing to what is held.
    let mut manager = caller(deployment("client-manager"));
    manager.scopes = Some(Scope::parse("clients:write roles:write users:write").unwrap());
    let permit = may::<WriteClients>(&roles, &manager, None).unwrap();
    assert!(!permit.covers(&roles, &deployment("user-manager"), NOW));
}

#[test]
fn scopes_of_the_administration_go_only_to_who_may() {
    let roles = Roles::new([]);
    let asked = Scope::parse("openid payments clients:read clients:write").unwrap();
    let allowed = |held: &[Held]| scopes_allowed(&roles, held, &asked, NOW).to_string();
    assert_eq!(allowed(&[]), "openid payments");
    assert_eq!(
        allowed(&[held("auditor", Tenant::Deployment)]),
        "openid payments clients:read"
    );
    let ours = Tenant::Organisation(organisation(1));
    assert_eq!(
        allowed(&[held("client-manager", ours)]),
        "openid payments clients:read clients:write"
    );
}

proptest! {
    #[test]
    fn whatever_is_held_a_permit_never_reaches_further_than_a_valid_role(
        of in prop::collection::vec((0_usize..5, 0_u64..3, -2_i64..3, -2_i64..3), 0..6),
        wanted in 0_u64..3,
    ) {
        let names = ["super-administrator", "client-manager", "user-manager", "auditor", "unknown"];
        let tenant = |n: u64| match n {
            0 => Tenant::Deployment,
            n => Tenant::Organisation(organisation(n)),
        };
        let roles = Roles::new([]);
        let grants: Vec<Held> = of
            .iter()
            .map(|&(name, place, from, until)| Held {
                valid_from: Some(Timestamp::from_seconds(NOW.seconds() + from)),
                valid_until: Some(Timestamp::from_seconds(NOW.seconds() + until)),
                ..held(names[name], tenant(place))
            })
            .collect();
        let wanted = (wanted > 0).then(|| organisation(wanted));
        let decision = decide::<WriteClients>(&roles, &caller(grants), wanted, NOW);
        // By hand: 0 and 1 may write clients, and count from `from` until before `until`.
        let good: Vec<_> = of.iter().filter(|&&(name, _, from, until)| name < 2 && from <= 0 && until > 0).collect();
        let anywhere = |place: u64| good.iter().any(|&&(_, at, ..)| at == 0 || at == place);
        if let Some(permit) = decision.permit {
            if let Some(id) = permit.within().organisation() {
                prop_assert!(wanted.is_none_or(|wanted| wanted == id));
                prop_assert!((1..3).any(|n| organisation(n) == id && anywhere(n)));
            } else {
                prop_assert!(good.iter().any(|&&(_, at, ..)| at == 0) && wanted.is_none());
            }
        } else {
            prop_assert!(!decision.reasons.is_empty());
            if let Some(id) = wanted {
                prop_assert!(!(1..3).any(|n| organisation(n) == id && anywhere(n)));
            } else {
                let places: std::collections::BTreeSet<_> = good.iter().map(|of| of.1).collect();
                prop_assert!(places.is_empty() || (!places.contains(&0) && places.len() > 1));
            }
        }
    }
}
