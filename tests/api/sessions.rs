//! `/sessions`: who is signed in, of those whom the caller may see.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tessera::base::Timestamp;
use tessera::base::ids::{OrganisationId, SessionId, UserId, uuid_v7};
use tessera::flows::organisations::Movable;
use tessera::protocol::access::{Permit, Tenant};
use tessera::protocol::assurance::{Method, Proof, Proofs};
use tessera::protocol::audit::Origin;
use tessera::storage::role_grants::Holder;
use tessera::storage::sessions::{self, Session};
use tessera::storage::users::{Profile, User};
use tessera::storage::{StorageError, users};

use super::support::{Caller, all_scopes, api, give, organisation, problem, text};
use crate::on_both_engines;
use crate::support::{App, Browser, World};

const SUPER: &str = "super-administrator";

async fn signed_in(app: &App, name: &str, address: &str) -> Browser {
    let mut browser = Browser::new(&app.world);
    browser.address = Some(address.parse().expect("an address"));
    let page = browser.pass(&app.request(&[]), name).await;
    assert!(page.parameter("code").is_some(), "{}", page.answer.body);
    browser
}

async fn member(world: &World, name: &str, organisation: OrganisationId) {
    let what = Movable::User(world.user(name).await.id);
    let moved = world.tessera.move_to_organisation(
        Permit::of_operator(),
        what,
        Some(organisation),
        Origin::default(),
    );
    moved.await.expect("the database").expect("moved");
}

fn names(all: &[Value]) -> Vec<String> {
    all.iter()
        .map(|one| text(&one["user"]["username"]))
        .collect()
}

