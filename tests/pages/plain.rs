//! Files, health checks and paths that are nothing: no person is asked anything.

use axum::body::Body;
use axum::http::Request;
use tracing::Level;

use crate::support::World;
use crate::support::log::Captured;

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_cannot_be_decoded_or_names_nothing_gets_our_own_answer() {
    let world = World::sqlite().await;
    for path in [
        "/assets/%ff",
        "/assets/missing.css",
        "/assets/",
        "/%ff",
        "/%",
    ] {
        let for_machines = world.get(path).await;
        assert_eq!(for_machines.status, 404, "{path}");
        assert_eq!(for_machines.json()["status"], 404, "{path}");
        let request = Request::get(path).header("accept", "text/html");
        let page = world
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("<h1>"), "{path}: {}", page.body);
    }
    assert_eq!(world.get("/assets/tessera.css").await.status, 200);
    assert_eq!(world.get("/favicon.ico").await.status, 200);
}

// One thread: the log is the thread's own.
#[tokio::test]
async fn files_and_health_checks_are_told_at_debug_and_people_at_info() {
    let (log, guard) = Captured::start(Level::INFO);
    let world = World::sqlite().await;
    for quiet in [
        "/assets/tessera.css",
        "/assets/missing",
        "/favicon.ico",
        "/healthz",
        "/readyz",
    ] {
        world.get(quiet).await;
    }
    assert!(!log.text().contains("answered"), "{}", log.text());
    world.get("/sign-in").await;
    assert!(log.text().contains("answered"), "{}", log.text());
    drop(guard);

    let (log, _guard) = Captured::start(Level::DEBUG);
    world.get("/healthz").await;
    assert!(log.text().contains("answered"), "{}", log.text());
}
