//! Every form of ours, sent by somebody else's page (OWASP ASVS V3.5.1).

use serde_json::json;
use tessera::config::SignUpMode;
use tessera::flows::letters::LetterKind;
use tessera::protocol::audit::Origin;

use super::{assert_page, signs_in};
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, World};

const NEW: &str = "a new long passphrase";

type Fields = Vec<(&'static str, String)>;

/// Every POST for people, with fields that would do it.
async fn forms(world: &World, app: &App, victim: &mut Browser) -> Vec<(&'static str, Fields)> {
    let consent = victim.open(&app.request(&[])).await;
    let ticket = consent.field("request").expect("a ticket");
    let person = consent.field("person").expect("who decides");
    let session = victim.open("/account").await.field("session_id");
    let reset = world
        .tessera
        .request_reset("bobby", "en", Origin::default());
    assert_eq!(reset.await.expect("asked"), None);
    let reset = token_of(&world.letter_link(LetterKind::ResetPassword).await);
    let sign_up = victim.open("/sign-up").await;
    let fields = [
        ("email", "dora@example.org"),
        ("name", ""),
        ("password", NEW),
    ];
    victim.submit(&sign_up, "/sign-up", &fields).await;
    let verify = token_of(&world.letter_link(LetterKind::VerifyEmail).await);
    let set_up = world
        .tessera
        .offer_set_up_link()
        .await
        .expect("the database");
    let set_up = token_of(&set_up.expect("a link"));
    let of = |fields: &[(&'static str, &str)]| -> Fields {
        fields
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    };
    vec![
        (
            "/consent",
            of(&[
                ("request", &ticket),
                ("person", &person),
                ("decision", "allow"),
            ]),
        ),
        (
            "/sign-up",
            of(&[
                ("email", "erin@example.org"),
                ("name", ""),
                ("password", NEW),
            ]),
        ),
        ("/verify-email", of(&[("token", &verify)])),
        ("/forgot-password", of(&[("identifier", "alice")])),
        (
            "/reset-password",
            of(&[("token", &reset), ("password", NEW)]),
        ),
        (
            "/setup",
            of(&[
                ("token", &set_up),
                ("username", "rooty"),
                ("email", "r@example.org"),
                ("password", NEW),
            ]),
        ),
        (
            "/account/applications/revoke",
            of(&[("client_id", &app.id)]),
        ),
        (
            "/account/password",
            of(&[("current_password", PASSWORD), ("password", NEW)]),
        ),
        (
            "/account/sessions/end",
            of(&[("session_id", &session.expect("another session"))]),
        ),
        ("/account/sessions/end-others", of(&[])),
        ("/account/profile", of(&[("nickname", "Al")])),
        ("/account/email", of(&[("email", "alice@new.example")])),
        ("/password-strength", of(&[("password", NEW)])),
        ("/select-account", of(&[("account", &person)])),
        ("/sign-out", of(&[("decision", "logout")])),
        ("/sign-in", of(&[("username", "alice"), ("password", NEW)])),
    ]
}

fn token_of(link: &str) -> String {
    link.split_once("token=").expect("a token").1.to_owned()
}

async fn post(browser: &mut Browser, path: &str, fields: &Fields, csrf: Option<&str>) -> Page {
    let mut form: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    if let Some(csrf) = csrf {
        form.push(("csrf".to_owned(), csrf.to_owned()));
    }
    browser.post(path, &form).await
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn asvs_v3_5_1_a_form_without_our_token_is_refused_with_a_page_and_changes_nothing(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = App::register(&world, json!({})).await;
        let mut elsewhere = Browser::new(&world);
        let mut victim = Browser::new(&world);
        for browser in [&mut victim, &mut elsewhere] {
            let page = browser.open("/sign-in").await;
            assert_eq!(browser.sign_in(&page, "alice", PASSWORD).await.url, "/account");
        }
        let forms = forms(&world, &app, &mut victim).await;
        let foreign = Browser::new(&world).open("/sign-in").await.field("csrf").expect("a token");
        let own = victim.open("/sign-out").await.field("csrf").expect("a token");
        let before = world.audit().await.len();
        for (path, fields) in &forms {
            for csrf in [None, Some(""), Some("made-up"), Some(foreign.as_str()), Some(&own[1..])] {
                let page = post(&mut victim, path, fields, csrf).await;
                assert_page(&page, 403);
                assert_eq!(page.location(), "", "{path}");
            }
            // Without the cookie there is nothing that the token could be a proof of.
            let mut bare = victim.clone();
            bare.cookies.remove("tessera-csrf");
            assert_page(&post(&mut bare, path, fields, Some(&own)).await, 403);
        }
        assert_eq!(world.audit().await.len(), before, "each change would have left an event");
        assert!(world.letters().await.is_empty());
        assert_eq!(victim.open("/account").await.url, "/account");
        assert_eq!(elsewhere.open("/account").await.url, "/account");
        assert!(signs_in(&world, "alice", PASSWORD).await && signs_in(&world, "bobby", PASSWORD).await);

        // The same forms with the token do what they say.
        for (path, fields) in &forms {
            let csrf = victim.open("/sign-in").await.field("csrf").expect("a token");
            let page = post(&mut victim, path, fields, Some(&csrf)).await;
            let left = page.parameter("code").is_some();
            assert!(left || page.answer.status == 200, "{path}: {} {}", page.answer.status, page.answer.body);
            assert_eq!(left, *path == "/consent");
        }
        assert_eq!(victim.open("/account").await.url, "/account", "signed out, and in again with the new one");
        assert_eq!(elsewhere.open("/account").await.url, "/sign-in");
        assert!(signs_in(&world, "bobby", NEW).await);
        assert!(signs_in(&world, "rooty", NEW).await);
    }
}
