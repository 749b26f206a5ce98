//! The errors that machines read, to the byte.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::support::client::REDIRECT;
use crate::support::world::Answer;
use crate::support::{App, World};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A book of named answers.
#[derive(Default)]
struct Book(String);

impl Book {
    fn add(&mut self, name: &str, answer: &Answer) {
        writeln!(self.0, "{name}: {}", answer.status).expect("a string");
        for header in [
            "content-type",
            "cache-control",
            "www-authenticate",
            "retry-after",
            "allow",
        ] {
            if answer.headers.contains_key(header) {
                writeln!(self.0, "  {header}: {}", answer.header(header)).expect("a string");
            }
        }
        writeln!(self.0, "  {}\n", answer.body).expect("a string");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc6749_5_2_the_errors_of_the_token_endpoint() {
    let world = World::sqlite().await;
    let app = App::register(&world, json!({})).await;
    let stranger = App {
        secret: "wrong".to_owned(),
        ..app.clone()
    };
    let mut book = Book::default();
    for (name, form) in [
        ("no grant_type", &[][..]),
        ("a grant type that nobody knows", &[("grant_type", "magic")]),
        (
            "a grant type that the client may not use",
            &[("grant_type", "client_credentials")],
        ),
        (
            "a repeated parameter",
            &[("grant_type", "a"), ("grant_type", "b")],
        ),
        ("no code", &[("grant_type", "authorization_code")]),
        (
            "an unknown code",
            &[
                ("grant_type", "authorization_code"),
                ("code", "x"),
                ("redirect_uri", REDIRECT),
            ],
        ),
        (
            "an unknown refresh token",
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
        ),
    ] {
        book.add(name, &app.token(form).await);
    }
    world.user("alice").await;
    let code = app
        .code_with("alice", &[("scope", Some("openid offline_access"))])
        .await;
    let tokens = app.redeem(&code).await.json();
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    let wider = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("scope", "everything"),
    ];
    book.add("a scope that was not granted", &app.token(&wider).await);
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    book.add("a wrong secret by Basic", &stranger.token(&form).await);
    let posted = [
        ("client_id", app.id.as_str()),
        ("client_secret", "wrong"),
        ("grant_type", "refresh_token"),
    ];
    book.add(
        "a wrong secret in the form",
        &world.post("/token", &[], &posted).await,
    );
    book.add(
        "nobody at all",
        &world.post("/token", &[], &[("grant_type", "a")]).await,
    );
    let long = vec![b'a'; 100 * 1024];
    book.add(
        "a body that is too long",
        &world.post_raw("/token", &[], long).await,
    );
    insta::assert_snapshot!("token-errors", book.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc6750_3_1_the_errors_of_what_a_token_protects_and_of_the_rest() {
    let world = World::sqlite().await;
    let mut book = Book::default();
    for (name, method, path, headers) in [
        ("userinfo without a token", "GET", "/userinfo", &[][..]),
        (
            "userinfo with a token that is none",
            "GET",
            "/userinfo",
            &[("authorization", "Bearer x")],
        ),
        (
            "userinfo with another scheme",
            "GET",
            "/userinfo",
            &[("authorization", "Basic eDp5")],
        ),
        (
            "introspection without credentials",
            "POST",
            "/introspect",
            &[FORM],
        ),
        ("revocation without credentials", "POST", "/revoke", &[FORM]),
        ("a URL that is not there", "GET", "/nowhere", &[]),
        ("a method that is not there", "PUT", "/token", &[]),
        ("a type that is no form", "POST", "/token", &[]),
    ] {
        let mut request = Request::builder().method(method).uri(path);
        for (header, value) in headers {
            request = request.header(*header, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        book.add(name, &world.send(request).await);
    }
    insta::assert_snapshot!("other-errors", book.0);
}

/// Where nothing may be shown but a redirect: the errors that go back to the application.
#[tokio::test(flavor = "multi_thread")]
async fn rfc6749_4_1_2_1_the_errors_of_the_authorization_endpoint() {
    let world = World::sqlite().await;
    let app = App::register(&world, json!({})).await;
    let mut book = String::new();
    for (name, value) in [
        ("response_type", None),
        ("response_type", Some("token")),
        ("response_mode", Some("magic")),
        ("scope", Some("everything")),
        ("code_challenge_method", Some("plain")),
        ("prompt", Some("none")),
        ("prompt", Some("none login")),
        ("max_age", Some("-1")),
        ("resource", Some("not a url")),
        ("request", Some("eyJhbGciOiJub25lIn0.e30.")),
        ("request_uri", Some("https://app.example/request")),
        ("redirect_uri", Some("https://evil.example/")),
        ("client_id", Some("nobody")),
    ] {
        let answer = world.get(&app.request(&[(name, value)])).await;
        let location = answer.header("location");
        let location = location.replace(&app.id, "CLIENT");
        let value = value.unwrap_or("(missing)");
        let status = answer.status;
        writeln!(book, "{name}={value}: {status}\n  {location}").expect("a string");
    }
    insta::assert_snapshot!("authorization-errors", book);
}
