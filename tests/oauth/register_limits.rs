//! Registration: what an installation allows, how much of it, and for how long.

use std::time::Duration;

use serde_json::{Value, json};
use tessera::config::{Config, RegistrableGrant, RegistrationMode};
use tessera::flows::purge;
use tessera::protocol::audit::{Actor, Origin};

use super::register::open;
use crate::on_both_engines;
use crate::support::registrar::{metadata, post, send};
use crate::support::{App, Browser, Registrar};

fn strict(config: &mut Config) {
    open(config);
    config.registration.scopes = vec!["openid".to_owned(), "rows:read".to_owned()];
    config.registration.grant_types = vec![RegistrableGrant::ClientCredentials];
}

fn crowded(config: &mut Config) {
    open(config);
    config.registration.max_clients = 2;
}

fn slow(config: &mut Config) {
    open(config);
    config.registration.per_address = 3;
}

fn short_secrets(config: &mut Config) {
    open(config);
    config.registration.secret_lifetime = Some(Duration::from_hours(100));
}

on_both_engines! {
    with strict;
    async fn rfc7591_2_the_policy_chooses_grant_types_and_scopes(world: World) {
        let people = post(&world, &json!({})).await;
        assert_eq!((people.status, people.error().as_str()), (400, "invalid_client_metadata"));
        let machine = json!({"grant_types": ["client_credentials"], "redirect_uris": []});
        let told = Registrar::register(&world, machine.clone()).await.told;
        assert!(told.get("scope").is_none(), "a machine says what it wants");
        let mut with_scope = machine.clone();
        with_scope["scope"] = json!("rows:read");
        let told = Registrar::register(&world, with_scope).await.told;
        let app = App {
            world: world.clone(),
            id: told["client_id"].as_str().expect("an id").to_owned(),
            secret: told["client_secret"].as_str().expect("a secret").to_owned(),
        };
        assert_eq!(app.token(&[("grant_type", "client_credentials")]).await.status, 200);
        let mut other = machine;
        other["scope"] = json!("rows:read rows:write");
        assert_eq!(post(&world, &other).await.error(), "invalid_client_metadata");
    }
}

on_both_engines! {
    with crowded;
    async fn only_so_many_clients_register_themselves_also_at_once(world: World) {
        App::register(&world, json!({})).await;
        App::register(&world, json!({})).await;
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let world = world.clone();
            running.spawn(async move { post(&world, &json!({})).await.status });
        }
        let mut statuses = running.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201; 2], vec![503; 6]].concat(), "those of operators do not count");
        assert_eq!(post(&world, &json!({})).await.error(), "temporarily_unavailable");
    }
}

on_both_engines! {
    with slow;
    async fn one_address_registers_so_often_and_then_waits(world: World) {
        let client = Registrar::register(&world, json!({})).await;
        assert_eq!(post(&world, &json!({"scope": "admin"})).await.status, 400, "a refusal counts too");
        assert_eq!(client.manage("PUT", &client.replacement(&json!({}))).await.status, 200, "and an update");
        for (method, path, token) in [("POST", "/register".to_owned(), String::new()), ("PUT", client.path(), client.token())] {
            let slowed = send(&world, method, &path, &token, &metadata(&json!({}))).await;
            assert_eq!((slowed.status, slowed.error().as_str()), (429, "temporarily_unavailable"));
            assert_eq!(slowed.header("retry-after"), "30");
        }
        assert_eq!(client.manage("GET", &json!(null)).await.status, 200, "reading costs nothing");
        let mut elsewhere = axum::http::Request::post("/register")
            .header("content-type", "application/json")
            .body(axum::body::Body::from(metadata(&json!({})).to_string()))
            .expect("a request");
        let peer: std::net::SocketAddr = "198.51.100.7:4000".parse().expect("an address");
        elsewhere.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        assert_eq!(world.send(elsewhere).await.status, 201, "another address");
        world.advance(31);
        assert_eq!(post(&world, &json!({})).await.status, 201, "later");
        world.advance(1);
        assert_eq!(post(&world, &json!({})).await.status, 429);
    }
}

on_both_engines! {
    with short_secrets;
    async fn rfc7591_3_2_1_a_secret_expires_and_an_update_renews_it_before(world: World) {
        let client = Registrar::register(&world, json!({})).await;
        let hours = |n: i64| world.tessera.now().seconds() + n * 3_600;
        assert_eq!(client.told["client_secret_expires_at"], hours(100));
        let update = async |body: Value| {
            let answer = client.manage("PUT", &body).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json()
        };
        let young = update(client.replacement(&json!({}))).await;
        assert!(young.get("client_secret").is_none());
        assert_eq!(young["client_secret_expires_at"], hours(100));

        world.advance(60 * 3_600);
        let lost = update(client.replacement(&json!({}))).await;
        assert_eq!(lost["client_secret_expires_at"], hours(100));
        assert_ne!(lost["client_secret"], client.told["client_secret"]);
        // That answer got lost on its way: the client comes again with what it has.
        let renewed = update(client.replacement(&json!({}))).await;
        let secret = renewed["client_secret"].as_str().expect("another one");
        assert_ne!(renewed["client_secret"], lost["client_secret"]);

        let works = async |secret: &str| {
            let app = App { world: world.clone(), id: client.text("client_id"), secret: secret.to_owned() };
            app.redeem("made-up").await.error() == "invalid_grant"
        };
        assert!(works(secret).await && works(&client.text("client_secret")).await, "both for a day");
        world.advance(25 * 3_600);
        assert!(works(secret).await && !works(&client.text("client_secret")).await);
        let old = client.manage("PUT", &client.replacement(&json!({}))).await;
        assert_eq!(old.error(), "invalid_client_metadata", "RFC 7592 section 2.2: it must match");

        world.advance(100 * 3_600);
        assert!(!works(secret).await, "expired");
        let without = client.replacement(&json!({"client_secret": null}));
        assert!(update(without).await["client_secret"].is_string(), "and the way back");
    }
}

