//! What comes out: codes, tokens, claims.

use serde_json::{Value, json};
use tessera::crypto::jose::{JwsAlgorithm, SigningAlgorithm};
use tessera::flows::people::UserChanges;
use tessera::flows::rotate_keys;
use tessera::protocol::audit::{Actor, Origin};
use tessera::protocol::key_lifecycle::RotateNow;

use super::{KINDS, Profile, certified, register, verified};
use crate::on_both_engines;
use crate::support::client::{REDIRECT, VERIFIER};
use crate::support::world::ISSUER;

on_both_engines! {
    with certified;
    async fn oidcc_idtoken_signature_and_claims(world: World) {
        for profile in Profile::all(&world).await {
            let name = profile.name();
            let response = profile.ask_anew(&[]).await;
            if let Some(jwt) = response.fields.get("id_token") {
                verified(&world, jwt, JwsAlgorithm::RS256).await;
            }
            let claims = profile.tokens(&response).await.id_token;
            let now = world.tessera.now().seconds();
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(profile.app.id)), "{name}");
            assert_eq!(claims["iat"], now, "{name}");
            assert!(claims["exp"].as_i64() > Some(now), "{name}");
            assert!(claims["sub"].as_str().is_some_and(|sub| sub.is_ascii() && (1..=255).contains(&sub.len())), "{name}");
            assert_no_empty(&claims, &name);
        }
    }
}

