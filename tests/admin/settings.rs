//! How the deployment looks: chosen in the administration, seen by everybody.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tessera::config::Config;
use tessera::flows::letters::LetterKind;

use super::root;
use crate::api::support::{Caller, problem};
use crate::on_both_engines;
use crate::pages::assert_page;
use crate::support::browser::Page;
use crate::support::{Browser, World};

/// A picture, as far as its first bytes say.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest";

const LOOKS: &str = "/admin/settings/looks";
const LOGO: &str = "/admin/settings/logo";

/// What the form of looks sends, with some fields typed over.
fn typed<'a>(page: &Page, over: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
    let mut fields = vec![("act", "save".to_owned())];
    for name in ["name", "accent", "help_url", "privacy_url", "terms_url"] {
        fields.push((name, page.field(name).unwrap_or_default()));
    }
    fields.extend([
        ("speaks-en", "yes".to_owned()),
        ("speaks-de", "yes".to_owned()),
    ]);
    fields.push(("default_language", "en".to_owned()));
    fields.push(("opened", page.field("opened").expect("opened")));
    fields.push(("version", page.field("version").expect("a version")));
    for (name, value) in over {
        fields.retain(|(known, _)| known != name);
        fields.push((name, (*value).to_owned()));
    }
    fields
}

async fn choose(browser: &mut Browser, page: &Page, over: &[(&str, &str)]) -> Page {
    let fields = typed(page, over);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.submit(page, LOOKS, &fields).await
}

/// As a browser sends a form with a file.
async fn upload(browser: &mut Browser, page: &Page, parts: &[(&str, &str)], file: &[u8]) -> u16 {
    let mut body = Vec::new();
    let fields = ["csrf", "opened", "version"].map(|name| (name, page.field(name).expect(name)));
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in fields.chain(parts.iter().copied()) {
        let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
    }
    let head =
        "--edge\r\ncontent-disposition: form-data; name=\"logo\"; filename=\"x.png\"\r\n\r\n";
    body.extend([head.as_bytes(), file, b"\r\n--edge--\r\n"].concat());
    let request = Request::post(LOGO)
        .header("content-type", "multipart/form-data; boundary=edge")
        .header("content-length", body.len())
        .body(Body::from(body))
        .expect("a request");
    browser.send(request).await.status
}

on_both_engines! {
    async fn what_is_chosen_is_seen_on_every_page_and_in_every_letter(world: World) {
        let mut browser = root(&world).await;
        let other = world.beside(|_| {}).await;
        let page = browser.open(LOOKS).await;
        let before = world.get("/sign-in").await.body;
        assert!(before.contains("<span>Tessera</span>") && !before.contains("<footer>"), "{before}");
        let chosen = [
            ("name", "Bank <i>& Söhne</i>"), ("accent", "#aa0033"), ("help_url", "mailto:help@bank.example"),
            ("privacy_url", "https://bank.example/privacy?a=1&b=2"), ("default_language", "de"), ("speaks-en", ""),
        ];
        // To look at it first changes nothing.
        let preview = choose(&mut browser, &page, &[&chosen[..], &[("act", "preview")]].concat()).await;
        assert_page(&preview, 200);
        assert!(preview.answer.body.contains("sample.css?accent=%23aa0033"), "{}", preview.answer.body);
        assert!(preview.answer.body.contains("Bank &#60;i&#62;&#38; Söhne"), "{}", preview.answer.body);
        assert!(!world.get("/sign-in").await.body.contains("Söhne"));

        let done = choose(&mut browser, &preview, &chosen).await;
        assert_eq!(done.url, "/admin/settings?done=changed", "{}", done.answer.body);
        let after = world.get("/sign-in").await.body;
        for text in [
            "<span>Bank &#60;i&#62;&#38; Söhne&#60;/i&#62;</span>", "href=\"mailto:help@bank.example\"",
            "href=\"https://bank.example/privacy?a=1&#38;b=2\"", "<html lang=\"de\"",
        ] {
            assert!(after.contains(text), "{text}: {after}");
        }
        let (start, end) = (after.find("/assets/brand.").expect("its colours"), after.len());
        let sheet = after[start..end].split('"').next().expect("an address").to_owned();
        assert!(world.get(&sheet).await.body.contains("#aa0033"));
        let discovered = world.get("/.well-known/openid-configuration").await.json();
        assert_eq!(discovered["ui_locales_supported"], json!(["de"]));

        // Another node knows when it is told, as the watch does; until then it serves its colours as they are.
        assert!(other.get("/sign-in").await.body.contains("<span>Tessera</span>"));
        let early = other.get(&sheet).await;
        assert_eq!((early.status, early.header("cache-control").contains("immutable")), (200, false));
        other.tessera.load_settings().await.expect("the database");
        assert!(other.get("/sign-in").await.body.contains("Söhne"));

        let new = [("username", "ada"), ("email", "ada@example.org"), ("name", "Ada")];
        let page = browser.open("/admin/users/new").await;
        browser.submit(&page, "/admin/users/new", &new).await;
        world.letter_link(LetterKind::ResetPassword).await;
        let told = world.audit().await;
        let told: Vec<_> = told.iter().filter(|event| event["kind"] == "settings.changed").collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["changed"], "name accent help_url privacy_url languages");
    }
}

