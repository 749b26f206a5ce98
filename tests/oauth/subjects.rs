//! Pairwise subjects (OpenID Connect Core §8.1): no two sectors can put their records together.

use serde_json::{Value, json};

use crate::on_both_engines;
use crate::support::client::{REDIRECT, claims_of};
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
    let changes = json!({"subject_type": "pairwise", "redirect_uris": [format!("https://{host}/cb"), REDIRECT],
        "sector_identifier_uri": format!("https://{host}/sector.json")});
    App::register(world, changes).await
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
