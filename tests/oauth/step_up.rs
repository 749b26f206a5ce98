//! How sure an application wants to be (`acr_values`, `claims`, `max_age`, RFC 9470), and how it is told.

use serde_json::{Value, json};

use tessera::config::LevelSetting;

use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::client::claims_of;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, World};

type Changes<'a> = &'a [(&'a str, Option<&'a str>)];

async fn told(app: &App, page: &Page) -> Value {
    let code = page
        .parameter("code")
        .unwrap_or_else(|| panic!("no code: {} {}", page.location(), page.answer.body));
    let tokens = app.redeem(&code).await.json();
    let id_token = claims_of(tokens["id_token"].as_str().expect("an ID token"));
    let access_token = claims_of(tokens["access_token"].as_str().expect("a token"));
    for claim in ["acr", "amr", "auth_time"] {
        assert_eq!(id_token[claim], access_token[claim], "RFC 9470 section 6.1");
    }
    id_token
}

/// Signed in with a password alone, before there was an authenticator app; then it was set up.
async fn lifted_later(world: &World, app: &App) -> (Browser, Authenticator) {
    let alice = world.user("alice").await;
    let mut browser = Browser::new(world);
    let page = browser.pass(&app.request(&[]), "alice").await;
    assert_eq!(told(app, &page).await["acr"], "aal1");
    (browser, Authenticator::of(world, &alice).await)
}

on_both_engines! {
    async fn rfc9470_5_only_what_is_missing_is_asked_for_and_the_new_token_says_so(world: World) {
        let app = App::register(&world, json!({})).await;
        let (mut browser, authenticator) = lifted_later(&world, &app).await;
        let signed_in_at = world.tessera.now().seconds() - 30;
        let page = browser.open(&app.request(&[("acr_values", Some("aal2"))])).await;
        assert!(page.has("code") && !page.has("password"), "{}", page.answer.body);
        let page = authenticator.answer(&mut browser, &page).await;
        let claims = told(&app, &page).await;
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("aal2"), &json!(["otp", "pwd", "mfa"])));
        // All that aal2 rests on was proven since then: the password is the older part.
        assert_eq!(claims["auth_time"], signed_in_at);
        // Once lifted, it stays so.
        let page = browser.open(&app.request(&[("acr_values", Some("aal2")), ("prompt", Some("none"))])).await;
        assert_eq!(told(&app, &page).await["acr"], "aal2");
    }
}

on_both_engines! {
    async fn rfc9470_4_max_age_asks_for_all_of_it_again(world: World) {
        let app = App::register(&world, json!({})).await;
        let (mut browser, authenticator) = lifted_later(&world, &app).await;
        let fresh: Changes<'_> = &[("acr_values", Some("aal2")), ("max_age", Some("60"))];
        world.advance(300);
        let page = browser.open(&app.request(fresh)).await;
        assert!(page.has("login"), "{}", page.answer.body);
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        let page = authenticator.answer(&mut browser, &page).await;
        let claims = told(&app, &page).await;
        assert_eq!((&claims["acr"], claims["auth_time"].as_i64()), (&json!("aal2"), Some(world.tessera.now().seconds())));
        // The password alone grows old: only that is asked for, and only then.
        world.advance(59);
        let page = browser.open(&app.request(fresh)).await;
        assert!(page.parameter("code").is_some());
    }
}

