//! People who come from another system, on both engines.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use tessera::flows::administration::{
    ClientImport, Entry, GroupImport, GroupNames, MayImport, Realm, Refused, Tally,
};
use tessera::protocol::access::{Permit, Tenant};
use tessera::protocol::audit::{Actor, Origin};
use tessera::protocol::client::ClientId;
use tessera::protocol::user_import::Described;
use tessera::storage::role_grants::Holder;

use crate::api::support::give;
use crate::on_both_engines;
use crate::support::{Browser, World};

/// `correct horse`, ten thousand times SHA-256.
const HASH: &str = "$pbkdf2-sha256$i=10000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc";

/// People as they are read from lines.
pub fn entries(lines: &[Value]) -> Vec<Entry> {
    let entry = |(number, line): (usize, &Value)| {
        let read = Described::read(&line.to_string()).expect("a line");
        let person = read.check(Vec::new(), false).expect("a person");
        Entry {
            at: format!("line {}", number + 1),
            person,
            roles: Vec::new(),
        }
    };
    lines.iter().enumerate().map(entry).collect()
}

/// Whoever is at the machine.
pub fn may_import() -> MayImport {
    MayImport {
        users: Permit::of_operator(),
        groups: Permit::of_operator(),
        roles: Permit::of_operator(),
        names: GroupNames::Here,
    }
}

async fn import(world: &World, lines: &[Value]) -> Tally {
    import_as(world, may_import(), lines).await
}

async fn import_as(world: &World, may: MayImport, lines: &[Value]) -> Tally {
    let entries = Arc::new(entries(lines));
    let checked = world
        .tessera
        .check_import(&may, &entries)
        .await
        .expect("the database");
    let done = world
        .tessera
        .import_people(&may, entries, &Origin::default())
        .await
        .expect("written");
    // What was said before is what happens.
    assert_eq!((checked.made, checked.known), (done.made, done.known));
    done
}

/// A line.
pub fn person(name: &str) -> Value {
    json!({
        "username": name, "email": format!("{name}@example.org"), "email_verified": true, "password_hash": HASH,
        "profile": {"name": format!("{name} <i>")},
    })
}

/// Who has come.
pub async fn found(world: &World, name: &str) -> tessera::storage::users::User {
    world
        .tessera
        .find_user(name)
        .await
        .expect("the database")
        .expect("there")
}

async fn sign_in(world: &World, name: &str, password: &str) -> String {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    browser.sign_in(&page, name, password).await.url
}

