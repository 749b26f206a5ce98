//! `/consent`, and the logos on it.

use std::time::Duration;

use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::assert_page;
use crate::on_both_engines;
use crate::support::client::REDIRECT;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, Registrar, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

async fn consent_page(app: &App, username: &str, changes: &[(&str, Option<&str>)]) -> Page {
    let mut browser = Browser::new(&app.world);
    let page = browser.open(&app.request(changes)).await;
    let page = browser.sign_in(&page, username, PASSWORD).await;
    assert!(page.has("allow"), "{}", page.answer.body);
    page
}

/// A site with something at `/logo`.
async fn site(answer: ResponseTemplate) -> MockServer {
    let site = MockServer::start().await;
    Mock::given(path("/logo"))
        .respond_with(answer)
        .mount(&site)
        .await;
    site
}

fn picture(bytes: &[u8]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(bytes, "text/html")
}

async fn fetches(site: &MockServer) -> usize {
    site.received_requests().await.expect("recorded").len()
}

async fn with_logo(world: &World, site: &MockServer) -> App {
    App::register(world, json!({"logo_uri": format!("{}/logo", site.uri())})).await
}

fn logo_of(app: &App) -> String {
    format!("/clients/{}/logo", app.id)
}

on_both_engines! {
    async fn oidc_registration_2_consent_says_who_asks_for_what_and_where_it_leads(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({
            "client_uri": "https://rows.example/home",
            "policy_uri": "https://rows.example/privacy",
            "tos_uri": "https://rows.example/terms",
        })).await;
        let scope = "openid profile offline_access rows:read";
        let page = consent_page(&app, "alice", &[("scope", Some(scope))]).await;
        assert_page(&page, 200);
        for shown in [
            "Rows", "alice Example", "href=\"https://rows.example/home\"", ">rows.example<",
            "href=\"https://rows.example/privacy\"", "href=\"https://rows.example/terms\"",
            "app.example", "Keep this access while you are away", "See your name", "rows:read",
            "href=\"/select-account?request=",
        ] {
            assert!(page.answer.body.contains(shown), "{shown} in {}", page.answer.body);
        }
        assert!(!page.answer.body.contains("e-mail address"), "not asked for");
        assert!(!page.answer.body.contains("/logo"), "there is none");
        // OpenID Connect Core 5.5: single claims are asked for as what they belong to.
        let claims = Some(r#"{"userinfo": {"email": null}}"#);
        let page = consent_page(&app, "alice", &[("scope", Some("openid")), ("claims", claims)]).await;
        assert!(page.answer.body.contains("See your e-mail address"));
    }
}

on_both_engines! {
    async fn rfc7591_2_2_consent_is_in_the_language_of_who_reads_it(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({
            "client_name#de": "Zeilen",
            "client_uri": "https://rows.example/", "client_uri#de-AT": "https://zeilen.example/",
            "policy_uri#DE": "https://rows.example/datenschutz", "policy_uri": "https://rows.example/privacy",
            "tos_uri": "https://rows.example/terms",
        })).await;
        let page = consent_page(&app, "alice", &[("ui_locales", Some("de"))]).await;
        for shown in ["Zeilen", "https://zeilen.example/", "/datenschutz", "/terms", "lang=\"de\""] {
            assert!(page.answer.body.contains(shown), "{shown} in {}", page.answer.body);
        }
        assert!(!page.answer.body.contains("Rows") && !page.answer.body.contains("/privacy"));
        let page = consent_page(&app, "alice", &[]).await;
        assert!(page.answer.body.contains("Rows") && !page.answer.body.contains("Zeilen"));
        // And on the way there.
        let sign_in = Browser::new(&world).open(&app.request(&[("ui_locales", Some("de"))])).await;
        assert!(sign_in.answer.body.contains("Zeilen"), "{}", sign_in.answer.body);
    }
}

