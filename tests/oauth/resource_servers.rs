//! Registered resource servers: what a token for them carries, how long it lives, what signs it (RFC
//! 8707, RFC 9068).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tessera::flows::administration::Refused;
use tessera::protocol::access::Permit;
use tessera::protocol::audit::Origin;
use tessera::protocol::resource_server::ResourceServer;

use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::world::{ISSUER, PASSWORD};
use crate::support::{App, Browser, World};

const NOTES: &str = "https://notes.example/";
const MAIL: &str = "https://mail.example/";
const OTHER: &str = "https://other.example/";
const SCOPE: &str = "openid profile offline_access notes:read notes:write mail:send";

fn description(identifier: &str, changes: Value) -> ResourceServer {
    let mut document = json!({ "identifier": identifier, "name": identifier, "scopes": {} });
    for (name, value) in changes.as_object().expect("an object") {
        document[name] = value.clone();
    }
    serde_json::from_value(document).expect("a resource server")
}

async fn put(world: &World, server: ResourceServer, is_there: bool) -> Result<(), Refused> {
    let permit = Permit::of_operator();
    let replaces = is_there.then_some(None);
    let put = world
        .tessera
        .put_resource_server(permit, server, replaces, Origin::default());
    put.await.expect("the database").map(drop)
}

async fn remove(world: &World, identifier: &str) -> Result<(), Refused> {
    let (permit, identifier) = (Permit::of_operator(), identifier.to_owned());
    let removed = world
        .tessera
        .remove_resource_server(permit, identifier, None, Origin::default());
    removed.await.expect("the database")
}

async fn create(world: &World, identifier: &str, changes: Value) {
    let server = description(identifier, changes);
    let put = put(world, server, false).await;
    put.expect("a good resource server");
}

async fn update(world: &World, identifier: &str, changes: Value) {
    let server = description(identifier, changes);
    let put = put(world, server, true).await;
    put.expect("a good resource server");
}

/// Notes takes ES256 for two minutes; mail says nothing but its scope.
async fn register(world: &World) -> App {
    world.user("alice").await;
    create(world, NOTES, json!({
        "name": "Notes", "access_token_lifetime": 120, "access_token_signed_response_alg": "ES256",
        "scopes": { "notes:read": "See your notes", "notes:write": "Write your notes" },
    }))
    .await;
    create(
        world,
        MAIL,
        json!({ "scopes": { "mail:send": "Send mail in your name" } }),
    )
    .await;
    let resources = [NOTES, MAIL, OTHER];
    App::register(world, json!({ "scope": SCOPE, "resources": resources })).await
}

fn alg_of(jwt: &str) -> String {
    let header = jwt.split('.').next().expect("a JWT");
    let bytes = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: Value = serde_json::from_slice(&bytes).expect("a header");
    header["alg"].as_str().expect("alg").to_owned()
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("no token: {tokens}"))
}

/// `aud`, `scope`, life and algorithm of an access token.
fn seen(tokens: &Value) -> (Value, Value, i64, String) {
    let jwt = access(tokens);
    let claims = claims_of(jwt);
    let life = claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat");
    assert_eq!(tokens["expires_in"], life);
    assert_eq!(tokens["scope"], claims["scope"]);
    (
        claims["aud"].clone(),
        claims["scope"].clone(),
        life,
        alg_of(jwt),
    )
}

async fn refresh(app: &App, token: &Value, resource: &str) -> Value {
    let token = token["refresh_token"].as_str().expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("resource", resource),
    ];
    app.token(&form).await.json()
}

on_both_engines! {
    async fn rfc9068_2_2_3_a_token_for_a_resource_carries_its_scopes_alone(world: World) {
        let app = register(&world).await;
        let asked = [("scope", Some(SCOPE)), ("resource", Some(NOTES))];
        let tokens = app.redeem(&app.code_with("alice", &asked).await).await.json();
        let expected = (json!(NOTES), json!("notes:read notes:write"), 120, "ES256".to_owned());
        assert_eq!(seen(&tokens), expected);
        // OpenID Connect Core 3.1.3.3: the ID token goes by what was granted, and by the client's alg.
        assert_eq!(alg_of(tokens["id_token"].as_str().expect("an ID token")), "RS256");
        // Nothing of it opens the profile: it is not for us.
        assert_eq!(app.userinfo(access(&tokens)).await.status, 401);
        let for_us = refresh(&app, &tokens, ISSUER).await;
        assert_eq!(seen(&for_us), (json!(ISSUER), json!(SCOPE), 600, "RS256".to_owned()));
        assert_eq!(app.userinfo(access(&for_us)).await.json()["name"], "alice Example");
    }
}

