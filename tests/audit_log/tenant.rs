//! The audit log of an organisation: what belongs to it, and nothing else.

use serde_json::{Value, json};
use tessera::base::Entropy;
use tessera::base::ids::{OrganisationId, UserId};
use tessera::flows::access::Asking;
use tessera::flows::administration::Position;
use tessera::flows::organisations::Movable;
use tessera::protocol::access::power::ReadAudit;
use tessera::protocol::access::{Permit, Tenant};
use tessera::protocol::audit::{Actor, Event, Kind, Origin};
use tessera::protocol::audit_search::EventSearch;
use tessera::protocol::client::ClientId;

use crate::admin::administrator;
use crate::api::support::{Caller, organisation, text};
use crate::on_both_engines;
use crate::support::{Browser, World};

/// A person and an application of an organisation.
struct Inside {
    id: OrganisationId,
    user: UserId,
    client: String,
}

async fn inside(world: &World, root: &Caller, name: &str) -> Inside {
    let id = organisation(world, name).await;
    let within = |path: &str| format!("{path}?organisation_id={id}");
    let user = json!({"username": format!("of-{name}"), "email": format!("{name}@example.org"), "password": "correct horse battery staple"});
    let client = json!({"redirect_uris": ["https://a.example/"]});
    let user = text(&root.make(&within("/users"), user).await["id"]);
    Inside {
        id,
        user: UserId(user.parse().expect("an id")),
        client: text(&root.make(&within("/clients"), client).await["client_id"]),
    }
}

async fn settle(world: &World) {
    while world.tessera.store.seal_audit().await.expect("works") > 0 {}
    while world.tessera.index_events().await.expect("works") {}
}