on_both_engines! {
    with open;
    async fn a_client_that_nobody_uses_is_deleted_and_one_in_use_is_not(world: World) {
        world.user("alice").await;
        let day = 24 * 3_600;
        let operators = App::register(&world, json!({})).await;
        let with_refresh = json!({"grant_types": ["authorization_code", "refresh_token"]});
        let unused = Registrar::register(&world, json!({})).await;
        let used = Registrar::register(&world, with_refresh.clone()).await;
        let app = |client: &Registrar| App {
            world: world.clone(),
            id: client.text("client_id"),
            secret: client.text("client_secret"),
        };
        world.advance(60 * day);
        let tokens = app(&used).tokens("alice").await;
        world.advance(31 * day);
        purge::run(&world.tessera).await.expect("purged");
        assert_eq!(unused.manage("GET", &json!(null)).await.status, 401);
        assert_eq!(used.manage("GET", &json!(null)).await.status, 200);
        assert_eq!(operators.redeem("x").await.error(), "invalid_grant", "an operator's stays");
        let events = world.audit().await;
        let deleted: Vec<_> = events.iter().filter(|e| e["kind"] == "client.deleted").collect();
        assert_eq!(deleted.len(), 1);
        assert_eq!((&deleted[0]["actor"], &deleted[0]["client_id"]), (&json!("system"), &json!(unused.text("client_id"))));
        drop(tokens);

        // Its grant has ended by then, and nobody came again.
        world.advance(90 * day);
        purge::run(&world.tessera).await.expect("purged");
        assert_eq!(used.manage("GET", &json!(null)).await.status, 401);
    }
}

fn with_tokens(config: &mut Config) {
    config.registration.mode = RegistrationMode::Token;
    config.registration.per_address = 1;
    config.registration.max_clients = 4;
}

on_both_engines! {
    with with_tokens;
    async fn a_token_to_register_with_is_counted_by_its_uses_and_not_by_the_address(world: World) {
        let (day, actor) = (Duration::from_hours(24), Actor::Operator);
        let made = world.tessera.create_registration_token(9, day, actor, Origin::default()).await.expect("made");
        let register = async |body: &Value| send(&world, "POST", "/register", made.0.expose(), &metadata(body)).await;
        let used = async || world.tessera.registration_tokens().await.expect("the database")[0].used;
        for _ in 0..3 {
            let refused = register(&json!({"grant_types": ["no such"]})).await;
            assert_eq!((refused.status, used().await), (400, 0), "a refused try spends nothing");
        }
        for number in 1..=4 {
            let told = register(&json!({})).await;
            assert_eq!((told.status, used().await), (201, number), "{}", told.body);
            // Nor are updates of what came with a token.
            let client = Registrar::of(&world, told.json());
            for name in ["One", "Two"] {
                let changed = client.manage("PUT", &client.replacement(&json!({"client_name": name}))).await;
                assert_eq!(changed.status, 200, "{}", changed.body);
            }
        }
        // Who has no token, or a made-up one, is told that, and nothing of the pace.
        assert_eq!(post(&world, &json!({})).await.status, 401);
        assert_eq!(send(&world, "POST", "/register", "tsi_made_up", &metadata(&json!({}))).await.status, 401);
        let crowded = register(&json!({})).await;
        assert_eq!((crowded.status, crowded.error().as_str(), used().await), (503, "temporarily_unavailable", 4));
    }
}

fn front_channel(config: &mut Config) {
    open(config);
    config.protocol.front_channel_tokens = true;
    config.registration.grant_types = vec![RegistrableGrant::Implicit];
}

on_both_engines! {
    with front_channel;
    async fn a_client_of_the_front_channel_alone_is_in_use_too(world: World) {
        world.user("alice").await;
        let implicit = json!({"response_types": ["id_token"], "grant_types": ["implicit"]});
        let used = Registrar::register(&world, implicit.clone()).await;
        let unused = Registrar::register(&world, implicit).await;
        let app = App { world: world.clone(), id: used.text("client_id"), secret: String::new() };
        world.advance(60 * 24 * 3_600);
        let page = Browser::new(&world).pass(&app.request(&[("response_type", Some("id_token"))]), "alice").await;
        assert!(page.parameter("id_token").is_some(), "{}", page.location());
        // It never comes to the token endpoint, and what it got has long expired.
        world.advance(31 * 24 * 3_600);
        purge::run(&world.tessera).await.expect("purged");
        assert_eq!(used.manage("GET", &json!(null)).await.status, 200);
        assert_eq!(unused.manage("GET", &json!(null)).await.status, 401, "the control");
    }
}