on_both_engines! {
    async fn oidc_core_5_5_1_1_an_essential_level_that_cannot_be_reached_is_refused(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[]), "alice").await;
        let essential = |value: &str| format!(r#"{{"id_token": {{"acr": {{"essential": true, "value": "{value}"}}}}}}"#);
        for value in ["phr", "urn:no:such:level"] {
            let claims = essential(value);
            let request = app.request(&[("claims", Some(&claims))]);
            // A page that says why, and the way back.
            let page = browser.open(&request).await;
            assert!(page.has("set-up") && page.has("back"), "{}", page.answer.body);
            let page = browser.submit(&page, "/sign-in/unmet", &[]).await;
            assert_eq!(page.parameter("error").as_deref(), Some("unmet_authentication_requirements"));
            assert_eq!(page.parameter("state").as_deref(), Some("xyz"));
            let silent = app.request(&[("claims", Some(&claims)), ("prompt", Some("none"))]);
            let page = browser.open(&silent).await;
            assert_eq!(page.parameter("error").as_deref(), Some("unmet_authentication_requirements"));
        }
        let claims = essential("aal1");
        let page = browser.open(&app.request(&[("claims", Some(&claims))])).await;
        assert_eq!(told(&app, &page).await["acr"], "aal1");
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_6_who_does_not_want_to_prove_more_is_not_said_to_be_unable_to(world: World) {
        let app = App::register(&world, json!({})).await;
        let (mut browser, _authenticator) = lifted_later(&world, &app).await;
        let page = browser.open(&app.request(&[("acr_values", Some("aal2"))])).await;
        assert!(page.has("code") && page.has("back"), "{}", page.answer.body);
        let declined = page.field("declined").expect("what the form of the step page says");
        let page = browser.submit(&page, "/sign-in/unmet", &[("declined", &declined)]).await;
        assert_eq!(page.parameter("error").as_deref(), Some("access_denied"));
        assert_eq!(page.parameter("state").as_deref(), Some("xyz"));
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_a_wish_for_a_level_never_fails_a_request(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        for values in ["phr", "gold silver", "phrh aal1", "\u{1f600}"] {
            let page = browser.pass(&app.request(&[("acr_values", Some(values))]), "alice").await;
            assert_eq!(told(&app, &page).await["acr"], "aal1", "{values}");
        }
    }
}

on_both_engines! {
    async fn oidc_registration_2_a_client_has_default_levels_and_a_least_one(world: World) {
        let plain = App::register(&world, json!({})).await;
        let (mut browser, authenticator) = lifted_later(&world, &plain).await;
        let bank = App::register(&world, json!({"minimum_acr": "aal2"})).await;
        // Silence is no way around it, and neither is asking for less.
        let silent = bank.request(&[("acr_values", Some("aal1")), ("prompt", Some("none"))]);
        let page = browser.open(&silent).await;
        assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
        let page = browser.open(&bank.request(&[("acr_values", Some("aal1"))])).await;
        let page = authenticator.answer(&mut browser, &page).await;
        assert!(page.has("allow"), "{}", page.answer.body);
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        // It was more than what was wished for; the token says what was wished for.
        assert_eq!(told(&bank, &page).await["acr"], "aal1");
        let wishing = App::register(&world, json!({"default_acr_values": ["aal2"]})).await;
        let page = browser.pass(&wishing.request(&[("acr_values", Some("aal1"))]), "alice").await;
        assert_eq!(told(&wishing, &page).await["acr"], "aal1");
        let page = browser.open(&wishing.request(&[])).await;
        assert_eq!(told(&wishing, &page).await["acr"], "aal2");
        // Who cannot reach it is told so.
        world.user("bob").await;
        let mut browser = Browser::new(&world);
        let page = browser.pass(&bank.request(&[]), "bob").await;
        assert!(page.has("set-up"), "{}", page.answer.body);
    }
}

fn payments(config: &mut tessera::config::Config) {
    config.assurance.scopes.0.push(tessera::config::ScopeLevel {
        scope: "payments".to_owned(),
        level: "aal2".to_owned(),
    });
}

on_both_engines! {
    with payments;
    async fn a_scope_has_a_least_level_and_other_scopes_do_not(world: World) {
        let app = App::register(&world, json!({"scope": "openid payments"})).await;
        let alice = world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.pass(&app.request(&[("scope", Some("openid"))]), "alice").await;
        assert_eq!(told(&app, &page).await["acr"], "aal1");
        let asked = app.request(&[("scope", Some("openid payments"))]);
        let page = browser.open(&asked).await;
        assert!(page.has("set-up"), "{}", page.answer.body);
        let authenticator = Authenticator::of(&world, &alice).await;
        let page = browser.open(&asked).await;
        let page = authenticator.answer(&mut browser, &page).await;
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert_eq!(told(&app, &page).await["acr"], "aal2");
        // It falls back with time: the session lives, the level does not.
        for _ in 0..4 {
            world.advance(7 * 3600);
            browser.open(&app.request(&[("scope", Some("openid"))])).await;
        }
        let page = browser.open(&app.request(&[("scope", Some("openid"))])).await;
        assert_eq!(told(&app, &page).await["acr"], "aal1");
        let page = browser.open(&asked).await;
        assert!(page.has("code") || page.has("password"), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn who_has_a_second_factor_is_asked_for_it_at_every_sign_in(world: World) {
        let alice = world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let authenticator = Authenticator::of(&world, &alice).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[])).await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.has("verify") && page.has("code"), "{}", page.answer.body);
        // Half a sign-in opens nothing.
        for path in ["/account", "/consent"] {
            let other = browser.open(path).await;
            assert!(!other.answer.body.contains("alice"), "{path}: {}", other.answer.body);
        }
        let silent = browser.open(&app.request(&[("prompt", Some("none"))])).await;
        assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
        let wrong = browser.step(&page, "totp", "code", "000000").await;
        assert_eq!((wrong.answer.status, wrong.has("code-problem")), (401, true));
        let page = authenticator.answer(&mut browser, &wrong).await;
        assert!(page.has("allow"), "{}", page.answer.body);
        // prompt=login asks for both again.
        world.advance(30);
        let page = browser.open(&app.request(&[("prompt", Some("login"))])).await;
        let page = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(page.has("code"), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn half_a_sign_in_ends_with_its_time_or_with_the_password(world: World) {
        let alice = world.user("alice").await;
        let authenticator = Authenticator::of(&world, &alice).await;
        let mut browser = Browser::new(&world);
        let begin = async |browser: &mut Browser| {
            let page = browser.open("/sign-in").await;
            let page = browser.sign_in(&page, "alice", PASSWORD).await;
            assert!(page.has("code"), "{}", page.answer.body);
            page
        };
        let page = begin(&mut browser).await;
        world.advance(601);
        let late = authenticator.answer(&mut browser, &page).await;
        assert!(late.has("login"), "{}", late.answer.body);
        let page = begin(&mut browser).await;
        world.set_password(&alice, "another password entirely").await;
        let late = authenticator.answer(&mut browser, &page).await;
        assert!(late.has("login"), "{}", late.answer.body);
    }
}

on_both_engines! {
    async fn a_link_never_leads_from_a_step_to_another_site(world: World) {
        let alice = world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        let authenticator = Authenticator::of(&world, &alice).await;
        for to in ["https://evil.example/", "//evil.example", "/account/../sign-out", "/account\\@evil", "/sign-out"] {
            let encoded: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
            let page = browser.open(&format!("/sign-in/step?to={encoded}")).await;
            assert!(page.has("code") || page.url == "/account", "{to}: {}", page.url);
            assert!(!page.answer.body.contains("evil"), "{to}");
        }
        let page = browser.open("/sign-in/step?to=%2Faccount%2Fpassword").await;
        let page = authenticator.answer(&mut browser, &page).await;
        assert!(page.url.starts_with("/account"), "{}", page.url);
    }
}

on_both_engines! {
    async fn discovery_tells_the_levels(world: World) {
        let document = world.get("/.well-known/openid-configuration").await.json();
        assert_eq!(document["acr_values_supported"], json!(["aal1", "aal2", "phr", "phrh", "aal3"]));
    }
}

/// As an operator might write it.
fn own_levels(config: &mut tessera::config::Config) {
    let level = |name: &str, methods: &[&str], factors| LevelSetting {
        name: name.to_owned(),
        methods: Some(methods.iter().map(|method| (*method).to_owned()).collect()),
        factors,
        phishing_resistant: false,
        device_bound: false,
        max_age: None,
    };
    config.assurance.levels.0 = vec![
        level("urn:example:known", &["password", "totp"], 1),
        LevelSetting {
            max_age: Some(std::time::Duration::from_mins(10)),
            ..level("urn:example:sure", &["password", "totp"], 2)
        },
    ];
}

on_both_engines! {
    with own_levels;
    async fn oidc_core_2_acr_values_are_what_the_operator_wrote(world: World) {
        let document = world.get("/.well-known/openid-configuration").await.json();
        assert_eq!(document["acr_values_supported"], json!(["urn:example:known", "urn:example:sure"]));
        let alice = world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.pass(&app.request(&[]), "alice").await;
        assert_eq!(told(&app, &page).await["acr"], "urn:example:known");
        let authenticator = Authenticator::of(&world, &alice).await;
        let sure: Changes<'_> = &[("acr_values", Some("urn:example:sure"))];
        let page = browser.open(&app.request(sure)).await;
        assert!(page.has("code") && !page.has("password"), "{}", page.answer.body);
        let page = authenticator.answer(&mut browser, &page).await;
        assert_eq!(told(&app, &page).await["acr"], "urn:example:sure");
        // A recovery code is none of its methods, though it is a second factor of this person.
        let mut other = Browser::new(&world);
        let page = other.open("/sign-in").await;
        let page = other.sign_in(&page, "alice", PASSWORD).await;
        let page = other.step(&page, "recovery_code", "code", &authenticator.recovery[0]).await;
        assert_eq!(page.url, "/account");
        let page = other.open(&app.request(sure)).await;
        assert!(page.has("code") && !page.has("with-recovery_code"), "{}", page.answer.body);
        // Its age is what was written: then both are asked for.
        world.advance(601);
        let page = browser.open(&app.request(sure)).await;
        assert!(page.parameter("code").is_none() && page.has("password"), "{}", page.answer.body);
    }
}
