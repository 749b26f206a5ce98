//! Our own redirects are bent to another site (RFC 9700 §4.11).

use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_11_2_no_parameter_chooses_where_a_sign_in_ends() {
    let world = World::sqlite().await;
    world.user("alice").await;
    for name in [
        "next",
        "continue",
        "redirect",
        "redirect_uri",
        "return_to",
        "url",
        "post_logout_redirect_uri",
    ] {
        for target in ["https://evil.example", "//evil.example", "/\\evil.example"] {
            let mut browser = Browser::new(&world);
            let encoded: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let page = browser.open(&format!("/sign-in?{name}={encoded}")).await;
            let action = format!("/sign-in?{name}={encoded}");
            let page = browser
                .submit(
                    &page,
                    &action,
                    &[
                        ("username", "alice"),
                        ("password", PASSWORD),
                        (name, target),
                    ],
                )
                .await;
            assert_eq!(
                (page.url.as_str(), page.location().as_str()),
                ("/account", ""),
                "{name}"
            );
            let out = browser.open(&format!("/sign-out?{name}={encoded}")).await;
            let out = browser
                .submit(&out, "/sign-out", &[("decision", "logout"), (name, target)])
                .await;
            assert!(!out.location().contains("evil"), "{name}");
            assert!(!out.answer.body.contains("evil.example"), "{name}");
        }
    }
}