on_both_engines! {
    async fn a_bad_choice_says_why_and_keeps_what_was_typed(world: World) {
        let mut browser = root(&world).await;
        let page = browser.open(LOOKS).await;
        for (name, value) in [
            ("accent", "red"), ("accent", "#fff}body{}"), ("name", "Bank\u{202e}knaB"), ("name", &"x".repeat(65)),
            ("help_url", "ftp://bank.example/"), ("privacy_url", "http://bank.example/"),
            ("terms_url", "https://bank.example@evil.example/"), ("terms_url", "//evil.example"),
        ] {
            let refused = choose(&mut browser, &page, &[("terms_url", "https://typed.example/"), (name, value)]).await;
            assert_page(&refused, 422);
            assert!(refused.has("problems"), "{name}={value}");
            assert_eq!(refused.field(name).as_deref(), Some(value), "what was typed is still there");
        }
        assert!(world.get("/sign-in").await.body.contains("<span>Tessera</span>"));
        // Somebody else was faster.
        assert_eq!(choose(&mut browser, &page, &[("name", "First")]).await.url, "/admin/settings?done=changed");
        assert_page(&choose(&mut browser, &page, &[("name", "Second")]).await, 422);
        assert!(world.get("/sign-in").await.body.contains("<span>First</span>"));
    }
}

on_both_engines! {
    async fn a_logo_is_a_picture_and_nothing_else(world: World) {
        let mut browser = root(&world).await;
        let page = browser.open(LOGO).await;
        assert_eq!(world.get("/logo").await.status, 404);
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        assert_eq!(upload(&mut browser, &page, &[("act", "save")], svg).await, 422);
        assert_eq!(upload(&mut browser, &page, &[("act", "save")], b"").await, 422);
        let large = [PNG, &vec![0; 256 * 1024]].concat();
        assert_eq!(upload(&mut browser, &page, &[("act", "save")], &large).await, 422);
        let huge = [PNG, &vec![0; 512 * 1024]].concat();
        assert_eq!(upload(&mut browser, &page, &[("act", "save")], &huge).await, 413);
        // Another site's form has no token of ours.
        assert_eq!(upload(&mut browser, &page, &[("act", "save"), ("csrf", "x")], PNG).await, 400);
        assert_eq!(world.get("/logo").await.status, 404);

        assert_eq!(upload(&mut browser, &page, &[("act", "save")], PNG).await, 303);
        let shown = world.get("/sign-in").await.body;
        let at = shown.find("src=\"/logo?v=").expect("the logo");
        let url = shown[at + 5..].split('"').next().expect("an address").to_owned();
        let logo = world.get(&url).await;
        assert_eq!((logo.status, logo.header("content-type").as_str()), (200, "image/png"));
        assert!(logo.header("content-security-policy").contains("sandbox"));
        assert_eq!(logo.header("x-content-type-options"), "nosniff");

        let page = browser.open(LOGO).await;
        assert!(page.has("remove"));
        assert_eq!(upload(&mut browser, &page, &[("act", "remove")], b"").await, 303);
        assert_eq!(world.get("/logo").await.status, 404);
    }
}

