//! `private_key_jwt` and `client_secret_jwt`: a valid assertion, and one mutation per case.

use serde_json::{Value, json};
use tessera::crypto::jose::SigningAlgorithm;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::on_both_engines;
use crate::support::assertion::{Pair, claims, hs256, machine, present, present_with, unsigned};
use crate::support::world::{Answer, ISSUER};
use crate::support::{App, Registrar, World};

/// RFC 6749 §5.2: nothing came by HTTP authentication, so there is nothing to challenge.
fn assert_refused(answer: &Answer, case: &str) {
    let seen = (answer.status, answer.error());
    assert_eq!(seen, (400, "invalid_client".to_owned()), "{case}");
    assert_eq!(answer.header("www-authenticate"), "", "{case}");
    assert_eq!(answer.header("cache-control"), "no-store", "{case}");
}

/// Claims that must be refused although the signature is good: one mutation each.
fn bad_claims(world: &World, app: &App, other: &App) -> Vec<(&'static str, Value)> {
    let now = world.tessera.now().seconds();
    let cases: Vec<(&str, &str, Value)> = vec![
        (
            "aud of another server",
            "aud",
            json!("https://other.example"),
        ),
        (
            "aud as a list without us",
            "aud",
            json!(["https://other.example", ISSUER.to_owned() + "/"]),
        ),
        ("no aud", "aud", Value::Null),
        ("no exp", "exp", Value::Null),
        ("expired", "exp", json!(now)),
        ("expired long ago", "exp", json!(now - 3600)),
        ("exp far ahead", "exp", json!(now + 3601)),
        ("exp as text", "exp", json!((now + 60).to_string())),
        ("iat ahead", "iat", json!(now + 61)),
        ("nbf ahead", "nbf", json!(now + 61)),
        ("no iss", "iss", Value::Null),
        ("iss != sub", "iss", json!(other.id)),
        ("sub of another client", "sub", json!(other.id)),
        ("no sub", "sub", Value::Null),
        ("no jti", "jti", Value::Null),
        ("empty jti", "jti", json!("")),
        ("jti of 257 bytes", "jti", json!("j".repeat(257))),
    ];
    let good = claims(world, app, "the only one");
    cases
        .into_iter()
        .map(|(case, name, value)| {
            let mut claims = good.clone();
            if value.is_null() {
                claims.as_object_mut().expect("an object").remove(name);
            } else {
                claims[name] = value;
            }
            (case, claims)
        })
        .collect()
}

/// Claims that must be taken.
fn good_claims(world: &World, app: &App) -> Vec<(&'static str, Value)> {
    let now = world.tessera.now().seconds();
    let cases: Vec<(&str, &str, Value)> = vec![
        ("as they should be", "aud", json!(ISSUER)),
        (
            "RFC 7523 3: the token endpoint",
            "aud",
            json!(format!("{ISSUER}/token")),
        ),
        (
            "a list with us in it",
            "aud",
            json!(["https://other.example", ISSUER]),
        ),
        ("a clock that is a minute ahead", "iat", json!(now + 60)),
        (
            "RFC 7519 2: a fraction",
            "exp",
            json!(60.5 + f64::from(u32::try_from(now).expect("a time"))),
        ),
        ("an hour of life", "exp", json!(now + 3600)),
    ];
    cases
        .into_iter()
        .enumerate()
        .map(|(number, (case, name, value))| {
            let mut claims = claims(world, app, &format!("good {number}"));
            claims[name] = value;
            (case, claims)
        })
        .collect()
}

async fn keyed(world: &World, pair: &Pair, changes: Value) -> App {
    let mut metadata = json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [pair.jwk()]},
    });
    for (name, value) in changes.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    App::machine(world, metadata).await
}

/// Every mutation is refused and spends nothing; then what is right is taken, once.
async fn each_claim_counts(world: &World, app: &App, other: &App, sign: impl Fn(&Value) -> String) {
    for (case, claims) in bad_claims(world, app, other) {
        assert_refused(&present(world, &sign(&claims)).await, case);
    }
    let once = sign(&claims(world, app, "the only one"));
    assert_eq!(
        present(world, &once).await.status,
        200,
        "none of them spent the jti"
    );
    assert_refused(&present(world, &once).await, "the jti twice");
    for (case, claims) in good_claims(world, app) {
        let answer = present(world, &sign(&claims)).await;
        assert_eq!(answer.status, 200, "{case}: {}", answer.body);
    }
}

