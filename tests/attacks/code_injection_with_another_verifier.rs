//! A stolen code is injected into the attacker's own session with a client (RFC 9700 §4.5).

use serde_json::json;

use crate::on_both_engines;
use crate::support::App;
use crate::support::client::{REDIRECT, VERIFIER};

on_both_engines! {
    async fn rfc9700_4_5_a_code_does_not_work_with_the_verifier_of_another_session(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let code = app.code("alice").await;
        let other = "A".repeat(43);
        let padded = format!("{VERIFIER}=");
        for verifier in [other.as_str(), "", &VERIFIER[..42], padded.as_str()] {
            let answer = app.token(&[
                ("grant_type", "authorization_code"), ("code", &code),
                ("redirect_uri", REDIRECT), ("code_verifier", verifier),
            ]).await;
            assert_eq!(answer.status, 400, "{verifier}");
            assert_eq!(answer.error(), "invalid_grant", "{verifier}");
        }
        // RFC 6749 §4.1.3: missing where it is REQUIRED is malformed; another one is a bad grant.
        for (redirect, error) in [(None, "invalid_request"), (Some("https://app.example/cb2"), "invalid_grant"), (Some("https://app.example/cb/"), "invalid_grant")] {
            let mut form = vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
            form.extend(redirect.map(|uri| ("redirect_uri", uri)));
            assert_eq!(app.token(&form).await.error(), error, "{redirect:?}");
        }
    }
}