on_both_engines! {
    async fn an_imported_person_signs_in_with_the_old_password_and_gets_a_hash_of_ours(world: World) {
        let sub = "0b8c5bd0-6d2a-4c2f-9a60-6f3e6b1f0a11";
        let mut ada = person("ada");
        ada["sub"] = sub.into();
        assert_eq!(import(&world, &[ada]).await.made, 1);
        let before = found(&world, "ada").await;
        assert_eq!(before.id.to_string(), sub);
        assert_eq!(before.password_hash.as_deref(), Some(HASH));
        assert_ne!(sign_in(&world, "ada", "correct horsf").await, "/account");
        assert_eq!(found(&world, "ada").await.password_hash.as_deref(), Some(HASH));
        assert_eq!(sign_in(&world, "ada", "correct horse").await, "/account");
        let after = found(&world, "ada").await.password_hash.expect("a hash");
        assert!(after.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{after}");
        assert_eq!(sign_in(&world, "ada", "correct horse").await, "/account");
    }
}

on_both_engines! {
    async fn a_password_that_was_changed_is_not_put_back_by_an_import_or_an_old_sign_in(world: World) {
        import(&world, &[person("ada")]).await;
        let ada = found(&world, "ada").await;
        world.set_password(&ada, "another password of hers").await;
        let again = import(&world, &[person("ada")]).await;
        assert_eq!((again.made, again.known, again.refused.len()), (0, 1, 0));
        assert_ne!(sign_in(&world, "ada", "correct horse").await, "/account");
        assert_eq!(sign_in(&world, "ada", "another password of hers").await, "/account");
    }
}

on_both_engines! {
    async fn an_import_that_is_run_again_makes_nobody_twice_also_when_its_owner_changed_the_account(world: World) {
        let lines = ["ada", "bob", "eve"].map(person);
        assert_eq!(import(&world, &lines[..2]).await.made, 2);
        let bob = found(&world, "bob").await;
        let changes = tessera::flows::people::UserChanges { name: Some("Robert".to_owned()), ..Default::default() };
        world.tessera.change_user(bob.id, changes, Actor::Operator, Origin::default()).await.expect("the database").expect("changed");
        let again = import(&world, &lines).await;
        assert_eq!((again.made, again.known, again.refused.len()), (1, 2, 0));
        assert_eq!(found(&world, "bob").await.display_name(), "Robert");
    }
}

on_both_engines! {
    async fn who_is_there_already_is_told_and_not_overwritten_and_the_others_come(world: World) {
        let before = world.user("ada").await;
        let mut other = person("carl");
        other["email"] = "ADA@example.org".into();
        let mut same_id = person("dora");
        same_id["sub"] = before.id.to_string().into();
        let mut twice = person("bob");
        twice["profile"] = json!({"name": "Another Bob"});
        let lines = [person("ada"), person("bob"), other, same_id];
        let done = import(&world, &lines).await;
        assert_eq!(done.made, 1);
        let told: Vec<String> = done.refused.iter().map(|(at, why)| format!("{at}: {}", why.join(", "))).collect();
        assert_eq!(told, ["line 1: username: is taken, email: is taken", "line 3: email: is taken", "line 4: sub: is taken"]);
        assert_eq!(found(&world, "ada").await.password_hash, before.password_hash);
        // Twice in one batch: the second sees the first.
        let may = may_import();
        let mut second = person("eve");
        second["email"] = "other@example.org".into();
        let both = Arc::new(entries(&[person("eve"), second, twice]));
        let done = world.tessera.import_people(&may, both, &Origin::default()).await.expect("written");
        assert_eq!((done.made, done.refused.len()), (1, 2));
    }
}

on_both_engines! {
    async fn an_import_knows_organisations_and_groups_by_name_and_tells_of_those_that_are_not_there(world: World) {
        let (tessera, origin) = (&world.tessera, Origin::default);
        let acme = tessera.create_organisation(Permit::of_operator(), "acme", "Acme", origin()).await.expect("written").expect("made");
        let group = tessera.create_group(Permit::of_operator(), "Engineers", origin()).await.expect("written").expect("made");
        let mut ada = person("ada");
        ada["organisation"] = "acme".into();
        let mut bob = person("bob");
        bob["groups"] = json!(["engineers"]);
        bob["enabled"] = false.into();
        let mut eve = person("eve");
        eve["organisation"] = "nowhere".into();
        let mut carl = person("carl");
        carl["groups"] = json!(["Engineers", "Nobody"]);
        let done = import(&world, &[ada, bob, eve, carl]).await;
        assert_eq!(done.made, 2);
        let told: Vec<String> = done.refused.iter().map(|(at, why)| format!("{at}: {}", why.join(", "))).collect();
        assert_eq!(told, ["line 3: organisation: there is none called nowhere", "line 4: groups: there is none called Nobody"]);
        assert_eq!(found(&world, "ada").await.organisation, Some(acme.id));
        let bob = found(&world, "bob").await;
        assert!(bob.disabled);
        let (_, members) = tessera.group(&Permit::of_operator(), group.id, None, 10).await.expect("the database").expect("there");
        assert_eq!(members, [bob.id]);
    }
}

on_both_engines! {
    async fn many_come_at_once_beside_somebody_who_takes_one_of_the_names(world: World) {
        let lines: Vec<Value> = (0..300).map(|n| person(&format!("person{n}"))).collect();
        let may = may_import();
        let all = Arc::new(entries(&lines));
        let origin = Origin::default();
        let (one, other, _) = tokio::join!(
            world.tessera.import_people(&may, Arc::clone(&all), &origin),
            world.tessera.import_people(&may, Arc::clone(&all), &origin),
            world.user("person7x"),
        );
        let (one, other) = (one.expect("written"), other.expect("written"));
        assert_eq!(one.made + other.made, 300);
        assert_eq!(one.known + other.known, 300);
        assert!(one.refused.is_empty() && other.refused.is_empty());
    }
}

on_both_engines! {
    async fn a_group_of_another_system_takes_nobody_into_one_here_that_holds_a_role(world: World) {
        let (tessera, origin) = (&world.tessera, Origin::default);
        let mut made = Vec::new();
        for name in ["admins", "readers"] {
            made.push(tessera.create_group(Permit::of_operator(), name, origin()).await.expect("written").expect("made").id);
        }
        give(&world, "super-administrator", Holder::Group(made[0]), Tenant::Deployment).await;
        let elsewhere = |planned: &[&str]| {
            let groups = planned.iter().map(|&name| (name.to_owned(), BTreeSet::new())).collect();
            let realm = Realm { name: "acme".to_owned(), groups, to_be_made: true };
            MayImport { names: GroupNames::Elsewhere(Arc::new(realm)), ..may_import() }
        };
        for write in [false, true] {
            for (name, came) in [("Admins", GroupImport::HoldsRoles), ("Readers", GroupImport::There), ("Staff", GroupImport::New)] {
                let done = tessera.import_group(&elsewhere(&[]), name, write, origin()).await.expect("written");
                assert_eq!(done, Ok((came, Vec::new())), "{name} {write}");
            }
        }
        let mut mallory = person("mallory");
        mallory["groups"] = json!(["Admins", "Readers", "Staff"]);
        assert_eq!(import_as(&world, elsewhere(&[]), std::slice::from_ref(&mallory)).await.made, 1);
        let members = async |id| tessera.group(&Permit::of_operator(), id, None, 10).await.expect("the database").expect("there").1;
        let id = found(&world, "mallory").await.id;
        assert!(members(made[0]).await.is_empty());
        assert_eq!(members(made[1]).await, [id]);
        // Known again, by a dry run too; a group that is still to be made stops no dry run.
        let again = import_as(&world, elsewhere(&["Staff"]), std::slice::from_ref(&mallory)).await;
        assert_eq!((again.known, again.refused.len()), (1, 0));
        let mut bob = person("bob");
        bob["groups"] = json!(["Yet to be made"]);
        let bob = entries(&[bob]);
        assert_eq!(tessera.check_import(&elsewhere(&["Yet to be made"]), &bob).await.expect("the database").made, 1);
        assert_eq!(tessera.check_import(&elsewhere(&[]), &bob).await.expect("the database").refused.len(), 1);
        // Whoever names a group of this server means it.
        let mut carl = person("carl");
        carl["groups"] = json!(["admins"]);
        assert_eq!(import(&world, &[carl]).await.made, 1);
        assert_eq!(members(made[0]).await.len(), 1);
    }
}

on_both_engines! {
    async fn who_comes_into_a_group_by_an_import_is_in_the_audit_log(world: World) {
        let group = world.tessera.create_group(Permit::of_operator(), "Engineers", Origin::default()).await.expect("written").expect("made");
        let mut ada = person("ada");
        ada["groups"] = json!(["Engineers"]);
        import(&world, &[ada, person("bob")]).await;
        let ada = found(&world, "ada").await;
        let log = world.audit().await;
        let joins: Vec<&Value> = log.iter().filter(|event| event.to_string().contains("member_added")).collect();
        assert_eq!(joins.len(), 1, "{log:?}");
        let text = joins[0].to_string();
        for part in ["group.changed", &group.id.to_string(), &ada.id.to_string(), "Engineers"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

fn client(id: &str) -> ClientImport {
    ClientImport {
        id: ClientId::new(id),
        metadata: json!({
            "client_name": "Machine", "token_endpoint_auth_method": "client_secret_basic", "scope": "reports",
            "grant_types": ["client_credentials"], "response_types": [],
        }),
        secret: None,
        enabled: true,
    }
}

on_both_engines! {
    async fn rfc9700_4_15_no_client_comes_with_the_sub_of_a_person_nor_a_person_with_the_id_of_a_client(world: World) {
        let ada = world.user("ada").await.id.to_string();
        let other = "0b8c5bd0-6d2a-4c2f-9a60-6f3e6b1f0a11";
        let bring = async |id: &str, write| {
            let done = world.tessera.import_client(Permit::of_operator(), client(id), write, Origin::default());
            done.await.expect("written")
        };
        for write in [false, true] {
            for id in [ada.clone(), ada.to_uppercase()] {
                let refused = bring(&id, write).await;
                assert_eq!(refused, Err(Refused::Wrong(vec!["client_id: is the sub of a person".to_owned()])), "{id}");
            }
            assert_eq!(bring(other, write).await, Ok(true));
        }
        let mut bob = person("bob");
        bob["sub"] = other.into();
        let done = import(&world, &[bob.clone()]).await;
        assert_eq!(done.refused, [("line 1".to_owned(), vec!["sub: is the client_id of a client".to_owned()])]);
        bob["sub"] = "0b8c5bd0-6d2a-4c2f-9a60-6f3e6b1f0a12".into();
        assert_eq!(import(&world, &[bob]).await.made, 1);
    }
}