async fn found(
    world: &World,
    permit: &Permit<ReadAudit>,
    of: &EventSearch,
    limit: usize,
) -> Vec<Value> {
    let (mut all, mut after): (Vec<Value>, Option<Position>) = (Vec::new(), None);
    loop {
        let page = world.tessera.search_events(permit, of, after, limit);
        let page = page.await.expect("works").expect("permitted");
        all.extend(page.items.into_iter().map(Value::from));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

on_both_engines! {
    async fn an_organisation_finds_its_own_events_and_all_of_them(world: World) {
        let root = Caller::root(&world).await;
        let (ours, theirs) = (inside(&world, &root, "ours").await, inside(&world, &root, "theirs").await);
        let nobodys = world.user("carol").await;
        settle(&world).await;
        world.advance(1);
        let first = world.tessera.now();
        let dice = Entropy::seeded(11);
        let up_to = |n: usize| usize::from(u16::from_le_bytes(dice.bytes())) % n;
        for n in 0..400 {
            // Whom it tells of (or nobody), who did it, and at which application.
            let people = [Some(ours.user), Some(theirs.user), Some(nobodys.id), None];
            let actor = match up_to(4) {
                0 => Actor::Operator,
                1 => Actor::Client(ClientId::new([&ours.client, &theirs.client][up_to(2)].as_str())),
                _ => people[up_to(3)].map_or(Actor::Anonymous, Actor::User),
            };
            let client = [None, Some(&ours.client), Some(&theirs.client)][up_to(3)];
            let kind = [Kind::SignIn, Kind::UserChanged, Kind::AccessDenied][up_to(3)];
            let mut event = Event::new(kind, actor).with("user_id", people[up_to(4)]).with("client_id", client).with("n", n);
            if kind == Kind::AccessDenied {
                event = event.with("organisation_id", [ours.id, theirs.id][up_to(2)]);
            }
            let origin = Origin { address: Some([192, 0, 2, u8::try_from(up_to(3)).expect("small")].into()), request_id: String::new() };
            world.tessera.record_alone(event, origin).await.expect("works");
            if up_to(4) == 0 { world.advance(1); }
        }
        settle(&world).await;
        let everything = Permit::of_operator();
        let all = found(&world, &everything, &EventSearch { since: Some(first), ..EventSearch::default() }, 500).await;
        // In other words than the program's: whom it tells of; if nobody, who did it for themselves; the application.
        let home = |event: &Value| {
            let of = |id: &str| [&ours, &theirs].into_iter()
                .find(|one| one.user.to_string() == id || one.client == id).map(|one| one.id);
            let actor = event["actor"].as_str().and_then(|actor| of(actor.split(':').next_back()?));
            if event["kind"] == "access.denied" { return actor; }
            let fact = |name: &str| event[name].as_str().and_then(of);
            if event["user_id"].is_string() { return fact("user_id"); }
            let own = actor.filter(|_| event["kind"] == "sign_in");
            own.or(fact("client_id"))
        };
        let mut hits = 0;
        for one in [&ours, &theirs] {
            let permit = everything.inside(one.id).expect("inside");
            for round in 0..60 {
                let of = EventSearch {
                    since: Some(first),
                    kind: (round % 2 == 0).then_some([Kind::SignIn, Kind::UserChanged, Kind::AccessDenied][up_to(3)]),
                    about: (round % 3 == 0).then(|| [ours.user, theirs.user, nobodys.id][up_to(3)].to_string()),
                    address: (round % 5 == 0).then(|| "192.0.2.1".to_owned()),
                    ..EventSearch::default()
                };
                let naive: Vec<&Value> = all.iter().filter(|event| home(event) == Some(one.id) && of.fits(event)).collect();
                let seen = found(&world, &permit, &of, [1, 7, 50, 500][round % 4]).await;
                let numbers = |events: &[&Value]| events.iter().map(|event| event["n"].to_string()).collect::<Vec<_>>();
                assert_eq!(numbers(&seen.iter().collect::<Vec<_>>()), numbers(&naive), "{of:?}");
                hits += naive.len();
            }
        }
        assert!(hits > 1_000, "{hits}");
    }
}

/// The lines of the file that the page's button gives.
async fn exported(browser: &mut Browser, query: &str) -> Vec<Value> {
    let page = browser.open(&format!("/admin/audit/export{query}")).await;
    assert_eq!(page.answer.status, 200, "{query}");
    let lines = page.answer.body.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

on_both_engines! {
    async fn the_auditor_of_an_organisation_reads_takes_away_and_searches_its_log_alone(world: World) {
        let root = Caller::root(&world).await;
        let (ours, theirs) = (inside(&world, &root, "ours").await, inside(&world, &root, "theirs").await);
        let mut here = administrator(&world, "audra", Some("auditor"), Tenant::Organisation(ours.id)).await;
        // Who is deleted stays in the log of where they were.
        let etag = root.get(&format!("/users/{}", ours.user)).await.header("etag");
        assert_eq!(root.change("DELETE", &format!("/users/{}", ours.user), &etag, None).await.status, 204);
        settle(&world).await;

        let page = here.open("/admin/audit").await;
        assert_eq!(page.answer.status, 200);
        assert!(page.answer.body.contains("href=\"/admin/audit\""), "it is in the navigation");
        let lines = exported(&mut here, "").await;
        let kinds: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
        for kind in ["user.created", "client.created", "user.deleted", "role.granted"] {
            assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
        }
        let all = lines.iter().map(Value::to_string).collect::<String>() + &page.answer.body;
        for foreign in [theirs.user.to_string(), theirs.client.clone(), theirs.id.to_string(), "of-theirs".to_owned()] {
            assert!(!all.contains(&foreign), "{foreign}");
        }
        // How much happens elsewhere is not told either, and nothing of the deployment itself.
        assert!(lines.iter().all(|line| line.get("seq").is_none() && line.get("hash").is_none()));
        assert!(!kinds.contains(&"key.changed"));
        for about in [theirs.user.to_string(), theirs.client.clone(), "of-theirs".to_owned()] {
            assert_eq!(exported(&mut here, &format!("?about={about}")).await, Vec::<Value>::new(), "{about}");
        }
        // Nor is told who else is here: a name of somebody elsewhere stays a name, also in the record of the search.
        let asked: Vec<String> = {
            settle(&world).await;
            let own = exported(&mut here, "?kind=audit.exported").await;
            own.iter().filter_map(|event| event["search"]["about"].as_str().map(str::to_owned)).collect()
        };
        assert!(asked.contains(&"of-theirs".to_owned()), "{asked:?}");
        // Another's organisation is not theirs to name.
        let other = format!("/admin/audit?organisation={}", theirs.id);
        assert_eq!(here.open(&other).await.answer.status, 403);

        let machine = Caller::machine(&world, &[("auditor", Tenant::Organisation(theirs.id))]).await;
        let events = machine.all("/audit-events").await;
        assert!(events.iter().any(|event| event["client_id"] == theirs.client));
        assert!(!events.iter().any(|event| event.to_string().contains(&ours.client)));
        let elsewhere = machine.get(&format!("/audit-events?organisation_id={}", ours.id)).await;
        assert_eq!(elsewhere.status, 403);
    }
}

on_both_engines! {
    async fn a_download_of_an_organisation_ends_with_the_right_to_it(world: World) {
        let root = Caller::root(&world).await;
        let ours = inside(&world, &root, "ours").await;
        let user = world.user("audra").await;
        crate::api::support::give(&world, "auditor", tessera::storage::role_grants::Holder::User(user.id), Tenant::Organisation(ours.id)).await;
        for n in 0..600 {
            let event = Event::new(Kind::SignIn, Actor::Anonymous).with("user_id", ours.user).with("n", n);
            world.tessera.record_alone(event, Origin::default()).await.expect("works");
        }
        settle(&world).await;
        let who = world.tessera.administrator(&Asking::Person(user.id)).await.expect("works");
        let permit = who.decide::<ReadAudit>(None).expect("a permit");
        let mut export = world.tessera.export_events(permit, EventSearch::default(), Origin::default()).await.expect("works").expect("begun");
        assert!(export.next().await.expect("the first part").is_some());
        let grants = root.all(&format!("/role-grants?user_id={}", user.id)).await;
        let path = format!("/role-grants/{}", text(&grants[0]["id"]));
        assert_eq!(root.send("DELETE", &path, &[], None).await.status, 204);
        assert!(export.next().await.is_err());
    }
}

on_both_engines! {
    async fn what_is_done_to_an_organisations_own_stands_in_its_log_whoever_does_it_and_nothing_else_does(world: World) {
        let root = Caller::root(&world).await;
        let (ours, theirs) = (inside(&world, &root, "ours").await, inside(&world, &root, "theirs").await);
        settle(&world).await;
        world.advance(1);
        let since = world.tessera.now();
        // An administrator of everything who is one of ours changes what is theirs, and what is everybody's.
        let actor = Actor::User(ours.user);
        for event in [
            Event::new(Kind::ClientChanged, actor.clone()).with("client_id", &theirs.client),
            Event::new(Kind::RoleChanged, actor.clone()).with("role", "secret-project"),
            Event::new(Kind::SettingsChanged, actor.clone()),
            Event::new(Kind::UserCreated, actor).with("user_id", world.user("carol").await.id),
        ] {
            world.tessera.record_alone(event, Origin::default()).await.expect("works");
        }
        // Somebody of ours becomes one of theirs: what they did before stays where it was.
        let event = Event::new(Kind::SignIn, Actor::User(ours.user)).with("user_id", ours.user);
        world.tessera.record_alone(event, Origin::default()).await.expect("works");
        settle(&world).await;
        let moved = world.tessera.move_to_organisation(Permit::of_operator(), Movable::User(ours.user), Some(theirs.id), Origin::default());
        moved.await.expect("works").expect("moved");
        settle(&world).await;
        let kinds = async |of: &Inside| {
            let permit = Permit::of_operator().inside(of.id).expect("inside");
            let search = EventSearch { since: Some(since), ..EventSearch::default() };
            let mut all: Vec<String> = found(&world, &permit, &search, 50).await.iter().map(|event| {
                let change = event["change"].as_str().map(|change| format!(" {change}"));
                text(&event["kind"]) + &change.unwrap_or_default()
            }).collect();
            all.sort();
            all
        };
        assert_eq!(kinds(&ours).await, ["organisation.changed left", "sign_in"]);
        assert_eq!(kinds(&theirs).await, ["client.changed", "organisation.changed moved"]);
    }
}