on_both_engines! {
    async fn rfc7523_3_each_claim_of_a_private_key_jwt_counts(world: World) {
        let (pair, others) = (Pair::new(SigningAlgorithm::ES256), Pair::new(SigningAlgorithm::ES256));
        let app = keyed(&world, &pair, json!({})).await;
        let other = keyed(&world, &others, json!({})).await;
        each_claim_counts(&world, &app, &other, |claims| pair.sign(claims)).await;
    }
}

on_both_engines! {
    async fn rfc7523_3_each_claim_of_a_client_secret_jwt_counts(world: World) {
        let (app, other) = (machine(&world).await, machine(&world).await);
        let header = json!({"alg": "HS256"});
        each_claim_counts(&world, &app, &other, |claims| hs256(app.secret.as_bytes(), &header, claims)).await;
    }
}

on_both_engines! {
    async fn rfc7523_3_a_jti_is_one_clients_own(world: World) {
        let header = json!({"alg": "HS256"});
        for app in [machine(&world).await, machine(&world).await] {
            let assertion = hs256(app.secret.as_bytes(), &header, &claims(&world, &app, "same"));
            assert_eq!(present(&world, &assertion).await.status, 200);
        }
    }
}

on_both_engines! {
    async fn rfc8725_3_1_only_the_registered_key_with_the_registered_algorithm_signs(world: World) {
        let es = Pair::new(SigningAlgorithm::ES256);
        let rs = Pair::new(SigningAlgorithm::RS256);
        let foreign = Pair::new(SigningAlgorithm::ES256);
        let app = keyed(&world, &es, json!({
            "jwks": {"keys": [es.jwk(), rs.jwk()]}, "token_endpoint_auth_signing_alg": "ES256",
        })).await;
        let stranger = keyed(&world, &foreign, json!({})).await;
        let claims = claims(&world, &app, "1");
        let kid = es.jwk()["kid"].as_str().expect("a kid").to_owned();
        let public = es.jwk();
        let hmac = |key: &str| hs256(key.as_bytes(), &json!({"alg": "HS256", "kid": kid}), &claims);
        let bare = unsigned(&json!({"alg": "none", "kid": kid}), &claims);
        let good = es.sign(&claims);
        let (signed, _) = good.rsplit_once('.').expect("a signature");
        for (case, assertion) in [
            ("RS256 where ES256 is registered", rs.sign(&claims)),
            ("another client's key", foreign.sign(&claims)),
            ("another client's key under our kid", foreign.sign_as(&kid, &claims)),
            ("an unknown kid", es.sign_as("unknown", &claims)),
            ("alg none", format!("{bare}.")),
            ("HS256 with the public key", hmac(&public.to_string())),
            ("HS256 with its coordinate", hmac(public["x"].as_str().expect("x"))),
            ("no signature", format!("{signed}.")),
            ("another signature", format!("{signed}.{}", "A".repeat(86))),
            ("no JWT", "made-up".to_owned()),
        ] {
            assert_refused(&present(&world, &assertion).await, case);
        }
        // Who else signs well is still somebody else.
        let named = [("client_id", app.id.as_str())];
        let theirs = foreign.sign(&crate::support::assertion::claims(&world, &stranger, "2"));
        assert_refused(&present_with(&world, &theirs, &named).await, "another client_id");
        assert_eq!(present_with(&world, &good, &named).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc8725_2_1_a_secret_and_a_key_are_never_taken_for_each_other(world: World) {
        let (pair, symmetric) = (Pair::new(SigningAlgorithm::ES256), machine(&world).await);
        let asymmetric = keyed(&world, &pair, json!({})).await;
        let wrong = pair.sign(&claims(&world, &symmetric, "1"));
        assert_refused(&present(&world, &wrong).await, "a key for client_secret_jwt");
        let header = json!({"alg": "HS256"});
        let secret = symmetric.secret.as_bytes();
        let wrong = hs256(secret, &header, &claims(&world, &asymmetric, "1"));
        assert_refused(&present(&world, &wrong).await, "a secret for private_key_jwt");
        let good = hs256(secret, &header, &claims(&world, &symmetric, "1"));
        assert_eq!(present(&world, &good).await.status, 200);
        let good = pair.sign(&claims(&world, &asymmetric, "1"));
        assert_eq!(present(&world, &good).await.status, 200);
    }
}

on_both_engines! {
    async fn rfc7521_4_2_half_an_assertion_or_two_methods_are_an_invalid_request(world: World) {
        let app = machine(&world).await;
        let good = hs256(app.secret.as_bytes(), &json!({"alg": "HS256"}), &claims(&world, &app, "1"));
        let kind = tessera::protocol::client_auth::assertion::JWT_BEARER;
        let grant = ("grant_type", "client_credentials");
        let basic = app.basic();
        let none: &[(&str, &str)] = &[];
        let in_header: &[(&str, &str)] = &[("authorization", &basic)];
        for (case, headers, form) in [
            ("no type", none, vec![grant, ("client_assertion", &*good)]),
            ("no assertion", none, vec![grant, ("client_assertion_type", kind)]),
            ("another type", none, vec![grant, ("client_assertion", &*good),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")]),
            ("a secret too", none, vec![grant, ("client_assertion", &*good), ("client_assertion_type", kind),
                ("client_id", &*app.id), ("client_secret", &*app.secret)]),
            ("Basic too", in_header, vec![grant, ("client_assertion", &*good), ("client_assertion_type", kind)]),
        ] {
            let answer = world.post("/token", headers, &form).await;
            assert_eq!((answer.status, answer.error()), (400, "invalid_request".to_owned()), "{case}");
            assert_eq!(answer.header("www-authenticate"), "", "{case}");
        }
        assert_eq!(present(&world, &good).await.status, 200, "none of them spent the jti");
    }
}

/// A client that keeps its keys at an address of its own.
async fn remote(world: &World, pairs: &[&Pair]) -> (App, MockServer) {
    let server = MockServer::start().await;
    serve(&server, 200, pairs).await;
    let app = App::machine(
        world,
        json!({
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": format!("{}/jwks", server.uri()),
        }),
    )
    .await;
    (app, server)
}

async fn serve(server: &MockServer, status: u16, pairs: &[&Pair]) {
    server.reset().await;
    let keys: Vec<Value> = pairs.iter().map(|pair| pair.jwk()).collect();
    Mock::given(path("/jwks"))
        .respond_with(ResponseTemplate::new(status).set_body_json(json!({ "keys": keys })))
        .mount(server)
        .await;
}

async fn fetches(server: &MockServer) -> usize {
    server.received_requests().await.expect("recorded").len()
}

on_both_engines! {
    async fn oidc_core_10_1_1_an_unknown_kid_fetches_the_keys_anew_and_at_most_once_a_minute(world: World) {
        let (old, new) = (Pair::new(SigningAlgorithm::ES256), Pair::new(SigningAlgorithm::ES256));
        let (app, server) = remote(&world, &[&old]).await;
        let sign = |pair: &Pair, jti: &str| pair.sign(&claims(&world, &app, jti));
        let first = (0..10).map(|number| sign(&old, &format!("1.{number}"))).collect::<Vec<_>>();
        let first = futures_util::future::join_all(first.iter().map(|assertion| present(&world, assertion))).await;
        assert!(first.iter().all(|answer| answer.status == 200));
        assert_eq!(present(&world, &sign(&old, "2")).await.status, 200);
        assert_eq!(fetches(&server).await, 1, "fetched once, also for ten at once, and kept for a while");

        serve(&server, 200, &[&old, &new]).await;
        world.advance(59);
        assert_refused(&present(&world, &sign(&new, "3")).await, "within the minute");
        assert_eq!(fetches(&server).await, 0);
        world.advance(1);
        assert_eq!(present(&world, &sign(&new, "4")).await.status, 200);
        assert_eq!(fetches(&server).await, 1);

        // A stranger who makes up names does not make us hammer the client.
        world.advance(60);
        for number in 0..20 {
            let made_up = new.sign_as(&format!("made up {number}"), &claims(&world, &app, "5"));
            assert_refused(&present(&world, &made_up).await, "made up");
            world.advance(2);
        }
        assert_eq!(fetches(&server).await, 2);
        assert_eq!(present(&world, &sign(&new, "5")).await.status, 200);
    }
}

on_both_engines! {
    async fn oidc_core_10_1_1_a_key_that_was_replaced_under_its_name_or_has_none_is_fetched_anew(world: World) {
        let pairs: Vec<_> = (0..3).map(|_| Pair::new(SigningAlgorithm::ES256)).collect();
        let (app, server) = remote(&world, &[]).await;
        let publish = async |pair: &Pair, kid: Option<&str>| {
            let mut jwk = pair.jwk();
            match kid {
                Some(kid) => jwk["kid"] = json!(kid),
                None => drop(jwk.as_object_mut().expect("an object").remove("kid")),
            }
            server.reset().await;
            Mock::given(path("/jwks"))
                .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "keys": [jwk] })))
                .mount(&server)
                .await;
        };
        let sign = |pair: &Pair, jti: &str| pair.sign_as("current", &claims(&world, &app, jti));
        publish(&pairs[0], Some("current")).await;
        assert_eq!(present(&world, &sign(&pairs[0], "1")).await.status, 200);
        for (number, kid) in [(1, Some("current")), (2, None)] {
            publish(&pairs[number], kid).await;
            world.advance(59);
            assert_refused(&present(&world, &sign(&pairs[number], "early")).await, "within the minute");
            assert_eq!(fetches(&server).await, 0);
            world.advance(1);
            assert_eq!(present(&world, &sign(&pairs[number], &format!("2.{number}"))).await.status, 200, "{kid:?}");
            assert_refused(&present(&world, &sign(&pairs[0], "3")).await, "withdrawn");
            assert_eq!(fetches(&server).await, 1, "{kid:?}");
        }
        // A stranger's signatures fetch no more often than made-up names do.
        server.reset().await;
        world.advance(60);
        for _ in 0..20 {
            assert_refused(&present(&world, &sign(&pairs[0], "4")).await, "a stranger");
            world.advance(2);
        }
        assert!(fetches(&server).await <= 4, "once in ten seconds, as the server is gone");
    }
}

