//! The command line and the API are two handles of one door.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::support::{Caller, text};
use crate::on_both_engines;
use crate::support::World;

/// Runs the program itself, beside the world; what it printed.
fn operate(world: &World, arguments: &[&str], document: &Value) -> String {
    let config = &world.tessera.config;
    let mut child = Command::new(env!("CARGO_BIN_EXE_tessera"))
        .args(arguments)
        .env("TESSERA__DATABASE__URL", config.database.url.expose())
        .env(
            "TESSERA__KEYS__MASTER_KEY",
            world.tessera.master.to_base64().expose(),
        )
        .current_dir(world.file("").as_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("standard input");
    input
        .write_all(document.to_string().as_bytes())
        .expect("written");
    drop(input);
    let output = child.wait_with_output().expect("its end");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What the log holds of this client or resource server, done by the operator or by others: the kind and every
/// member, without what no two of them share and what only a request has.
async fn recorded(world: &World, (member, id): (&str, &str), by_operator: bool) -> Vec<Value> {
    let mut events: Vec<Value> = world.audit().await;
    events.retain(|event| event[member] == id && (event["actor"] == "operator") == by_operator);
    for event in &mut events {
        let event = event.as_object_mut().expect("an event");
        event.retain(|name, _| !["address", "request_id"].contains(&name.as_str()));
        for own in ["id", "at", "actor", "secret_id", member] {
            if let Some(value) = event.get_mut(own) {
                *value = json!("its own");
            }
        }
    }
    events.sort_by_key(Value::to_string);
    events
}

on_both_engines! {
    async fn an_operators_command_leaves_the_record_that_the_api_leaves(world: World) {
        let shop = json!({"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"], "token_endpoint_auth_method": "client_secret_basic"});
        let none = json!(null);
        let made = operate(&world, &["client", "create", "--file", "-"], &shop);
        let by_command = text(&serde_json::from_str::<Value>(&made).expect("JSON")["client_id"]);
        for command in [
            ["client", "rotate-secret", &by_command, "--overlap", "1m"].as_slice(),
            &["client", "disable", &by_command],
            &["client", "enable", &by_command],
            &["client", "delete", &by_command],
        ] {
            operate(&world, command, &none);
        }

        let root = Caller::root(&world).await;
        let by_api = text(&root.make("/clients", shop).await["client_id"]);
        let path = format!("/clients/{by_api}");
        root.make(&format!("{path}/secrets"), json!({"overlap_seconds": 60})).await;
        for (method, path) in [("POST", format!("{path}/disable")), ("POST", format!("{path}/enable")), ("DELETE", path)] {
            let done = root.send(method, &path, &[("if-match", "*")], None).await;
            assert_eq!(done.status / 100, 2, "{method} {path}: {}", done.body);
        }

        let one = recorded(&world, ("client_id", &by_command), true).await;
        let other = recorded(&world, ("client_id", &by_api), false).await;
        assert_eq!(one.len(), 5, "{one:?}");
        assert_eq!(one, other);
    }
}

on_both_engines! {
    async fn an_operators_command_for_a_resource_server_leaves_the_record_that_the_api_leaves(world: World) {
        const NOTES: &str = "https://notes.example/";
        let described = |name: &str| json!({"identifier": NOTES, "name": name, "scopes": {"notes:read": "See your notes"}});
        operate(&world, &["resource", "create", "--file", "-"], &described("Notes"));
        operate(&world, &["resource", "update", "--file", "-"], &described("All notes"));
        let shown: Value = serde_json::from_str(&operate(&world, &["resource", "list", "--json"], &json!(null))).expect("JSON");
        assert_eq!(shown[0]["name"], "All notes");
        operate(&world, &["resource", "delete", NOTES], &json!(null));

        let root = Caller::root(&world).await;
        root.make("/resource-servers", described("Notes")).await;
        let path = "/resource-servers/https%3A%2F%2Fnotes.example%2F";
        for (method, body) in [("PUT", Some(described("All notes"))), ("DELETE", None)] {
            let done = root.change(method, path, "*", body).await;
            assert_eq!(done.status / 100, 2, "{method}: {}", done.body);
        }
        let (one, other) = (recorded(&world, ("resource", NOTES), true).await, recorded(&world, ("resource", NOTES), false).await);
        assert_eq!(one.len(), 3, "{one:?}");
        assert_eq!(one, other);
    }
}

on_both_engines! {
    async fn what_show_prints_can_be_edited_and_sent_back(world: World) {
        let shop = json!({"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"], "token_endpoint_auth_method": "client_secret_basic"});
        let made: Value = serde_json::from_str(&operate(&world, &["client", "create", "--file", "-"], &shop)).expect("JSON");
        let id = text(&made["client_id"]);
        let mut shown: Value = serde_json::from_str(&operate(&world, &["client", "show", &id], &json!(null))).expect("JSON");
        shown["client_name"] = json!("Bookshop");
        let version = shown["version"].to_string();
        operate(&world, &["client", "update", &id, "--file", "-", "--if-version", &version], &shown);
        let after: Value = serde_json::from_str(&operate(&world, &["client", "show", &id], &json!(null))).expect("JSON");
        assert_eq!(after["client_name"], "Bookshop");
        assert_eq!(after["secrets"], shown["secrets"]);
    }
}
