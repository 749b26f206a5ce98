//! The log keeps what must not be kept (OWASP ASVS V16.2.5).

use serde_json::json;

use crate::support::log::Captured;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, World};

// One thread: the subscriber is the thread's own.
#[tokio::test]
async fn asvs_v16_2_5_no_secret_is_logged_even_at_trace() {
    let (captured, _guard) = Captured::start(tracing::Level::TRACE);
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&app.request(&[])).await;
    let mut secrets = vec![
        PASSWORD.to_owned(),
        app.secret.clone(),
        app.basic(),
        "wrong guess".to_owned(),
    ];
    secrets.extend(page.field("csrf"));
    secrets.extend(page.field("request"));
    browser.sign_in(&page, "alice", "wrong guess").await;
    let code = browser
        .pass(&app.request(&[]), "alice")
        .await
        .parameter("code")
        .expect("a code");
    secrets.extend(browser.cookies.values().cloned());
    let tokens = app.redeem(&code).await.json();
    let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    app.userinfo(&token("access_token")).await;
    app.introspect(&token("access_token")).await;
    let refreshed = app.refresh(&token("refresh_token")).await.json();
    app.redeem(&code).await;
    secrets.push(code);
    secrets.extend([
        token("access_token"),
        token("refresh_token"),
        token("id_token"),
    ]);
    secrets.extend(refreshed["refresh_token"].as_str().map(str::to_owned));
    let log = captured.text();
    assert!(log.contains("answered"), "the log was captured");
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
}

#[tokio::test]
async fn rfc6749_4_1_2_1_an_error_page_leaves_one_line_that_says_why_and_tells_no_secret() {
    let (captured, _guard) = Captured::start(tracing::Level::INFO);
    let world = World::sqlite().await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    let cases = [
        (
            "redirect_uri",
            Some("https://evil.example/cb?token=hush"),
            "redirect_uri_mismatch",
            "redirect_uri=https://evil.example/cb\"",
        ),
        (
            "redirect_uri",
            None,
            "redirect_uri_missing",
            "redirect_uri=\"",
        ),
        (
            "client_id",
            Some("nobody\nknows?hush"),
            "unknown_client",
            "client_id=nobodyknows\"",
        ),
        ("client_id", None, "client_id_missing", "client_id=\""),
    ];
    for (name, value, error, reason) in cases {
        let before = captured.text().len();
        let page = browser.open(&app.request(&[(name, value)])).await;
        assert_eq!(page.answer.status, 400);
        let log = captured.text()[before..].to_owned();
        let told: Vec<&str> = log
            .lines()
            .filter(|l| l.contains("ends at an error page"))
            .collect();
        assert_eq!(told.len(), 1, "{log}");
        let id = page.answer.header("x-request-id");
        for part in [error, reason, &id] {
            assert!(told[0].contains(part), "{part}: {}", told[0]);
        }
        assert_eq!(
            told[0].contains(&app.id),
            name == "redirect_uri",
            "{}",
            told[0]
        );
        assert_eq!(
            told[0].contains("WARN"),
            name == "redirect_uri",
            "{}",
            told[0]
        );
        assert!(
            !log.contains("hush") && !log.contains("code_challenge"),
            "{log}"
        );
    }
}
