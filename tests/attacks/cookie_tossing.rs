//! A neighbouring host plants a second cookie of the same name.

use axum::body::Body;
use axum::http::Request;

use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

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