fn assert_no_empty(claims: &Value, name: &str) {
    for (claim, value) in claims.as_object().expect("claims") {
        let empty = value.is_null()
            || value == ""
            || value == "null"
            || *value == json!([])
            || *value == json!({});
        assert!(!empty, "{name}: {claim}");
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_userinfo_get_post_header_post_body(world: World) {
        for profile in Profile::all(&world).await.into_iter().filter(Profile::has_token) {
            let name = profile.name();
            let tokens = profile.tokens(&profile.ask_anew(&[]).await).await;
            let token = tokens.access.clone().expect("a token");
            let bearer = format!("Bearer {token}");
            let answers = [
                profile.app.userinfo(&token).await,
                world.post("/userinfo", &[("authorization", &bearer)], &[]).await,
                world.post("/userinfo", &[("authorization", &bearer.replacen("Bearer", "bEaReR", 1))], &[]).await,
                world.post("/userinfo", &[], &[("access_token", &token)]).await,
            ];
            for answer in answers {
                assert_eq!(answer.status, 200, "{name}: {}", answer.body);
                assert_eq!(answer.json()["sub"], tokens.id_token["sub"], "{name}");
                assert_no_empty(&answer.json(), &name);
            }
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_scope_profile_email_address_phone_and_all(world: World) {
        let alice = world.user("alice").await;
        let address = json!({"street_address": "1 Main Street", "locality": "Springfield", "country": "US"});
        let profile = json!({"name": "Alice", "address": address, "phone_number": "+1 (555) 010-0100", "phone_number_verified": false});
        let changes = UserChanges { profile: profile.as_object().cloned(), ..UserChanges::default() };
        let written = world.tessera.change_user(alice.id, changes, Actor::Operator, Origin::default()).await;
        written.expect("the database").expect("a good profile");
        let opened = [("profile", "name"), ("email", "email"), ("address", "address"), ("phone", "phone_number")];
        for profile in Profile::registered(&world, &json!({})).await {
            let all = "profile email address phone";
            for scope in opened.iter().map(|(scope, _)| *scope).chain([all]) {
                let asked = format!("openid {scope}");
                let tokens = profile.tokens(&profile.ask_anew(&[("scope", Some(&asked))]).await).await;
                let person = profile.person(&tokens).await;
                for (opener, claim) in opened {
                    let expected = scope == opener || scope == all;
                    assert_eq!(!person[claim].is_null(), expected, "{} {scope}: {claim} in {person}", profile.name());
                }
                assert!(person["address"].is_null() || person["address"] == address, "{person}");
                assert!(person["updated_at"].is_null() || person["updated_at"].is_i64());
                for verified in ["email_verified", "phone_number_verified"] {
                    assert!(person[verified].is_null() || person[verified].is_boolean());
                }
            }
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_claims_essential(world: World) {
        let asked = r#"{"userinfo": {"name": {"essential": true}}, "id_token": {"email": {"essential": true}}}"#;
        for profile in Profile::all(&world).await {
            let tokens = profile.tokens(&profile.ask_anew(&[("scope", Some("openid")), ("claims", Some(asked))]).await).await;
            assert_eq!(tokens.id_token["email"], "alice@example.org", "{}", profile.name());
            if profile.has_token() {
                assert_eq!(profile.person(&tokens).await["name"], "alice Example", "{}", profile.name());
            }
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_codereuse_30seconds(world: World) {
        for profile in Profile::all(&world).await.into_iter().filter(Profile::has_code) {
            let response = profile.ask_anew(&[]).await;
            let tokens = profile.tokens(&response).await;
            world.advance(30);
            let answer = profile.app.redeem(&response.fields["code"]).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_grant"), "{}", profile.name());
            let token = tokens.access.expect("a token");
            assert_eq!(profile.app.userinfo(&token).await.status, 401, "{}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_refresh_token(world: World) {
        for profile in Profile::all(&world).await.into_iter().filter(Profile::has_code) {
            let name = profile.name();
            let first = profile.tokens(&profile.ask_anew(&[]).await).await;
            let answer = profile.app.refresh(&first.refresh.expect("a token")).await.json();
            let again = crate::support::client::claims_of(answer["id_token"].as_str().expect("an ID token"));
            for claim in ["iss", "sub", "aud", "auth_time", "azp"] {
                assert_eq!(again[claim], first.id_token[claim], "{name}: {claim}");
            }
            assert_eq!(again["nonce"], Value::Null, "{name}");
            // oidcc-refresh-token with another client: refused.
            let other = register(&world, "code", &json!({})).await;
            let token = answer["refresh_token"].as_str().expect("a token");
            assert_eq!(other.refresh(token).await.error(), "invalid_grant", "{name}");
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_server_client_secret_post(world: World) {
        let changes = json!({"token_endpoint_auth_method": "client_secret_post"});
        for profile in Profile::with(&world, &changes).await.into_iter().filter(Profile::has_code) {
            let response = profile.ask_anew(&[]).await;
            let answer = world.post("/token", &[], &[
                ("grant_type", "authorization_code"), ("code", &response.fields["code"]), ("redirect_uri", REDIRECT),
                ("code_verifier", VERIFIER), ("client_id", &profile.app.id), ("client_secret", &profile.app.secret),
            ]).await;
            assert_eq!(answer.status, 200, "{}: {}", profile.name(), answer.body);
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_ensure_request_with_valid_pkce_succeeds_and_without_too(world: World) {
        world.user("alice").await;
        for kind in KINDS.into_iter().filter(|kind| kind.contains("code")) {
            let profile = Profile { kind, form_post: false, app: register(&world, kind, &json!({})).await };
            let response = profile.ask_anew(&[("code_challenge", None), ("code_challenge_method", None)]).await;
            let exchange = [("grant_type", "authorization_code"), ("code", &response.fields["code"]), ("redirect_uri", REDIRECT)];
            assert_eq!(profile.app.token(&exchange).await.status, 200, "{kind}");
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_server_rotate_keys(world: World) {
        let profile = Profile::all(&world).await.swap_remove(2);
        let before = profile.ask_anew(&[]).await.fields["id_token"].clone();
        let wish = RotateNow::AtOnce(SigningAlgorithm::RS256.into());
        rotate_keys::rotate(&world.tessera, wish, Actor::Operator).await.expect("the database").expect("a key");
        world.tessera.load_keys().await.expect("keys");
        let after = profile.ask_anew(&[]).await.fields["id_token"].clone();
        for jwt in [&before, &after] {
            verified(&world, jwt, JwsAlgorithm::RS256).await;
        }
        assert_ne!(before.split('.').next(), after.split('.').next(), "another kid");
    }
}
