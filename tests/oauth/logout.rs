//! RP-Initiated, Front-Channel Logout and Session Management, through the real pages.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::on_both_engines;
use crate::support::client::{REDIRECT, claims_of as claims};
use crate::support::world::{Answer, ISSUER};
use crate::support::{App, Browser, Page, World};

const BACK: &str = "https://app.example/out?from=tessera";

async fn registered(world: &World, changes: Value) -> App {
    let mut all = json!({"post_logout_redirect_uris": [BACK]});
    for (name, value) in changes.as_object().expect("an object") {
        all[name] = value.clone();
    }
    App::register(world, all).await
}

/// A browser in which a person signed in to an application, and the ID token that it got.
pub(super) async fn signed_in(app: &App, username: &str) -> (Browser, String) {
    let mut browser = Browser::new(&app.world);
    let token = id_token(app, &mut browser, username).await;
    (browser, token)
}

/// As [`signed_in`], in a browser that is there.
pub(super) async fn id_token(app: &App, browser: &mut Browser, username: &str) -> String {
    let page = browser.pass(&app.request(&[]), username).await;
    let code = page.parameter("code").expect("a code");
    let tokens = app.redeem(&code).await.json();
    tokens["id_token"].as_str().expect("an ID token").to_owned()
}

/// The URL of a logout request.
pub(super) fn sign_out(pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("/sign-out?{query}")
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.open("/account").await.url == "/account"
}

/// The page that asks: nothing has ended, and nothing redirects.
async fn assert_asks(browser: &mut Browser, page: &Page, case: &str) {
    assert_eq!(page.answer.status, 200, "{case}: {}", page.answer.body);
    assert!(page.has("logout") && page.has("stay"), "{case}");
    assert!(is_signed_in(browser).await, "{case}");
}

on_both_engines! {
    async fn rp_initiated_logout_2_a_hint_about_who_is_here_ends_the_session_and_leads_back(world: World) {
        world.user("alice").await;
        let pairwise = json!({"subject_type": "pairwise", "redirect_uris": ["https://app.example/other", REDIRECT]});
        for changes in [json!({}), pairwise] {
            let app = registered(&world, changes).await;
            for late in [0, 3600] {
                let (mut browser, hint) = signed_in(&app, "alice").await;
                let stolen = browser.clone();
                world.advance(late);
                let request = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BACK), ("state", "a b")];
                let page = browser.open(&sign_out(&request)).await;
                assert_eq!(page.answer.status, 303, "{}", page.answer.body);
                assert_eq!(page.location(), format!("{BACK}&state=a+b"));
                assert_eq!(page.answer.header("cache-control"), "no-store");
                assert!(!is_signed_in(&mut browser).await);
                assert!(!is_signed_in(&mut stolen.clone()).await, "the session is over, not only its cookie");
                // Once more, by the application of somebody who is gone: the same answer.
                assert_eq!(browser.open(&sign_out(&request)).await.location(), format!("{BACK}&state=a+b"));
                let plain = browser.open(&sign_out(&request[..1])).await;
                assert_eq!((plain.answer.status, plain.location().as_str()), (200, ""));
            }
        }
    }
}

