//! Pairwise subjects (OpenID Connect Core §8.1): no two sectors can put their records together.

use serde_json::{Value, json};
use tessera::flows::Internal;
use tessera::protocol::client::{ClientId, ClientMetadata};
use tessera::storage::clients;

use crate::on_both_engines;
use crate::support::client::{REDIRECT, claims_of};
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, World};

async fn subject(app: &App) -> String {
    let tokens = app.tokens("alice").await;
    let sub = |value: &Value| value["sub"].as_str().expect("a sub").to_owned();
    let id_token = sub(&claims_of(
        tokens["id_token"].as_str().expect("an ID token"),
    ));
    let token = tokens["access_token"].as_str().expect("a token");
    // One and the same, wherever it shows (Core §5.3.2).
    assert_eq!(sub(&app.userinfo(token).await.json()), id_token);
    assert_eq!(sub(&claims_of(token)), id_token);
    assert_eq!(sub(&app.introspect(token).await), id_token);
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(sub(&app.introspect(refresh).await), id_token);
    let refreshed = app.refresh(refresh).await.json();
    assert_eq!(
        sub(&claims_of(
            refreshed["id_token"].as_str().expect("an ID token")
        )),
        id_token
    );
    id_token
}

async fn pairwise(world: &World, host: &str) -> App {
    pairwise_with(world, host, json!({})).await
}

async fn pairwise_with(world: &World, host: &str, changes: Value) -> App {
    let mut all = json!({"subject_type": "pairwise", "redirect_uris": [format!("https://{host}/cb"), REDIRECT],
        "sector_identifier_uri": format!("https://{host}/sector.json")});
    for (name, value) in changes.as_object().expect("an object") {
        all[name] = value.clone();
    }
    // Its sector can be read nowhere: what reading one takes is another test's, `register_outside.rs`.
    let app = App::register(world, json!({})).await;
    let (id, now) = (ClientId::new(app.id.as_str()), world.tessera.now());
    let known = world.tessera.client(&id).await.expect("the database");
    let mut document = json!(known.expect("there").metadata.members());
    for (name, value) in all.as_object().expect("an object") {
        document[name] = value.clone();
    }
    let document = document.to_string();
    let metadata = ClientMetadata::parse_strict(document.as_bytes()).expect("metadata");
    let written = world.tessera.store.write::<_, Internal, _>(move |tx| {
        Box::pin(async move { Ok(clients::replace(tx, &id, &metadata, now).await?) })
    });
    written.await.expect("written");
    world.tessera.clients.invalidate();
    app
}

fn sid_in(claims: &Value) -> String {
    claims["sid"].as_str().expect("a sid").to_owned()
}

/// What an application hears the session called, wherever it hears it.
async fn session(app: &App, browser: &mut Browser) -> String {
    let page = browser.pass(&app.request(&[]), "alice").await;
    let tokens = app
        .redeem(&page.parameter("code").expect("a code"))
        .await
        .json();
    let text = |tokens: &Value, name: &str| tokens[name].as_str().expect("a token").to_owned();
    let sid = sid_in(&claims_of(&text(&tokens, "id_token")));
    let access_token = text(&tokens, "access_token");
    assert_eq!(sid_in(&app.introspect(&access_token).await), sid);
    if access_token.contains('.') {
        assert_eq!(sid_in(&claims_of(&access_token)), sid);
    }
    let refreshed = app.refresh(&text(&tokens, "refresh_token")).await.json();
    assert_eq!(sid_in(&claims_of(&text(&refreshed, "id_token"))), sid);
    let other = sid_in(&app.introspect(&text(&refreshed, "access_token")).await);
    assert_eq!(other, sid);
    // Userinfo has none: it is about the person.
    let userinfo = app.userinfo(&access_token).await.json();
    assert_eq!(userinfo.get("sid"), None);
    sid
}

