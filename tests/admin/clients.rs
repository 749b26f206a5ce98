//! Applications: registered, graded, mended, changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::root;
use crate::on_both_engines;
use crate::pages::assert_page;

on_both_engines! {
    async fn an_application_is_registered_by_what_it_is_and_its_secret_is_shown_once(world: World) {
        let mut browser = root(&world).await;
        for (kind, public) in [("web", false), ("spa", true), ("native", true), ("machine", false)] {
            let path = format!("/admin/clients/new?kind={kind}");
            let page = browser.open(&path).await;
            let opened = page.field("opened").expect("what the form carries");
            let fields = [("opened", opened.as_str()), ("kind", kind), ("client_name", "Photo album"),
                ("redirect_uris", "https://album.example/cb\r\n"), ("scope", "openid email")];
            let made = browser.submit(&page, "/admin/clients/new", &fields).await;
            assert_page(&made, 200);
            assert_eq!(made.has("client-secret"), !public, "{kind}: {}", made.answer.body);
        }
        let page = browser.open("/admin/clients?q=photo").await;
        assert_eq!(page.answer.body.matches("/admin/clients/0").count(), 4, "{}", page.answer.body);
        let page = browser.open("/admin/clients?q=photo&kind=machine").await;
        assert_eq!(page.answer.body.matches("/admin/clients/0").count(), 1);
        assert!(!page.answer.body.contains("tss_"));
    }
}

on_both_engines! {
    async fn what_is_wrong_is_said_and_what_was_typed_is_kept(world: World) {
        let mut browser = root(&world).await;
        let page = browser.open("/admin/clients/new?kind=web").await;
        let fields = [("kind", "web"), ("client_name", "<b>Eve</b>"), ("redirect_uris", "http://album.example/cb"), ("scope", "openid")];
        let again = browser.submit(&page, "/admin/clients/new", &fields).await;
        assert_page(&again, 422);
        assert!(again.has("problems") && again.answer.body.contains("http://album.example/cb"));
        assert!(again.answer.body.contains("&#60;b&#62;Eve") && !again.answer.body.contains("<b>Eve"), "{}", again.answer.body);
    }
}

on_both_engines! {
    async fn a_finding_is_mended_with_a_button_and_a_stale_form_changes_nothing(world: World) {
        let (id, _) = world.client(serde_json::json!({"redirect_uris": ["https://a.example/cb"]})).await;
        let mut browser = root(&world).await;
        let path = format!("/admin/clients/{id}");
        let page = browser.open(&path).await;
        assert!(page.has("mend-no-pkce"), "{}", page.answer.body);
        let edit = browser.open(&format!("{path}/edit")).await;
        let version = edit.field("version").expect("the version");
        let mended = browser.submit(&page, &format!("{path}/mend"), &[("finding", "no-pkce")]).await;
        assert!(!mended.has("mend-no-pkce"), "{}", mended.answer.body);
        let fields = [("version", version.as_str()), ("redirect_uris", "https://evil.example/cb"), ("grant_types.authorization_code", "yes"),
            ("response_types.code", "yes"), ("token_endpoint_auth_method", "client_secret_basic"), ("application_type", "web"),
            ("subject_type", "public"), ("access_token_format", "jwt"), ("id_token_signed_response_alg", "RS256")];
        let stale = browser.submit(&edit, &format!("{path}/edit"), &fields).await;
        assert_page(&stale, 422);
        let fresh = browser.open(&format!("{path}/edit")).await;
        let version = fresh.field("version").expect("the version");
        let mut fields = fields;
        fields[0].1 = version.as_str();
        fields[1].1 = "https://b.example/cb";
        let changed = browser.submit(&fresh, &format!("{path}/edit"), &fields).await;
        assert_page(&changed, 200);
        assert!(changed.answer.body.contains("https://b.example/cb") && !changed.answer.body.contains("evil"));
        // What mended is not in the form that was sent: unticked, it is off again.
        assert!(changed.has("mend-no-pkce"));
    }
}

