//! The OpenAPI document, its page, and that both know every route.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::World;

/// Every route of the API, as `METHOD /path`, from its table.
pub fn routes() -> BTreeSet<String> {
    let source = include_str!("../../src/web/api/routes.rs");
    let mut routes = BTreeSet::new();
    for line in source.lines() {
        let Some((path, methods)) = line
            .trim()
            .strip_prefix(".route(\"/api/v1")
            .and_then(|rest| rest.split_once("\","))
        else {
            continue;
        };
        for method in ["get", "post", "put", "patch", "delete"] {
            if methods.contains(&format!("{method}(")) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes.remove("GET /openapi.json");
    routes.remove("GET /docs");
    assert!(routes.len() > 5, "the routes were found");
    routes
}

/// The document.
pub async fn document(world: &World) -> Value {
    let answer = world.get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, 200);
    answer.json()
}

/// Every operation of the document: `METHOD /path`, and the operation.
pub fn operations(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            all.push((
                format!("{} {path}", method.to_uppercase()),
                operation.clone(),
            ));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_described_and_every_description_is_a_route() {
    let world = World::sqlite().await;
    let document = document(&world).await;
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<String> = operations(&document)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(described, routes());
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(
            operation["security"][0]["oauth"][0].is_string(),
            "{name} names no scope"
        );
        assert!(operation["summary"].is_string(), "{name}");
        assert!(ids.insert(operation["operationId"].to_string()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_as_it_was_reviewed() {
    let world = World::sqlite().await;
    let document = document(&world).await;
    let mut lines = Vec::new();
    for (name, operation) in operations(&document) {
        let parameters: Vec<_> = operation["parameters"]
            .as_array()
            .expect("parameters")
            .iter()
            .map(|one| one["name"].as_str().unwrap_or_default())
            .collect();
        let scope = operation["security"][0]["oauth"][0]
            .as_str()
            .unwrap_or_default();
        lines.push(format!("{name:58}{scope:22}{}", parameters.join(" ")));
    }
    insta::assert_snapshot!("api_operations", lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_names_every_operation_and_has_no_script_of_others() {
    let world = World::sqlite().await;
    let page = world.get("/api/v1/docs").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'"),
        "{}",
        page.header("content-security-policy")
    );
    for (_, operation) in operations(&document(&world).await) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(page.body.contains("VERSION_MISMATCH"));
    assert!(!page.body.contains("src=\"http"));
}

#[test]
fn every_code_is_in_the_documents() {
    let text = include_str!("../../docs/api.md");
    for (code, status, meaning) in tessera::web::api::Code::ALL {
        let row = format!("| {status} | `{code}` | {} |", meaning.trim());
        assert!(text.contains(&row), "docs/api.md lacks {row}");
    }
}