on_both_engines! {
    async fn oidc_core_8_1_a_sector_has_its_own_subject_and_keeps_it(world: World) {
        let alice = world.user("alice").await;
        let public = App::register(&world, json!({})).await;
        assert_eq!(subject(&public).await, alice.id.to_string());
        let (one, twin) = (pairwise(&world, "one.example").await, pairwise(&world, "one.example").await);
        let other = pairwise(&world, "other.example").await;
        let at_one = subject(&one).await;
        assert_eq!(subject(&one).await, at_one);
        assert_eq!(subject(&twin).await, at_one, "one sector, one name");
        let elsewhere = subject(&other).await;
        assert_ne!(elsewhere, at_one);
        for sub in [&at_one, &elsewhere] {
            assert!(!sub.contains(&alice.id.to_string()) && sub.len() <= 255, "{sub}");
        }
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_an_id_token_hint_with_a_pairwise_subject_is_understood(world: World) {
        world.user("alice").await;
        world.user("bob").await;
        let app = pairwise(&world, "one.example").await;
        let hint = app.tokens("alice").await["id_token"].as_str().expect("an ID token").to_owned();
        let silent = [("id_token_hint", Some(hint.as_str())), ("prompt", Some("none"))];
        for (who, expected) in [("alice", None), ("bob", Some("login_required".to_owned()))] {
            let mut browser = Browser::new(&world);
            browser.pass(&app.request(&[]), who).await;
            let page = browser.open(&app.request(&silent)).await;
            assert_eq!(page.parameter("error"), expected, "{who}");
        }
    }
}

on_both_engines! {
    async fn oidc_core_8_1_a_session_has_another_name_in_each_sector(world: World) {
        world.user("alice").await;
        let framed = |host: &str| json!({"frontchannel_logout_uri": format!("https://{host}/out"),
            "frontchannel_logout_session_required": true});
        let public = App::register(&world, framed("app.example")).await;
        let one = pairwise_with(&world, "one.example", framed("one.example")).await;
        let twin = pairwise_with(&world, "one.example", json!({"access_token_format": "opaque"})).await;
        let other = pairwise_with(&world, "other.example", framed("other.example")).await;
        let mut browser = Browser::new(&world);
        let known = session(&public, &mut browser).await;
        let at_one = session(&one, &mut browser).await;
        assert_eq!(session(&one, &mut browser).await, at_one);
        assert_eq!(session(&twin, &mut browser).await, at_one, "one sector, one name");
        let elsewhere = session(&other, &mut browser).await;
        let mut names = vec![known.as_str(), &at_one, &elsewhere];
        // What says the name of the session must say nothing of the person's, and the reverse.
        let sub = subject(&one).await;
        names.push(&sub);
        for (number, name) in names.iter().enumerate() {
            assert!(names.iter().skip(number + 1).all(|next| next != name), "{names:?}");
            assert!(number == 0 || !name.contains(&known), "{name}");
        }
        assert_ne!(session(&one, &mut Browser::new(&world)).await, at_one, "another session, another name");
        let page = browser.open("/sign-out").await;
        let page = browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        for (host, sid) in [("app", &known), ("one", &at_one), ("other", &elsewhere)] {
            let url = format!("https://{host}.example/out?iss=http%3A%2F%2Flocalhost%3A8080&#38;sid={sid}\"");
            assert!(page.answer.body.contains(&url), "{host}: {}", page.answer.body);
        }
    }
}

on_both_engines! {
    async fn rp_initiated_logout_2_a_pairwise_hint_finds_its_session_among_several_accounts(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        for app in [App::register(&world, json!({})).await, pairwise(&world, "one.example").await] {
            let mut browser = Browser::new(&world);
            let page = browser.pass(&app.request(&[]), "alice").await;
            let tokens = app.redeem(&page.parameter("code").expect("a code")).await.json();
            let hint = tokens["id_token"].as_str().expect("an ID token");
            let page = browser.open("/sign-in/another").await;
            browser.sign_in(&page, "bobby", PASSWORD).await;
            let page = browser.open(&format!("/sign-out?id_token_hint={hint}")).await;
            assert!(!page.has("logout") && page.has("others"), "nobody is asked: {}", page.answer.body);
            let page = browser.open("/account").await;
            assert!(page.answer.body.contains("bobby") && !page.answer.body.contains("alice"));
            // Her session is gone: the hint is no proof about him.
            let page = browser.open(&format!("/sign-out?id_token_hint={hint}")).await;
            assert!(page.has("logout"), "{}", page.answer.body);
        }
    }
}
