//! `/select-account`: several accounts in one browser.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::assert_page;
use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, World};

const CHOOSER: &str = "/select-account";

/// Signs in as one more.
async fn add(browser: &mut Browser, world: &World, username: &str) {
    world.advance(1);
    let page = browser.open("/sign-in/another").await;
    let page = browser.sign_in(&page, username, PASSWORD).await;
    assert_eq!(page.url, "/account", "{}", page.answer.body);
    world.advance(1);
}

/// A browser in which these people are signed in, the last of them active.
async fn browser_of(world: &World, people: &[&str]) -> Browser {
    let mut browser = Browser::new(world);
    for username in people {
        world.user(username).await;
        add(&mut browser, world, username).await;
    }
    browser
}

/// The button of an account: its value, and what it says.
fn button(page: &Page, name: &str) -> Option<(String, String)> {
    page.answer
        .body
        .split("<button class=\"person\"")
        .skip(1)
        .map(|rest| rest.split("</button>").next().unwrap_or_default())
        .find(|button| button.contains(name))
        .map(|button| {
            let value = button
                .split("value=\"")
                .nth(1)
                .and_then(|v| v.split('"').next());
            (value.expect("a value").to_owned(), button.to_owned())
        })
}

async fn choose(browser: &mut Browser, page: &Page, name: &str) -> Page {
    let (account, _) = button(page, name).expect("a button");
    browser
        .submit(page, CHOOSER, &[("account", &account)])
        .await
}

/// Who is active.
async fn active(browser: &mut Browser) -> String {
    let page = browser.open("/account").await;
    let rest = page.answer.body.split("Hello, ").nth(1).unwrap_or_default();
    let name = rest.split('<').nth(1).and_then(|tag| tag.split('>').nth(1));
    name.and_then(|name| name.split(' ').next())
        .unwrap_or_default()
        .to_owned()
}

/// Whom the code of an answer is about.
async fn subject(app: &App, page: &Page) -> String {
    let code = page.parameter("code");
    let code = code.unwrap_or_else(|| panic!("no code: {} {}", page.url, page.answer.body));
    let tokens = app.redeem(&code).await.json();
    let claims = claims_of(tokens["id_token"].as_str().expect("an ID token"));
    claims["sub"].as_str().expect("sub").to_owned()
}

