//! Profiles with every standard claim, and the deployment's own claims: where they appear, what opens
//! them, and that nothing else does.

use serde_json::{Map, Value, json};
use tessera::base::ids::UserId;
use tessera::config::{ClaimMapping, Config};
use tessera::flows::people::{NotChanged, UserChanges};
use tessera::protocol::audit::{Actor, Origin};

use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, World};

const API: &str = "https://api.example/";

fn mapping(
    claim: &str,
    from: &str,
    scope: &str,
    clients: &[&str],
    places: &[&str],
) -> ClaimMapping {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    ClaimMapping {
        claim: claim.to_owned(),
        from: from.to_owned(),
        scope: (!scope.is_empty()).then(|| scope.to_owned()),
        clients: owned(clients),
        places: owned(places),
    }
}

fn claims(config: &mut Config) {
    let every = ["id_token", "userinfo", "access_token", "introspection"];
    config.claims.custom.0 = vec![
        mapping("department", "attribute:department", "work", &[], &every),
        mapping(
            "employee_number",
            "attribute:employee_number",
            "",
            &[],
            &["introspection"],
        ),
        mapping(
            "https://example.org/tier",
            "constant:{\"name\":\"gold\"}",
            "",
            &[],
            &["access_token"],
        ),
        mapping(
            "administrator",
            "role:super-administrator",
            "",
            &[],
            &["id_token"],
        ),
        mapping("secret", "constant:1", "", &["nobody"], &every),
        mapping("missing", "attribute:missing", "", &[], &every),
    ];
}

async fn change(world: &World, user: UserId, changes: UserChanges) -> Result<(), NotChanged> {
    let done = world
        .tessera
        .change_user(user, changes, Actor::Operator, Origin::default())
        .await;
    done.expect("the database").map(drop)
}

async fn person(world: &World, profile: Value) -> UserId {
    let user = world.user("alice").await;
    let profile: Map<String, Value> = profile.as_object().expect("an object").clone();
    let changes = UserChanges {
        profile: Some(profile),
        ..UserChanges::default()
    };
    change(world, user.id, changes)
        .await
        .expect("a good profile");
    user.id
}

fn attributes() -> Value {
    json!({ "name": "Alice", "attributes": { "department": "Engines", "employee_number": 7 } })
}

async fn tokens(app: &App, changes: &[(&str, Option<&str>)]) -> (Value, Value, String) {
    let tokens = app
        .redeem(&app.code_with("alice", changes).await)
        .await
        .json();
    let text = |name: &str| {
        tokens[name]
            .as_str()
            .unwrap_or_else(|| panic!("{tokens}"))
            .to_owned()
    };
    (
        claims_of(&text("id_token")),
        claims_of(&text("access_token")),
        text("access_token"),
    )
}

fn full() -> Value {
    json!({
        "name": "Alice Example", "given_name": "Alice", "family_name": "Example", "middle_name": "B.",
        "nickname": "al", "profile": "https://alice.example/", "picture": "https://alice.example/a.png",
        "website": "https://blog.example/", "gender": "female", "birthdate": "0000-03-22",
        "zoneinfo": "Europe/Berlin", "locale": "de-DE", "phone_number": "+1 (604) 555-1234;ext=5678",
        "phone_number_verified": false,
        "address": { "formatted": "1 Lane\nLondon", "street_address": "1 Lane", "locality": "London",
            "region": "Greater London", "postal_code": "N1", "country": "UK" },
        "attributes": { "department": "Engines" },
    })
}

on_both_engines! {
    async fn oidc_core_5_1_every_standard_claim_comes_out_as_it_went_in_and_attributes_do_not(world: World) {
        person(&world, full()).await;
        let scope = "openid profile email address phone";
        let app = App::register(&world, json!({ "scope": scope })).await;
        let (_, _, token) = tokens(&app, &[("scope", Some(scope))]).await;
        let answer = app.userinfo(&token).await.json();
        for (claim, value) in full().as_object().expect("an object") {
            let expected = if claim == "attributes" { &Value::Null } else { value };
            assert_eq!(&answer[claim], expected, "{claim}");
        }
        for claim in ["sub", "preferred_username", "email"] {
            assert!(answer[claim].is_string(), "{claim}");
        }
        assert_eq!((&answer["email_verified"], answer["updated_at"].is_i64()), (&json!(true), true));
        // Nor by its name.
        let asked = r#"{"userinfo": {"attributes": null, "department": null}}"#;
        let (_, _, token) = tokens(&app, &[("claims", Some(asked))]).await;
        let answer = app.userinfo(&token).await.json();
        assert_eq!((&answer["attributes"], &answer["department"]), (&Value::Null, &Value::Null));
    }
}

