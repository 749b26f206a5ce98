//! `/account` and what is done there.

use serde_json::json;
use tessera::flows::letters::LetterKind;

use super::{assert_page, signed_in, signs_in};
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser};

const NEW: &str = "a new long passphrase";

on_both_engines! {
    async fn asvs_v7_4_4_every_page_of_the_account_leads_to_sign_out(world: World) {
        world.user("alice").await;
        let mut alice = signed_in(&world, "alice").await;
        for path in [
            "/account", "/account/profile", "/account/email", "/account/events", "/account/delete",
            "/account/authenticator", "/account/recovery", "/account/passkeys/new",
        ] {
            let page = alice.open(path).await;
            assert_page(&page, 200);
            assert!(page.answer.body.contains(r#"href="/sign-out""#), "{path}: {}", page.answer.body);
        }
    }
}

on_both_engines! {
    async fn who_is_not_signed_in_is_sent_to_sign_in_and_changes_nothing(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let session = owner.open("/account").await.field("session_id").expect("another session");
        let mut stranger = Browser::new(&world);
        assert_eq!(stranger.open("/account").await.url, "/sign-in");
        let page = stranger.open("/sign-in").await;
        let before = world.audit().await.len();
        for (path, fields) in [
            ("/account/password", vec![("current_password", PASSWORD), ("password", NEW)]),
            ("/account/applications/revoke", vec![("client_id", app.id.as_str())]),
            ("/account/sessions/end", vec![("session_id", session.as_str())]),
        ] {
            assert_eq!(stranger.submit(&page, path, &fields).await.url, "/sign-in", "{path}");
        }
        assert_eq!(world.audit().await.len(), before);
        assert!(signs_in(&world, "alice", PASSWORD).await);
        assert_eq!(app.refresh(tokens["refresh_token"].as_str().expect("a token")).await.status, 200);
    }
}

on_both_engines! {
    async fn asvs_v8_2_2_nobody_ends_the_session_of_somebody_else(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let mut alice = signed_in(&world, "alice").await;
        let mut other = signed_in(&world, "alice").await;
        let session = alice.open("/account").await.field("session_id").expect("another session");
        let mut bobby = signed_in(&world, "bobby").await;
        let page = bobby.open("/account").await;
        let fields = [("session_id", session.as_str())];
        bobby.submit(&page, "/account/sessions/end", &fields).await;
        assert_eq!(other.open("/account").await.url, "/account");
        assert_page(&bobby.submit(&page, "/account/sessions/end", &[("session_id", "x")]).await, 400);
        let page = alice.open("/account").await;
        assert_page(&alice.submit(&page, "/account/sessions/end", &fields).await, 200);
        assert_eq!(other.open("/account").await.url, "/sign-in");
        assert_eq!(alice.open("/account").await.url, "/account");
    }
}

on_both_engines! {
    async fn asvs_v6_2_3_a_password_changes_with_the_current_one_and_guesses_at_it_are_slowed(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open("/account").await;
        let change = |current, new| [("current_password", current), ("password", new)];
        let path = "/account/password";
        let weak = browser.submit(&page, path, &change(PASSWORD, "short")).await;
        assert_page(&weak, 422);
        assert!(weak.has("password-problem"));
        for _ in 0..5 {
            let wrong = browser.submit(&page, path, &change("a wrong guess", NEW)).await;
            assert_page(&wrong, 403);
            assert!(wrong.has("current_password-problem"));
        }
        let slowed = browser.submit(&page, path, &change(PASSWORD, NEW)).await;
        assert_page(&slowed, 429);
        assert_eq!(slowed.answer.header("retry-after"), "30");
        assert!(slowed.answer.body.contains("Please wait"));
        assert!(world.letters().await.is_empty());
        world.advance(30);
        assert_page(&browser.submit(&page, path, &change(PASSWORD, NEW)).await, 200);
        world.letter_link(LetterKind::PasswordChanged).await;
        assert_eq!(browser.open("/account").await.url, "/account");
        assert!(signs_in(&world, "alice", NEW).await);
        assert!(!signs_in(&world, "alice", PASSWORD).await);
    }
}

on_both_engines! {
    async fn rfc7009_2_1_what_an_application_was_allowed_can_be_taken_back(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let token = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        let mut browser = signed_in(&world, "alice").await;
        let page = browser.open("/account").await;
        assert!(page.answer.body.contains("Rows"), "{}", page.answer.body);
        let fields = [("client_id", app.id.as_str())];
        let page = browser.submit(&page, "/account/applications/revoke", &fields).await;
        assert_page(&page, 200);
        assert_eq!(app.userinfo(&token("access_token")).await.status, 401);
        assert_eq!(app.refresh(&token("refresh_token")).await.error(), "invalid_grant");
        assert!(browser.open(&app.request(&[])).await.has("allow"), "and is asked for again");
    }
}
