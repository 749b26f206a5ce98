//! A neighbouring host plants a second cookie of the same name.

use axum::body::Body;
use axum::http::Request;

use serde_json::json;

use crate::support::world::{Answer, PASSWORD};
use crate::support::{App, Browser, World};

/// A page, asked for with these `Cookie` headers.
async fn get(world: &World, path: &str, cookies: &[String]) -> Answer {
    let mut request = Request::get(path).header("accept", "text/html");
    for cookie in cookies {
        request = request.header("cookie", cookie);
    }
    let request = request.body(Body::empty()).expect("a request");
    world.send(request).await
}

/// Two cookies of one name, in every way that a browser or a proxy may send them.
fn doubled(name: &str, mine: &str, planted: &str) -> Vec<Vec<String>> {
    vec![
        vec![format!("{name}={mine}; {name}={planted}")],
        vec![format!("{name}={planted}; {name}={mine}")],
        vec![format!("{name}={mine}"), format!("{name}={planted}")],
        vec![format!("{name}={planted}"), format!("{name}={mine}")],
        vec![format!("{name}={planted}; {name}={planted}")],
    ]
}

async fn signed_in(world: &World, username: &str) -> Browser {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, username, PASSWORD).await;
    assert_eq!(page.url, "/account");
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn two_anti_forgery_cookies_are_none() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let (mut victim, mut attacker) = (Browser::new(&world), Browser::new(&world));
    victim.open("/sign-in").await;
    let theirs = attacker
        .open("/sign-in")
        .await
        .field("csrf")
        .expect("a token");
    let (mine, planted) = (
        &victim.cookies["tessera-csrf"],
        &attacker.cookies["tessera-csrf"],
    );
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("csrf", theirs.as_str()),
            ("username", "alice"),
            ("password", PASSWORD),
        ])
        .finish();
    for jar in [
        format!("tessera-csrf={planted}; tessera-csrf={mine}"),
        format!("tessera-csrf={mine}; tessera-csrf={planted}"),
    ] {
        let request = Request::post("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", jar)
            .body(Body::from(body.clone()))
            .expect("a request");
        assert_eq!(world.send(request).await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_session_cookies_are_none() {
    let world = World::sqlite().await;
    world.user("alice").await;
    world.user("mallory").await;
    let victim = signed_in(&world, "alice").await;
    let attacker = signed_in(&world, "mallory").await;
    let (mine, planted) = (&victim.cookies["tessera"], &attacker.cookies["tessera"]);
    for jar in doubled("tessera", mine, planted) {
        let answer = get(&world, "/account", &jar).await;
        assert_eq!(answer.header("location"), "/sign-in", "{}", answer.body);
        for page in ["/", "/sign-in", "/sign-out"] {
            let answer = get(&world, page, &jar).await;
            assert!(!answer.body.contains("mallory"), "{page} {}", answer.body);
        }
    }
    // The same cookie alone is the session.
    let answer = get(&world, "/account", &[format!("tessera={mine}")]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("alice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_beside_a_planted_session_does_not_sign_the_planted_one_in() {
    let world = World::sqlite().await;
    world.user("alice").await;
    world.user("mallory").await;
    let attacker = signed_in(&world, "mallory").await;
    let planted = attacker.cookies["tessera"].clone();
    let mut victim = Browser::new(&world);
    let page = victim.open("/sign-in").await;
    let csrf = &victim.cookies["tessera-csrf"];
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", &page.field("csrf").expect("a token"))
        .append_pair("username", "alice")
        .append_pair("password", PASSWORD)
        .finish();
    let request = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(
            "cookie",
            format!("tessera={planted}; tessera={planted}; tessera-csrf={csrf}"),
        )
        .body(Body::from(form))
        .expect("a request");
    let answer = world.send(request).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let issued = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|cookie| cookie.to_str().ok()?.strip_prefix("tessera="))
        .find_map(|cookie| cookie.split(';').next())
        .expect("a session of its own");
    assert_ne!(issued, planted);
    let answer = get(&world, "/account", &[format!("tessera={planted}")]).await;
    assert!(!answer.body.contains("alice"), "{}", answer.body);
    let answer = get(&world, "/account", &[format!("tessera={issued}")]).await;
    assert!(answer.body.contains("alice"), "{}", answer.body);
}

/// Tickets are bound to a browser by its own cookie: with two of them, a ticket that a stranger kept
/// ready is a link that arrives now.
#[tokio::test(flavor = "multi_thread")]
async fn two_browser_cookies_are_a_browser_that_nobody_knows() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let login = app.request(&[("prompt", Some("login"))]);
    let mut victim = signed_in(&world, "alice").await;
    assert!(
        victim
            .pass(&app.request(&[]), "alice")
            .await
            .parameter("code")
            .is_some()
    );
    let mut attacker = Browser::new(&world);
    let page = attacker.open(&login).await;
    let ticket = page.field("request").expect("a ticket");
    world.advance(1);
    // The person signs in for a reason of their own.
    let page = victim.open("/sign-in/another").await;
    victim.sign_in(&page, "alice", PASSWORD).await;
    world.advance(1);
    let session = &victim.cookies["tessera"];
    let (mine, planted) = (
        &victim.cookies["tessera-browser"],
        &attacker.cookies["tessera-browser"],
    );
    let path = format!("/continue?request={ticket}");
    for mut jar in doubled("tessera-browser", mine, planted) {
        jar.push(format!("tessera={session}"));
        let answer = get(&world, &path, &jar).await;
        let location = answer.header("location");
        assert!(location.starts_with("/sign-in?"), "{location}");
    }
    // The positive control: a ticket of this browser is answered by the sign-in that came after it.
    let page = victim.open(&login).await;
    let page = victim.sign_in(&page, "alice", PASSWORD).await;
    assert!(page.parameter("code").is_some());
}
