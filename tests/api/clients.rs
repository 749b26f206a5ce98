//! `/clients`

use serde_json::{Value, json};
use tessera::protocol::access::Tenant;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;

use super::support::{Caller, all_scopes, api, give, machine, organisation, problem, text};
use crate::on_both_engines;
use crate::support::App;

fn shop() -> Value {
    json!({"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"]})
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

on_both_engines! {
    async fn a_client_is_made_read_replaced_disabled_and_removed(world: World) {
        let root = Caller::root(&world).await;
        let made = root.post("/clients", shop()).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.header("etag"), "\"1\"");
        assert_eq!(made.header("cache-control"), "no-store");
        let client = made.json();
        let path = format!("/clients/{}", text(&client["client_id"]));
        assert_eq!(made.header("location"), format!("{}{path}", api()));
        let secret = text(&client["client_secret"]);
        let app = App { world: world.clone(), id: text(&client["client_id"]), secret };
        world.user("alice").await;
        assert!(app.tokens_at("alice", "https://shop.example/cb").await.is_some());

        let read = root.get(&path).await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\"".to_owned()));
        assert_eq!(read.json()["client_secret"], Value::Null);
        assert_eq!(read.json()["kind"], "confidential");
        let mut metadata = read.json()["metadata"].clone();
        metadata["client_name"] = json!("Shop & <b>Söhne</b>");
        let replaced = root.change("PUT", &path, "\"1\"", Some(metadata.clone())).await;
        assert_eq!((replaced.status, replaced.header("etag")), (200, "\"2\"".to_owned()), "{}", replaced.body);
        assert_eq!(replaced.json()["metadata"], metadata);
        let disabled = root.send("POST", &format!("{path}/disable"), &[("if-match", "\"2\"")], None).await;
        assert_eq!((disabled.status, disabled.header("etag")), (200, "\"3\"".to_owned()), "{}", disabled.body);
        assert_eq!(app.token(&[("grant_type", "authorization_code"), ("code", "x")]).await.error(), "invalid_client");
        let enabled = root.send("POST", &format!("{path}/enable"), &[("if-match", "*")], None).await;
        assert_eq!(enabled.json()["disabled"], false);
        assert_eq!(root.change("DELETE", &path, "\"4\"", None).await.status, 204);
        assert_eq!(problem(&root.get(&path).await), code(404, "CLIENT_NOT_FOUND"));
        let mut kinds: Vec<_> = world.audit().await.iter().map(|event| text(&event["kind"])).filter(|kind| kind.starts_with("client.")).collect();
        // In one instant, events have no order.
        kinds.sort_unstable();
        assert_eq!(kinds, ["client.changed", "client.changed", "client.changed", "client.created", "client.created", "client.deleted"]);
    }
}

on_both_engines! {
    async fn each_change_names_its_version(world: World) {
        let root = Caller::root(&world).await;
        let path = format!("/clients/{}", text(&root.make("/clients", shop()).await["client_id"]));
        let changes = [("PUT", path.clone(), Some(shop())), ("DELETE", path.clone(), None), ("POST", format!("{path}/disable"), None), ("POST", format!("{path}/enable"), None)];
        for (method, path, body) in &changes {
            let bare = root.send(method, path, &[], body.as_ref()).await;
            assert_eq!(problem(&bare), code(428, "PRECONDITION_REQUIRED"), "{method} {path}");
            for stale in ["\"0\"", "\"2\"", "W/\"1\"", "1", "\"1\", \"2\"", "\"one\"", ""] {
                let answer = root.change(method, path, stale, body.clone()).await;
                assert_eq!(problem(&answer), code(412, "VERSION_MISMATCH"), "{method} {path} {stale}");
            }
        }
        assert_eq!(root.get(&path).await.header("etag"), "\"1\"");
        // Two who read the same: one is told.
        let (one, two) = tokio::join!(root.change("PUT", &path, "\"1\"", Some(shop())), root.change("PUT", &path, "\"1\"", Some(shop())));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
}

on_both_engines! {
    async fn what_will_not_do_is_refused_whole(world: World) {
        let root = Caller::root(&world).await;
        for (body, expected) in [
            (json!({"redirect_uris": ["https://a.example/"], "client_id": "mine"}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["https://a.example/"], "organisation_id": "0"}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["https://a.example/"], "disabled": true}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["https://a.example/"], "software_statement": "x"}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["https://a.example/"], "default_acr_values": ["gold"]}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["javascript:alert(1)"]}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["https://a.example/"], "client_name": "a\u{202e}b"}), code(422, "VALIDATION_FAILED")),
            (json!({"redirect_uris": ["https://a.example/"], "client_name": "a\u{0}b"}), code(422, "VALIDATION_FAILED")),
            (json!([]), code(422, "VALIDATION_FAILED")),
        ] {
            let answer = root.post("/clients", body.clone()).await;
            assert_eq!(problem(&answer), expected, "{body}");
        }
        let form = root.send("POST", "/clients", &[("content-type", "text/plain")], None).await;
        assert_eq!(problem(&form), code(415, "UNSUPPORTED_MEDIA_TYPE"));
        let path = format!("/clients/{}", text(&root.make("/clients", shop()).await["client_id"]));
        for body in [json!({"overlap_seconds": -1}), json!({"overlap_seconds": 2_592_001}), json!({"overlap": 1}), json!([]), json!("x")] {
            let answer = root.post(&format!("{path}/secrets"), body.clone()).await;
            assert_eq!(problem(&answer), code(400, "INVALID_REQUEST"), "{body}");
        }
        for path in ["/clients/nobody", "/clients/%00", "/clients/%FF", "/clients/a%20b", "/clients/%E2%80%AE"] {
            assert_eq!(root.get(path).await.status, 404, "{path}");
        }
    }
}