on_both_engines! {
    async fn a_disabled_application_is_refused_and_a_deleted_one_is_gone(world: World) {
        let (id, _) = world.client(serde_json::json!({"redirect_uris": ["https://a.example/cb"]})).await;
        let mut browser = root(&world).await;
        let path = format!("/admin/clients/{id}");
        let page = browser.open(&format!("{path}/disable")).await;
        assert_page(&browser.submit(&page, &format!("{path}/disable"), &[]).await, 200);
        let request = format!("/authorize?response_type=code&client_id={id}&redirect_uri=https://a.example/cb");
        assert_page(&browser.open(&request).await, 400);
        let page = browser.open(&format!("{path}/delete")).await;
        let list = browser.submit(&page, &format!("{path}/delete"), &[]).await;
        assert_eq!(list.url, "/admin/clients?done=deleted");
        assert_page(&browser.open(&path).await, 404);
        assert_page(&browser.open(&format!("{path}/nonsense")).await, 404);
    }
}

on_both_engines! {
    async fn a_secret_that_moves_from_the_body_to_the_header_stays_the_same(world: World) {
        let post = serde_json::json!({"grant_types": ["client_credentials"], "response_types": [], "scope": "rows",
            "token_endpoint_auth_method": "client_secret_post"});
        let (id, secret) = world.client(post).await;
        let mut browser = root(&world).await;
        let path = format!("/admin/clients/{id}");
        let page = browser.open(&path).await;
        let mended = browser.submit(&page, &format!("{path}/mend"), &[("finding", "secret-in-form")]).await;
        assert_page(&mended, 200);
        assert!(!mended.has("client-secret") && !mended.has("mend-secret-in-form"), "{}", mended.answer.body);
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let answer = world.post("/token", &[("authorization", &basic)], &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

on_both_engines! {
    async fn json_that_is_none_is_said_and_nothing_typed_is_lost(world: World) {
        let (id, _) = world.client(serde_json::json!({"redirect_uris": ["https://a.example/cb"]})).await;
        let mut browser = root(&world).await;
        let path = format!("/admin/clients/{id}/edit");
        let page = browser.open(&path).await;
        let fields = [("client_name", "Typed for long"), ("jwks", "{\"keys\": [")];
        let again = browser.submit(&page, &path, &fields).await;
        assert_page(&again, 422);
        for kept in ["Typed for long", "&#34;keys&#34;: ["] {
            assert!(again.answer.body.contains(kept), "{kept}: {}", again.answer.body);
        }
    }
}

on_both_engines! {
    async fn its_page_shows_what_it_did_in_the_last_seven_days_and_no_trials(world: World) {
        let machine = serde_json::json!({"grant_types": ["client_credentials"], "response_types": [], "scope": "rows"});
        let (id, secret) = world.client(machine).await;
        let form = [("grant_type", "client_credentials")];
        for (secret, status) in [(secret.as_str(), 200), (&secret, 200), ("wrong", 401)] {
            let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            assert_eq!(world.post("/token", &[("authorization", &basic)], &form).await.status, status);
        }
        let mut browser = root(&world).await;
        let path = format!("/admin/clients/{id}");
        let page = browser.open(&format!("{path}/try")).await;
        let opened = page.field("opened").expect("what the form carries");
        let tried = browser.submit(&page, &format!("{path}/try"), &[("opened", &opened), ("tried", "machine")]).await;
        assert_page(&tried, 200);
        let figures = |page: &crate::support::Page| {
            let parts = page.answer.body.split("class=\"figure\">").skip(1);
            parts.map(|rest| rest.split('<').next().expect("a number").to_owned()).collect::<Vec<_>>()
        };
        for _ in 0..2 {
            world.tessera.store.seal_audit().await.expect("sealed");
            while world.tessera.count_events().await.expect("counted") {}
            // Once, however often it is counted.
            assert_eq!(figures(&browser.open(&path).await), ["0", "2", "1"]);
        }
        world.advance(7 * 86_400);
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "root", crate::support::world::PASSWORD).await;
        assert_eq!(figures(&browser.open(&path).await), ["0", "0", "0"]);
    }
}