async fn first_party(world: &World) -> App {
    App::register(world, json!({"skip_consent": true})).await
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_another_sign_in_adds_an_account_and_leaves_the_first_alone(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        assert_eq!(active(&mut browser).await, "bobby");
        let page = browser.open(CHOOSER).await;
        assert_page(&page, 200);
        for name in ["alice", "bobby"] {
            let (_, says) = button(&page, name).expect("listed");
            let tag = if name == "bobby" { "In use" } else { "Signed in" };
            assert!(says.contains(tag) && says.contains(&format!("{name}@example.org")), "{says}");
        }
        assert!(page.has("another") && page.has("logout_all"));
        let before = browser.cookies.clone();
        let mut old = browser.clone();
        let account = choose(&mut browser, &page, "alice").await;
        assert_eq!(account.url, "/account");
        assert_eq!(active(&mut browser).await, "alice");
        // A change of privilege like a sign-in: nothing that was known before is worth anything.
        for cookie in ["tessera", "tessera-csrf"] {
            assert_ne!(browser.cookies[cookie], before[cookie], "{cookie}");
        }
        assert_eq!(old.open("/account").await.url, "/sign-in");
        assert_page(&browser.submit(&page, CHOOSER, &[("account", "x")]).await, 403);
        // The same person again is the same account.
        add(&mut browser, &world, "bobby").await;
        let page = browser.open(CHOOSER).await;
        assert_eq!(page.answer.body.matches("class=\"person\" id=\"account-").count(), 2);
        let events = world.audit().await;
        assert!(events.iter().any(|event| event["kind"] == "account.chosen"), "{events:?}");
        assert!(events.iter().all(|event| event["kind"] != "session.ended"), "{events:?}");
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_select_account_shows_the_list_and_a_choice_answers_it_once(world: World) {
        let alice = world.user("alice").await.id.to_string();
        let app = first_party(&world).await;
        let mut browser = Browser::new(&world);
        let url = app.request(&[("prompt", Some("select_account"))]);
        let page = browser.open(&url).await;
        assert!(page.url.starts_with("/sign-in?"), "nothing to select from: {}", page.url);
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(subject(&app, &page).await, alice, "who signs in has chosen");
        world.user("bobby").await;
        add(&mut browser, &world, "bobby").await;

        let page = browser.open(&url).await;
        assert_page(&page, 200);
        assert!(page.url.starts_with(CHOOSER) && page.answer.body.contains("Rows"), "{}", page.url);
        world.advance(1);
        let done = choose(&mut browser, &page, "alice").await;
        assert_eq!(subject(&app, &done).await, alice);
        // The next request asks anew, the same ticket does not.
        world.advance(1);
        let again = browser.open(&url).await;
        assert!(again.url.starts_with(CHOOSER), "{}", again.url);
        let ticket = again.url.replace(CHOOSER, "/continue");
        assert!(browser.open(&ticket).await.url.starts_with(CHOOSER));
        let (none, _) = button(&again, "alice").expect("a button");
        let unknown = none.replace(&none[..8], "00000000");
        let back = browser.submit(&again, CHOOSER, &[("account", &unknown)]).await;
        assert!(back.url.starts_with(CHOOSER), "not of this browser: {}", back.url);
        for fields in [&[("account", "x")][..], &[], &[("decision", "logout")]] {
            assert_page(&browser.submit(&again, CHOOSER, fields).await, 400);
        }
        let silent = app.request(&[("prompt", Some("none select_account"))]);
        let refused = browser.open(&silent).await;
        assert_eq!(refused.parameter("error").as_deref(), Some("invalid_request"));
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_a_choice_is_no_proof_where_one_is_asked_for(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = first_party(&world).await;
        for changes in [
            [("prompt", Some("select_account login")), ("max_age", None)],
            [("prompt", Some("select_account")), ("max_age", Some("1"))],
        ] {
            world.advance(5);
            let page = browser.open(&app.request(&changes)).await;
            assert!(page.url.starts_with(CHOOSER), "{}", page.url);
            world.advance(1);
            let page = choose(&mut browser, &page, "alice").await;
            assert!(page.url.starts_with("/sign-in"), "{}", page.url);
            assert_eq!(page.field("username").as_deref(), Some("alice"));
            let done = browser.sign_in(&page, "alice", PASSWORD).await;
            assert!(done.parameter("code").is_some(), "{}", done.answer.body);
        }
    }
}

on_both_engines! {
    async fn a_choice_in_another_browser_or_before_the_request_answers_nothing(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = first_party(&world).await;
        let url = app.request(&[("prompt", Some("select_account"))]);
        let mut stranger = Browser::new(&world);
        let page = stranger.open(&url).await;
        let ticket = page.url.split_once("request=").expect("a ticket").1.to_owned();
        // The victim chooses for a request of their own, later than the stranger's.
        world.advance(1);
        let own = browser.open(&url).await;
        world.advance(1);
        assert!(choose(&mut browser, &own, "alice").await.parameter("code").is_some());
        world.advance(1);
        let page = browser.open(&format!("/continue?request={ticket}")).await;
        assert!(page.url.starts_with(CHOOSER), "{}", page.url);
    }
}

on_both_engines! {
    async fn an_account_whose_session_has_ended_is_signed_in_to_again(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let alice = world.user("carla").await;
        add(&mut browser, &world, "carla").await;
        let mut elsewhere = Browser::new(&world);
        add(&mut elsewhere, &world, "carla").await;
        let page = elsewhere.open("/account").await;
        let session = page.field("session_id").expect("the first one");
        elsewhere.submit(&page, "/account/sessions/end", &[("session_id", &session)]).await;

        let page = browser.open("/account").await;
        assert!(page.url.starts_with(CHOOSER), "nobody is made active unasked: {}", page.url);
        let (_, says) = button(&page, "carla").expect("still listed");
        assert!(says.contains("Sign in again"), "{says}");
        let app = first_party(&world).await;
        let page = browser.open(&app.request(&[])).await;
        assert!(page.url.starts_with(CHOOSER), "{}", page.url);
        let refused = browser.open(&app.request(&[("prompt", Some("none"))])).await;
        assert_eq!(refused.parameter("error").as_deref(), Some("login_required"));
        let page = choose(&mut browser, &page, "carla").await;
        assert_page(&page, 200);
        assert_eq!(page.field("username").as_deref(), Some("carla"));
        let done = browser.sign_in(&page, "carla", PASSWORD).await;
        assert_eq!(subject(&app, &done).await, alice.id.to_string());
        let page = browser.open(CHOOSER).await;
        assert_eq!(page.answer.body.matches(">carla Example<").count(), 1, "once in the list");
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_a_hint_picks_its_account_for_this_request_alone(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = first_party(&world).await;
        let bobby = browser.open(&app.request(&[("prompt", Some("none"))])).await;
        let bobby = subject(&app, &bobby).await;
        let tokens = app.tokens("alice").await;
        let id_token = tokens["id_token"].as_str().expect("an ID token").to_owned();
        let alice = claims_of(&id_token)["sub"].as_str().expect("sub").to_owned();
        let claims = format!(r#"{{"id_token": {{"sub": {{"value": "{alice}"}}}}}}"#);
        for (name, value) in [
            ("id_token_hint", id_token.as_str()),
            ("login_hint", "ALICE"),
            ("login_hint", "alice@example.org"),
            ("claims", &claims),
        ] {
            for prompt in [Some("none"), None] {
                world.advance(1);
                let page = browser.open(&app.request(&[(name, Some(value)), ("prompt", prompt)])).await;
                assert_eq!(subject(&app, &page).await, alice, "{name} {prompt:?}");
            }
            assert_eq!(active(&mut browser).await, "bobby", "the browser stays who it is");
        }
        // Nobody here is meant: the active one answers a wish, and nobody a demand.
        world.advance(1);
        let page = browser.open(&app.request(&[("login_hint", Some("nobody")), ("prompt", Some("none"))])).await;
        assert_eq!(subject(&app, &page).await, bobby);
        let out = browser.open(CHOOSER).await;
        choose(&mut browser, &out, "alice").await;
        let out = browser.open("/sign-out").await;
        browser.submit(&out, "/sign-out", &[("decision", "logout")]).await;
        world.advance(1);
        let hinted = [("id_token_hint", Some(id_token.as_str())), ("prompt", Some("none"))];
        let page = browser.open(&app.request(&hinted)).await;
        assert_eq!(page.parameter("error").as_deref(), Some("login_required"), "her session has ended");
    }
}

on_both_engines! {
    async fn what_the_person_chose_stands_against_a_login_hint(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let bobby = browser.open("/account").await;
        assert!(bobby.answer.body.contains("bobby"));
        let app = App::register(&world, json!({})).await;
        let page = browser.open(&app.request(&[("login_hint", Some("alice"))])).await;
        assert!(page.has("allow") && page.answer.body.contains("alice Example"), "{}", page.answer.body);
        // "Not you?"
        let page = browser.open(&page.url.replace("/consent", CHOOSER)).await;
        world.advance(1);
        let page = choose(&mut browser, &page, "bobby").await;
        assert!(page.has("allow") && page.answer.body.contains("bobby Example"), "{}", page.answer.body);
        let done = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert!(done.parameter("code").is_some());
    }
}

on_both_engines! {
    async fn nobody_consents_in_the_place_of_who_was_shown(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = App::register(&world, json!({})).await;
        let consent = browser.open(&app.request(&[("login_hint", Some("alice"))])).await;
        assert!(consent.answer.body.contains("alice Example"));
        // Her session ends elsewhere while the page is open: the active account is bobby's.
        let mut elsewhere = Browser::new(&world);
        add(&mut elsewhere, &world, "alice").await;
        let page = elsewhere.open("/account").await;
        let session = page.field("session_id").expect("the one with the consent page");
        elsewhere.submit(&page, "/account/sessions/end", &[("session_id", &session)]).await;
        let page = browser.submit(&consent, "/consent", &[("decision", "allow")]).await;
        assert_eq!(page.parameter("code"), None);
        assert!(page.has("allow") && page.answer.body.contains("bobby Example"), "asked anew, by name");
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert!(page.parameter("code").is_some());
    }
}

on_both_engines! {
    async fn asvs_v7_4_1_signing_out_ends_the_active_account_and_goes_on_with_the_next(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby", "carla"]).await;
        let stolen = browser.clone();
        let out = browser.open("/sign-out").await;
        let gone = browser.submit(&out, "/sign-out", &[("decision", "logout")]).await;
        assert!(gone.has("others"), "{}", gone.answer.body);
        assert_eq!(stolen.clone().open("/account").await.url, "/sign-in", "the cookie is another one now");
        assert_eq!(active(&mut browser).await, "bobby");
        let page = browser.open(CHOOSER).await;
        assert!(button(&page, "carla").is_none() && button(&page, "alice").is_some());

        let mut elsewhere = Browser::new(&world);
        add(&mut elsewhere, &world, "alice").await;
        let left = browser.submit(&page, CHOOSER, &[("decision", "logout_all")]).await;
        assert_page(&left, 200);
        assert!(!left.has("others") && !left.answer.body.contains("bobby"), "{}", left.answer.body);
        assert!(!browser.cookies.contains_key("tessera"));
        assert_eq!(browser.open(CHOOSER).await.url, "/sign-in");
        assert_eq!(elsewhere.open("/account").await.url, "/account", "of this browser alone");
        let events = world.audit().await;
        let ended = events.iter().filter(|event| event["kind"] == "session.ended").count();
        assert_eq!(ended, 3);
    }
}

on_both_engines! {
    async fn signing_out_of_all_in_the_middle_of_a_request_goes_on_with_a_sign_in(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = first_party(&world).await;
        let page = browser.open(&app.request(&[("prompt", Some("select_account"))])).await;
        let page = browser.submit(&page, CHOOSER, &[("decision", "logout_all")]).await;
        assert!(page.url.starts_with("/sign-in?request="), "{}", page.url);
        let done = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(done.parameter("code").is_some(), "{}", done.answer.body);
    }
}

on_both_engines! {
    async fn a_browser_holds_eight_accounts_and_the_oldest_makes_room(world: World) {
        let people: Vec<String> = (1..=9).map(|n| format!("person{n}")).collect();
        let names: Vec<&str> = people.iter().map(String::as_str).collect();
        let mut browser = browser_of(&world, &names).await;
        let page = browser.open(CHOOSER).await;
        assert_eq!(page.answer.body.matches("class=\"person\" id=\"account-").count(), 8);
        assert!(button(&page, "person1@").is_none() && button(&page, "person2@").is_some());
        let events = world.audit().await;
        let ended = events.iter().filter(|event| event["kind"] == "session.ended").count();
        assert_eq!(ended, 1, "what nobody can reach has ended");
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_the_list_speaks_the_language_that_was_asked_for(world: World) {
        let mut browser = browser_of(&world, &["alice"]).await;
        let app = first_party(&world).await;
        let asked = [("prompt", Some("select_account")), ("ui_locales", Some("xx de"))];
        let page = browser.open(&app.request(&asked)).await;
        assert!(page.answer.body.contains("lang=\"de\"") && page.answer.body.contains("Konto auswählen"));
        // And never fails, whatever is in there.
        for (name, value) in [("ui_locales", "%%% ;;"), ("claims_locales", "-"), ("display", "wap"), ("display", "x")] {
            let page = browser.open(&app.request(&[("prompt", Some("select_account")), (name, Some(value))])).await;
            assert!(page.url.starts_with(CHOOSER), "{name} {value}");
        }
    }
}

on_both_engines! {
    async fn a_choice_is_posted_and_a_link_chooses_nobody(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let page = browser.open(CHOOSER).await;
        let (account, _) = button(&page, "alice").expect("a button");
        browser.open(&format!("{CHOOSER}?account={account}")).await;
        assert_eq!(active(&mut browser).await, "bobby");
        let csrf = page.field("csrf").expect("a token");
        for (csrf, site) in [("", "same-origin"), (csrf.as_str(), "cross-site")] {
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("csrf", csrf), ("account", &account)])
                .finish();
            let request = Request::post(CHOOSER)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", site)
                .body(Body::from(body))
                .expect("a request");
            assert_eq!(browser.send(request).await.status, 403);
        }
        assert_eq!(active(&mut browser).await, "bobby");
    }
}

on_both_engines! {
    async fn rp_initiated_logout_2_a_hint_ends_the_account_that_it_names(world: World) {
        let mut browser = browser_of(&world, &["alice"]).await;
        let app = first_party(&world).await;
        let page = browser.open(&app.request(&[])).await;
        let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
        let hint = tokens["id_token"].as_str().expect("an ID token").to_owned();
        for other in ["bobby", "carla"] {
            world.user(other).await;
            add(&mut browser, &world, other).await;
        }
        let state = browser.cookies["tessera-session-state"].clone();
        let gone = browser.open(&format!("/sign-out?id_token_hint={hint}")).await;
        assert_page(&gone, 200);
        assert!(gone.has("others") && !gone.has("logout"), "proven: {}", gone.answer.body);
        assert_ne!(browser.cookies["tessera-session-state"], state);
        assert_eq!(active(&mut browser).await, "carla", "she goes on");
        let page = browser.open(CHOOSER).await;
        assert!(button(&page, "alice").is_none() && button(&page, "bobby").is_some());
        // Once more it names nobody here: then somebody has to be asked.
        assert!(browser.open(&format!("/sign-out?id_token_hint={hint}")).await.has("logout"));
        assert_eq!(active(&mut browser).await, "carla");
    }
}

on_both_engines! {
    async fn frontchannel_logout_2_signing_out_of_all_tells_the_applications_of_each(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = App::register(&world, json!({
            "skip_consent": true, "frontchannel_logout_uri": "https://app.example/logout",
            "frontchannel_logout_session_required": true,
        })).await;
        for login in ["alice", "bobby"] {
            world.advance(1);
            let page = browser.open(&app.request(&[("login_hint", Some(login))])).await;
            assert!(page.parameter("code").is_some());
        }
        let page = browser.open(&app.request(&[("prompt", Some("select_account"))])).await;
        let page = browser.submit(&page, CHOOSER, &[("decision", "logout_all")]).await;
        assert_eq!(page.answer.body.matches("<iframe").count(), 2, "{}", page.answer.body);
        let on = page.answer.body.split("id=\"continue\" href=\"").nth(1).and_then(|link| link.split('"').next());
        let page = browser.open(on.expect("the way on")).await;
        assert!(page.has("login") && page.url.starts_with("/sign-in?request="), "{}", page.url);
    }
}

on_both_engines! {
    async fn session_management_2_all_accounts_of_a_browser_have_one_state(world: World) {
        let mut browser = browser_of(&world, &["alice", "bobby"]).await;
        let app = first_party(&world).await;
        let before = browser.cookies["tessera-session-state"].clone();
        world.advance(1);
        let page = browser.open(&app.request(&[("login_hint", Some("alice"))])).await;
        assert!(page.parameter("session_state").is_some());
        assert_eq!(browser.cookies["tessera-session-state"], before, "a hint changes nothing");
        let page = browser.open(CHOOSER).await;
        choose(&mut browser, &page, "alice").await;
        assert_ne!(browser.cookies["tessera-session-state"], before, "a choice does");
    }
}
