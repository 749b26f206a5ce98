//! `id_token_hint` at the authorization endpoint and at logout: an ID token as it came, encrypted to us,
//! or without a signature (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::encrypted_requests::to_us;
use super::logout::{id_token, sign_out, signed_in};
use crate::on_both_engines;
use crate::support::client::claims_of;
use crate::support::{App, Browser, World};

const BACK: &str = "https://app.example/out";

async fn registered(world: &World, changes: Value) -> App {
    let mut all = json!({"post_logout_redirect_uris": [BACK]});
    for (name, value) in changes.as_object().expect("an object") {
        all[name] = value.clone();
    }
    App::register(world, all).await
}

/// What comes back for a hint where `browser` is signed in; `None` is a code.
async fn error_for(app: &App, browser: &Browser, hint: &str) -> Option<String> {
    let silent = [("id_token_hint", Some(hint)), ("prompt", Some("none"))];
    let page = browser.clone().open(&app.request(&silent)).await;
    assert!(!page.location().is_empty(), "{}", page.answer.body);
    page.parameter("error")
}

/// Where the browser is sent at once for a hint at logout; nowhere where the person is asked.
async fn sent_to(browser: &mut Browser, hint: &str) -> String {
    let request = [("id_token_hint", hint), ("post_logout_redirect_uri", BACK)];
    browser.open(&sign_out(&request)).await.location()
}

/// The same claims, signed by nobody.
fn unsigned(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    format!("{header}.{}.", token.split('.').nth(1).expect("claims"))
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_an_id_token_encrypted_to_us_is_a_hint_at_both_endpoints(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = registered(&world, json!({})).await;
        let (bobby, _) = signed_in(&app, "bobby").await;
        for (alg, enc) in [("RSA-OAEP-256", "A256GCM"), ("ECDH-ES", "A128CBC-HS256")] {
            let (mut browser, token) = signed_in(&app, "alice").await;
            let sealed = to_us(&world, alg, enc, &token).await;
            assert_eq!(error_for(&app, &browser, &sealed).await, None, "{alg}");
            assert_eq!(error_for(&app, &bobby, &sealed).await.as_deref(), Some("login_required"), "{alg}");
            assert_eq!(sent_to(&mut browser, &sealed).await, BACK, "{alg}");
        }
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_encryption_makes_no_hint_of_what_is_none(world: World) {
        world.user("alice").await;
        let app = registered(&world, json!({})).await;
        let (mut browser, token) = signed_in(&app, "alice").await;
        let access_token = app.tokens("alice").await["access_token"].as_str().expect("a token").to_owned();
        let good = to_us(&world, "ECDH-ES", "A128GCM", &token).await;
        let (rest, tag) = good.rsplit_once('.').expect("a tag");
        let first = if tag.starts_with('A') { "B" } else { "A" };
        for (case, hint) in [
            ("unsigned", to_us(&world, "ECDH-ES", "A128GCM", &unsigned(&token)).await),
            ("an access token", to_us(&world, "ECDH-ES", "A128GCM", &access_token).await),
            ("twice", to_us(&world, "ECDH-ES", "A128GCM", &good).await),
            ("no token", to_us(&world, "ECDH-ES", "A128GCM", "{}").await),
            ("another tag", format!("{rest}.{first}{}", &tag[1..])),
            ("nonsense", "a.b.c.d.e".to_owned()),
        ] {
            assert_eq!(error_for(&app, &browser, &hint).await.as_deref(), Some("invalid_request"), "{case}");
            assert_eq!(sent_to(&mut browser, &hint).await, "", "{case}");
        }
        assert_eq!(error_for(&app, &browser, &good).await, None, "the control, still signed in");
        assert_eq!(sent_to(&mut browser, &good).await, BACK);
    }
}

on_both_engines! {
    with |config| { config.protocol.unsigned_id_tokens = true; };
    async fn rp_initiated_logout_2_an_unsigned_hint_says_who_and_proves_nothing(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let plain = registered(&world, json!({})).await;
        let app = registered(&world, json!({"id_token_signed_response_alg": "none"})).await;
        let (mut browser, token) = signed_in(&app, "alice").await;
        assert!(token.ends_with('.'), "{token}");
        let (bobby, _) = signed_in(&app, "bobby").await;
        for hint in [token.clone(), to_us(&world, "ECDH-ES", "A128GCM", &token).await] {
            assert_eq!(error_for(&app, &browser, &hint).await, None);
            assert_eq!(error_for(&app, &bobby, &hint).await.as_deref(), Some("login_required"));
            // The person is asked, and told by whom; then the way leads back.
            let request = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BACK)];
            let page = browser.open(&sign_out(&request)).await;
            assert!(page.has("logout") && !page.has("problems"), "{}", page.answer.body);
            let gone = browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
            assert_eq!(gone.location(), BACK);
            // Nobody is here: a link, for whoever wants it.
            let page = browser.open(&sign_out(&request)).await;
            assert_eq!((page.location().as_str(), page.has("continue")), ("", true));
            id_token(&app, &mut browser, "alice").await;
        }
        // Where tokens are signed, one without a signature is none: for another client, for several, from
        // another issuer.
        let signed = id_token(&plain, &mut browser, "alice").await;
        let forged = |change: &dyn Fn(&mut Value)| {
            let mut claims = claims_of(&token);
            change(&mut claims);
            unsigned(&format!(".{}.", URL_SAFE_NO_PAD.encode(claims.to_string())))
        };
        for (case, app, hint) in [
            ("a client that gets signed ones", &plain, unsigned(&signed)),
            ("another client's", &plain, token.clone()),
            ("several", &app, forged(&|claims| claims["aud"] = json!([app.id, plain.id]))),
            ("another issuer", &app, forged(&|claims| claims["iss"] = json!("https://evil.example"))),
        ] {
            assert_eq!(error_for(app, &browser, &hint).await.as_deref(), Some("invalid_request"), "{case}");
        }
        assert_eq!(error_for(&app, &browser, &forged(&|_| ())).await, None, "the control");
        assert_eq!(sent_to(&mut browser, &unsigned(&signed)).await, "");
        // And a claim that says that it is proven proves nothing.
        let boasting = forged(&|claims| claims["proven"] = json!(true));
        assert_eq!(sent_to(&mut browser, &boasting).await, "");
        assert_eq!(sent_to(&mut browser, &signed).await, BACK, "the control");
    }
}

on_both_engines! {
    async fn oidc_registration_2_an_unsigned_hint_is_nothing_where_unsigned_tokens_are_off(world: World) {
        world.user("alice").await;
        let plain = registered(&world, json!({})).await;
        let app = registered(&world, json!({"id_token_signed_response_alg": "none"})).await;
        let (browser, signed) = signed_in(&plain, "alice").await;
        let mut claims = claims_of(&signed);
        claims["aud"] = json!(app.id);
        let hint = unsigned(&format!(".{}.", URL_SAFE_NO_PAD.encode(claims.to_string())));
        assert_eq!(error_for(&app, &browser, &hint).await.as_deref(), Some("invalid_request"));
        assert_eq!(error_for(&plain, &browser, &signed).await, None);
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_1_a_hint_may_be_past_its_time(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = registered(&world, json!({})).await;
        let (alice, token) = signed_in(&app, "alice").await;
        let (bobby, _) = signed_in(&app, "bobby").await;
        let claims = claims_of(&token);
        let life = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat);
        world.advance(u64::try_from(life.expect("times")).expect("a life") + 1);
        assert_eq!(error_for(&app, &alice, &token).await, None);
        assert_eq!(error_for(&app, &bobby, &token).await.as_deref(), Some("login_required"));
    }
}
