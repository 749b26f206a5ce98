//! Who gets in: only the access tokens of who has the role, with the scope, for this API and nothing else.

use serde_json::json;
use tessera::protocol::access::Tenant;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;

use super::support::{Caller, all_scopes, api, give, machine, problem, text};
use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::{App, World};

const HERE: Tenant = Tenant::Deployment;

fn with(world: &World, token: &str) -> Caller {
    Caller {
        world: world.clone(),
        token: token.to_owned(),
    }
}

/// An application through which people administer.
async fn console(world: &World) -> App {
    let scope = format!("openid offline_access {}", all_scopes());
    let changes = json!({"scope": scope, "resources": [api()], "skip_consent": true});
    App::register(world, changes).await
}

on_both_engines! {
    async fn what_is_no_token_for_this_api_is_401(world: World) {
        let bare = world.get("/api/v1/clients").await;
        assert_eq!(problem(&bare), (401, "TOKEN_MISSING".to_owned()));
        let challenge = bare.header("www-authenticate");
        assert_eq!(challenge, "Bearer resource_metadata=\"http://localhost:8080/.well-known/oauth-protected-resource/api/v1\"");
        let metadata = world.get("/.well-known/oauth-protected-resource/api/v1").await.json();
        assert_eq!(metadata["resource"], api());

        let root = Caller::root(&world).await;
        assert_eq!(root.get("/clients").await.status, 200);
        // RFC 6750 §2.3: in the query, it would be in every log.
        let in_query = world.get(&format!("/api/v1/clients?access_token={}", root.token)).await;
        assert_eq!(problem(&in_query), (401, "TOKEN_MISSING".to_owned()));

        world.user("alice").await;
        let app = App::register(&world, json!({"resources": ["https://other.example/", api()], "skip_consent": true, "scope": "openid clients:read"})).await;
        let both = text(&app.tokens("alice").await["access_token"]);
        assert_eq!(problem(&with(&world, &both).get("/clients").await), (401, "TOKEN_INVALID".to_owned()));
        let id_token = text(&app.tokens("alice").await["id_token"]);
        let ours = text(&App::register(&world, json!({"skip_consent": true})).await.tokens("alice").await["access_token"]);
        for token in ["", "x", "a.b.c", &root.token[..root.token.len() - 2], &id_token, &ours] {
            let answer = with(&world, token).get("/clients").await;
            assert_eq!(problem(&answer), (401, "TOKEN_INVALID".to_owned()), "{token}");
            assert!(answer.header("www-authenticate").ends_with("error=\"invalid_token\""));
        }
        world.advance(24 * 60 * 60);
        assert_eq!(problem(&root.get("/clients").await), (401, "TOKEN_EXPIRED".to_owned()));
    }
}

on_both_engines! {
    async fn a_token_has_the_scopes_that_roles_allow_and_no_others(world: World) {
        let app = App::machine(&world, machine("clients:read clients:write users:read rows:read")).await;
        let scope = async || {
            let answer = app.token(&[("grant_type", "client_credentials")]).await.json();
            let scope = answer["scope"].as_str().unwrap_or_default().to_owned();
            assert_eq!(claims_of(&text(&answer["access_token"]))["scope"].as_str().unwrap_or_default(), scope);
            scope
        };
        assert_eq!(scope().await, "");
        give(&world, "auditor", Holder::Client(ClientId::new(app.id.as_str())), HERE).await;
        assert_eq!(scope().await, "clients:read users:read");
        give(&world, "client-manager", Holder::Client(ClientId::new(app.id.as_str())), HERE).await;
        assert_eq!(scope().await, "clients:read clients:write users:read");
    }
}

on_both_engines! {
    async fn a_person_calls_with_what_they_may_now_and_a_refresh_asks_again(world: World) {
        let alice = world.user("alice").await;
        let app = console(&world).await;
        let tokens = app.tokens_for_api("alice").await;
        assert_eq!(problem(&with(&world, &text(&tokens["access_token"])).get("/clients").await).0, 403);
        give(&world, "client-manager", Holder::User(alice.id), HERE).await;
        // What the token was given without it has not got by the role.
        assert_eq!(problem(&with(&world, &text(&tokens["access_token"])).get("/clients").await).0, 403);
        let refreshed = app.refresh(&text(&tokens["refresh_token"])).await.json();
        let caller = with(&world, &text(&refreshed["access_token"]));
        assert_eq!(caller.get("/clients").await.status, 200);
        assert_eq!(problem(&caller.get("/clients?organisation_id=x").await).0, 400);

        let root = Caller::root(&world).await;
        let grants = world.tessera.grants_of(&tessera::protocol::access::Permit::of_operator(), &Holder::User(alice.id)).await.expect("the database");
        let revoked = world.tessera.revoke_role(tessera::protocol::access::Permit::of_operator(), grants[0].id, tessera::protocol::audit::Origin::default());
        revoked.await.expect("the database").expect("revoked");
        let answer = caller.get("/clients").await;
        assert_eq!(problem(&answer), (403, "INSUFFICIENT_PERMISSIONS".to_owned()));
        give(&world, "client-manager", Holder::User(alice.id), HERE).await;
        assert_eq!(caller.get("/clients").await.status, 200);
        world.tessera.set_user_disabled(alice.id, true, tessera::protocol::audit::Actor::Operator, tessera::protocol::audit::Origin::default()).await.expect("the database");
        assert_eq!(problem(&caller.get("/clients").await), (401, "TOKEN_INVALID".to_owned()));
        assert_eq!(root.get("/clients").await.status, 200);
    }
}

on_both_engines! {
    async fn the_scope_is_asked_for_beside_the_role(world: World) {
        let narrow = Caller::machine_with(&world, &[("super-administrator", HERE)], "clients:read").await;
        assert_eq!(narrow.get("/clients").await.status, 200);
        let answer = narrow.post("/clients", json!({"redirect_uris": ["https://a.example/"]})).await;
        assert_eq!(problem(&answer), (403, "INSUFFICIENT_PERMISSIONS".to_owned()));
        assert!(answer.header("www-authenticate").contains("error=\"insufficient_scope\", scope=\"clients:write\""));
        let events = world.audit().await;
        assert!(events.iter().any(|event| event["kind"] == "access.denied"));
    }
}
