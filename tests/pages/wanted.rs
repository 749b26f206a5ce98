//! Whoever asks for a page and has to sign in first comes to it after that; and to nothing but pages of ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::on_both_engines;
use crate::support::Browser;
use crate::support::world::PASSWORD;

const COOKIE: &str = "tessera-wanted";

on_both_engines! {
    async fn the_page_that_was_asked_for_comes_after_the_sign_in_with_its_query(world: World) {
        world.user("alice").await;
        for wanted in ["/account/password", "/account/events?before=01890000-0000-7000-8000-000000000000", "/admin/clients?q=photo+album"] {
            let mut browser = Browser::new(&world);
            let page = browser.open(wanted).await;
            assert_eq!(page.url, "/sign-in", "{wanted}");
            let page = browser.sign_in(&page, "alice", "wrong").await;
            assert_eq!(page.answer.status, 401);
            let page = browser.sign_in(&page, "alice", PASSWORD).await;
            assert_eq!(page.url, wanted);
            // Once: the next sign-in of this browser is another one.
            assert!(!browser.cookies.contains_key(COOKIE), "{:?}", browser.cookies);
        }
    }
}

on_both_engines! {
    async fn a_request_of_an_application_goes_before_a_page_of_ours(world: World) {
        world.user("alice").await;
        let (id, _) = world.client(serde_json::json!({"redirect_uris": ["https://app.example/cb"], "skip_consent": true})).await;
        let mut browser = Browser::new(&world);
        browser.open("/account/events").await;
        let url = format!("/authorize?response_type=code&client_id={id}&redirect_uri=https://app.example/cb");
        let page = browser.open(&url).await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.location().starts_with("https://app.example/cb?code="), "{}", page.location());
    }
}

on_both_engines! {
    async fn rfc9700_4_11_a_planted_cookie_leads_nowhere_else(world: World) {
        world.user("alice").await;
        for planted in ["//evil.example", "/\\evil.example", "%2f%2fevil.example", "/account\r\nlocation: x", "javascript:alert(1)",
            "https://evil.example/account", "/admin/..//evil.example", "/sign-out", ""] {
            let mut browser = Browser::new(&world);
            let page = browser.open("/sign-in").await;
            browser.cookies.insert(COOKIE.to_owned(), URL_SAFE_NO_PAD.encode(planted));
            let page = browser.sign_in(&page, "alice", PASSWORD).await;
            assert_eq!(page.url, "/account", "{planted}");
        }
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        browser.cookies.insert(COOKIE.to_owned(), "no base64!".to_owned());
        assert_eq!(browser.sign_in(&page, "alice", PASSWORD).await.url, "/account");
    }
}
