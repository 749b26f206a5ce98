//! Claims: by scope, one by one, in the place where they were asked for and nowhere else (OpenID Connect
//! Core §5.4, §5.5).

use serde_json::{Value, json};

use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::{App, Browser};

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