on_both_engines! {
    async fn the_api_chooses_from_the_version_that_it_saw(world: World) {
        let root = Caller::root(&world).await;
        let first = root.get("/settings").await;
        assert_eq!((first.json(), first.header("etag")), (json!({}), "\"0\"".to_owned()));
        let body = json!({"name": "Aurora", "languages": ["de", "en"]});
        let put = async |tag: &[(&str, &str)], body| root.send("PUT", "/settings", tag, Some(&body)).await;
        assert_eq!(put(&[], body.clone()).await.status, 428);
        assert_eq!(put(&[("if-match", "\"7\"")], body.clone()).await.status, 412);
        let done = put(&[("if-match", "\"0\"")], body.clone()).await;
        assert_eq!((done.status, done.json(), done.header("etag")), (200, body.clone(), "\"1\"".to_owned()));
        // Twice is the same, and no event.
        assert_eq!(put(&[("if-match", "\"1\"")], body.clone()).await.header("etag"), "\"1\"");
        for (body, status) in [
            (json!({"logo": "x"}), 400), (json!({"accent": "red"}), 400), (json!({"name": 1}), 400),
            (json!({"name": ""}), 422), (json!({"languages": ["tlh"]}), 422), (json!({"help_url": "data:x"}), 422),
        ] {
            let refused = put(&[("if-match", "*")], body.clone()).await;
            assert_eq!(problem(&refused).0, status, "{body}: {}", refused.body);
        }
        assert_eq!(root.get("/settings").await.json(), body);
        let logo = async |image: &str| {
            let body = json!({"image": image});
            root.send("PUT", "/settings/logo", &[("if-match", "*")], Some(&body)).await
        };
        assert_eq!(logo("not base64!").await.status, 400);
        assert_eq!(logo("PHN2Zy8+").await.status, 422);
        assert_eq!(logo("iVBORw0KGgo=").await.header("etag"), "\"2\"");
        assert_eq!(world.get("/logo").await.status, 200);
        let gone = root.send("DELETE", "/settings/logo", &[("if-match", "\"2\"")], None).await;
        assert_eq!((gone.status, gone.header("etag")), (200, "\"3\"".to_owned()));
        assert_eq!(world.get("/logo").await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_configuration_says_cannot_be_chosen_otherwise() {
    let world = World::sqlite().await;
    let said = [("TESSERA__BRANDING__NAME", "Of the file")];
    let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let said = Config::load(None, said.into_iter()).expect("a configuration");
    let world = world
        .beside(|config| {
            let mut said = said;
            said.server = config.server.clone();
            said.database = config.database.clone();
            said.keys = config.keys.clone();
            said.passwords = config.passwords.clone();
            said.sessions = config.sessions.clone();
            *config = said;
        })
        .await;
    let root_client = Caller::root(&world).await;
    let body = json!({"name": "Chosen"});
    let refused = root_client
        .send("PUT", "/settings", &[("if-match", "*")], Some(&body))
        .await;
    assert_eq!(problem(&refused).0, 422, "{}", refused.body);
    assert!(
        refused.body.contains("TESSERA__BRANDING__NAME"),
        "{}",
        refused.body
    );
    let mut browser = root(&world).await;
    let page = browser.open(LOOKS).await;
    assert!(page.answer.body.contains("TESSERA__BRANDING__NAME"));
    // Its field sends nothing, and the others can be chosen.
    let done = choose(&mut browser, &page, &[("name", ""), ("accent", "#aa0033")]).await;
    assert_eq!(
        done.url, "/admin/settings?done=changed",
        "{}",
        done.answer.body
    );
    assert!(
        world
            .get("/sign-in")
            .await
            .body
            .contains("<span>Of the file</span>")
    );
}
