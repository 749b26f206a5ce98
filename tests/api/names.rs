//! Groups, organisations, roles, keys, resource servers, the audit log.

use serde_json::json;

use super::support::{Caller, api, problem, text};
use crate::on_both_engines;

on_both_engines! {
    async fn groups_and_who_is_in_them(world: World) {
        let root = Caller::root(&world).await;
        let made = root.post("/groups", json!({"name": "Staff"})).await;
        let path = format!("/groups/{}", text(&made.json()["id"]));
        assert_eq!(problem(&root.post("/groups", json!({"name": "STAFF"})).await), (409, "TAKEN".to_owned()));
        for bad in ["", " ", "a\u{202e}b", "a\u{0}"] {
            assert_eq!(problem(&root.post("/groups", json!({"name": bad})).await).0, 422, "{bad:?}");
        }
        for name in ["alice", "bobby", "carol"] {
            let member = format!("{path}/members/{}", world.user(name).await.id);
            assert_eq!(root.send("PUT", &member, &[], None).await.status, 204);
        }
        assert_eq!(root.all(&format!("{path}/members?limit=1")).await.len(), 3);
        assert_eq!(problem(&root.change("PUT", &path, "\"2\"", Some(json!({"name": "Crew"}))).await).0, 412);
        assert_eq!(root.change("PUT", &path, "\"1\"", Some(json!({"name": "Crew"}))).await.status, 204);
        assert_eq!(root.all("/groups?q=cre").await.len(), 1);
        assert_eq!(root.all("/groups?q=staff").await.len(), 0);
        assert_eq!(problem(&root.change("DELETE", &path, "\"1\"", None).await).0, 412);
        assert_eq!(root.change("DELETE", &path, "\"2\"", None).await.status, 204);
    }
}

on_both_engines! {
    async fn organisations_and_roles(world: World) {
        let root = Caller::root(&world).await;
        let made = root.make("/organisations", json!({"name": "acme", "title": "Acme"})).await;
        let path = format!("/organisations/{}", text(&made["id"]));
        assert_eq!(problem(&root.post("/organisations", json!({"name": "acme", "title": "Acme"})).await).0, 409);
        assert_eq!(problem(&root.post("/organisations", json!({"name": "A B", "title": "Acme"})).await).0, 422);
        root.make(&format!("/users?organisation_id={}", text(&made["id"])), json!({"username": "ada", "email": "ada@example.org"})).await;
        assert_eq!(root.change("PUT", &path, "\"1\"", Some(json!({"title": "Acme Ltd", "disabled": true}))).await.status, 204);
        assert_eq!(root.get(&path).await.json()["disabled"], true);
        assert_eq!(problem(&root.change("DELETE", &path, "\"1\"", None).await).0, 412);
        assert_eq!(problem(&root.change("DELETE", &path, "\"2\"", None).await), (409, "IN_USE".to_owned()));
        assert_eq!(root.all("/organisations?q=ltd").await.len(), 1);

        assert_eq!(root.all("/roles").await.len(), 4);
        root.make("/roles", json!({"name": "clerk", "permissions": ["users:read", "reports:*"]})).await;
        for (body, expected) in [
            (json!({"name": "clerk"}), 409),
            (json!({"name": "auditor"}), 422),
            (json!({"name": "Clerk"}), 422),
            (json!({"name": "x", "permissions": ["nonsense"]}), 422),
            (json!({"name": "x", "inherits": ["nobody"]}), 422),
            (json!({"name": "x", "built_in": true}), 400),
        ] {
            assert_eq!(problem(&root.post("/roles", body.clone()).await).0, expected, "{body}");
        }
        assert_eq!(root.get("/roles/clerk").await.header("etag"), "\"1\"");
        assert_eq!(root.change("PUT", "/roles/clerk", "\"1\"", Some(json!({"permissions": ["users:read"]}))).await.status, 204);
        assert_eq!(problem(&root.change("DELETE", "/roles/clerk", "\"1\"", None).await).0, 412);
        assert_eq!(root.change("DELETE", "/roles/clerk", "\"2\"", None).await.status, 204);
        assert_eq!(problem(&root.get("/roles/clerk").await), (404, "ROLE_NOT_FOUND".to_owned()));
        for query in ["", "?role=auditor&user_id=x", "?user_id=x&group_id=y"] {
            assert!(root.get(&format!("/role-grants{query}")).await.status >= 400, "{query}");
        }
        assert_eq!(root.all("/role-grants?role=super-administrator&limit=1").await.len(), 1);
    }
}

on_both_engines! {
    async fn what_belongs_to_the_deployment(world: World) {
        let root = Caller::root(&world).await;
        let keys = root.all("/keys").await;
        assert!(keys.iter().any(|key| key["state"] == "active"));
        assert!(keys.iter().all(|key| key["sealed"].is_null()));
        let rotated = root.post("/keys/rotate", json!({"alg": "RS256"})).await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        assert!(root.all("/keys").await.len() > keys.len());
        assert_eq!(problem(&root.post("/keys/rotate", json!({"alg": "none"})).await).0, 400);

        let notes = json!({"identifier": "https://notes.example/api", "name": "Notes", "scopes": {"notes:read": "Read notes"}});
        let made = root.post("/resource-servers", notes.clone()).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let path = "/resource-servers/https%3A%2F%2Fnotes.example%2Fapi";
        assert!(made.header("location").ends_with(path));
        assert_eq!(problem(&root.post("/resource-servers", notes.clone()).await).0, 409);
        assert_eq!(problem(&root.post("/resource-servers", json!({"identifier": api(), "name": "Mine"})).await).0, 422);
        let mut other = notes.clone();
        other["name"] = json!("Notebook");
        assert_eq!(root.change("PUT", path, "\"1\"", Some(other.clone())).await.header("etag"), "\"2\"");
        assert_eq!(problem(&root.change("PUT", path, "\"1\"", Some(other)).await).0, 412);
        assert_eq!(root.get(path).await.json()["name"], "Notebook");
        assert_eq!(root.change("DELETE", path, "\"2\"", None).await.status, 204);

        let events = root.all("/audit-events?limit=7").await;
        assert!(events.len() > 5);
        let created = root.all("/audit-events?kind=resource_server.created").await;
        assert_eq!(created.len(), 1);
        assert_eq!(problem(&root.get("/audit-events?kind=nonsense").await).0, 400);
    }
}