on_both_engines! {
    async fn rfc8707_2_2_a_refresh_narrows_to_one_resource_with_its_own_terms(world: World) {
        let app = register(&world).await;
        let request = app.request(&[("scope", Some(SCOPE)), ("resource", Some(NOTES))]);
        let both = format!("{request}&resource={MAIL}");
        let page = Browser::new(&world).pass(&both, "alice").await;
        let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
        let scope = json!("notes:read notes:write mail:send");
        assert_eq!(seen(&tokens), (json!([NOTES, MAIL]), scope, 120, "ES256".to_owned()));
        let tokens = refresh(&app, &tokens, MAIL).await;
        assert_eq!(seen(&tokens), (json!(MAIL), json!("mail:send"), 600, "RS256".to_owned()));
        let tokens = refresh(&app, &tokens, NOTES).await;
        assert_eq!(seen(&tokens).2, 120);
        assert_eq!(refresh(&app, &tokens, OTHER).await["error"], "invalid_target");
    }
}

on_both_engines! {
    async fn rfc8707_2_resources_that_contradict_each_other_are_refused_at_both_endpoints(world: World) {
        let app = register(&world).await;
        let request = app.request(&[("scope", Some(SCOPE)), ("resource", Some(NOTES))]);
        let both = format!("{request}&resource={MAIL}");
        let mut browser = Browser::new(&world);
        let page = browser.pass(&both, "alice").await;
        let before = app.redeem(&page.parameter("code").expect("a code")).await.json();
        for changes in [
            json!({ "access_token_signed_response_alg": "RS256" }),
            json!({ "access_token_format": "opaque" }),
        ] {
            update(&world, NOTES, json!({
                "access_token_signed_response_alg": "ES256", "access_token_format": "jwt",
                "scopes": { "notes:read": "See your notes" },
            })).await;
            update(&world, MAIL, changes).await;
            let page = browser.open(&both).await;
            assert_eq!(page.parameter("error").as_deref(), Some("invalid_target"));
            let why = page.parameter("error_description").expect("a description");
            assert!(why.contains("one at a time"), "{why}");
            let machine = App::machine(&world, json!({ "scope": "notes:read", "resources": [NOTES, MAIL] })).await;
            let all = machine.token(&[("grant_type", "client_credentials")]).await;
            assert_eq!((all.status, all.error().as_str()), (400, "invalid_target"));
            let one = machine.token(&[("grant_type", "client_credentials"), ("resource", NOTES)]).await;
            assert_eq!(seen(&one.json()).3, "ES256");
        }
        // What was granted before they disagreed: refused together, the refresh token unspent.
        let token = before["refresh_token"].as_str().expect("a refresh token");
        assert_eq!(app.refresh(token).await.error(), "invalid_target");
        let alone = refresh(&app, &before, NOTES).await;
        assert_eq!(claims_of(access(&alone))["aud"], NOTES);
    }
}

on_both_engines! {
    async fn rfc6749_4_4_a_machine_gets_what_the_resource_defines(world: World) {
        register(&world).await;
        let machine = App::machine(&world, json!({
            "scope": "notes:read mail:send jobs", "resources": [NOTES, MAIL, OTHER],
            "access_token_signed_response_alg": "RS256",
        })).await;
        for (resource, scope, life, alg) in [
            (NOTES, "notes:read", 120, "ES256"),
            (MAIL, "mail:send", 600, "RS256"),
            // Nobody described it: as if there were no resource servers at all.
            (OTHER, "notes:read mail:send jobs", 600, "RS256"),
        ] {
            let form = [("grant_type", "client_credentials"), ("resource", resource)];
            let tokens = machine.token(&form).await.json();
            assert_eq!(seen(&tokens), (json!(resource), json!(scope), life, alg.to_owned()));
        }
    }
}

on_both_engines! {
    async fn rfc7662_2_2_a_resource_that_takes_opaque_tokens_gets_them_from_every_client(world: World) {
        register(&world).await;
        update(&world, NOTES, json!({
            "access_token_format": "opaque", "access_token_lifetime": 3600,
            "scopes": { "notes:read": "See your notes" },
        })).await;
        let service = App::machine(&world, json!({ "scope": "", "resource_identifiers": [NOTES] })).await;
        let stranger = App::machine(&world, json!({ "scope": "", "resource_identifiers": [MAIL] })).await;
        // One person's client that cannot refresh, and one machine.
        let app = App::register(&world, json!({
            "scope": "openid notes:read", "resources": [NOTES], "grant_types": ["authorization_code"],
        })).await;
        let machine = App::machine(&world, json!({ "scope": "notes:read", "resources": [NOTES] })).await;
        let asked = [("scope", Some("openid notes:read")), ("resource", Some(NOTES))];
        let tokens = [
            app.redeem(&app.code_with("alice", &asked).await).await.json(),
            machine.token(&[("grant_type", "client_credentials")]).await.json(),
        ];
        // Longer than other tokens live: the grant behind it lives as long.
        world.advance(3500);
        for tokens in tokens {
            let token = access(&tokens);
            assert!(token.starts_with("tsa_"), "{token}");
            assert_eq!(tokens["expires_in"], 3600);
            let seen = service.introspect(token).await;
            assert_eq!((&seen["active"], &seen["scope"]), (&json!(true), &json!("notes:read")));
            assert_eq!(stranger.introspect(token).await, json!({ "active": false }));
        }
    }
}

