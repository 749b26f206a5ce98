//! Pages and files that belong to no protocol.

use axum::body::Body;
use axum::http::Request;
use tessera::base::Secret;
use tessera::flows::account::NewUser;
use tessera::protocol::audit::{Actor, Origin};
use tracing::Level;

use crate::on_both_engines;
use crate::support::log::Captured;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

on_both_engines! {
    async fn the_set_up_link_used_again_says_that_all_is_done_and_leads_to_sign_in(world: World) {
        let link = world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let mut browser = Browser::new(&world);
        let page = browser.open(&link).await;
        assert!(page.has("setup"), "{}", page.answer.body);
        let founder = [("username", "founder"), ("email", "founder@example.org"), ("password", PASSWORD)];
        let made = browser.submit(&page, "/setup", &founder).await;
        assert!(made.has("login"), "{}", made.answer.body);
        // Opened again, and sent again from a tab that was left open.
        for again in [browser.open(&link).await, browser.submit(&page, "/setup", &founder).await] {
            assert_eq!(again.answer.status, 410);
            let body = &again.answer.body;
            assert!(body.contains("Already set up") && body.contains("href=\"/sign-in\""), "{body}");
            assert!(!body.contains("Start the server again"), "{body}");
        }
    }
}

on_both_engines! {
    async fn the_set_up_link_is_done_when_the_command_line_made_the_administrator(world: World) {
        let link = world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let mut browser = Browser::new(&world);
        let stale = browser.open("/setup?token=of-an-earlier-start").await;
        assert!(stale.answer.body.contains("Start the server again"), "{}", stale.answer.body);
        let root = NewUser {
            username: "root".to_owned(),
            email: "root@example.org".to_owned(),
            name: String::new(),
            password: Secret::new(PASSWORD.to_owned()),
            is_admin: true,
            email_verified: true,
        };
        let made = world.tessera.create_user(root, Actor::Operator, Origin::default()).await;
        assert!(made.expect("the database").is_ok());
        let page = browser.open(&link).await;
        assert!(page.answer.body.contains("Already set up"), "{}", page.answer.body);
    }
}

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
