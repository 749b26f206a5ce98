//! The request: what it may carry, and what it may ask of the person.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Profile, certified};
use crate::on_both_engines;
use crate::support::Browser;
use crate::support::assertion::unsigned;
use crate::support::world::{ISSUER, PASSWORD};

on_both_engines! {
    with certified;
    async fn oidcc_response_type_missing(world: World) {
        for profile in Profile::all(&world).await {
            let page = Browser::new(&world).open(&profile.request(&[("response_type", None)])).await;
            let told = page.location() + &page.answer.body;
            assert!(told.contains("invalid_request"), "{}: {told}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_server_and_state_and_iss(world: World) {
        for profile in Profile::all(&world).await {
            let state = "s".repeat(1_000);
            let nonce = "n".repeat(384);
            let response = profile.ask_anew(&[("state", Some(&state)), ("nonce", Some(&nonce))]).await;
            assert_eq!(response.fields.get("state"), Some(&state), "{}", profile.name());
            assert_eq!(response.fields.get("iss").map(String::as_str), Some(ISSUER), "{}", profile.name());
            assert_eq!(profile.tokens(&response).await.id_token["nonce"], *nonce, "{}", profile.name());
            let without = profile.ask_anew(&[("state", None)]).await;
            assert_eq!(without.fields.get("state"), None, "{}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(world: World) {
        for profile in Profile::all(&world).await {
            let response = profile.ask_anew(&[("nonce", None)]).await;
            // oidcc-ensure-request-without-nonce-fails, where an ID token comes through the browser.
            let expected = if profile.kind.contains("id_token") { "invalid_request" } else { "" };
            assert_eq!(response.error(), expected, "{}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_ensure_requests_with_display_locales_acr_hints_and_unknown_parameters_succeed(world: World) {
        for profile in Profile::all(&world).await {
            for change in [
                ("display", "page"), ("display", "popup"), ("ui_locales", "se"), ("claims_locales", "se"),
                ("acr_values", "1 2"), ("login_hint", "buffy@example.org"), ("extra", "foobar"),
                ("scope", "profile email openid"), ("max_age", "10000"),
            ] {
                let response = profile.ask_anew(&[(change.0, Some(change.1))]).await;
                assert_eq!(response.error(), "", "{} {change:?}", profile.name());
            }
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_ensure_post_request_succeeds(world: World) {
        for profile in Profile::all(&world).await {
            let mut browser = Browser::new(&world);
            profile.ask(&mut browser, &[]).await;
            let url = profile.request(&[]);
            let (_, query) = url.split_once('?').expect("a query");
            // From the client's own site: a cross-site POST comes without our cookies.
            let mut bare = Browser::new(&world);
            let request = Request::post("/authorize")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("origin", "https://app.example")
                .header("sec-fetch-site", "cross-site")
                .body(Body::from(query.to_owned()))
                .expect("a request");
            let answer = bare.send(request).await;
            assert_eq!(answer.status, 303, "{}: {}", profile.name(), answer.body);
            let page = browser.open(&answer.header("location")).await;
            let response = profile.response(page);
            assert_eq!(response.error(), "", "{}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_prompt_none_not_logged_in(world: World) {
        for profile in Profile::all(&world).await {
            let response = profile.ask_anew(&[("prompt", Some("none"))]).await;
            assert_eq!(response.error(), "login_required", "{}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_prompt_none_logged_in_max_age_10000_and_id_token_hint(world: World) {
        for profile in Profile::all(&world).await {
            let mut browser = Browser::new(&world);
            let first = profile.ask(&mut browser, &[("max_age", Some("10000"))]).await;
            let hint = first.fields.get("id_token").cloned();
            let first = profile.tokens(&first).await.id_token;
            world.advance(2);
            let mut changes = vec![("prompt", Some("none")), ("max_age", Some("10000"))];
            if let Some(hint) = &hint {
                changes.push(("id_token_hint", Some(hint)));
            }
            let page = browser.open(&profile.request(&changes)).await;
            let again = profile.tokens(&profile.response(page)).await.id_token;
            assert_eq!((&again["sub"], &again["auth_time"]), (&first["sub"], &first["auth_time"]), "{}", profile.name());
            assert!(again["auth_time"].is_i64(), "{}", profile.name());
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_prompt_login_and_max_age_1_ask_for_the_password_again(world: World) {
        for profile in Profile::all(&world).await {
            for change in [("prompt", "login"), ("max_age", "1")] {
                let mut browser = Browser::new(&world);
                let first = profile.ask(&mut browser, &[]).await;
                let first = profile.tokens(&first).await.id_token;
                world.advance(2);
                let page = browser.open(&profile.request(&[(change.0, Some(change.1))])).await;
                assert!(page.has("password"), "{} {change:?}: {}", profile.name(), page.location());
                let page = browser.sign_in(&page, "alice", PASSWORD).await;
                let again = profile.tokens(&profile.response(page)).await.id_token;
                assert_eq!(again["sub"], first["sub"], "{} {change:?}", profile.name());
                assert!(again["auth_time"].as_i64() > first["auth_time"].as_i64(), "{} {change:?}", profile.name());
            }
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_ensure_registered_redirect_uri(world: World) {
        for profile in Profile::all(&world).await {
            // ...and oidcc-redirect-uri-query-mismatch, -query-added, -missing.
            for uri in [Some("https://app.example/other"), Some("https://app.example/cb?foo=bar"), Some("https://app.example/cb/"), None] {
                let page = Browser::new(&world).open(&profile.request(&[("redirect_uri", uri)])).await;
                assert_eq!((page.location(), page.answer.status), (String::new(), 400), "{} {uri:?}", profile.name());
                assert!(!page.answer.body.contains("<form method=\"post\" action=\"https://app"), "{} {uri:?}", profile.name());
            }
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_unsigned_request_object_supported_correctly_and_request_uri_unsigned(world: World) {
        let site = MockServer::start().await;
        let uri = format!("{}/request.jwt", site.uri());
        // The suite's clients register no algorithm: "any algorithm supported by the OP" is theirs.
        for profile in Profile::with(&world, &json!({"request_uris": [uri]})).await {
            let claims = json!({"client_id": profile.app.id, "response_type": profile.kind, "state": "inner"});
            let object = unsigned(&json!({"alg": "none"}), &claims) + ".";
            site.reset().await;
            Mock::given(path("/request.jwt"))
                .respond_with(ResponseTemplate::new(200).set_body_string(&object))
                .mount(&site)
                .await;
            for way in [("request", &object), ("request_uri", &uri)] {
                let response = profile.ask_anew(&[(way.0, Some(way.1))]).await;
                assert_eq!(response.fields.get("state").map(String::as_str), Some("inner"), "{} {}", profile.name(), way.0);
            }
        }
    }
}