on_both_engines! {
    async fn oidc_registration_2_a_logo_is_fetched_by_us_and_served_as_what_it_is(world: World) {
        world.user("alice").await;
        let site = site(picture(PNG)).await;
        let app = with_logo(&world, &site).await;
        let page = consent_page(&app, "alice", &[]).await;
        let url = format!("{}?lang=en", logo_of(&app));
        assert!(page.answer.body.contains(&format!("<img src=\"{url}\" alt=\"\" width=\"52\" height=\"52\">")));
        assert!(!page.answer.body.contains(&site.uri()), "never from there: {}", page.answer.body);
        let policy = page.answer.header("content-security-policy");
        assert!(policy.contains("img-src 'self';"), "{policy}");

        let logo = world.get(&url).await;
        assert_eq!(logo.status, 200);
        for (name, value) in [
            ("content-type", "image/png"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "public, max-age=3600"),
        ] {
            assert_eq!(logo.header(name), value, "{name}");
        }
        let etag = logo.header("etag");
        let request = axum::http::Request::get(&url)
            .header("if-none-match", &etag)
            .body(axum::body::Body::empty())
            .expect("a request");
        let same = world.send(request).await;
        assert_eq!((same.status, same.body.as_str()), (304, ""));
        assert_eq!(fetches(&site).await, 1);
    }
}

on_both_engines! {
    async fn a_logo_is_kept_for_an_hour_and_a_failure_for_a_minute(world: World) {
        let (good, bad) = (site(picture(PNG)).await, site(ResponseTemplate::new(500)).await);
        let (shown, failing) = (with_logo(&world, &good).await, with_logo(&world, &bad).await);
        for (seconds, expected) in [(0, (1, 1)), (59, (1, 1)), (1, (1, 2)), (3539, (1, 3)), (1, (2, 3))] {
            world.advance(seconds);
            // Many at once ask once.
            let (first, second, none) = (logo_of(&shown), logo_of(&shown), logo_of(&failing));
            let (first, second, none) = tokio::join!(world.get(&first), world.get(&second), world.get(&none));
            assert_eq!((first.status, second.status, none.status), (200, 200, 404));
            assert_eq!((fetches(&good).await, fetches(&bad).await), expected, "after {seconds} more");
        }
    }
}

on_both_engines! {
    async fn what_is_no_picture_is_not_served_and_the_page_shows_a_letter(world: World) {
        world.user("alice").await;
        let mut large = PNG.to_vec();
        large.resize(256 * 1024 + 1, 0);
        let mut largest = PNG.to_vec();
        largest.resize(256 * 1024, 0);
        for (bytes, expected) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..], 404),
            (b"<!doctype html><script>alert(1)</script>", 404),
            (b"", 404),
            (&large, 404),
            (&largest, 200),
            (b"\xff\xd8\xff\xe0", 200),
        ] {
            // The address can be one that had something else a moment ago.
            world.advance(3600);
            let site = site(picture(bytes)).await;
            let app = with_logo(&world, &site).await;
            assert_eq!(world.get(&logo_of(&app)).await.status, expected, "{} bytes", bytes.len());
            let page = consent_page(&app, "alice", &[]).await;
            assert_eq!(page.answer.body.contains("<img"), expected == 200, "{}", page.answer.body);
            assert!(page.answer.body.contains(">R<"), "the letter: {}", page.answer.body);
        }
    }
}

on_both_engines! {
    async fn a_slow_site_keeps_nobody_from_the_consent_page(world: World) {
        world.user("alice").await;
        let site = site(picture(PNG).set_delay(Duration::from_millis(1500))).await;
        let app = with_logo(&world, &site).await;
        let page = consent_page(&app, "alice", &[]).await;
        assert!(!page.answer.body.contains("<img") && page.answer.body.contains(">R<"), "{}", page.answer.body);
        // It is fetched all the same, once, and there the next time.
        assert_eq!(world.get(&logo_of(&app)).await.status, 200);
        assert!(consent_page(&app, "alice", &[]).await.answer.body.contains("<img"));
        assert_eq!(fetches(&site).await, 1);
    }
}

on_both_engines! {
    async fn a_logo_of_nobody_is_not_found(world: World) {
        let app = App::register(&world, json!({})).await;
        assert_eq!(world.get("/clients/nobody/logo").await.status, 404);
        assert_eq!(world.get(&logo_of(&app)).await.status, 404);
        assert_eq!(world.get("/clients/%ff%00/logo").await.status / 100, 4);
        let site = site(picture(PNG)).await;
        let app = with_logo(&world, &site).await;
        assert_eq!(world.get(&logo_of(&app)).await.status, 200);
        world.switch_client(&app.id, true).await;
        assert_eq!(world.get(&logo_of(&app)).await.status, 404);
    }
}