on_both_engines! {
    with claims;
    async fn oidc_core_5_1_2_a_custom_claim_appears_in_its_places_when_its_scope_is_granted(world: World) {
        person(&world, attributes()).await;
        let app = App::register(&world, json!({ "scope": "openid work", "resource_identifiers": [API] })).await;
        let (id_token, access, token) = tokens(&app, &[("scope", Some("openid work"))]).await;
        let (userinfo, seen) = (app.userinfo(&token).await.json(), app.introspect(&token).await);
        for place in [&id_token, &access, &userinfo, &seen] {
            assert_eq!(place["department"], "Engines");
            assert_eq!((place.get("secret"), place.get("missing")), (None, None));
        }
        let tier = json!({ "name": "gold" });
        assert_eq!((&access["https://example.org/tier"], &seen["https://example.org/tier"]), (&tier, &tier));
        assert_eq!(id_token["administrator"], false);
        assert_eq!(seen["employee_number"], 7);
        for place in [&id_token, &access, &userinfo] {
            assert_eq!(place.get("employee_number"), None);
        }
        let (id_token, access, token) = tokens(&app, &[("scope", Some("openid"))]).await;
        for place in [&id_token, &access, &app.userinfo(&token).await.json(), &app.introspect(&token).await] {
            assert_eq!(place.get("department"), None);
        }
    }
}

on_both_engines! {
    with claims;
    async fn oidc_core_5_5_a_custom_claim_asked_for_by_name_is_consented_to_by_its_scope(world: World) {
        person(&world, attributes()).await;
        let app = App::register(&world, json!({ "scope": "openid work" })).await;
        let asked = Some(r#"{"userinfo": {"department": null}}"#);
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[("scope", Some("openid"))]), "alice").await;
        let silent = [("scope", Some("openid")), ("claims", asked), ("prompt", Some("none"))];
        let page = browser.open(&app.request(&silent)).await;
        assert_eq!(page.parameter("error").as_deref(), Some("consent_required"));
        let (id_token, _, token) = tokens(&app, &[("scope", Some("openid")), ("claims", asked)]).await;
        assert_eq!(app.userinfo(&token).await.json()["department"], "Engines");
        assert_eq!(id_token.get("department"), None, "not where it was not asked for");
        // Who is not registered for the scope does not get it by its name either.
        let other = App::register(&world, json!({ "scope": "openid" })).await;
        let (_, _, token) = tokens(&other, &[("scope", Some("openid")), ("claims", asked)]).await;
        assert_eq!(other.userinfo(&token).await.json().get("department"), None);
    }
}

on_both_engines! {
    with claims;
    async fn rfc9068_2_2_a_machines_token_has_constants_and_nothing_about_anybody(world: World) {
        let machine = App::machine(&world, json!({ "scope": "work rows:read" })).await;
        for format in ["jwt", "opaque"] {
            let app = App::machine(&world, json!({ "scope": "work", "access_token_format": format })).await;
            let tokens = app.token(&[("grant_type", "client_credentials")]).await.json();
            let seen = app.introspect(tokens["access_token"].as_str().expect("a token")).await;
            assert_eq!(seen["https://example.org/tier"], json!({ "name": "gold" }), "{format}");
        }
        let tokens = machine.token(&[("grant_type", "client_credentials")]).await.json();
        let claims = claims_of(tokens["access_token"].as_str().expect("a token"));
        assert_eq!((claims.get("department"), claims.get("administrator")), (None, None));
    }
}

