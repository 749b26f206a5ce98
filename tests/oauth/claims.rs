//! Claims: by scope, one by one, in the place where they were asked for and nowhere else (OpenID Connect
//! Core §5.4, §5.5).

use serde_json::{Value, json};

use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::{App, Browser, World};

async fn both(app: &App, changes: &[(&str, Option<&str>)]) -> (Value, Value) {
    let code = app.code_with("alice", changes).await;
    let tokens = app.redeem(&code).await.json();
    let id_token = claims_of(tokens["id_token"].as_str().expect("an ID token"));
    let token = tokens["access_token"].as_str().expect("a token");
    (id_token, app.userinfo(token).await.json())
}

on_both_engines! {
    async fn oidc_core_5_5_a_claim_comes_where_it_was_asked_for_and_nowhere_else(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let asked = r#"{"userinfo": {"name": {"essential": true}}, "id_token": {"email": null}}"#;
        let (id_token, userinfo) =
            both(&app, &[("scope", Some("openid")), ("claims", Some(asked))]).await;
        assert_eq!((&id_token["email"], &id_token["name"]), (&json!("alice@example.org"), &Value::Null));
        assert_eq!((&userinfo["email"], &userinfo["name"]), (&Value::Null, &json!("alice Example")));
        // Without the parameter, and without the scopes: nothing about her at all.
        let (id_token, userinfo) = both(&app, &[("scope", Some("openid"))]).await;
        assert_eq!((&id_token["email"], &userinfo["name"]), (&Value::Null, &Value::Null));
        assert_eq!(userinfo, json!({"sub": id_token["sub"]}));
    }
}

on_both_engines! {
    async fn oidc_core_5_5_a_single_claim_is_consented_to_by_the_scope_it_belongs_to(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let asked = Some(r#"{"userinfo": {"email": null}}"#);
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[("scope", Some("openid"))]), "alice").await;
        let silent = [("scope", Some("openid")), ("claims", asked), ("prompt", Some("none"))];
        let page = browser.open(&app.request(&silent)).await;
        assert_eq!(page.parameter("error").as_deref(), Some("consent_required"));
        browser.pass(&app.request(&[("scope", Some("openid")), ("claims", asked)]), "alice").await;
        let page = browser.open(&app.request(&silent)).await;
        assert!(page.parameter("code").is_some(), "{}", page.location());
    }
}

on_both_engines! {
    async fn oidc_core_5_5_what_the_clients_scopes_do_not_cover_is_not_given(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({"scope": "openid profile"})).await;
        let asked = r#"{"userinfo": {"email": {"essential": true}, "name": null}}"#;
        let (_, userinfo) = both(&app, &[("scope", Some("openid")), ("claims", Some(asked))]).await;
        assert_eq!((&userinfo["email"], &userinfo["name"]), (&Value::Null, &json!("alice Example")));
    }
}

on_both_engines! {
    async fn oidc_core_5_5_1_a_request_for_one_subject_is_never_answered_about_another(world: World) {
        let alice = world.user("alice").await;
        world.user("bob").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[]), "alice").await;
        let for_sub = |sub: String| format!(r#"{{"id_token": {{"sub": {{"value": "{sub}"}}}}}}"#);
        let hers = for_sub(alice.id.to_string());
        let page = browser.open(&app.request(&[("claims", Some(&hers)), ("prompt", Some("none"))])).await;
        assert!(page.parameter("code").is_some(), "{}", page.location());
        let anothers = for_sub("01900000-0000-7000-8000-000000000000".to_owned());
        let page = browser.open(&app.request(&[("claims", Some(&anothers)), ("prompt", Some("none"))])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
    }
}