on_both_engines! {
    async fn rp_initiated_logout_2_without_a_proof_the_person_is_asked_and_is_told_by_whom(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = registered(&world, json!({"client_name": "Rows & Columns"})).await;
        let (mut browser, hint) = signed_in(&app, "alice").await;
        let (_, of_bobby) = signed_in(&app, "bobby").await;
        let back = ("post_logout_redirect_uri", BACK);
        for (case, request) in [
            ("client_id", vec![("client_id", app.id.as_str()), back, ("state", "s")]),
            ("somebody else's hint", vec![("id_token_hint", of_bobby.as_str()), back, ("state", "s")]),
            ("another logout_hint", vec![("id_token_hint", hint.as_str()), ("logout_hint", "bobby"), back, ("state", "s")]),
        ] {
            let page = browser.open(&sign_out(&request)).await;
            assert_asks(&mut browser, &page, case).await;
            assert!(page.answer.body.contains("Rows &amp; Columns"), "{case}: {}", page.answer.body);
            assert!(!page.has("problems"), "{case}");
            assert!(page.answer.header("content-security-policy").contains("form-action 'self' https://app.example;"));
            let stays = browser.submit(&page, "/sign-out", &[("decision", "stay")]).await;
            assert_eq!(stays.url, "/account", "{case}");
            let gone = browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
            assert_eq!(gone.location(), format!("{BACK}&state=s"), "{case}");
            assert!(!is_signed_in(&mut browser).await, "{case}");
            // Nobody is here, and anybody may name a client: a link, and no redirect.
            let page = browser.open(&sign_out(&request)).await;
            if case == "client_id" {
                assert_eq!((page.answer.status, page.location().as_str()), (200, ""));
                assert!(page.has("continue"), "{}", page.answer.body);
            }
            id_token(&app, &mut browser, "alice").await;
        }
        let named = browser.open(&sign_out(&[("id_token_hint", &hint), ("logout_hint", "alice"), back])).await;
        assert_eq!(named.location(), BACK, "the control: her own name");
    }
}

on_both_engines! {
    async fn rp_initiated_logout_3_a_request_with_a_flaw_never_redirects_and_still_offers_to_sign_out(world: World) {
        world.user("alice").await;
        let (app, other) = (registered(&world, json!({})).await, registered(&world, json!({})).await);
        let disabled = registered(&world, json!({})).await;
        let (mut browser, hint) = signed_in(&app, "alice").await;
        let of_disabled = id_token(&disabled, &mut browser, "alice").await;
        let access_token = app.tokens("alice").await["access_token"].as_str().expect("a token").to_owned();
        world.switch_client(&disabled.id, true).await;
        let tampered = hint.replacen("eyJ", "eyK", 2).replacen("eyK", "eyJ", 1);
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", hint.split('.').nth(1).expect("claims"));
        let back = ("post_logout_redirect_uri", BACK);
        for (case, request) in [
            ("no hint", vec![("id_token_hint", "no"), back]),
            ("tampered", vec![("id_token_hint", &tampered), back]),
            ("alg none", vec![("id_token_hint", &unsigned), back]),
            ("an access token", vec![("id_token_hint", &access_token), back]),
            ("another client", vec![("id_token_hint", &hint), ("client_id", &other.id), back]),
            ("unknown client", vec![("client_id", "nobody"), back]),
            ("disabled client", vec![("client_id", &disabled.id), back]),
            ("hint of a disabled client", vec![("id_token_hint", &of_disabled), back]),
            ("no client", vec![back]),
            ("unregistered", vec![("id_token_hint", &hint), ("post_logout_redirect_uri", "https://app.example/out")]),
            ("evil", vec![("id_token_hint", &hint), ("post_logout_redirect_uri", "https://evil.example/")]),
            ("a redirect URI", vec![("id_token_hint", &hint), ("post_logout_redirect_uri", REDIRECT)]),
            ("repeated", vec![("id_token_hint", &hint), back, back]),
        ] {
            let page = browser.open(&sign_out(&request)).await;
            assert_asks(&mut browser, &page, case).await;
            assert!(page.has("problems"), "{case}: {}", page.answer.body);
            assert!(!page.answer.body.contains("evil") && !page.answer.body.contains(BACK), "{case}");
            let gone = browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
            assert_eq!((gone.answer.status, gone.location().as_str()), (200, ""), "{case}");
            assert!(!is_signed_in(&mut browser).await, "{case}");
            let nobody = browser.open(&sign_out(&request)).await;
            assert_eq!((nobody.answer.status, nobody.location().as_str()), (200, ""), "{case}");
            assert!(!nobody.has("continue") && nobody.has("problems"), "{case}: {}", nobody.answer.body);
            id_token(&app, &mut browser, "alice").await;
        }
    }
}

