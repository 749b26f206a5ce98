//! `Idempotency-Key`

use serde_json::{Value, json};

use super::support::{Caller, problem, text};
use crate::on_both_engines;

fn shop() -> Value {
    json!({"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"]})
}

on_both_engines! {
    async fn what_comes_twice_under_a_key_is_made_once(world: World) {
        let root = Caller::root(&world).await;
        let key = [("idempotency-key", "nightly-1")];
        let first = root.send("POST", "/clients", &key, Some(&shop())).await;
        let again = root.send("POST", "/clients", &key, Some(&shop())).await;
        assert_eq!((first.status, again.status), (201, 201), "{}", first.body);
        assert_eq!(first.body, again.body);
        assert_eq!(again.header("idempotency-replayed"), "true");
        for name in ["etag", "location", "content-type", "cache-control"] {
            assert_eq!(first.header(name), again.header(name));
        }
        assert_eq!(root.all("/clients?q=shop").await.len(), 1);

        let other = json!({"client_name": "Other", "redirect_uris": ["https://shop.example/cb"]});
        let reused = root.send("POST", "/clients", &key, Some(&other)).await;
        assert_eq!(problem(&reused), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        // Somebody else's key is another key.
        let stranger = Caller::root(&world).await;
        let theirs = stranger.send("POST", "/clients", &key, Some(&shop())).await;
        assert_ne!(theirs.json()["client_id"], first.json()["client_id"]);

        world.advance(24 * 60 * 60 + 1);
        let root = Caller { world: world.clone(), token: Caller::root(&world).await.token };
        assert_eq!(root.send("POST", "/clients", &key, Some(&shop())).await.status, 201);
    }
}

on_both_engines! {
    async fn what_was_refused_may_be_tried_again_and_no_secret_lies_in_the_table(world: World) {
        let root = Caller::root(&world).await;
        let key = [("idempotency-key", "k")];
        let bad = root.send("POST", "/clients", &key, Some(&json!({"redirect_uris": ["nonsense"]}))).await;
        assert_eq!(problem(&bad).0, 422);
        let good = root.send("POST", "/clients", &key, Some(&shop())).await;
        assert_eq!(good.status, 201);
        let secret = text(&good.json()["client_secret"]);
        let mut dump = String::new();
        tessera::storage::dump::read_all(&world.tessera.store, |table, row| {
            if table == "idempotency" {
                dump.push_str(&serde_json::Value::Object(row).to_string());
            }
            Ok(())
        }).await.expect("a dump");
        assert!(dump.contains("sealed") && !dump.contains(&secret));
        for bad in ["", "é", &"x".repeat(256)] {
            let answer = root.send("POST", "/clients", &[("idempotency-key", bad)], Some(&shop())).await;
            assert_eq!(answer.status, 400, "{bad}");
        }
        // A stranger learns nothing by a key.
        let stranger = Caller { world: world.clone(), token: "x".to_owned() };
        assert_eq!(stranger.send("POST", "/clients", &key, Some(&shop())).await.status, 401);
    }
}

on_both_engines! {
    async fn two_at_once_under_a_key_make_one(world: World) {
        let root = Caller::root(&world).await;
        let key = [("idempotency-key", "at-once")];
        let body = shop();
        let (one, two) = tokio::join!(root.send("POST", "/clients", &key, Some(&body)), root.send("POST", "/clients", &key, Some(&body)));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert!(statuses == [201, 201] || statuses == [201, 409], "{statuses:?}");
        assert_eq!(root.all("/clients?q=shop").await.len(), 1);
    }
}
