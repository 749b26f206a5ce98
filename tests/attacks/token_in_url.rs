//! Codes, tokens and tickets leak through URLs (RFC 9700 §4.2, §4.3, RFC 6750 §5.3).

use serde_json::json;

use crate::support::{App, Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_3_2_a_token_in_the_query_is_ignored() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let tokens = app.tokens("alice").await;
    let access = tokens["access_token"].as_str().expect("a token");
    let answer = world.get(&format!("/userinfo?access_token={access}")).await;
    assert_eq!(answer.status, 401);
    // Nor is a client's secret or a code read from the query of the token endpoint.
    let code = app.code("alice").await;
    let path = format!(
        "/token?grant_type=authorization_code&code={code}&client_id={}&client_secret={}",
        app.id, app.secret
    );
    let answer = world.post(&path, &[], &[]).await;
    assert!((400..=401).contains(&answer.status), "{}", answer.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_2_4_no_page_tells_another_site_its_url_and_codes_are_not_cached() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&app.request(&[])).await;
    assert_eq!(page.answer.header("referrer-policy"), "same-origin");
    assert_eq!(page.answer.header("cache-control"), "no-store");
    let away = browser.pass(&app.request(&[]), "alice").await;
    assert!(away.parameter("code").is_some());
    assert_eq!(away.answer.header("cache-control"), "no-store");
    assert_eq!(away.answer.header("referrer-policy"), "same-origin");
    assert!(!away.location().contains("token"), "{}", away.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_2_1_2_no_response_type_puts_a_token_into_the_url() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    for kind in ["token", "id_token token", "code token"] {
        let page = browser
            .open(&app.request(&[("response_type", Some(kind))]))
            .await;
        assert!(!page.location().contains("access_token="), "{kind}");
        assert!(
            page.location().contains("error=unsupported_response_type"),
            "{kind}: {}",
            page.location()
        );
    }
}