on_both_engines! {
    async fn oidc_core_5_5_1_one_of_a_set_of_subjects_will_do_and_a_hint_narrows_it(world: World) {
        let (alice, bob) = (world.user("alice").await, world.user("bob").await);
        let carol = world.user("carol").await;
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.pass(&app.request(&[]), "alice").await;
        let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
        let hint = tokens["id_token"].as_str().expect("an ID token");
        let of = |ids: &[String]| json!({"id_token": {"sub": {"values": ids}}}).to_string();
        let (alice, bob, carol) = (alice.id.to_string(), bob.id.to_string(), carol.id.to_string());
        for (ids, hint, expected) in [
            (vec![&bob, &alice], None, "code"),
            (vec![&bob, &alice], Some(hint), "code"),
            (vec![&bob, &carol], None, "login_required"),
            (vec![&bob, &carol], Some(hint), "login_required"),
        ] {
            let ids: Vec<String> = ids.into_iter().cloned().collect();
            let claims = of(&ids);
            let page = browser.open(&app.request(&[("claims", Some(&claims)), ("id_token_hint", hint), ("prompt", Some("none"))])).await;
            let told = page.parameter("error").unwrap_or_else(|| page.parameter("code").map_or(String::new(), |_| "code".to_owned()));
            assert_eq!(told, expected, "{ids:?} {}", page.location());
        }
        // No value that a subject could have: nobody is meant, and nobody is given.
        let page = browser.open(&app.request(&[("claims", Some(r#"{"id_token": {"sub": {"value": 7}}}"#)), ("prompt", Some("none"))])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("login_required"));
        // Another account of the browser, where the set names it.
        let page = browser.open("/sign-in/another").await;
        browser.sign_in(&page, "bob", crate::support::world::PASSWORD).await;
        world.advance(1);
        let claims = of(&[carol, alice.clone()]);
        let page = browser.open(&app.request(&[("claims", Some(&claims)), ("prompt", Some("none"))])).await;
        assert_eq!(page.parameter("error"), None, "{}", page.location());
        let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
        assert_eq!(crate::support::client::claims_of(tokens["id_token"].as_str().expect("an ID token"))["sub"], alice);
    }
}

/// Alice, with a name in four languages, a nickname in two and none without, and something for no eyes.
async fn polyglot(world: &World) {
    let alice = world.user("alice").await;
    let profile = json!({"name": "Ada", "name#de": "Ada (de)", "name#ja-Kana-JP": "エイダ", "name#fr": "Adèle",
        "nickname#fr": "Dédé", "nickname#it": "Dada", "zoneinfo": "Europe/London"});
    let changes = tessera::flows::people::UserChanges {
        profile: profile.as_object().cloned(),
        ..Default::default()
    };
    let (actor, origin) = (
        tessera::protocol::audit::Actor::Operator,
        tessera::protocol::audit::Origin::default(),
    );
    let done = world
        .tessera
        .change_user(alice.id, changes, actor, origin)
        .await;
    done.expect("the database").expect("a good profile");
}

/// The claims that have languages, and their values.
fn names(claims: &Value) -> Value {
    let claims = claims.as_object().expect("an object");
    let named = claims
        .iter()
        .filter(|(name, _)| name.starts_with("name") || name.starts_with("nickname"));
    named
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

on_both_engines! {
    async fn oidc_core_5_2_claims_locales_choose_the_language_of_every_answer(world: World) {
        polyglot(&world).await;
        let app = App::register(&world, json!({"claims_in_id_token": true})).await;
        for (wished, expected) in [
            (None, json!({"name": "Ada", "nickname#fr": "Dédé", "nickname#it": "Dada"})),
            (Some("de-CH it"), json!({"name": "Ada (de)", "nickname": "Dada"})),
            (Some("ja"), json!({"name": "エイダ", "nickname#fr": "Dédé", "nickname#it": "Dada"})),
            (Some("fr-CA ja"), json!({"name": "Adèle", "nickname": "Dédé"})),
            (Some("?? tlh"), json!({"name": "Ada", "nickname#fr": "Dédé", "nickname#it": "Dada"})),
        ] {
            let (id_token, userinfo) = both(&app, &[("claims_locales", wished)]).await;
            assert_eq!(names(&id_token), expected, "{wished:?}");
            assert_eq!(names(&userinfo), expected, "{wished:?}");
            assert_eq!(userinfo["zoneinfo"], "Europe/London");
        }
        // What was wished for once is wished for as long as the grant lasts.
        let code = app.code_with("alice", &[("claims_locales", Some("de"))]).await;
        let tokens = app.redeem(&code).await.json();
        let refreshed = app.refresh(tokens["refresh_token"].as_str().expect("a token")).await.json();
        let id_token = claims_of(refreshed["id_token"].as_str().expect("an ID token"));
        assert_eq!(id_token["name"], "Ada (de)");
    }
}

on_both_engines! {
    async fn oidc_core_5_5_2_a_single_claim_may_be_asked_for_in_a_language(world: World) {
        polyglot(&world).await;
        let app = App::register(&world, json!({})).await;
        let asked = r#"{"userinfo": {"name#ja-kana-jp": null, "name#de-AT": {"essential": true}, "nickname": null,
            "nickname#es": null, "zoneinfo#de": null, "email#de": null}, "id_token": {"name#fr": null}}"#;
        let changes = [("scope", Some("openid")), ("claims", Some(asked)), ("claims_locales", Some("it"))];
        let (id_token, userinfo) = both(&app, &changes).await;
        assert_eq!(names(&id_token), json!({"name#fr": "Adèle"}));
        let sub = &id_token["sub"];
        assert_eq!(userinfo, json!({"sub": sub, "name#ja-kana-jp": "エイダ", "name#de": "Ada (de)", "nickname": "Dada"}));
        // The person is asked for it as for the claim itself.
        world.user("bobby").await;
        let mut browser = Browser::new(&world);
        browser.pass(&app.request(&[("scope", Some("openid"))]), "bobby").await;
        let silent = [("scope", Some("openid")), ("claims", Some(asked)), ("prompt", Some("none"))];
        let page = browser.open(&app.request(&silent)).await;
        assert_eq!(page.parameter("error").as_deref(), Some("consent_required"));
        // And a client without the scope does not get it in any language.
        let poor = App::register(&world, json!({"scope": "openid email"})).await;
        let (id_token, userinfo) = both(&poor, &changes).await;
        assert_eq!((names(&id_token), names(&userinfo)), (json!({}), json!({})));
    }
}