/// A POST that another site's page makes: without the cookies that are `SameSite=Lax`.
async fn cross_site(world: &World, form: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = Request::post("/sign-out")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "https://app.example")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(body))
        .expect("a request");
    world.send(request).await
}

on_both_engines! {
    async fn rp_initiated_logout_2_a_post_does_what_the_link_would_do(world: World) {
        world.user("alice").await;
        let app = registered(&world, json!({})).await;
        let (mut browser, hint) = signed_in(&app, "alice").await;
        let back = [("post_logout_redirect_uri", BACK), ("state", "s")];
        // Without a hint: the page that asks.
        let mut form = vec![("client_id", app.id.as_str())];
        form.extend(back);
        let answer = cross_site(&world, &form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert!(answer.headers.get_all("set-cookie").iter().next().is_none(), "no cookie is made anew");
        let page = browser.open(&answer.header("location")).await;
        assert_asks(&mut browser, &page, "no hint").await;
        // What our own form has, without our token: a forgery, and nothing ends.
        form.push(("decision", "logout"));
        assert_eq!(cross_site(&world, &form).await.status, 403);
        assert!(is_signed_in(&mut browser).await);
        // With a hint: done.
        let mut form = vec![("id_token_hint", hint.as_str())];
        form.extend(back);
        let answer = cross_site(&world, &form).await;
        assert!(is_signed_in(&mut browser).await, "the POST itself ends nothing");
        let page = browser.open(&answer.header("location")).await;
        assert_eq!(page.location(), format!("{BACK}&state=s"));
        assert!(!is_signed_in(&mut browser).await);
    }
}

on_both_engines! {
    async fn rp_initiated_logout_2_the_page_speaks_the_language_that_is_wished_for(world: World) {
        world.user("alice").await;
        let app = registered(&world, json!({})).await;
        let (mut browser, _) = signed_in(&app, "alice").await;
        let wish = [("client_id", app.id.as_str()), ("ui_locales", "fr de")];
        for page in [
            browser.open(&sign_out(&wish)).await,
            browser.open(&cross_site(&world, &wish).await.header("location")).await,
        ] {
            assert!(page.answer.body.contains("<html lang=\"de\""), "{}", page.answer.body);
        }
    }
}

on_both_engines! {
    async fn a_ticket_that_is_too_old_signs_out_and_leads_nowhere(world: World) {
        world.user("alice").await;
        let app = registered(&world, json!({})).await;
        let (mut browser, _) = signed_in(&app, "alice").await;
        let page = browser.open(&sign_out(&[("client_id", &app.id), ("post_logout_redirect_uri", BACK)])).await;
        world.advance(3600);
        let gone = browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        assert_eq!((gone.answer.status, gone.location().as_str()), (200, ""));
        assert!(!is_signed_in(&mut browser).await);
    }
}

fn frames(page: &Page) -> Vec<String> {
    page.answer
        .body
        .split("<iframe src=\"")
        .skip(1)
        .map(|rest| {
            let url = rest.split('"').next().expect("an address");
            url.replace("&#38;", "&").replace("&amp;", "&")
        })
        .collect()
}

on_both_engines! {
    async fn frontchannel_logout_3_the_page_loads_every_client_of_this_session_and_no_other(world: World) {
        world.user("alice").await;
        let client = |host: &str, needed: bool| json!({
            "redirect_uris": [format!("https://{host}/cb"), REDIRECT],
            "frontchannel_logout_uri": format!("https://{host}/fc?a=b"),
            "frontchannel_logout_session_required": needed,
        });
        let one = registered(&world, client("one.example", true)).await;
        let two = registered(&world, client("two.example:8443", false)).await;
        let elsewhere = registered(&world, client("elsewhere.example", true)).await;
        let silent = registered(&world, json!({})).await;
        signed_in(&elsewhere, "alice").await;
        let (mut browser, hint) = signed_in(&one, "alice").await;
        for app in [&two, &silent, &one] {
            id_token(app, &mut browser, "alice").await;
        }
        let sid = claims(&hint)["sid"].as_str().expect("a sid").to_owned();
        let issuer: String = form_urlencoded::byte_serialize(ISSUER.as_bytes()).collect();
        let page = browser.open(&sign_out(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BACK), ("state", "s")])).await;
        assert_eq!(page.answer.status, 200, "{}", page.location());
        let mut found = frames(&page);
        found.sort();
        assert_eq!(found, [
            format!("https://one.example/fc?a=b&iss={issuer}&sid={sid}"),
            "https://two.example:8443/fc?a=b".to_owned(),
        ]);
        let policy = page.answer.header("content-security-policy");
        assert!(policy.contains("; frame-src https://one.example https://two.example:8443; "), "{policy}");
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        let body = &page.answer.body;
        let next = format!("{BACK}&#38;state=s");
        assert!(page.has("continue") && body.contains(&format!("href=\"{next}\" data-at-once")), "{body}");
        assert!(body.contains(&format!("<noscript><meta http-equiv=\"refresh\" content=\"5; url={next}\"></noscript>")), "{body}");
        assert!(body.contains("/assets/signed_out.") && !body.contains("<script>"));
        assert!(!is_signed_in(&mut browser).await);
        // Only on that page, and only once.
        let again = browser.open("/sign-out").await;
        assert!(frames(&again).is_empty() && !again.answer.header("content-security-policy").contains("frame-src"));
    }
}