on_both_engines! {
    async fn live_sessions_are_listed_newest_first_found_and_ended(world: World) {
        let root = Caller::root(&world).await;
        let (shop, desk) = (
            App::register(&world, json!({"skip_consent": true})).await,
            App::register(&world, json!({"skip_consent": true})).await,
        );
        for name in ["alice", "bobby", "carol"] {
            world.user(name).await;
        }
        let mut hers = signed_in(&shop, "alice", "192.0.2.7").await;
        world.advance(1);
        let mut his = signed_in(&shop, "bobby", "192.0.2.8").await;
        his.pass(&desk.request(&[]), "bobby").await;
        world.advance(1);
        signed_in(&desk, "carol", "2001:db8::1").await;
        let all = root.all("/sessions?limit=1").await;
        assert_eq!(names(&all), ["carol", "bobby", "alice"]);
        let one = &all[1];
        assert_eq!((&one["user"]["name"], &one["address"], &one["amr"]), (&json!("bobby Example"), &json!("192.0.2.8"), &json!(["pwd"])));
        let clients: BTreeSet<&str> = one["client_ids"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(clients, BTreeSet::from([&*shop.id, &*desk.id]));
        for (query, expected) in [
            ("q=bob", &["bobby"][..]),
            ("q=exam+CAROL", &["carol"]),
            ("q=example", &["carol", "bobby", "alice"]),
            ("q=nobody", &[]),
            ("address=192.0.2.7", &["alice"]),
            ("address=2001:db8:0::1", &["carol"]),
            ("address=192.0.2.9", &[]),
            (&format!("client_id={}", shop.id), &["bobby", "alice"]),
            (&format!("client_id={}&q=alice", shop.id), &["alice"]),
            (&format!("client_id={}&address=192.0.2.8", desk.id), &["bobby"]),
            (&format!("user_id={}", text(&all[2]["user"]["id"])), &["alice"]),
            (&format!("user_id={}&address=192.0.2.8", text(&all[2]["user"]["id"])), &[]),
        ] {
            for limit in [1, 50] {
                assert_eq!(names(&root.all(&format!("/sessions?{query}&limit={limit}")).await), expected, "{query}");
            }
        }
        for (query, code) in [("address=nonsense", "INVALID_REQUEST"), ("who=alice", "INVALID_REQUEST"), ("cursor=x", "INVALID_CURSOR"), ("limit=201", "INVALID_REQUEST")] {
            assert_eq!(problem(&root.get(&format!("/sessions?{query}")).await), (400, code.to_owned()), "{query}");
        }
        assert_eq!(problem(&root.get("/sessions?user_id=me").await), (404, "USER_NOT_FOUND".to_owned()));
        let path = format!("/sessions/{}", text(&one["id"]));
        assert_eq!(root.get(&path).await.json(), *one);
        assert_eq!(root.send("DELETE", &path, &[], None).await.status, 204);
        assert_eq!(his.open("/account").await.url, "/sign-in");
        assert_eq!(hers.open("/account").await.url, "/account");
        for method in ["GET", "DELETE"] {
            assert_eq!(problem(&root.send(method, &path, &[], None).await), (404, "NOT_FOUND".to_owned()));
        }
        // Who came to the limit is not shown, though nobody has ended it yet.
        world.advance(8 * 3_600 + 1);
        let root = Caller::root(&world).await;
        assert_eq!(root.all("/sessions").await, Vec::<Value>::new());
        assert_eq!(problem(&root.get(&format!("/sessions/{}", text(&all[2]["id"]))).await).0, 404);
    }
}

on_both_engines! {
    async fn of_other_organisations_nothing_is_seen_and_nothing_ends(world: World) {
        let (ours, theirs) = (organisation(&world, "ours").await, organisation(&world, "theirs").await);
        let app = App::register(&world, json!({"skip_consent": true})).await;
        member(&world, "alice", ours).await;
        member(&world, "mallory", theirs).await;
        world.user("bobby").await;
        for name in ["alice", "mallory", "bobby"] {
            signed_in(&app, name, "192.0.2.7").await;
        }
        let root = Caller::root(&world).await;
        let all = root.all("/sessions").await;
        assert_eq!(all.len(), 3);
        let here = Caller::machine(&world, &[(SUPER, Tenant::Organisation(ours))]).await;
        let client = format!("client_id={}", app.id);
        for query in ["", "q=example", "address=192.0.2.7", &client] {
            assert_eq!(names(&here.all(&format!("/sessions?{query}")).await), ["alice"], "{query}");
            let within = format!("/sessions?organisation_id={theirs}&{query}");
            assert_eq!(names(&root.all(&within).await), ["mallory"], "{query}");
        }
        for one in all.iter().filter(|one| one["user"]["username"] != "alice") {
            let path = format!("/sessions/{}", text(&one["id"]));
            for method in ["GET", "DELETE"] {
                assert_eq!(problem(&here.send(method, &path, &[], None).await), (404, "NOT_FOUND".to_owned()));
            }
            let of = format!("/sessions?user_id={}", text(&one["user"]["id"]));
            assert_eq!(here.all(&of).await, Vec::<Value>::new());
        }
        assert_eq!(root.all("/sessions").await.len(), 3);
        // All of theirs, and no other.
        let ended = here.send("POST", "/sessions/end-all", &[], None).await;
        assert_eq!((ended.status, ended.json()), (200, json!({"ended": 1})));
        let mut left = names(&root.all("/sessions").await);
        left.sort();
        assert_eq!(left, ["bobby", "mallory"]);
        // Who moves is another organisation's from then on.
        let bobby = world.tessera.find_user("bobby").await.expect("the database").expect("there");
        let moved = world.tessera.move_to_organisation(Permit::of_operator(), Movable::User(bobby.id), Some(ours), Origin::default());
        moved.await.expect("the database").expect("moved");
        signed_in(&app, "bobby", "192.0.2.7").await;
        assert_eq!(names(&here.all(&format!("/sessions?{client}")).await), ["bobby"]);
    }
}

on_both_engines! {
    async fn the_end_of_all_spares_who_ends_them_and_is_on_record_once(world: World) {
        let scope = format!("openid offline_access {}", all_scopes());
        let console = App::register(&world, json!({"scope": scope, "resources": [api()], "skip_consent": true})).await;
        let app = App::register(&world, json!({"skip_consent": true})).await;
        let chief = world.user("chief").await;
        give(&world, SUPER, Holder::User(chief.id), Tenant::Deployment).await;
        for name in ["alice", "bobby"] {
            world.user(name).await;
            signed_in(&app, name, "192.0.2.7").await;
        }
        let access = text(&app.tokens("alice").await["access_token"]);
        let token = text(&console.tokens_for_api("chief").await["access_token"]);
        let person = Caller { world: world.clone(), token };
        let key = [("idempotency-key", "panic-1")];
        let ended = person.send("POST", "/sessions/end-all", &key, None).await;
        assert_eq!((ended.status, ended.json()), (200, json!({"ended": 3})), "{}", ended.body);
        assert_eq!(app.userinfo(&access).await.status, 401);
        assert_eq!(names(&person.all("/sessions").await), ["chief"]);
        // Pressed twice, it happens once.
        world.advance(1);
        signed_in(&app, "alice", "192.0.2.7").await;
        assert_eq!(person.send("POST", "/sessions/end-all", &key, None).await.json(), json!({"ended": 3}));
        assert_eq!(names(&person.all("/sessions").await), ["alice", "chief"]);
        let audit = world.audit().await;
        let once: Vec<_> = audit.iter().filter(|event| event["kind"] == "sessions.ended").collect();
        assert_eq!(once.len(), 1);
        assert_eq!((&once[0]["count"], &once[0]["actor"]), (&json!(3), &json!(format!("user:{}", chief.id))));
        let each = audit.iter().filter(|event| event["kind"] == "session.ended" && event["how"] == "ended_by_operator");
        assert_eq!(each.count(), 3);
    }
}

fn person(n: usize, now: Timestamp, world: &World) -> User {
    let mut profile = Profile::default();
    let name = format!("{} Common", ["Ada", "Bob"][n % 2]);
    profile.0.insert("name".to_owned(), json!(name));
    User {
        id: UserId(uuid_v7(now, &world.tessera.entropy)),
        username: format!("person{n}"),
        email: format!("person{n}@example.org"),
        email_verified: true,
        profile,
        password_hash: None,
        password_by_mail: false,
        organisation: None,
        version: 1,
        created_at: now,
        updated_at: now,
        disabled: false,
        delete_at: None,
    }
}

fn session(of: UserId, now: Timestamp, lives: bool, world: &World) -> Session {
    let idle = Duration::from_mins(if lives { 60 } else { 0 });
    Session {
        id: SessionId(uuid_v7(now, &world.tessera.entropy)),
        user_id: of,
        proofs: Proofs::of(Proof {
            of: Method::Password.into(),
            at: now,
        }),
        user_agent: String::new(),
        address: "192.0.2.7".to_owned(),
        created_at: now,
        last_seen_at: now,
        idle_expires_at: now + idle,
        expires_at: now + Duration::from_hours(1),
    }
}

on_both_engines! {
    async fn among_many_a_search_finds_every_session_of_everybody_once(world: World) {
        let now = world.tessera.now();
        let people: Vec<User> = (0..120).map(|n| person(n, now, &world)).collect();
        let mut all = Vec::new();
        let mut wanted = BTreeSet::new();
        for (n, user) in people.iter().enumerate() {
            // None, one, many; and some that have come to their limit.
            for k in 0..n % 20 {
                let one = session(user.id, now, k % 5 != 4, &world);
                if n % 2 == 0 && k % 5 != 4 {
                    wanted.insert(one.id.to_string());
                }
                all.push(one);
            }
        }
        assert!(all.len() > 1_000);
        let written: Result<(), StorageError> = world.tessera.store.write(move |tx| {
            Box::pin(async move {
                for user in &people {
                    users::insert(tx, user).await?;
                }
                for one in &all {
                    sessions::insert(tx, one).await?;
                }
                Ok(())
            })
        }).await;
        written.expect("written");
        let root = Caller::root(&world).await;
        for limit in [7, 200] {
            let found = root.all(&format!("/sessions?q=common+ada&limit={limit}")).await;
            let ids: BTreeSet<String> = found.iter().map(|one| text(&one["id"])).collect();
            assert_eq!((found.len(), &ids), (wanted.len(), &wanted), "{limit}");
        }
        assert_eq!(root.all("/sessions?q=person19&limit=3").await.len(), 16);
        assert_eq!(root.all("/sessions?q=person19&address=192.0.2.8").await.len(), 0);
        let every = root.all("/sessions?limit=200").await;
        let ids: Vec<String> = every.iter().map(|one| text(&one["id"])).collect();
        assert!(ids.is_sorted_by(|one, next| one > next), "the newest first, each once");
    }
}
