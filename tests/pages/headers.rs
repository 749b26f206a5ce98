//! Every page has the headers that keep it to itself.

use serde_json::json;
use tessera::config::SignUpMode;

use super::assert_page;
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser};

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn asvs_v3_4_every_page_has_its_headers_and_no_cache_keeps_it(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        for (path, status) in [
            ("/", 200),
            ("/sign-in", 200),
            ("/sign-in/another", 200),
            ("/sign-up", 200),
            ("/sign-out", 200),
            ("/forgot-password", 200),
            ("/consent", 400),
            ("/continue", 400),
            ("/authorize", 400),
            ("/authorize?client_id=nobody", 400),
            ("/sign-in?request=made-up", 400),
            ("/sign-up?request=made-up", 400),
            ("/verify-email?token=x", 410),
            ("/reset-password?token=x", 410),
            ("/setup?token=x", 410),
        ] {
            assert_page(&browser.open(path).await, status);
        }
        let page = browser.open(&app.request(&[])).await;
        assert_page(&page, 200);
        let consent = browser.sign_in(&page, "alice", PASSWORD).await;
        assert_page(&consent, 200);
        let form_post = browser
            .open(&app.request(&[("response_mode", Some("form_post")), ("prompt", Some("none"))]))
            .await;
        assert_eq!(form_post.answer.header("cache-control"), "no-store");
        // Redirects count as much as pages: one answer would be enough to cut a popup off.
        for (path, expected) in [(app.request(&[]), "unsafe-none"), ("/account/data".to_owned(), "same-origin"), ("/jwks".to_owned(), "same-origin")] {
            let answer = world.get(&path).await;
            assert_eq!(answer.header("cross-origin-opener-policy"), expected, "{path}");
        }
        assert_page(&browser.open("/account").await, 200);
        let page = browser.open("/sign-out").await;
        assert_page(&page, 200);
        assert_page(&browser.submit(&page, "/sign-out", &[("decision", "logout")]).await, 200);
    }
}

on_both_engines! {
    async fn asvs_v3_4_what_is_not_there_is_a_page_for_people_too(world: World) {
        for (path, status) in [("/nowhere", 404), ("/token", 405)] {
            let request = axum::http::Request::get(path)
                .header("accept", "text/html")
                .body(axum::body::Body::empty())
                .expect("a request");
            let answer = world.send(request).await;
            assert_page(&crate::support::Page { answer, url: path.to_owned() }, status);
        }
    }
}

on_both_engines! {
    async fn rfc6265bis_4_1_3_cookies_are_out_of_reach_of_scripts_and_of_other_sites(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let mut answers = vec![page.answer.headers.clone()];
        let form = [("csrf", page.field("csrf").expect("a token")), ("username", "alice".to_owned()),
            ("password", PASSWORD.to_owned())];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = axum::http::Request::post("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(body))
            .expect("a request");
        answers.push(browser.send(request).await.headers);
        let cookies: Vec<String> = answers
            .iter()
            .flat_map(|headers| headers.get_all("set-cookie"))
            .map(|cookie| cookie.to_str().expect("ASCII").to_owned())
            .collect();
        for name in ["tessera=", "tessera-csrf=", "tessera-browser=", "tessera-device="] {
            assert!(cookies.iter().any(|cookie| cookie.starts_with(name)), "{name}: {cookies:?}");
        }
        // One is for scripts to read (Session Management 3.2). It opens nothing.
        let (open, closed): (Vec<_>, Vec<_>) = cookies.into_iter().partition(|cookie| cookie.starts_with("tessera-session-state="));
        assert_eq!(open.len(), 1);
        let value = open[0].split(['=', ';']).nth(1).expect("a value").to_owned();
        assert!(open[0].contains("SameSite=Lax") && !open[0].contains("HttpOnly") && !open[0].contains("Domain"), "{open:?}");
        let mut thief = Browser::new(&world);
        for name in ["tessera", "tessera-session-state", "tessera-browser"] {
            thief.cookies.insert(name.to_owned(), value.clone());
        }
        assert_eq!(thief.open("/account").await.url, "/sign-in");
        for cookie in closed {
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            assert!(cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
        }
    }
}