on_both_engines! {
    with crate::oauth::register::open;
    async fn oidc_core_10_1_1_keys_are_of_one_client_and_of_its_present_registration(world: World) {
        let (old, new) = (Pair::new(SigningAlgorithm::ES256), Pair::new(SigningAlgorithm::ES256));
        let server = MockServer::start().await;
        serve(&server, 200, &[&old]).await;
        let wanted = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": format!("{}/jwks", server.uri())});
        let one = Registrar::register(&world, wanted.clone()).await;
        let two = Registrar::register(&world, wanted.clone()).await;
        let app = |client: &Registrar| App { world: world.clone(), id: client.text("client_id"), secret: String::new() };
        let (one_app, two_app) = (app(&one), app(&two));
        // Authenticated, and then refused for want of a code.
        let proven = async |app: &App, pair: &Pair, jti: &str| {
            let assertion = pair.sign(&claims(&world, app, jti));
            let answer = world.post("/token", &[], &[("grant_type", "authorization_code"), ("code", "none"),
                ("redirect_uri", crate::support::client::REDIRECT),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", &assertion)]).await;
            answer.error() == "invalid_grant"
        };
        assert!(proven(&one_app, &old, "1").await && proven(&two_app, &old, "2").await);
        assert_eq!(fetches(&server).await, 2, "one for each");
        // The patience with one of them is used up: not with the other.
        serve(&server, 200, &[&new]).await;
        world.advance(60);
        assert!(!proven(&one_app, &Pair::new(SigningAlgorithm::ES256), "3").await);
        assert!(proven(&one_app, &new, "4").await && proven(&two_app, &new, "5").await);
        assert_eq!(fetches(&server).await, 2);
        // A registration that is replaced has what it names now.
        serve(&server, 200, &[&old]).await;
        assert!(!proven(&one_app, &old, "6").await, "within the minute");
        let changed = one.manage("PUT", &one.replacement(&json!({}))).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert!(proven(&one_app, &old, "7").await);
        assert!(!proven(&two_app, &old, "8").await, "the other one's wait");
        assert_eq!(fetches(&server).await, 1);
    }
}

on_both_engines! {
    async fn oidc_core_10_1_1_keys_outlive_a_short_outage_of_their_server_and_no_longer(world: World) {
        let (old, new) = (Pair::new(SigningAlgorithm::ES256), Pair::new(SigningAlgorithm::ES256));
        let (app, server) = remote(&world, &[&old]).await;
        let sign = |pair: &Pair, jti: &str| pair.sign(&claims(&world, &app, jti));
        assert_eq!(present(&world, &sign(&old, "1")).await.status, 200);
        serve(&server, 500, &[]).await;
        world.advance(16 * 60);
        assert_eq!(present(&world, &sign(&old, "2")).await.status, 200);
        world.advance(45 * 60);
        assert_refused(&present(&world, &sign(&old, "3")).await, "an hour");
        for _ in 0..20 {
            assert_refused(&present(&world, &sign(&old, "3")).await, "still away");
        }
        assert_eq!(fetches(&server).await, 2, "a server in trouble is not hammered");
        // What it withdrew is gone as soon as it answers.
        serve(&server, 200, &[&new]).await;
        world.advance(10);
        assert_refused(&present(&world, &sign(&old, "4")).await, "withdrawn");
        assert_eq!(present(&world, &sign(&new, "5")).await.status, 200);
    }
}

on_both_engines! {
    with |config| config.outbound.allow_private_networks = false;
    async fn rfc7591_5_a_jwks_uri_of_a_private_network_is_not_fetched(world: World) {
        let pair = Pair::new(SigningAlgorithm::ES256);
        let (app, server) = remote(&world, &[&pair]).await;
        assert_refused(&present(&world, &pair.sign(&claims(&world, &app, "1"))).await, "private");
        assert_eq!(fetches(&server).await, 0);
    }
}

on_both_engines! {
    async fn rfc7591_5_the_keys_of_a_disabled_client_are_not_fetched(world: World) {
        let pair = Pair::new(SigningAlgorithm::ES256);
        let (app, server) = remote(&world, &[&pair]).await;
        world.switch_client(&app.id, true).await;
        let object = pair.sign(&json!({"iss": app.id, "aud": crate::support::world::ISSUER, "client_id": app.id}));
        assert_refused(&present(&world, &pair.sign(&claims(&world, &app, "1"))).await, "disabled");
        world.get(&app.request(&[("request", Some(&object))])).await;
        assert_eq!(fetches(&server).await, 0);
        world.switch_client(&app.id, false).await;
        assert_eq!(present(&world, &pair.sign(&claims(&world, &app, "1"))).await.status, 200);
        assert_eq!(fetches(&server).await, 1, "the control");
    }
}

on_both_engines! {
    async fn rfc9101_10_8_a_jwt_of_another_kind_is_no_assertion(world: World) {
        let pair = Pair::new(SigningAlgorithm::ES256);
        let app = keyed(&world, &pair, json!({})).await;
        let claims = |jti: &str| claims(&world, &app, jti);
        for typ in ["oauth-authz-req+jwt", "application/oauth-authz-req+jwt", "at+jwt", "logout+jwt", "secevent+jwt"] {
            assert_refused(&present(&world, &pair.sign_typed(typ, &claims("1"))).await, typ);
        }
        for (jti, typ) in [("1", "JWT"), ("2", "application/jwt"), ("3", "client-authentication+jwt")] {
            let answer = present(&world, &pair.sign_typed(typ, &claims(jti))).await;
            assert_eq!(answer.status, 200, "{typ}: {}", answer.body);
        }
        let header = json!({"alg": "HS256"});
        let app = machine(&world).await;
        let silent = hs256(app.secret.as_bytes(), &header, &crate::support::assertion::claims(&world, &app, "1"));
        assert_eq!(present(&world, &silent).await.status, 200, "no typ at all");
    }
}

on_both_engines! {
    async fn rfc7523_3_a_nul_in_an_assertion_is_an_invalid_client_and_no_failure_of_ours(world: World) {
        let pair = Pair::new(SigningAlgorithm::ES256);
        let app = keyed(&world, &pair, json!({})).await;
        let nul = format!("{}\u{0}", app.id);
        let named = [("client_id", app.id.as_str())];
        for (member, value) in [("sub", &*nul), ("iss", &*nul), ("sub", "\u{0}"), ("iss", "\u{0}")] {
            let mut claims = claims(&world, &app, "1");
            claims[member] = json!(value);
            let assertion = pair.sign(&claims);
            assert_refused(&present(&world, &assertion).await, member);
            assert_refused(&present_with(&world, &assertion, &named).await, member);
        }
        let mut both = claims(&world, &app, "1");
        (both["iss"], both["sub"]) = (json!(nul), json!(nul));
        assert_refused(&present(&world, &pair.sign(&both)).await, "both");
        // PostgreSQL takes none in a text either; a jti is only hashed, so one there does no harm.
        let odd = pair.sign(&claims(&world, &app, "a\u{0}b"));
        assert_eq!(present(&world, &odd).await.status, 200);
        assert_refused(&present(&world, &odd).await, "twice");
        let kid = pair.sign_as("a\u{0}b", &claims(&world, &app, "2"));
        assert_refused(&present(&world, &kid).await, "a kid that there cannot be");
        assert_eq!(present(&world, &pair.sign(&claims(&world, &app, "1"))).await.status, 200);
    }
}
