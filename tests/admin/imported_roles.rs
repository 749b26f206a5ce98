//! Roles that come from another system: held where they were held there, and never anybody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tessera::base::ids::{GroupId, UserId};
use tessera::flows::administration::{
    Entry, GroupImport, GroupNames, MayImport, Realm, RoleImport, RoleImported, Tally,
};
use tessera::flows::groups::GroupChange;
use tessera::protocol::access::{Pattern, Permit, Role, RoleName, Tenant};
use tessera::protocol::audit::Origin;
use tessera::storage::role_grants::Holder;

use super::imports::{entries, found, may_import, person};
use crate::api::support::give;
use crate::on_both_engines;
use crate::support::World;

fn name(text: &str) -> RoleName {
    RoleName::parse(text).expect("a name")
}

fn names(all: &[&str]) -> Vec<RoleName> {
    all.iter().map(|one| name(one)).collect()
}

/// What the realm says of its groups.
fn from(realm: &str, groups: &[(&str, &[&str])]) -> MayImport {
    let group = |(group, roles): &(&str, &[&str])| {
        let roles: BTreeSet<RoleName> = names(roles).into_iter().collect();
        ((*group).to_owned(), roles)
    };
    let groups: BTreeMap<_, _> = groups.iter().map(group).collect();
    let realm = Realm {
        name: realm.to_owned(),
        groups,
        to_be_made: false,
    };
    MayImport {
        names: GroupNames::Elsewhere(Arc::new(realm)),
        ..may_import()
    }
}

async fn role(
    world: &World,
    may: &MayImport,
    role: &str,
    inherits: &[&str],
    write: bool,
) -> RoleImported {
    let new = RoleImport {
        name: name(role),
        description: String::new(),
        inherits: names(inherits),
    };
    let done = world
        .tessera
        .import_role(may, new, write, Origin::default());
    done.await.expect("the database").expect("a good role")
}

async fn group(world: &World, may: &MayImport, name: &str) -> (GroupImport, Vec<RoleName>) {
    let done = world
        .tessera
        .import_group(may, name, true, Origin::default());
    done.await.expect("the database").expect("a good group")
}

async fn bring(
    world: &World,
    may: &MayImport,
    who: &str,
    groups: &[&str],
    roles: &[&str],
) -> Tally {
    let mut line = person(who);
    line["groups"] = groups.into();
    let mut all: Vec<Entry> = entries(&[line]);
    all[0].roles = names(roles);
    let (all, origin) = (Arc::new(all), Origin::default());
    let done = world.tessera.import_people(may, all, &origin).await;
    done.expect("the database")
}

async fn define(world: &World, role: &str, permissions: &[&str], inherits: &[&str], anew: bool) {
    let role = Role {
        name: name(role),
        description: "By an administrator".to_owned(),
        permissions: permissions
            .iter()
            .map(|one| Pattern::parse(one).expect("a permission"))
            .collect(),
        inherits: names(inherits),
    };
    let replaces = anew.then_some(None);
    let defined =
        world
            .tessera
            .define_role(Permit::of_operator(), role, replaces, Origin::default());
    defined.await.expect("the database").expect("defined");
}

async fn held(world: &World, user: UserId) -> Vec<String> {
    let all = world.tessera.roles_of(user).await.expect("the database");
    let mut all: Vec<String> = all.iter().map(ToString::to_string).collect();
    // In one instant, grants have no order.
    all.sort_unstable();
    all
}

async fn group_called(world: &World, name: &str) -> GroupId {
    let permit = Permit::of_operator();
    let all = world.tessera.list_groups(&permit, None, None, 100).await;
    let all = all.expect("the database").items;
    all.iter().find(|one| one.name == name).expect("there").id
}

async fn held_by_group(world: &World, name: &str) -> Vec<String> {
    let holder = Holder::Group(group_called(world, name).await);
    let permit = Permit::of_operator();
    let grants = world.tessera.grants_of(&permit, &holder).await;
    let grants = grants.expect("the database");
    grants.iter().map(|grant| grant.role.to_string()).collect()
}