on_both_engines! {
    async fn a_secret_is_renewed_with_an_overlap(world: World) {
        let root = Caller::root(&world).await;
        let made = root.make("/clients", json!({"grant_types": ["client_credentials"], "scope": "rows:read"})).await;
        let path = format!("/clients/{}", text(&made["client_id"]));
        let app = |secret: &Value| App { world: world.clone(), id: text(&made["client_id"]), secret: text(secret) };
        let works = async |secret: &Value| app(secret).token(&[("grant_type", "client_credentials")]).await.status == 200;
        let second = root.make(&format!("{path}/secrets"), json!({"overlap_seconds": 60})).await;
        assert!(works(&made["client_secret"]).await && works(&second["client_secret"]).await);
        assert_eq!(second["secrets"].as_array().map(Vec::len), Some(2));
        world.advance(61);
        let root = Caller::root(&world).await;
        let third = root.make(&format!("{path}/secrets"), json!({"overlap_seconds": 0})).await;
        assert!(!works(&made["client_secret"]).await && !works(&second["client_secret"]).await && works(&third["client_secret"]).await);
        let public = root.make("/clients", json!({"redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": "none"})).await;
        let answer = root.post(&format!("/clients/{}/secrets", text(&public["client_id"])), json!({})).await;
        assert_eq!(problem(&answer), code(422, "VALIDATION_FAILED"));
        // To another method: the old secret ends, and there is a new one.
        let public_path = format!("/clients/{}", text(&public["client_id"]));
        let with_secret = root.change("PUT", &public_path, "*", Some(json!({"redirect_uris": ["https://a.example/"]}))).await;
        assert!(with_secret.json()["client_secret"].is_string());
        let without = root.change("PUT", &public_path, "*", Some(json!({"redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": "none"}))).await;
        assert_eq!(without.json()["secrets"], json!([]));
    }
}

on_both_engines! {
    async fn lists_are_searched_filtered_and_paged_each_client_once(world: World) {
        let root = Caller::root(&world).await;
        for number in 0..23 {
            let name = format!("Alpha alpine app {number} nr{number}");
            let public = if number % 2 == 0 { "none" } else { "client_secret_basic" };
            root.make("/clients", json!({"client_name": name, "redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": public})).await;
        }
        assert_eq!(root.all("/clients?limit=5").await.len(), 24);
        let ids = |items: Vec<Value>| items.iter().map(|item| text(&item["client_id"])).collect::<std::collections::BTreeSet<_>>();
        let found = root.all("/clients?limit=5&q=alp").await;
        assert_eq!(found.len(), 23);
        assert_eq!(ids(found).len(), 23);
        assert_eq!(root.all("/clients?q=APP+alpha+nr1").await.len(), 11);
        assert_eq!(root.all("/clients?q=nothing").await.len(), 0);
        assert_eq!(root.all("/clients?kind=public&limit=5").await.len(), 12);
        assert_eq!(root.all("/clients?kind=machine").await.len(), 1);
        assert_eq!(root.all("/clients?disabled=true").await.len(), 0);
        let cursor = text(&root.get("/clients?limit=1").await.json()["next_cursor"]);
        for (query, expected) in [
            (format!("cursor={cursor}"), 200),
            (format!("cursor={cursor}&q=alp"), 400),
            (format!("cursor={cursor}&kind=public"), 400),
            (format!("cursor={}x", &cursor[..cursor.len() - 1]), 400),
            ("cursor=".to_owned(), 400),
            ("limit=0".to_owned(), 400),
            ("limit=201".to_owned(), 400),
            ("limit=x".to_owned(), 400),
            ("limit=1&limit=2".to_owned(), 400),
            ("kind=robot".to_owned(), 400),
            ("unknown=1".to_owned(), 400),
            ("q=%00".to_owned(), 400),
            ("q=%E2%80%AE%25_%27".to_owned(), 200),
        ] {
            assert_eq!(root.get(&format!("/clients?{query}")).await.status, expected, "{query}");
        }
    }
}

