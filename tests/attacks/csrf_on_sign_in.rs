//! Another site signs the victim in as somebody else (login CSRF).

use axum::body::Body;
use axum::http::Request;

use crate::support::world::{ISSUER, PASSWORD};
use crate::support::{Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_our_token_or_from_another_site_is_refused() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/sign-in").await;
    let token = page.field("csrf").expect("a token");
    let other = Browser::new(&world)
        .open("/sign-in")
        .await
        .field("csrf")
        .expect("a token");
    let same = ("sec-fetch-site", "same-origin");
    for (csrf, header) in [
        ("", same),
        ("x", same),
        (other.as_str(), same),
        (token.as_str(), ("sec-fetch-site", "cross-site")),
        (token.as_str(), ("sec-fetch-site", "same-site")),
        (token.as_str(), ("origin", "https://evil.example")),
        (token.as_str(), ("origin", "null")),
    ] {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("csrf", csrf),
                ("username", "alice"),
                ("password", PASSWORD),
            ])
            .finish();
        let request = Request::post("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(header.0, header.1)
            .body(Body::from(body))
            .expect("a request");
        assert_eq!(browser.send(request).await.status, 403, "{header:?}");
        assert_ne!(browser.open("/account").await.url, "/account");
    }
    assert_eq!(
        browser.sign_in(&page, "alice", PASSWORD).await.url,
        "/account",
        "{ISSUER}"
    );
}
