//! A client or a person is disabled or gone: every endpoint knows at once.

use serde_json::{Value, json};
use tessera::protocol::access::Permit;
use tessera::protocol::audit::{Actor, Origin};
use tessera::protocol::client::ClientId;

use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, World};

const ROWS: &str = "https://rows.example";
const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

/// A client in full use: a consent page that lies open, a code on its way, tokens, a resource server.
struct InUse {
    app: App,
    server: App,
    browser: Browser,
    consent: Page,
    code: String,
    access: String,
    refresh: String,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

async fn in_use(world: &World) -> InUse {
    let app = App::register(world, json!({ "grant_types": GRANTS, "resources": [ROWS] })).await;
    let server = App::register(
        world,
        json!({
            "resource_identifiers": [ROWS], "redirect_uris": [], "grant_types": [],
            "response_types": [], "scope": "",
        }),
    )
    .await;
    let mut browser = Browser::new(world);
    let page = browser
        .open(&app.request(&[("resource", Some(ROWS))]))
        .await;
    let consent = browser.sign_in(&page, "alice", PASSWORD).await;
    assert!(consent.has("allow"), "{}", consent.answer.body);
    let code = app.code_with("bobby", &[]).await;
    let offline = [("scope", Some("openid rows:read offline_access"))];
    let tokens = app
        .redeem(&app.code_with("alice", &offline).await)
        .await
        .json();
    InUse {
        server,
        browser,
        consent,
        code,
        access: text(&tokens["access_token"]),
        refresh: text(&tokens["refresh_token"]),
        app,
    }
}

impl InUse {
    /// Everything that the client tries from now on is refused.
    async fn assert_client_is_gone(&mut self, world: &World) {
        let app = self.app.clone();
        for url in [app.request(&[]), app.request(&[("prompt", Some("none"))])] {
            let page = self.browser.open(&url).await;
            // RFC 6749 §4.1.2.1: "MUST NOT automatically redirect".
            assert_eq!((page.answer.status, page.location().as_str()), (400, ""));
        }
        let page = self
            .browser
            .submit(&self.consent, "/consent", &[("decision", "allow")])
            .await;
        assert_eq!((page.answer.status, page.location().as_str()), (400, ""));
        for (case, answer) in [
            ("code", app.redeem(&self.code).await),
            ("refresh", app.refresh(&self.refresh).await),
            (
                "machine",
                app.token(&[("grant_type", "client_credentials")]).await,
            ),
            ("introspect", self.post(world, "/introspect").await),
            ("revoke", self.post(world, "/revoke").await),
        ] {
            let seen = (answer.status, answer.error());
            assert_eq!(seen, (401, "invalid_client".to_owned()), "{case}");
            assert!(!answer.header("www-authenticate").is_empty(), "{case}");
        }
        self.assert_token_is_dead().await;
    }

    async fn post(&self, world: &World, path: &str) -> crate::support::world::Answer {
        world
            .post(
                path,
                &[("authorization", &self.app.basic())],
                &[("token", &self.access)],
            )
            .await
    }

    async fn assert_token_is_dead(&self) {
        let answer = self.app.userinfo(&self.access).await;
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
}

on_both_engines! {
    async fn rfc6749_5_2_a_disabled_client_is_refused_everywhere_at_once_and_may_come_back(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let mut used = in_use(&world).await;
        let rows = [("resource", Some(ROWS))];
        let at_rows = text(&used.app.redeem(&used.app.code_with("alice", &rows).await).await.json()["access_token"]);
        assert_eq!(used.server.introspect(&at_rows).await["active"], true);
        world.switch_client(&used.app.id, true).await;
        used.assert_client_is_gone(&world).await;
        assert_eq!(used.server.introspect(&at_rows).await, json!({ "active": false }));
        world.switch_client(&used.app.id, false).await;
        assert_eq!(used.app.redeem(&used.code).await.status, 200);
        assert_eq!(used.app.refresh(&used.refresh).await.status, 200);
        assert_eq!(used.app.userinfo(&used.access).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc7592_2_3_a_deleted_client_is_refused_everywhere_at_once(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let mut used = in_use(&world).await;
        let rows = [("resource", Some(ROWS))];
        let at_rows = text(&used.app.redeem(&used.app.code_with("alice", &rows).await).await.json()["access_token"]);
        let id = ClientId::new(used.app.id.as_str());
        let removed = world.tessera.remove_client(Permit::of_operator(), id, None, Origin::default());
        removed.await.expect("the database").expect("removed");
        used.assert_client_is_gone(&world).await;
        assert_eq!(used.server.introspect(&at_rows).await, json!({ "active": false }));
    }
}

on_both_engines! {
    async fn rfc6749_5_2_a_disabled_person_is_refused_everywhere_at_once_and_others_are_not(world: World) {
        let alice = world.user("alice").await;
        world.user("bobby").await;
        let mut used = in_use(&world).await;
        let app = used.app.clone();
        let unspent = app.code("alice").await;
        let machine = text(&app.token(&[("grant_type", "client_credentials")]).await.json()["access_token"]);
        world.tessera.request_reset("alice", "en", Origin::default()).await.expect("asked");
        let link = world.letter_link(tessera::flows::letters::LetterKind::ResetPassword).await;
        world
            .tessera
            .set_user_disabled(alice.id, true, Actor::Operator, Origin::default())
            .await
            .expect("disabled");

        let page = used.browser.open("/account").await;
        assert_eq!(page.url, "/sign-in");
        let page = used.browser.submit(&used.consent, "/consent", &[("decision", "allow")]).await;
        assert!(page.has("login"), "{}", page.url);
        let page = used.browser.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(page.answer.status, 401);
        let page = used.browser.open(&app.request(&[("prompt", Some("none"))])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
        assert_eq!(used.browser.open(&link).await.answer.status, 410);

        for (case, answer) in [("code", app.redeem(&unspent).await), ("refresh", app.refresh(&used.refresh).await)] {
            assert_eq!((answer.status, answer.error()), (400, "invalid_grant".to_owned()), "{case}");
        }
        used.assert_token_is_dead().await;
        assert_eq!(app.introspect(&used.access).await, json!({ "active": false }));
        assert_eq!(app.introspect(&used.refresh).await, json!({ "active": false }));
        // RFC 7009 §2.2: "invalid tokens do not cause an error response".
        assert_eq!(used.post(&world, "/revoke").await.status, 200);

        assert_eq!(app.introspect(&machine).await["active"], true, "the machine is nobody's");
        let other = app.redeem(&used.code).await;
        assert_eq!(other.status, 200, "{}", other.body);
    }
}
