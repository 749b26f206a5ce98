//! `/users`, and what belongs to a person.

use serde_json::{Value, json};
use tessera::flows::letters::LetterKind;

use super::support::{Caller, problem, text};
use crate::on_both_engines;
use crate::support::{App, Browser};

fn ada() -> Value {
    json!({"username": "ada", "email": "ada@example.org", "profile": {"name": "Ada <b>Lovelace</b>", "locale": "de"}})
}

on_both_engines! {
    async fn somebody_is_invited_changed_disabled_and_deleted(world: World) {
        let root = Caller::root(&world).await;
        let made = root.post("/users", ada()).await;
        assert_eq!((made.status, made.header("etag")), (201, "\"1\"".to_owned()), "{}", made.body);
        let letters = world.letters().await;
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].kind, &*letters[0].lang, &*letters[0].to), (LetterKind::ResetPassword, "de", "ada@example.org"));
        assert_eq!(letters[0].valid_for.map(|time| time.as_secs()), Some(7 * 24 * 60 * 60));
        let path = format!("/users/{}", text(&made.json()["id"]));
        assert_eq!(root.get(&path).await.json(), made.json());
        let wish = json!({"email": "countess@example.org", "profile": {"name": "Ada", "attributes": {"n": 1}}});
        let changed = root.change("PATCH", &path, "\"1\"", Some(wish.clone())).await;
        assert_eq!((changed.status, changed.header("etag")), (200, "\"2\"".to_owned()), "{}", changed.body);
        assert_eq!(changed.json()["profile"], wish["profile"]);
        assert_eq!(changed.json()["email_verified"], true);
        assert_eq!(problem(&root.change("PATCH", &path, "\"1\"", Some(wish)).await).0, 412);
        let disabled = root.change("POST", &format!("{path}/disable"), "\"2\"", None).await;
        assert_eq!((disabled.status, disabled.header("etag")), (200, "\"3\"".to_owned()));
        assert_eq!(root.all("/users?disabled=true").await.len(), 1);
        assert_eq!(root.change("POST", &format!("{path}/enable"), "\"3\"", None).await.json()["disabled"], false);
        assert_eq!(root.all("/users?q=count+ada").await.len(), 1);
        assert_eq!(root.all("/users?q=lovelace").await.len(), 0);
        assert_eq!(root.change("DELETE", &path, "\"4\"", None).await.status, 204);
        assert_eq!(problem(&root.get(&path).await), (404, "USER_NOT_FOUND".to_owned()));
    }
}

on_both_engines! {
    async fn what_an_account_may_not_be_is_refused(world: World) {
        let root = Caller::root(&world).await;
        world.user("alice").await;
        let with = |name: &str, value: Value| {
            let mut body = ada();
            body[name] = value;
            body
        };
        for (body, expected) in [
            (with("is_admin", json!(true)), 400),
            (with("id", json!("x")), 400),
            (with("version", json!(9)), 400),
            (with("password_hash", json!("x")), 400),
            (with("username", json!("")), 422),
            (with("username", json!("a\u{202e}b")), 422),
            (with("username", json!("a\u{0}b")), 422),
            (with("username", json!("bob@example.org")), 422),
            (with("email", json!("nobody")), 422),
            (with("password", json!("short")), 422),
            (with("profile", json!({"name": "a\u{200f}b"})), 422),
            (with("profile", json!({"name": "a\u{0}b"})), 422),
            (with("profile", json!({"website": "javascript:alert(1)"})), 422),
            (with("profile", json!({"sub": "me"})), 422),
            (with("profile", json!({"roles": ["admin"]})), 422),
            (with("profile", json!([])), 400),
            (with("username", json!("Alice")), 409),
            (with("email", json!("ALICE@example.org")), 409),
        ] {
            let answer = root.post("/users", body.clone()).await;
            assert_eq!(problem(&answer).0, expected, "{body}: {}", answer.body);
        }
        assert_eq!(root.all("/users").await.len(), 1);
        for path in ["/users/nobody", "/users/%00", "/users/00000000-0000-0000-0000-000000000000"] {
            assert_eq!(problem(&root.get(path).await), (404, "USER_NOT_FOUND".to_owned()), "{path}");
        }
    }
}

on_both_engines! {
    async fn sessions_and_consents_are_seen_and_ended(world: World) {
        let root = Caller::root(&world).await;
        let path = format!("/users/{}", world.user("alice").await.id);
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.pass(&app.request(&[]), "alice").await;
        let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
        let access = text(&tokens["access_token"]);
        let sessions = root.all(&format!("{path}/sessions")).await;
        assert_eq!(sessions.len(), 1);
        let consents = root.all(&format!("{path}/consents")).await;
        assert_eq!(consents[0]["client_id"], app.id);
        assert_eq!(app.userinfo(&access).await.status, 200);
        let consent = format!("{path}/consents/{}", app.id);
        assert_eq!(root.send("DELETE", &consent, &[], None).await.status, 204);
        assert_eq!(app.userinfo(&access).await.status, 401);
        assert_eq!(problem(&root.send("DELETE", &consent, &[], None).await).0, 404);
        let session = format!("{path}/sessions/{}", text(&sessions[0]["id"]));
        assert_eq!(root.send("DELETE", &session, &[], None).await.status, 204);
        assert_eq!(problem(&root.send("DELETE", &session, &[], None).await).0, 404);
        assert_eq!(root.all(&format!("{path}/sessions")).await.len(), 0);
        let credentials = root.get(&format!("{path}/credentials")).await.json();
        assert_eq!(credentials["password"], true);
    }
}

on_both_engines! {
    async fn a_forced_reset_ends_everything_and_the_letter_opens_it_again(world: World) {
        let root = Caller::root(&world).await;
        let path = format!("/users/{}", world.user("alice").await.id);
        let app = App::register(&world, json!({"skip_consent": true})).await;
        let access = text(&app.tokens("alice").await["access_token"]);
        assert_eq!(root.send("POST", &format!("{path}/password-reset"), &[], None).await.status, 204);
        assert_eq!(app.userinfo(&access).await.status, 401);
        assert_eq!(root.all(&format!("{path}/sessions")).await.len(), 0);
        assert_eq!(root.get(&format!("{path}/credentials")).await.json()["password"], false);
        let link = world.letter_link(LetterKind::ResetPassword).await;
        let token = link.split_once("token=").expect("a token").1;
        let opened = world.tessera.peek_reset(&tessera::base::Secret::new(token.to_owned())).await.expect("the database");
        assert_eq!(opened.expect("her account").username, "alice");
    }
}