on_both_engines! {
    async fn the_consent_page_tells_what_the_resource_server_says(world: World) {
        let app = register(&world).await;
        let mut browser = Browser::new(&world);
        let asked = [("scope", Some(SCOPE)), ("resource", Some(NOTES)), ("prompt", Some("consent"))];
        let page = browser.open(&app.request(&asked)).await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        let text = &page.answer.body;
        assert!(text.contains("See your notes") && text.contains("Notes (https://notes.example/)"), "{text}");
        assert!(!text.contains("notes:read"), "words, not names: {text}");
    }
}

on_both_engines! {
    async fn an_operator_registers_changes_and_removes_resource_servers(world: World) {
        let app = register(&world).await;
        let again = put(&world, description(NOTES, json!({})), false).await;
        assert_eq!(again, Err(Refused::Taken("the identifier")));
        let unknown = put(&world, description(OTHER, json!({})), true).await;
        assert_eq!(unknown, Err(Refused::Absent));
        // Without a key, no token could be signed.
        let ps256 = description(OTHER, json!({ "access_token_signed_response_alg": "PS256" }));
        assert!(matches!(put(&world, ps256, false).await, Err(Refused::Wrong(_))));

        let asked = [("scope", Some(SCOPE)), ("resource", Some(NOTES))];
        update(&world, NOTES, json!({ "access_token_lifetime": 60 })).await;
        let tokens = app.redeem(&app.code_with("alice", &asked).await).await.json();
        assert_eq!((tokens["expires_in"].as_i64(), tokens.get("scope")), (Some(60), None));
        assert_eq!(remove(&world, NOTES).await, Ok(()));
        assert_eq!(remove(&world, NOTES).await, Err(Refused::Absent));
        let tokens = app.redeem(&app.code_with("alice", &asked).await).await.json();
        assert_eq!(seen(&tokens).1, SCOPE, "as if it had never been registered");
        let kinds: Vec<Value> = world.audit().await.iter().map(|event| event["kind"].clone()).collect();
        for kind in ["resource_server.created", "resource_server.changed", "resource_server.deleted"] {
            assert!(kinds.contains(&json!(kind)), "{kind}");
        }
    }
}

async fn told_scopes(world: &World) -> (Vec<String>, String) {
    let answer = world.get("/.well-known/openid-configuration").await;
    let other = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(answer.body, other.body);
    let document = answer.json();
    let scopes = document["scopes_supported"].as_array().expect("a list");
    let of_servers = scopes.iter().filter_map(Value::as_str);
    let of_servers = of_servers.filter(|scope| scope.contains(':'));
    (
        of_servers.map(str::to_owned).collect(),
        answer.header("etag"),
    )
}

on_both_engines! {
    async fn rfc8414_2_discovery_tells_the_scopes_of_published_resource_servers_as_they_are_now(world: World) {
        let (none, before) = told_scopes(&world).await;
        assert!(none.is_empty(), "{none:?}");
        let scopes = json!({ "notes:read": "See your notes", "notes:write": "Write your notes" });
        create(&world, NOTES, json!({ "scopes": scopes })).await;
        create(&world, MAIL, json!({ "scopes": { "mail:send": "Send", "notes:read": "See" }, "published": true })).await;
        let (told, first) = told_scopes(&world).await;
        assert_eq!(told, ["mail:send", "notes:read"]);
        assert_ne!(first, before);
        assert_eq!(told_scopes(&world).await.1, first, "the same bytes until something changes");
        update(&world, NOTES, json!({ "scopes": scopes, "published": true })).await;
        let (told, second) = told_scopes(&world).await;
        assert_eq!(told, ["mail:send", "notes:read", "notes:write"], "each once");
        update(&world, NOTES, json!({ "scopes": scopes })).await;
        assert_eq!(told_scopes(&world).await.1, first);
        assert_ne!(first, second);
        assert_eq!(remove(&world, MAIL).await, Ok(()));
        assert_eq!(told_scopes(&world).await, (none, before));
        let body = world.get("/.well-known/openid-configuration").await.body;
        assert!(!body.contains("notes.example"), "{body}");
    }
}
