//! The redirect URI is bent so that the code goes elsewhere (RFC 9700 §4.1).

use serde_json::json;

use crate::support::{App, Browser, World};

const TRICKS: [&str; 34] = [
    "https://evil.example/cb",
    "https://app.example.evil.example/cb",
    "https://evil.example/https://app.example/cb",
    "https://app.example@evil.example/cb",
    "https://app.example:x@evil.example/cb",
    "https://evil.example#https://app.example/cb",
    "https://evil.example?https://app.example/cb",
    "https://evil.example\\@app.example/cb",
    "https://app.example\\.evil.example/cb",
    "https:\\\\app.example\\cb",
    "https://app.example/cb/",
    "https://app.example/cb/../evil",
    "https://app.example/cb/%2e%2e/evil",
    "https://app.example/./cb",
    "https://app.example//cb",
    "https://app.example/CB",
    "https://APP.example/cb",
    "HTTPS://app.example/cb",
    "https://app.example:443/cb",
    "https://app.example:8443/cb",
    "http://app.example/cb",
    "https://app.example/cb?next=https://evil.example",
    "https://app.example/cb?",
    "https://app.example/cb#",
    "https://app.example/cb#fragment",
    "https://app.example/cb%00",
    "https://app.example/cb\r\nLocation: https://evil.example",
    " https://app.example/cb",
    "https://app.example/cb ",
    "//app.example/cb",
    "/cb",
    "javascript:alert(1)//https://app.example/cb",
    "data:text/html,https://app.example/cb",
    "https://xn--pp-gka.example/cb",
];

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_1_a_redirect_uri_that_is_not_byte_equal_is_never_redirected_to() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut signed_in = Browser::new(&world);
    assert!(
        signed_in
            .pass(&app.request(&[]), "alice")
            .await
            .parameter("code")
            .is_some()
    );
    for trick in TRICKS {
        // Neither for an ordinary request nor for one that must fail (an open redirector).
        for changes in [
            vec![("redirect_uri", Some(trick))],
            vec![
                ("redirect_uri", Some(trick)),
                ("response_type", Some("nonsense")),
            ],
            vec![("redirect_uri", Some(trick)), ("prompt", Some("none"))],
        ] {
            let page = signed_in.open(&app.request(&changes)).await;
            assert_eq!(page.answer.status, 400, "{trick:?}");
            assert_eq!(page.location(), "", "{trick:?}");
            assert!(!page.answer.body.contains("http-equiv"), "{trick:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc8252_7_3_only_the_port_of_a_loopback_literal_is_loose() {
    let world = World::sqlite().await;
    let app = App::register(
        &world,
        json!({
            "redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native",
            "token_endpoint_auth_method": "none",
        }),
    )
    .await;
    for (uri, status) in [
        ("http://127.0.0.1:51004/cb", 303),
        ("http://127.0.0.1:51004/other", 400),
        ("http://localhost:51004/cb", 400),
        ("http://127.0.0.2:51004/cb", 400),
        ("http://127.0.0.1:51004@evil.example/cb", 400),
        ("http://127.0.0.1.evil.example/cb", 400),
        ("http://127.0.0.1:/cb", 400),
        ("http://127.0.0.1:99999/cb", 400),
    ] {
        let answer = world
            .get(&app.request(&[("redirect_uri", Some(uri))]))
            .await;
        assert_eq!(answer.status, status, "{uri}");
        assert!(!answer.header("location").contains("evil"), "{uri}");
    }
}