on_both_engines! {
    async fn frontchannel_logout_3_the_frames_come_on_our_own_ways_out_too(world: World) {
        world.user("alice").await;
        let app = registered(&world, json!({"frontchannel_logout_uri": "https://app.example/fc"})).await;
        for by_account in [false, true] {
            let (mut browser, _) = signed_in(&app, "alice").await;
            let page = if by_account {
                let page = browser.open("/account").await;
                let sid = claims(&id_token(&app, &mut browser, "alice").await)["sid"].as_str().expect("a sid").to_owned();
                browser.submit(&page, "/account/sessions/end", &[("session_id", &sid)]).await
            } else {
                let page = browser.open("/sign-out").await;
                browser.submit(&page, "/sign-out", &[("decision", "logout")]).await
            };
            assert_eq!(frames(&page), ["https://app.example/fc"], "{}", page.answer.body);
            assert!(!page.has("continue"));
            assert!(!is_signed_in(&mut browser).await);
        }
    }
}

const STATE: &str = "tessera-session-state";

/// Session Management §3.2, as the script in the frame computes it.
fn expected_state(app: &App, origin: &str, browser: &Browser, seen: &str) -> String {
    let (_, salt) = seen.split_once('.').expect("a salt");
    let text = format!("{} {origin} {} {salt}", app.id, browser.cookies[STATE]);
    format!("{}.{salt}", URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

on_both_engines! {
    async fn session_management_2_a_response_carries_the_state_of_this_login(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = registered(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let state_of = async |browser: &mut Browser, who: &str, changes: &[(&str, Option<&str>)]| {
            browser.pass(&app.request(changes), who).await.parameter("session_state")
        };
        let first = state_of(&mut browser, "alice", &[]).await.expect("a state");
        assert!(!first.contains(' '));
        assert_eq!(first, expected_state(&app, "https://app.example", &browser, &first));
        let second = state_of(&mut browser, "alice", &[("prompt", Some("none"))]).await.expect("a state");
        assert_ne!(first, second, "a salt of its own");
        assert_eq!(first, expected_state(&app, "https://app.example", &browser, &first), "unchanged");
        assert_eq!(state_of(&mut browser, "alice", &[("scope", Some("profile"))]).await, None, "not OpenID Connect");
        // It opens nothing, and names nobody.
        let value = browser.cookies[STATE].clone();
        assert!(!browser.cookies.iter().any(|(name, other)| name != STATE && *other == value));
        // Another person: changed.
        let page = browser.open("/sign-in/another").await;
        browser.sign_in(&page, "bobby", crate::support::world::PASSWORD).await;
        assert_ne!(first, expected_state(&app, "https://app.example", &browser, &first));
        // One of the two signed out: changed. Both: gone.
        let both = browser.cookies[STATE].clone();
        let page = browser.open("/sign-out").await;
        let page = browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        assert!(page.has("others") && browser.cookies[STATE] != both);
        let page = browser.open("/sign-out").await;
        browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        assert!(!browser.cookies.contains_key(STATE));
    }
}

on_both_engines! {
    async fn session_management_3_2_a_browser_whose_session_ended_elsewhere_learns_it_when_it_comes_back(world: World) {
        world.user("alice").await;
        let app = registered(&world, json!({})).await;
        let (mut here, hint) = signed_in(&app, "alice").await;
        let (mut there, _) = signed_in(&app, "alice").await;
        let page = there.open("/account").await;
        let sid = claims(&hint)["sid"].as_str().expect("a sid").to_owned();
        there.submit(&page, "/account/sessions/end", &[("session_id", &sid)]).await;
        assert!(here.cookies.contains_key(STATE));
        // A request from another site says nothing: it comes without the session cookie.
        let mut foreign = here.clone();
        foreign.cookies.remove("tessera");
        foreign.open("/").await;
        assert!(foreign.cookies.contains_key(STATE));
        here.open("/").await;
        assert!(!here.cookies.contains_key(STATE));
        // And one that lost the cookie gets it back with the next answer to a client.
        there.cookies.remove(STATE);
        let answer = there.open(&app.request(&[("prompt", Some("none"))])).await;
        let state = answer.parameter("session_state").expect("a state");
        assert_eq!(state, expected_state(&app, "https://app.example", &there, &state));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn session_management_3_3_the_frame_may_be_framed_and_runs_one_script() {
    let world = World::sqlite().await;
    let metadata = world.get("/.well-known/openid-configuration").await.json();
    let url = metadata["check_session_iframe"].as_str().expect("a URL");
    let page = world.get(url.strip_prefix(ISSUER).expect("ours")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("x-frame-options"), "");
    let policy = page.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; script-src 'self'; form-action 'none'; base-uri 'none'"
    );
    assert!(page.body.contains("src=\"/assets/check_session."));
    assert!(page.body.contains(&format!("data-cookie=\"{STATE}\"")));
    assert!(!page.body.contains("<script>"), "{}", page.body);
    for supported in [
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
    ] {
        assert_eq!(metadata[supported], true, "{supported}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn session_management_3_2_over_https_the_state_is_readable_in_frames_of_other_sites() {
    let issuer = "https://id.example";
    let world = World::sqlite_with(|config| {
        config.server.issuer = tessera::config::Issuer::parse(issuer).expect("an issuer");
    })
    .await;
    world.user("alice").await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/sign-in").await;
    let form = [
        ("csrf", page.field("csrf").expect("a token")),
        ("username", "alice".to_owned()),
        ("password", crate::support::world::PASSWORD.to_owned()),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    let answer = browser.send(request).await;
    let cookies: Vec<_> = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter(|text| text.starts_with(&format!("__Host-{STATE}=")))
        .collect();
    assert_eq!(cookies.len(), 1, "{:?}", answer.headers);
    assert!(cookies[0].contains("SameSite=None") && cookies[0].contains("Secure"));
    assert!(!cookies[0].contains("HttpOnly") && !cookies[0].contains("Domain"));
    let frame = world.get("/check-session").await;
    assert!(
        frame
            .body
            .contains(&format!("data-cookie=\"__Host-{STATE}\""))
    );
}
