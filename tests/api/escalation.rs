//! Nobody raises anybody above themselves, by any route that grants; and the last administrator stays.

use serde_json::{Value, json};
use tessera::protocol::access::Tenant;
use tessera::storage::role_grants::Holder;

use super::support::{Caller, give, organisation, problem, text};
use crate::on_both_engines;

const EVERYWHERE: Tenant = Tenant::Deployment;

on_both_engines! {
    async fn every_way_up_is_closed(world: World) {
        let root = Caller::root(&world).await;
        let admin = world.user("alice").await;
        give(&world, "super-administrator", Holder::User(admin.id), EVERYWHERE).await;
        let me = world.user("mallory").await.id.to_string();
        let group = text(&root.make("/groups", json!({"name": "Admins"})).await["id"]);
        root.make("/role-grants", json!({"role": "super-administrator", "group_id": group})).await;
        root.make("/roles", json!({"name": "granter", "permissions": ["roles:*", "users:*", "groups:*"]})).await;
        let granter = Caller::machine(&world, &[("granter", EVERYWHERE)]).await;
        let (admin, any) = (format!("/users/{}", admin.id), "*");
        let attempts: [(&str, String, Option<Value>); 17] = [
            ("POST", "/role-grants".into(), Some(json!({"role": "super-administrator", "user_id": me}))),
            ("POST", "/role-grants".into(), Some(json!({"role": "auditor", "user_id": me}))),
            ("POST", "/role-grants".into(), Some(json!({"role": "client-manager", "user_id": me, "valid_from": "2099-01-01T00:00:00Z"}))),
            ("POST", "/roles".into(), Some(json!({"name": "mine", "permissions": ["*:*"]}))),
            ("POST", "/roles".into(), Some(json!({"name": "mine", "permissions": ["clients:write"]}))),
            ("POST", "/roles".into(), Some(json!({"name": "mine", "inherits": ["super-administrator"]}))),
            ("PUT", "/roles/granter".into(), Some(json!({"permissions": ["*:*"]}))),
            ("PUT", format!("/groups/{group}/members/{me}"), None),
            ("PUT", format!("/groups/{group}"), Some(json!({"name": "Mine"}))),
            ("DELETE", format!("/groups/{group}"), None),
            ("PATCH", admin.clone(), Some(json!({"email": "mallory@example.com"}))),
            ("POST", format!("{admin}/password-reset"), None),
            ("POST", format!("{admin}/disable"), None),
            ("POST", format!("{admin}/enable"), None),
            ("DELETE", admin.clone(), None),
            ("DELETE", format!("{admin}/credentials/01890000-0000-7000-8000-000000000000"), None),
            ("DELETE", format!("/groups/{group}/members/{me}"), None),
        ];
        for (method, path, body) in attempts {
            let answer = granter.send(method, &path, &[("if-match", any)], body.as_ref()).await;
            assert_eq!(problem(&answer), (403, "BEYOND_OWN_PERMISSIONS".to_owned()), "{method} {path}");
        }
        // What is theirs, they may give.
        granter.make("/role-grants", json!({"role": "granter", "user_id": me})).await;
        granter.make("/roles", json!({"name": "helper", "permissions": ["users:read"]})).await;
        assert_eq!(root.all(&format!("/role-grants?user_id={me}")).await.len(), 1);
    }
}

on_both_engines! {
    async fn an_organisations_administrator_stays_in_it(world: World) {
        let (ours, theirs) = (organisation(&world, "ours").await, organisation(&world, "theirs").await);
        let here = Caller::machine(&world, &[("super-administrator", Tenant::Organisation(ours))]).await;
        let outside = world.user("carol").await.id.to_string();
        let inside = text(&here.make("/users", json!({"username": "dora", "email": "dora@example.org"})).await["id"]);
        let grant = here.make("/role-grants", json!({"role": "super-administrator", "user_id": inside})).await;
        assert_eq!(grant["organisation_id"], ours.to_string());
        for (path, body, expected) in [
            ("/role-grants".to_owned(), json!({"role": "auditor", "user_id": outside}), 404),
            (format!("/role-grants?organisation_id={theirs}"), json!({"role": "auditor", "user_id": inside}), 403),
            (format!("/users?organisation_id={theirs}"), json!({"username": "evil", "email": "evil@example.org"}), 403),
            ("/role-grants".to_owned(), json!({"role": "auditor", "user_id": inside, "organisation_id": theirs}), 400),
            ("/users".to_owned(), json!({"username": "evil", "email": "evil@example.org", "organisation_id": theirs}), 400),
            ("/roles".to_owned(), json!({"name": "mine", "permissions": ["*:*"]}), 403),
        ] {
            let answer = here.post(&path, body.clone()).await;
            assert_eq!(problem(&answer).0, expected, "{path} {body}");
        }
    }
}

on_both_engines! {
    async fn the_last_administrator_is_neither_removed_nor_disabled_nor_taken_the_role(world: World) {
        let root = Caller::root(&world).await;
        let admin = world.user("alice").await;
        give(&world, "super-administrator", Holder::User(admin.id), EVERYWHERE).await;
        let path = format!("/users/{}", admin.id);
        let grants = root.all(&format!("/role-grants?user_id={}", admin.id)).await;
        let grant = format!("/role-grants/{}", text(&grants[0]["id"]));
        let ways = [("DELETE", path.clone()), ("POST", format!("{path}/disable")), ("DELETE", grant.clone())];
        for (method, path) in &ways {
            let answer = root.change(method, path, "*", None).await;
            assert_eq!(problem(&answer), (409, "LAST_ADMINISTRATOR".to_owned()), "{method} {path}");
        }
        let other = world.user("bob").await;
        give(&world, "super-administrator", Holder::User(other.id), EVERYWHERE).await;
        assert_eq!(root.change("DELETE", &grant, "*", None).await.status, 204);
    }
}
