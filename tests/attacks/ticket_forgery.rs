//! The ticket of a pending request is forged, changed or kept too long.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::support::{App, Browser, World};

fn ticket_of(url: &str) -> String {
    url.split_once("request=").expect("a ticket").1.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_changed_is_worthless_everywhere() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let app = App::register(&world, json!({})).await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&app.request(&[])).await;
    let ticket = ticket_of(&page.url);
    let (body, mac) = ticket.split_once('.').expect("two parts");
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(body).expect("base64")).expect("UTF-8");
    let evil = URL_SAFE_NO_PAD.encode(text.replace("app.example", "evil.example"));
    let later = URL_SAFE_NO_PAD.encode(format!("9{text}"));
    let forged = [
        format!("{evil}.{mac}"),
        format!("{later}.{mac}"),
        format!("{body}."),
        format!("{body}.{}", &mac[..mac.len() - 2]),
        format!("{body}.{}", URL_SAFE_NO_PAD.encode([0_u8; 32])),
        body.to_owned(),
        ".".to_owned(),
        format!("{ticket}.{mac}"),
        // What is appended would travel on in our redirects.
        format!("{ticket}.%0A%C3%A9"),
        format!("{ticket}.%26a%3Db"),
    ];
    for forged in forged {
        for path in ["/continue", "/sign-in", "/consent", "/sign-up"] {
            let answer = browser
                .open(&format!("{path}?request={forged}"))
                .await
                .answer;
            // A page that is closed anyway may answer with that.
            assert!(
                (400..500).contains(&answer.status),
                "{path} {} {forged}",
                answer.status
            );
            assert!(!answer.header("location").contains("evil"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_ends_and_another_tessera_does_not_know_it() {
    let (world, other) = (World::sqlite().await, World::sqlite().await);
    let app = App::register(&world, json!({})).await;
    let page = Browser::new(&world).open(&app.request(&[])).await;
    assert_eq!(page.answer.status, 200);
    assert_eq!(other.get(&page.url).await.status, 400);
    world.advance(3601);
    let answer = world.get(&page.url).await;
    assert!(answer.status >= 400, "{}", answer.status);
}