async fn granted(world: &World) -> Vec<Value> {
    let mut all = world.audit().await;
    all.retain(|event| event["kind"] == "role.granted");
    all
}

on_both_engines! {
    async fn roles_of_a_realm_come_with_who_held_them_and_a_second_run_changes_nothing(world: World) {
        let may = from("acme", &[("Staff", &["editor"]), ("Guests", &[])]);
        for (write, came) in [(false, RoleImported::New), (true, RoleImported::New), (true, RoleImported::There), (false, RoleImported::There)] {
            assert_eq!(role(&world, &may, "reviewer", &[], write).await, came);
            if write {
                assert_eq!(role(&world, &may, "editor", &["reviewer"], write).await, came);
            }
        }
        for came in [GroupImport::New, GroupImport::There] {
            assert_eq!(group(&world, &may, "Staff").await, (came, vec![]));
            assert_eq!(group(&world, &may, "Guests").await, (came, vec![]));
        }
        for made in [1, 0] {
            let ada = bring(&world, &may, "ada", &["Staff"], &[]).await;
            let bob = bring(&world, &may, "bob", &["Guests"], &["reviewer", "editor"]).await;
            assert_eq!((ada.made, bob.made, ada.left.len() + bob.left.len()), (made, made, 0));
        }
        let (ada, bob) = (found(&world, "ada").await.id, found(&world, "bob").await.id);
        assert_eq!(held(&world, ada).await, ["editor"]);
        assert_eq!(held(&world, bob).await, ["editor", "reviewer"]);
        let all = granted(&world).await;
        assert_eq!(all.len(), 3, "{all:?}");
        let of = |member: &str, id: String| all.iter().filter(|event| event[member] == id.as_str()).count();
        assert_eq!((of("user_id", bob.to_string()), of("group_id", group_called(&world, "Staff").await.to_string())), (2, 1));
    }
}

on_both_engines! {
    async fn a_name_that_means_something_here_is_given_to_nobody_by_an_import(world: World) {
        define(&world, "approver", &["invoices:approve"], &[], false).await;
        define(&world, "lead", &[], &["approver"], false).await;
        define(&world, "trusted", &[], &[], false).await;
        let elsewhere = from("other", &[]);
        role(&world, &elsewhere, "of-another-realm", &[], true).await;
        let attempts = ["super-administrator", "client-manager", "user-manager", "auditor", "approver", "lead", "trusted", "of-another-realm", "not-there"];
        let may = from("acme", &[("Staff", &attempts)]);
        for attempt in attempts {
            for write in [false, true] {
                let composed = role(&world, &may, &format!("composed-of-{attempt}"), &[attempt], true).await;
                assert_eq!(composed, RoleImported::RestsOnForeign, "{attempt}");
                if attempt != "not-there" {
                    assert_eq!(role(&world, &may, attempt, &[], write).await, RoleImported::Foreign, "{attempt} {write}");
                }
            }
        }
        // Whatever a caller made of these answers.
        let (came, without) = group(&world, &may, "Staff").await;
        assert_eq!((came, without.len()), (GroupImport::New, attempts.len()));
        let done = bring(&world, &may, "mallory", &["Staff"], &attempts).await;
        assert_eq!((done.made, done.left.len()), (1, attempts.len()));
        assert!(held(&world, found(&world, "mallory").await.id).await.is_empty());
        assert!(held_by_group(&world, "Staff").await.is_empty() && granted(&world).await.is_empty());
        // Nor by an import that does not say where from.
        for (who, may) in [("eve", from("", &[])), ("dan", may_import())] {
            let new = RoleImport { name: name("free"), description: String::new(), inherits: Vec::new() };
            assert!(world.tessera.import_role(&may, new, true, Origin::default()).await.expect("the database").is_err());
            assert_eq!(bring(&world, &may, who, &[], &["of-another-realm"]).await.left.len(), 1);
        }
    }
}