on_both_engines! {
    with |config| config.outbound.allow_private_networks = false;
    async fn cwe_918_a_logo_does_not_make_us_knock_on_inner_doors(world: World) {
        let site = site(picture(PNG)).await;
        // Registered in an easier time: https alone is taken now.
        let app = App::register(&world, json!({"logo_uri": "https://127.0.0.1/logo"})).await;
        assert_eq!(world.get(&logo_of(&app)).await.status, 404);
        assert_eq!(fetches(&site).await, 0);
    }
}

on_both_engines! {
    async fn oidc_core_4_an_application_that_can_begin_a_login_is_opened_from_the_account(world: World) {
        world.user("alice").await;
        let login = "https://rows.example/login?from=op";
        let app = App::register(&world, json!({"initiate_login_uri": login})).await;
        let plain = App::register(&world, json!({"client_name": "Plain"})).await;
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[]), "alice").await;
        browser.pass(&plain.request(&[]), "alice").await;
        let page = browser.open("/account").await;
        let link = "https://rows.example/login?from=op&#38;iss=http%3A%2F%2Flocalhost%3A8080";
        let also = link.replace("&#38;", "&amp;");
        assert!(page.answer.body.contains(link) || page.answer.body.contains(&also), "{}", page.answer.body);
        assert_eq!(page.answer.body.matches("iss=").count(), 1, "only where there is one");
    }
}

on_both_engines! {
    async fn the_logo_of_a_disabled_client_is_not_fetched(world: World) {
        let site = site(picture(PNG)).await;
        let app = with_logo(&world, &site).await;
        for (disabled, status, count) in [(true, 404, 0), (false, 200, 1)] {
            world.switch_client(&app.id, disabled).await;
            assert_eq!(world.get(&logo_of(&app)).await.status, status);
            assert_eq!(fetches(&site).await, count, "disabled: {disabled}");
        }
    }
}

on_both_engines! {
    with |config| config.registration.mode = tessera::config::RegistrationMode::Open;
    async fn rfc7591_5_the_heading_says_where_an_application_that_registered_itself_really_is(world: World) {
        world.user("alice").await;
        let metadata = json!({"client_name": "Your Bank", "client_uri": "https://bank.example/", "redirect_uris": [REDIRECT]});
        let client = Registrar::register(&world, metadata).await;
        let app = App { world: world.clone(), id: client.text("client_id"), secret: client.text("client_secret") };
        let page = consent_page(&app, "alice", &[]).await;
        let (_, rest) = page.answer.body.split_once("<hgroup>").expect("a heading");
        let (heading, _) = rest.split_once("</hgroup>").expect("its end");
        assert!(heading.contains("Your Bank") && heading.contains("app.example"), "{heading}");
        // What it merely says of itself is further down, and under its own host.
        assert!(!heading.contains("bank.example"), "{heading}");
        assert!(page.answer.body.contains(">bank.example<"));
    }
}

on_both_engines! {
    async fn rfc8252_8_6_skip_consent_does_not_let_a_program_pass_that_anyone_could_be(world: World) {
        world.user("alice").await;
        let client = |uri: &str, method: &str| json!({"skip_consent": true, "application_type": "native",
            "token_endpoint_auth_method": method, "redirect_uris": [uri]});
        for (uri, method, asked) in [
            ("http://127.0.0.1/cb", "none", true),
            ("com.example.app:/cb", "none", true),
            (REDIRECT, "none", false),
            ("http://127.0.0.1/cb", "client_secret_basic", false),
        ] {
            let app = App::register(&world, client(uri, method)).await;
            let mut browser = Browser::new(&world);
            let page = browser.open(&app.request(&[("redirect_uri", Some(uri))])).await;
            let page = browser.sign_in(&page, "alice", PASSWORD).await;
            assert_eq!((page.has("allow"), page.location().starts_with(uri)), (asked, !asked), "{uri} {method}");
            // Allowed once, it is asked again all the same.
            if asked {
                browser.submit(&page, "/consent", &[("decision", "allow")]).await;
                world.advance(1);
                let page = browser.open(&app.request(&[("redirect_uri", Some(uri))])).await;
                assert!(page.has("allow"), "{uri} {method}: {}", page.location());
                let silent = [("redirect_uri", Some(uri)), ("prompt", Some("none"))];
                let page = browser.open(&app.request(&silent)).await;
                assert_eq!(page.parameter("error").as_deref(), Some("consent_required"), "{uri}");
            }
        }
    }
}