on_both_engines! {
    async fn another_organisations_clients_are_as_if_absent(world: World) {
        let (ours, theirs) = (organisation(&world, "ours").await, organisation(&world, "theirs").await);
        let root = Caller::root(&world).await;
        let mine = Caller::machine(&world, &[("client-manager", Tenant::Organisation(ours))]).await;
        let made = mine.make("/clients", shop()).await;
        assert_eq!(made["organisation_id"], ours.to_string());
        assert_eq!(mine.get(&format!("/clients/{}", text(&made["client_id"]))).await.status, 200);
        let other = root.make(&format!("/clients?organisation_id={theirs}"), shop()).await;
        assert_eq!(other["organisation_id"], theirs.to_string());
        let nobodys = root.make("/clients", shop()).await;
        for foreign in [&other, &nobodys] {
            let path = format!("/clients/{}", text(&foreign["client_id"]));
            for answer in [
                mine.get(&path).await,
                mine.change("PUT", &path, "*", Some(shop())).await,
                mine.change("DELETE", &path, "*", None).await,
                mine.change("POST", &format!("{path}/disable"), "*", None).await,
                mine.change("POST", &format!("{path}/enable"), "*", None).await,
                mine.post(&format!("{path}/secrets"), json!({})).await,
            ] {
                assert_eq!(problem(&answer), code(404, "CLIENT_NOT_FOUND"));
            }
        }
        assert_eq!(mine.all("/clients").await.len(), 1);
        assert_eq!(mine.all("/clients?q=shop").await.len(), 1);
        assert_eq!(root.all("/clients?q=shop").await.len(), 3);
        assert_eq!(root.all(&format!("/clients?organisation_id={theirs}")).await.len(), 1);
        assert_eq!(problem(&mine.get(&format!("/clients?organisation_id={theirs}")).await).0, 403);
        let nowhere = "01890000-0000-7000-8000-000000000000";
        assert_eq!(problem(&root.post(&format!("/clients?organisation_id={nowhere}"), shop()).await), code(404, "ORGANISATION_NOT_FOUND"));
    }
}

on_both_engines! {
    async fn nobody_reaches_beyond_themselves_through_a_client(world: World) {
        let manager = Caller::machine(&world, &[("client-manager", Tenant::Deployment)]).await;
        let beyond = code(403, "BEYOND_OWN_PERMISSIONS");
        // A machine that holds more: its secret would be theirs.
        let strong = App::machine(&world, machine(&all_scopes())).await;
        give(&world, "super-administrator", Holder::Client(ClientId::new(strong.id.as_str())), Tenant::Deployment).await;
        // An application through which administrators do more: its codes would come to them.
        let console = App::register(&world, machine(&all_scopes())).await;
        for app in [&strong, &console] {
            let path = format!("/clients/{}", app.id);
            for answer in [
                manager.change("PUT", &path, "*", Some(shop())).await,
                manager.change("DELETE", &path, "*", None).await,
                manager.change("POST", &format!("{path}/disable"), "*", None).await,
                manager.post(&format!("{path}/secrets"), json!({})).await,
            ] {
                assert_eq!(problem(&answer), beyond);
            }
        }
        // One that would ask administrators for more.
        let mut more = shop();
        more["resources"] = json!([api()]);
        more["scope"] = json!("openid users:write");
        assert_eq!(problem(&manager.post("/clients", more.clone()).await), beyond);
        let path = format!("/clients/{}", text(&manager.make("/clients", shop()).await["client_id"]));
        assert_eq!(problem(&manager.change("PUT", &path, "*", Some(more.clone())).await), beyond);
        more["scope"] = json!("openid clients:write");
        assert_eq!(manager.change("PUT", &path, "*", Some(more.clone())).await.status, 200);
        // And not by a token that was trusted with less than its holder is.
        let narrow = Caller::machine_with(&world, &[("super-administrator", Tenant::Deployment)], "clients:write").await;
        more["scope"] = json!("openid users:write");
        assert_eq!(problem(&narrow.post("/clients", more).await), beyond);
    }
}
