//! `client_secret_basic`, `client_secret_post` and `none`: a valid proof, and one mutation per case.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::on_both_engines;
use crate::support::client::{REDIRECT, VERIFIER};
use crate::support::world::Answer;
use crate::support::{App, World};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

async fn machine(world: &World, method: &str) -> App {
    App::machine(world, json!({ "token_endpoint_auth_method": method })).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// RFC 6749 §5.2: 401 and a challenge where HTTP authentication was tried, and nowhere else.
fn assert_refused(answer: &Answer, challenged: bool, case: &str) {
    let status = if challenged { 401 } else { 400 };
    let seen = (answer.status, answer.error());
    assert_eq!(seen, (status, "invalid_client".to_owned()), "{case}");
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge.starts_with("Basic realm="), challenged, "{case}");
    assert_eq!(challenge.is_empty(), !challenged, "{case}");
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
}

on_both_engines! {
    async fn rfc6749_2_3_1_each_broken_basic_proof_is_challenged(world: World) {
        let app = machine(&world, "client_secret_basic").await;
        let other = machine(&world, "client_secret_basic").await;
        let post = machine(&world, "client_secret_post").await;
        let public = App::register(&world, json!({"token_endpoint_auth_method": "none"})).await;
        for (case, header) in [
            ("wrong secret", basic(&app.id, "wrong")),
            ("no secret", basic(&app.id, "")),
            ("the secret with more", basic(&app.id, &format!("{}x", app.secret))),
            ("the secret cut", basic(&app.id, &app.secret[..app.secret.len() - 1])),
            ("another client's secret", basic(&app.id, &other.secret)),
            ("an unknown client", basic("nobody", &app.secret)),
            ("a client registered for post", basic(&post.id, &post.secret)),
            ("a public client", basic(&public.id, "x")),
            ("another scheme", app.basic().replace("Basic", "Bearer")),
            ("no base64", "Basic ###".to_owned()),
            ("nothing", "Basic".to_owned()),
        ] {
            let headers = [("authorization", header.as_str())];
            assert_refused(&world.post("/token", &headers, &[GRANT]).await, true, case);
            assert_refused(&world.post("/introspect", &headers, &[("token", "x")]).await, true, case);
            assert_refused(&world.post("/revoke", &headers, &[("token", "x")]).await, true, case);
        }
        assert_eq!(app.token(&[GRANT]).await.status, 200);
        // RFC 9110 §11.1: "a case-insensitive token".
        let lower = app.basic().replace("Basic", "bAsIc");
        assert_eq!(world.post("/token", &[("authorization", &lower)], &[GRANT]).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc6749_2_3_1_each_broken_proof_in_the_form_is_refused_without_a_challenge(world: World) {
        let app = machine(&world, "client_secret_post").await;
        let other = machine(&world, "client_secret_post").await;
        let in_header = machine(&world, "client_secret_basic").await;
        let public = App::register(&world, json!({"token_endpoint_auth_method": "none"})).await;
        for (case, id, secret) in [
            ("wrong secret", &app.id, "wrong"),
            ("another client's secret", &app.id, other.secret.as_str()),
            ("an unknown client", &"nobody".to_owned(), app.secret.as_str()),
            ("a client registered for basic", &in_header.id, in_header.secret.as_str()),
            ("a public client", &public.id, "x"),
        ] {
            let form = [GRANT, ("client_id", id), ("client_secret", secret), ("token", "x")];
            assert_refused(&world.post("/token", &[], &form).await, false, case);
            assert_refused(&world.post("/revoke", &[], &form).await, false, case);
            // RFC 7662 §2.3: "the authorization server responds with an HTTP 401".
            assert_refused(&world.post("/introspect", &[], &form).await, true, case);
        }
        let good = [GRANT, ("client_id", app.id.as_str()), ("client_secret", &app.secret)];
        assert_eq!(world.post("/token", &[], &good).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc6749_2_3_a_secret_in_the_query_is_not_read(world: World) {
        let app = machine(&world, "client_secret_post").await;
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_id", &app.id), ("client_secret", &app.secret)])
            .finish();
        let answer = world.post(&format!("/token?{query}"), &[], &[GRANT]).await;
        assert_refused(&answer, false, "all in the query");
        let half = [GRANT, ("client_id", app.id.as_str())];
        let answer = world.post(&format!("/token?{query}"), &[], &half).await;
        assert_refused(&answer, false, "the secret in the query");
        let good = [GRANT, ("client_id", app.id.as_str()), ("client_secret", &app.secret)];
        assert_eq!(world.post("/token", &[], &good).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc6749_2_3_two_methods_at_once_are_an_invalid_request(world: World) {
        let app = machine(&world, "client_secret_basic").await;
        let other = machine(&world, "client_secret_basic").await;
        let header = app.basic();
        let headers = [("authorization", header.as_str())];
        for (case, form) in [
            ("the same secret twice", vec![("client_id", app.id.as_str()), ("client_secret", &*app.secret)]),
            ("a secret without a name", vec![("client_secret", "x")]),
            ("another name", vec![("client_id", &*other.id)]),
        ] {
            let answer = world.post("/token", &headers, &[&[GRANT][..], &form].concat()).await;
            assert_eq!((answer.status, answer.error()), (400, "invalid_request".to_owned()), "{case}");
            assert_eq!(answer.header("www-authenticate"), "", "{case}");
        }
        let twice = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", &header)
            .header("authorization", other.basic())
            .body(Body::from("grant_type=client_credentials"))
            .expect("a request");
        let answer = world.send(twice).await;
        assert_eq!((answer.status, answer.error()), (400, "invalid_request".to_owned()));
        // The name alone is no second method.
        let named = [GRANT, ("client_id", app.id.as_str())];
        assert_eq!(world.post("/token", &headers, &named).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc6749_3_2_1_only_a_public_client_may_name_itself_and_it_proves_nothing(world: World) {
        world.user("alice").await;
        let public = App::register(&world, json!({"token_endpoint_auth_method": "none"})).await;
        let confidential = App::register(&world, json!({})).await;
        let form = |id: &str, code: &str| {
            [("grant_type", "authorization_code"), ("client_id", id), ("code", code),
                ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]
                .map(|(name, value)| (name, value.to_owned()))
        };
        let redeem = async |app: &App, code: &str| {
            let form = form(&app.id, code);
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            world.post("/token", &[], &form).await
        };
        let code = confidential.code("alice").await;
        assert_refused(&redeem(&confidential, &code).await, false, "a confidential client without a proof");
        assert_eq!(confidential.redeem(&code).await.status, 200, "which spent nothing");
        let nobody = App { id: "nobody".to_owned(), ..public.clone() };
        assert_refused(&redeem(&nobody, "x").await, false, "an unknown client");
        let none = world.post("/token", &[], &[("grant_type", "authorization_code")]).await;
        assert_refused(&none, false, "nobody at all");

        let tokens = redeem(&public, &public.code("alice").await).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let access = tokens.json()["access_token"].as_str().expect("a token").to_owned();
        // RFC 7662 §2.1, §2.3: the endpoint asks for an authorization, which a name is not.
        let asked = [("client_id", public.id.as_str()), ("token", &*access)];
        assert_refused(&world.post("/introspect", &[], &asked).await, true, "a public client introspects");
        // RFC 7009 §2.1: a public client revokes its own.
        assert_eq!(world.post("/revoke", &[], &asked).await.status, 200);
        assert_eq!(public.userinfo(&access).await.status, 401);
    }
}

on_both_engines! {
    async fn a_rotated_secret_works_as_long_as_was_said_and_the_new_one_at_once(world: World) {
        let app = machine(&world, "client_secret_basic").await;
        let secret = world.renew_secret(&app.id, Duration::from_hours(1)).await;
        let renewed = App { secret, ..app.clone() };
        assert_eq!(renewed.token(&[GRANT]).await.status, 200);
        assert_eq!(app.token(&[GRANT]).await.status, 200);
        world.advance(3600);
        assert_refused(&app.token(&[GRANT]).await, true, "the old one");
        assert_eq!(renewed.token(&[GRANT]).await.status, 200);
    }
}

on_both_engines! {
    async fn a_client_has_five_secrets_at_most_and_the_oldest_goes(world: World) {
        let app = machine(&world, "client_secret_basic").await;
        let mut secrets = vec![app.secret.clone()];
        for _ in 0..6 {
            world.advance(1);
            secrets.push(world.renew_secret(&app.id, Duration::from_hours(24)).await);
        }
        let mut works = Vec::new();
        for secret in &secrets {
            let header = basic(&app.id, secret);
            let answer = world.post("/token", &[("authorization", &header)], &[GRANT]).await;
            works.push(answer.status == 200);
        }
        assert_eq!(works, [false, false, true, true, true, true, true], "the newest five");
    }
}