on_both_engines! {
    async fn an_operator_changes_an_account_or_is_told_all_that_is_wrong(world: World) {
        let alice = world.user("alice").await;
        world.advance(1);
        let bob = world.user("bob").await;
        let wrong = UserChanges {
            email: Some("nonsense".to_owned()),
            profile: json!({ "locale": "en_US", "department": "x" }).as_object().cloned(),
            ..UserChanges::default()
        };
        match change(&world, alice.id, wrong).await {
            Err(NotChanged::Wrong(problems)) => assert_eq!(problems.len(), 3, "{problems:?}"),
            other => panic!("{other:?}"),
        }
        let taken = UserChanges { email: Some(bob.email.to_uppercase()), ..UserChanges::default() };
        assert_eq!(change(&world, alice.id, taken).await, Err(NotChanged::Taken));
        let stranger = UserId::new(world.tessera.now(), &world.tessera.entropy);
        assert_eq!(change(&world, stranger, UserChanges::default()).await, Err(NotChanged::Unknown));

        let good = UserChanges {
            email: Some("ada@example.org".to_owned()),
            name: Some("Ada".to_owned()),
            disabled: Some(true),
            ..UserChanges::default()
        };
        change(&world, alice.id, good).await.expect("changed");
        for named in ["alice", "ada@example.org", &alice.id.to_string()] {
            let found = world.tessera.find_user(named).await.expect("the database").expect(named);
            assert_eq!((found.email.as_str(), found.display_name(), found.disabled), ("ada@example.org", "Ada", true));
        }
        assert!(world.tessera.find_user(&alice.email).await.expect("the database").is_none());
        let first = world.tessera.user_page(None, 1).await.expect("a page");
        let rest = world.tessera.user_page(Some(first[0].id), 10).await.expect("a page");
        assert_eq!((first[0].id, rest.len()), (alice.id, 1));
        let events = world.audit().await;
        let changed = events.iter().find(|event| event["changed"] == json!(["email", "name"]));
        assert_eq!(changed.expect("a record")["user_id"], alice.id.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oidc_discovery_3_custom_claims_and_their_scopes_are_published() {
    let world = World::sqlite_with(claims).await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    let has = |list: &str, one: &str| {
        document[list]
            .as_array()
            .expect("a list")
            .contains(&json!(one))
    };
    assert!(has("claims_supported", "department") && has("scopes_supported", "work"));
    assert!(has("claims_supported", "administrator") && has("scopes_supported", "openid"));
}

#[test]
fn what_cannot_be_said_stops_the_start_with_the_claim_and_the_reason() {
    for (claim, from, expected) in [
        (
            "sub",
            "constant:1",
            "claims.custom: sub: claim: sub is defined",
        ),
        (
            "boss",
            "role:King",
            "claims.custom: boss: from: \"King\" is no name for a role: a-z, 0-9 and '-', at most 64, a letter first",
        ),
        ("tier", "gold", "claims.custom: tier: from: must be"),
    ] {
        let mut config = Config::default();
        config.claims.custom.0 = vec![mapping(claim, from, "", &[], &["id_token"])];
        let refused = tessera::flows::custom_claims::read(&config.claims).expect_err(claim);
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

/// A node whose claims are the one `from` says: for all, and for one client.
async fn node(world: &World, from: &str, only: &App) -> World {
    let every = ["id_token", "userinfo", "access_token", "introspection"];
    let all = vec![
        mapping("for_all", from, "", &[], &every),
        mapping("for_one", from, "", &[&only.id], &every),
    ];
    world.beside(|config| config.claims.custom.0 = all).await
}

/// The two claims in each place where they may be.
async fn everywhere(world: &World, app: &App, username: &str) -> Vec<(Value, Value)> {
    let app = App {
        world: world.clone(),
        ..app.clone()
    };
    let tokens = app.tokens(username).await;
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let token = text("access_token");
    let places = [
        claims_of(&text("id_token")),
        claims_of(&token),
        app.userinfo(&token).await.json(),
        app.introspect(&token).await,
    ];
    places
        .map(|claims| (claims["for_all"].clone(), claims["for_one"].clone()))
        .to_vec()
}

/// `from` gives alice this value, for all clients and for one alone.
async fn comes_for_all_and_for_one(world: &World, from: &str, value: Value) {
    let (one, other) = (
        App::register(world, json!({})).await,
        App::register(world, json!({})).await,
    );
    let node = node(world, from, &one).await;
    let (both, first) = ((value.clone(), value.clone()), (value, Value::Null));
    assert_eq!(everywhere(&node, &one, "alice").await, vec![both; 4]);
    assert_eq!(everywhere(&node, &other, "alice").await, vec![first; 4]);
}

on_both_engines! {
    async fn an_attribute_becomes_a_claim_for_all_clients_and_for_one(world: World) {
        person(&world, attributes()).await;
        comes_for_all_and_for_one(&world, "attribute:department", json!("Engines")).await;
        comes_for_all_and_for_one(&world, "attribute:employee_number", json!(7)).await;
    }
}

on_both_engines! {
    async fn a_constant_becomes_a_claim_for_all_clients_and_for_one(world: World) {
        person(&world, attributes()).await;
        comes_for_all_and_for_one(&world, "constant:{\"tier\":[1]}", json!({ "tier": [1] })).await;
    }
}

on_both_engines! {
    async fn a_role_becomes_a_claim_for_all_clients_and_for_one(world: World) {
        person(&world, attributes()).await;
        comes_for_all_and_for_one(&world, "role:super-administrator", json!(false)).await;
        let boss = tessera::flows::account::NewUser {
            username: "boss".to_owned(),
            email: "boss@example.org".to_owned(),
            name: String::new(),
            password: tessera::base::Secret::new(PASSWORD.to_owned()),
            administrator: true,
            email_verified: true,
        };
        let made = world.tessera.create_user(boss, Actor::Operator, Origin::default()).await;
        made.expect("the database").expect("a good account");
        let app = App::register(&world, json!({})).await;
        let node = node(&world, "role:super-administrator", &app).await;
        let yes = (json!(true), json!(true));
        assert_eq!(everywhere(&node, &app, "boss").await, vec![yes; 4]);
    }
}