on_both_engines! {
    async fn a_role_that_was_changed_since_it_came_is_given_to_nobody_any_more(world: World) {
        for (number, (case, changed, permissions, inherits)) in [
            ("it permits something", "editor", ["invoices:approve"].as_slice(), ["base"].as_slice()),
            ("what it rests on does", "base", &["invoices:approve"], &[]),
            ("it rests on something else", "base", &[], &["auditor"]),
            ("it has another description", "editor", &[], &["base"]),
            ("it rests on nothing any more", "editor", &[], &[]),
        ].into_iter().enumerate() {
            let realm = format!("realm-{number}");
            let own = |role: &str| format!("{role}-{number}");
            let (base, editor, staff) = (own("base"), own("editor"), own("Staff"));
            let may = from(&realm, &[(&staff, &[&editor])]);
            assert_eq!(role(&world, &may, &base, &[], true).await, RoleImported::New, "{case}");
            assert_eq!(role(&world, &may, &editor, &[&base], true).await, RoleImported::New, "{case}");
            assert_eq!(group(&world, &may, &staff).await.0, GroupImport::New, "{case}");
            let (before, after) = (own("before"), own("after"));
            let done = bring(&world, &may, &before, &[&staff], &[&editor]).await;
            assert_eq!((done.made, done.left.len()), (1, 0), "{case}");
            assert_eq!(held(&world, found(&world, &before).await.id).await.len(), 2, "the control: {case}");

            let inherits: Vec<String> = inherits.iter().map(|one| if *one == "base" { base.clone() } else { (*one).to_owned() }).collect();
            let inherits: Vec<&str> = inherits.iter().map(String::as_str).collect();
            define(&world, &own(changed), permissions, &inherits, true).await;
            let done = bring(&world, &may, &after, &[&staff], &[&editor]).await;
            assert_eq!((done.made, done.left.len()), (1, 1), "{case}");
            assert!(held(&world, found(&world, &after).await.id).await.is_empty(), "{case}");
            assert_eq!(role(&world, &may, &editor, &[&base], true).await, RoleImported::Foreign, "{case}");
            assert_eq!(role(&world, &may, &own("writer"), &[&editor], true).await, RoleImported::RestsOnForeign, "{case}");
            assert_eq!(group(&world, &may, &staff).await.0, GroupImport::HoldsRoles, "{case}");
        }
    }
}

on_both_engines! {
    async fn a_group_that_was_here_before_gets_no_roles_and_one_that_holds_others_takes_nobody_in(world: World) {
        let (tessera, origin) = (&world.tessera, Origin::default);
        let bob = world.user("bob").await;
        let made = tessera.create_group(Permit::of_operator(), "Staff", origin()).await.expect("written").expect("made");
        let added = tessera.change_group(Permit::of_operator(), made.id, GroupChange::Add(bob.id), origin());
        added.await.expect("written").expect("added");
        let may = from("acme", &[("Staff", &["editor"]), ("staff", &[]), ("Crew", &["editor"]), ("crew", &[])]);
        role(&world, &may, "editor", &[], true).await;
        assert_eq!(group(&world, &may, "Staff").await, (GroupImport::There, names(&["editor"])));
        assert!(held(&world, bob.id).await.is_empty());
        // Two that differ by case there are one here: who is in the poorer one gets nothing of the richer.
        assert_eq!(group(&world, &may, "Crew").await, (GroupImport::New, vec![]));
        assert_eq!(group(&world, &may, "crew").await, (GroupImport::HoldsRoles, vec![]));
        let both = Arc::new([("eve", "crew"), ("ada", "Crew"), ("dan", "crew")].map(|(who, of)| {
            let mut line = person(who);
            line["groups"] = [of].as_slice().into();
            entries(&[line]).remove(0)
        }).to_vec());
        assert_eq!(tessera.import_people(&may, both, &origin()).await.expect("written").made, 3);
        for (who, roles) in [("eve", 0), ("ada", 1), ("dan", 0)] {
            assert_eq!(held(&world, found(&world, who).await.id).await.len(), roles, "{who}");
        }
        // Somebody gives the group one more role: it is no place for people of the realm any more.
        give(&world, "auditor", Holder::Group(group_called(&world, "Crew").await), Tenant::Deployment).await;
        bring(&world, &may, "fay", &["Crew"], &["editor"]).await;
        assert_eq!(held(&world, found(&world, "fay").await.id).await, ["editor"]);
    }
}
