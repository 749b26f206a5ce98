//! The hook for a puzzle of somebody else's: off, passed, refused, out of reach.

use serde_json::json;
use tessera::base::Secret;
use tessera::config::WebhookUrl;
use wiremock::matchers::{body_string_contains, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{Browser, Page, World};

const SECRET: &str = "an example secret of 32 letters!";
const FIELD: &str = "h-captcha-response";

/// A node beside `world` that asks this service.
async fn beside(world: &World) -> (World, MockServer) {
    let server = MockServer::start().await;
    let url = |text: &str| Some(WebhookUrl::parse(text).expect("a URL"));
    let verify = url(&format!("{}/siteverify", server.uri()));
    let world = world
        .beside(|config| {
            let captcha = &mut config.captcha;
            captcha.verify_url = verify;
            captcha.allow_private_networks = true;
            captcha.secret = Some(Secret::new(SECRET.to_owned()));
            captcha.site_key = Some("a-site-key".to_owned());
            captcha.script = url("https://js.puzzles.example/1/api.js");
            captcha.origins = url("https://frames.puzzles.example/").into_iter().collect();
            "h-captcha".clone_into(&mut captcha.class);
            FIELD.clone_into(&mut captcha.field);
        })
        .await;
    (world, server)
}

async fn answers(server: &MockServer, answer: ResponseTemplate) {
    server.reset().await;
    Mock::given(method("POST"))
        .and(body_string_contains("remoteip=192.0.2.1"))
        .respond_with(answer)
        .mount(server)
        .await;
}

fn says(success: bool) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "success": success }))
}

async fn fail(browser: &mut Browser, times: usize) -> Page {
    let mut page = browser.open("/sign-in").await;
    for _ in 0..times {
        page = browser.sign_in(&page, "alice", "a guess").await;
        assert_eq!(page.answer.status, 401, "{}", page.answer.body);
    }
    page
}

async fn solve(browser: &mut Browser, page: &Page, password: &str) -> Page {
    let fields = [
        ("username", "alice"),
        ("password", password),
        (FIELD, "solved"),
    ];
    browser.submit(page, "/sign-in", &fields).await
}

fn loads_from_elsewhere(page: &Page) -> bool {
    let policy = page.answer.header("content-security-policy");
    let named = policy.contains("puzzles.example");
    assert_eq!(named, page.answer.body.contains("puzzles.example"));
    assert_eq!(named, page.has("captcha"));
    named
}

on_both_engines! {
    async fn without_it_no_page_loads_anything_from_elsewhere(world: World) {
        world.user("alice").await;
        let page = fail(&mut Browser::new(&world), 5).await;
        assert!(!loads_from_elsewhere(&page));
    }
}

on_both_engines! {
    async fn after_three_failures_a_puzzle_comes_before_the_password(world: World) {
        world.user("alice").await;
        let (world, server) = beside(&world).await;
        answers(&server, says(true)).await;
        let mut browser = Browser::new(&world);
        let page = fail(&mut browser, 2).await;
        assert!(!loads_from_elsewhere(&page));
        let page = fail(&mut browser, 1).await;
        assert!(loads_from_elsewhere(&page));
        let policy = page.answer.header("content-security-policy");
        for directive in ["script-src", "frame-src", "connect-src"] {
            let of = policy.split("; ").find(|part| part.starts_with(directive)).unwrap_or_default();
            assert!(of.contains(" https://js.puzzles.example https://frames.puzzles.example")
                || of.contains(" https://frames.puzzles.example https://js.puzzles.example"), "{policy}");
        }
        // Unsolved, not even the right password is looked at, and nothing is counted.
        for _ in 0..10 {
            let page = browser.sign_in(&page, "alice", PASSWORD).await;
            assert_eq!(page.answer.status, 403);
            assert!(page.answer.body.contains("show that you are not a program"), "{}", page.answer.body);
            assert!(loads_from_elsewhere(&page));
        }
        assert!(server.received_requests().await.expect("recorded").is_empty());
        let audit = world.audit().await;
        assert!(audit.iter().any(|event| event["kind"] == "sign_in.slowed" && event["reason"] == "captcha"));
        assert_eq!(solve(&mut browser, &page, PASSWORD).await.url, "/account");
        let heard = server.received_requests().await.expect("recorded");
        let form: Vec<(String, String)> = form_urlencoded::parse(&heard[0].body).into_owned().collect();
        let said = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!((said("secret"), said("response"), said("remoteip")), (Some(SECRET), Some("solved"), Some("192.0.2.1")));
    }
}

on_both_engines! {
    async fn a_refused_answer_checks_nothing_and_nonsense_is_no_outage(world: World) {
        world.user("alice").await;
        let (world, server) = beside(&world).await;
        let mut browser = Browser::new(&world);
        let page = fail(&mut browser, 3).await;
        for answer in [says(false), ResponseTemplate::new(400), ResponseTemplate::new(413)] {
            answers(&server, answer).await;
            assert_eq!(solve(&mut browser, &page, PASSWORD).await.answer.status, 403);
        }
        answers(&server, says(true)).await;
        assert_eq!(solve(&mut browser, &page, PASSWORD).await.url, "/account");
    }
}

on_both_engines! {
    async fn out_of_reach_it_stops_nobody_and_the_waits_still_hold(world: World) {
        world.user("alice").await;
        let (world, server) = beside(&world).await;
        let mut browser = Browser::new(&world);
        let page = fail(&mut browser, 3).await;
        answers(&server, ResponseTemplate::new(503)).await;
        assert_eq!(solve(&mut browser, &page, "a guess").await.answer.status, 401);
        answers(&server, ResponseTemplate::new(200).set_body_string("<html>")).await;
        assert_eq!(solve(&mut browser, &page, "a guess").await.answer.status, 401);
        drop(server);
        assert_eq!(solve(&mut browser, &page, PASSWORD).await.answer.status, 429);
        world.advance(31);
        assert_eq!(solve(&mut browser, &page, PASSWORD).await.url, "/account");
    }
}

on_both_engines! {
    async fn a_known_device_meets_no_puzzle_and_an_address_does_whoever_is_tried(world: World) {
        world.user("alice").await;
        let (world, server) = beside(&world).await;
        answers(&server, says(true)).await;
        let mut owner = Browser::new(&world);
        let page = owner.open("/sign-in").await;
        assert_eq!(owner.sign_in(&page, "alice", PASSWORD).await.url, "/account");
        let mut stranger = Browser::new(&world);
        let page = stranger.open("/sign-in").await;
        for name in 0..30 {
            stranger.sign_in(&page, &format!("name {name}"), "a guess").await;
        }
        assert!(loads_from_elsewhere(&stranger.open("/sign-in").await));
        let page = stranger.sign_in(&page, "another", "a guess").await;
        assert_eq!(page.answer.status, 403);
        owner.cookies.remove("tessera");
        let page = owner.open("/sign-in").await;
        assert_eq!(owner.sign_in(&page, "alice", PASSWORD).await.url, "/account");
    }
}
