//! Every URL, and what each method says to a stranger who brings nothing: the guards, as they act.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use tessera::config::RegistrationMode;

use crate::support::World;
use crate::support::world::{Answer, ISSUER};

/// The paths that `web/routes.rs` names.
fn paths() -> Vec<&'static str> {
    let source = include_str!("../../src/web/routes.rs");
    source
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\"")?.split('"').next())
        .collect()
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty())
        .expect("a request")
}

/// The status, the type of the body, where it leads and whom it lets read.
fn words(answer: &Answer) -> String {
    let mut words = vec![answer.status.to_string()];
    let kind = answer.header("content-type");
    words.extend(kind.split(';').next().map(str::to_owned));
    let location = answer.header("location").replace(ISSUER, "");
    if let Some(path) = location.split('?').next().filter(|path| !path.is_empty()) {
        words.push(format!("-> {path}"));
    }
    for (name, short) in [
        ("www-authenticate", "challenge"),
        ("access-control-allow-origin", "cors"),
    ] {
        if let Some(first) = answer.header(name).split(' ').next()
            && !first.is_empty()
        {
            words.push(format!("{short}: {first}"));
        }
    }
    words.retain(|word| !word.is_empty());
    words.join("  ")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_url_with_its_methods_and_what_a_stranger_is_told() {
    let world =
        World::sqlite_with(|config| config.registration.mode = RegistrationMode::Token).await;
    let mut table = String::new();
    assert!(paths().len() > 20, "the routes were found");
    for pattern in paths() {
        let path = pattern
            .replace("{*path}", "nothing.css")
            .replace("{client_id}", "nobody");
        let allow = world.send(request("BREW", &path)).await;
        assert_eq!(allow.status, 405, "{path}");
        for method in allow.header("allow").split(',').filter(|m| *m != "HEAD") {
            let answer = world.send(request(method, &path)).await;
            writeln!(table, "{method:7}{pattern:42}{}", words(&answer)).expect("a string");
        }
    }
    insta::assert_snapshot!("routes", table);
}

/// Nothing that changes something gets past its guard.
#[tokio::test(flavor = "multi_thread")]
async fn no_post_without_proof_is_ever_a_success() {
    let world = World::sqlite().await;
    for path in paths() {
        let answer = world.send(request("POST", path)).await;
        assert!(answer.status >= 400, "POST {path}: {}", answer.status);
    }
}
