//! What leaves signed and encrypted for one client (OpenID Connect Core §5.3.2, §10.2, RFC 9701). The
//! client's half is josekit's.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use josekit::jwe::{
    self, ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A256KW, JweDecrypter, JweHeader, RSA_OAEP, RSA_OAEP_256,
};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ecx::EcxCurve;
use josekit::jws::RS256;
use serde_json::{Value, json};
use tessera::crypto::jose::SigningAlgorithm;
use tracing::Level;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::on_both_engines;
use crate::support::assertion::Pair;
use crate::support::client::claims_of;
use crate::support::log::Captured;
use crate::support::registrar;
use crate::support::world::{Answer, ISSUER};
use crate::support::{App, Browser, World};

/// A key pair of a client that others encrypt to.
struct Reader {
    private: Jwk,
    alg: &'static str,
    decrypter: Box<dyn JweDecrypter>,
}

impl Reader {
    fn new(alg: &'static str, mut private: Jwk) -> Self {
        private.set_key_id("reader");
        private.set_key_use("enc");
        let decrypter: Box<dyn JweDecrypter> = match alg {
            "RSA-OAEP" => Box::new(RSA_OAEP.decrypter_from_jwk(&private).expect("a key")),
            "RSA-OAEP-256" => Box::new(RSA_OAEP_256.decrypter_from_jwk(&private).expect("a key")),
            "ECDH-ES" => Box::new(ECDH_ES.decrypter_from_jwk(&private).expect("a key")),
            "ECDH-ES+A128KW" => {
                Box::new(ECDH_ES_A128KW.decrypter_from_jwk(&private).expect("a key"))
            }
            _ => Box::new(ECDH_ES_A256KW.decrypter_from_jwk(&private).expect("a key")),
        };
        Self {
            private,
            alg,
            decrypter,
        }
    }

    fn ecdh() -> Self {
        Self::new(
            "ECDH-ES",
            Jwk::generate_ec_key(EcCurve::P256).expect("a key"),
        )
    }

    /// The public half, as a JWK Set beside a key that only signs.
    fn jwks(&self) -> Value {
        let mut public = self.private.to_public_key().expect("a public half");
        public.set_key_id("reader");
        public.set_key_use("enc");
        let signs = Pair::new(SigningAlgorithm::ES256).jwk();
        let public: Value = serde_json::from_str(&public.to_string()).expect("JSON");
        json!({"keys": [signs, public]})
    }

    /// Header and content of a JWE.
    fn open(&self, compact: &str) -> (JweHeader, String) {
        let (bytes, header) = jwe::deserialize_compact(compact, &*self.decrypter)
            .unwrap_or_else(|error| panic!("{error}"));
        (header, String::from_utf8(bytes).expect("UTF-8"))
    }

    /// The JWT inside of a nested one.
    fn nested(&self, compact: &str) -> String {
        let (header, inner) = self.open(compact);
        assert_eq!(header.content_type(), Some("JWT"));
        assert_eq!(header.key_id(), Some("reader"));
        assert_eq!(header.compression(), None);
        assert_eq!(header.algorithm(), Some(self.alg));
        inner
    }
}

/// The claims of a JWT that one of our RS256 keys signed.
async fn verified(world: &World, jwt: &str) -> (josekit::jws::JwsHeader, Value) {
    let set = world.get("/jwks").await.json();
    let header = josekit::jwt::decode_header(jwt).expect("a header");
    let kid = header
        .claim("kid")
        .and_then(|kid| kid.as_str())
        .expect("a kid");
    let keys = set["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["kid"] == kid).expect("the key");
    let key = Jwk::from_bytes(key.to_string()).expect("a JWK");
    let verifier = RS256.verifier_from_jwk(&key).expect("an RS256 key");
    let (payload, header) = josekit::jws::deserialize_compact(jwt, &verifier).expect("ours");
    (header, serde_json::from_slice(&payload).expect("claims"))
}

fn id_token(tokens: &Value) -> &str {
    tokens["id_token"].as_str().expect("an ID token")
}

on_both_engines! {
    async fn oidc_core_10_2_id_tokens_are_signed_then_encrypted_to_the_clients_key(world: World) {
        world.user("alice").await;
        let p384 = Jwk::generate_ec_key(EcCurve::P384).expect("a key");
        let readers = [
            (Reader::new("RSA-OAEP", Jwk::generate_rsa_key(2048).expect("a key")), "A128GCM"),
            (Reader::new("RSA-OAEP-256", Jwk::generate_rsa_key(2048).expect("a key")), "A256CBC-HS512"),
            (Reader::ecdh(), "A128CBC-HS256"),
            (Reader::new("ECDH-ES+A128KW", p384), "A256GCM"),
            (Reader::new("ECDH-ES+A256KW", Jwk::generate_ecx_key(EcxCurve::X25519).expect("a key")), "A192GCM"),
        ];
        for (reader, enc) in readers {
            let app = App::register(&world, json!({
                "jwks": reader.jwks(),
                "id_token_encrypted_response_alg": reader.alg, "id_token_encrypted_response_enc": enc,
            })).await;
            let tokens = app.tokens("alice").await;
            let (header, _) = reader.open(id_token(&tokens));
            assert_eq!(header.content_encryption(), Some(enc));
            let (_, first) = verified(&world, &reader.nested(id_token(&tokens))).await;
            assert_eq!(first["nonce"], "n-0S6_WzA2Mj");
            assert_eq!(first["aud"], *app.id);
            // The access token is for somebody else: it stays as it is.
            assert_eq!(app.userinfo(tokens["access_token"].as_str().expect("a token")).await.status, 200);
            let refreshed = app.refresh(tokens["refresh_token"].as_str().expect("a token")).await.json();
            let (_, second) = verified(&world, &reader.nested(id_token(&refreshed))).await;
            assert_eq!(second["sub"], first["sub"]);
        }
    }
}

on_both_engines! {
    with |config| { config.protocol.front_channel_tokens = true; };
    async fn oidc_core_10_2_an_id_token_in_the_browser_is_encrypted_as_well(world: World) {
        world.user("alice").await;
        let reader = Reader::ecdh();
        let app = App::register(&world, json!({
            "response_types": ["code id_token"], "jwks": reader.jwks(),
            "grant_types": ["authorization_code", "implicit"],
            "id_token_encrypted_response_alg": "ECDH-ES",
        })).await;
        let request = app.request(&[("response_type", Some("code id_token"))]);
        let page = Browser::new(&world).pass(&request, "alice").await;
        let (_, claims) = verified(&world, &reader.nested(&page.parameter("id_token").expect("an ID token"))).await;
        assert!(claims["c_hash"].is_string());
    }
}

/// A web server with one key set that can be changed; `None`: it is broken.
async fn site(keys: &Arc<std::sync::Mutex<Option<Value>>>) -> MockServer {
    let site = MockServer::start().await;
    let keys = Arc::clone(keys);
    Mock::given(any())
        .respond_with(move |_: &wiremock::Request| {
            let set = keys.lock().expect("the keys").clone();
            set.map_or(ResponseTemplate::new(500), |set| {
                ResponseTemplate::new(200).set_body_json(set)
            })
        })
        .mount(&site)
        .await;
    site
}

on_both_engines! {
    async fn oidc_core_10_2_without_a_fitting_key_neither_code_nor_refresh_token_is_spent(world: World) {
        world.user("alice").await;
        let reader = Reader::ecdh();
        let keys = Arc::new(std::sync::Mutex::new(None));
        let site = site(&keys).await;
        let app = App::register(&world, json!({
            "jwks_uri": format!("{}/jwks", site.uri()), "id_token_encrypted_response_alg": "ECDH-ES",
        })).await;
        let code = app.code("alice").await;
        let refused = app.redeem(&code).await;
        assert_eq!((refused.status, refused.error()), (400, "invalid_request".to_owned()));
        assert!(refused.body.contains("ECDH-ES"), "{}", refused.body);
        // Repaired: the same code works.
        *keys.lock().expect("the keys") = Some(reader.jwks());
        world.advance(11);
        let tokens = app.redeem(&code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let refresh_token = tokens.json()["refresh_token"].as_str().expect("a token").to_owned();
        reader.nested(id_token(&tokens.json()));

        // The client takes its key away, and the old set is too old to be trusted any more.
        *keys.lock().expect("the keys") = Some(json!({"keys": [Pair::new(SigningAlgorithm::ES256).jwk()]}));
        world.advance(2 * 3600);
        let refused = app.refresh(&refresh_token).await;
        assert_eq!((refused.status, refused.error()), (400, "invalid_request".to_owned()));
        // A new key: noticed, though the set in the cache is fresh (but not more than once a minute).
        let newer = Reader::ecdh();
        *keys.lock().expect("the keys") = Some(newer.jwks());
        assert_eq!(app.refresh(&refresh_token).await.status, 400);
        world.advance(61);
        let tokens = app.refresh(&refresh_token).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        newer.nested(id_token(&tokens.json()));
    }
}

on_both_engines! {
    async fn rfc6749_5_1_who_asks_for_no_id_token_needs_no_key(world: World) {
        world.user("alice").await;
        let signs = json!({"keys": [Pair::new(SigningAlgorithm::ES256).jwk()]});
        let app = App::register(&world, json!({"jwks": signs, "id_token_encrypted_response_alg": "RSA-OAEP"})).await;
        let code = app.code_with("alice", &[("scope", Some("profile"))]).await;
        assert_eq!(app.redeem(&code).await.status, 200);
        let code = app.code("alice").await;
        assert_eq!(app.redeem(&code).await.error(), "invalid_request");
    }
}

#[tokio::test]
async fn a_client_without_a_fitting_key_is_named_in_the_log() {
    let world = World::sqlite().await;
    world.user("alice").await;
    let signs = json!({"keys": [Pair::new(SigningAlgorithm::ES256).jwk()]});
    let app = App::register(
        &world,
        json!({"jwks": signs, "id_token_encrypted_response_alg": "RSA-OAEP"}),
    )
    .await;
    let code = app.code("alice").await;
    let (log, _guard) = Captured::start(Level::WARN);
    app.redeem(&code).await;
    let text = log.text();
    assert!(text.contains("has no key for it"), "{text}");
    assert!(text.contains(&app.id), "{text}");
}

on_both_engines! {
    async fn oidc_core_5_3_2_userinfo_is_signed_encrypted_or_both_as_registered(world: World) {
        world.user("alice").await;
        let reader = Reader::ecdh();
        for (signed, encrypted) in [(true, false), (false, true), (true, true)] {
            let mut changes = json!({"jwks": reader.jwks()});
            if signed {
                changes["userinfo_signed_response_alg"] = json!("RS256");
            }
            if encrypted {
                changes["userinfo_encrypted_response_alg"] = json!("ECDH-ES");
            }
            let app = App::register(&world, changes).await;
            let tokens = app.tokens("alice").await;
            let answer = app.userinfo(tokens["access_token"].as_str().expect("a token")).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.header("content-type"), "application/jwt");
            assert_eq!(answer.header("cache-control"), "no-store");
            let inner = match (signed, encrypted) {
                (true, true) => reader.nested(&answer.body),
                (false, true) => reader.open(&answer.body).1,
                _ => answer.body,
            };
            let claims: Value = if signed {
                let (header, claims) = verified(&world, &inner).await;
                assert_eq!(header.token_type(), Some("JWT"));
                assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(app.id)));
                claims
            } else {
                serde_json::from_str(&inner).expect("claims")
            };
            assert_eq!(claims["email"], "alice@example.org");
            assert_eq!(claims["sub"], claims_of(id_token(&tokens))["sub"]);
        }
    }
}

on_both_engines! {
    async fn oidc_core_5_3_2_userinfo_that_cannot_be_encrypted_is_not_sent_in_clear(world: World) {
        world.user("alice").await;
        let signs = json!({"keys": [Pair::new(SigningAlgorithm::ES256).jwk()]});
        let app = App::register(&world, json!({"jwks": signs, "userinfo_encrypted_response_alg": "ECDH-ES"})).await;
        let tokens = app.tokens("alice").await;
        let answer = app.userinfo(tokens["access_token"].as_str().expect("a token")).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(!answer.body.contains("alice"));
    }
}

async fn introspect(app: &App, token: &str, accept: &str) -> Answer {
    let mut request = Request::post("/introspect")
        .header("authorization", app.basic())
        .header("content-type", "application/x-www-form-urlencoded");
    if !accept.is_empty() {
        request = request.header("accept", accept);
    }
    let request = request.body(Body::from(format!("token={token}")));
    app.world.send(request.expect("a request")).await
}

const AS_JWT: &str = "application/token-introspection+jwt";

on_both_engines! {
    async fn rfc9701_5_introspection_is_a_jwt_for_whoever_asks_for_one(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({})).await;
        let tokens = app.tokens("alice").await;
        let token = tokens["access_token"].as_str().expect("a token");
        for accept in ["", "*/*", "application/json", "application/jwt"] {
            let answer = introspect(&app, token, accept).await;
            assert_eq!(answer.header("content-type"), "application/json", "{accept}");
            assert_eq!(answer.json()["active"], true);
        }
        for accept in [AS_JWT, "application/json;q=0.5, Application/Token-Introspection+JWT;q=1"] {
            let answer = introspect(&app, token, accept).await;
            assert_eq!(answer.header("content-type"), AS_JWT, "{accept}");
            let (header, claims) = verified(&world, &answer.body).await;
            assert_eq!(header.token_type(), Some("token-introspection+jwt"));
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(app.id)));
            assert_eq!(claims["iat"], world.tessera.now().seconds());
            assert_eq!(claims["token_introspection"], introspect(&app, token, "").await.json());
            // §8.1: nobody shall take it for an access token.
            assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
        }
        let answer = introspect(&app, "nonsense", AS_JWT).await;
        let (_, claims) = verified(&world, &answer.body).await;
        assert_eq!(claims["token_introspection"], json!({"active": false}));
    }
}

on_both_engines! {
    async fn rfc9701_6_a_client_registered_for_it_always_gets_a_jwt_encrypted_where_it_says_so(world: World) {
        world.user("alice").await;
        let reader = Reader::ecdh();
        let signed = App::register(&world, json!({"introspection_signed_response_alg": "ES256"})).await;
        let token = signed.tokens("alice").await;
        let answer = introspect(&signed, token["access_token"].as_str().expect("a token"), "").await;
        assert_eq!(answer.header("content-type"), AS_JWT);
        assert_eq!(claims_of(&answer.body)["token_introspection"]["active"], true);
        let header = josekit::jwt::decode_header(&answer.body).expect("a header");
        assert_eq!(header.claim("alg").and_then(|alg| alg.as_str()), Some("ES256"));

        let sealed = App::register(&world, json!({
            "jwks": reader.jwks(), "introspection_encrypted_response_alg": "ECDH-ES",
            "introspection_encrypted_response_enc": "A256GCM",
        })).await;
        let token = sealed.tokens("alice").await;
        let answer = introspect(&sealed, token["access_token"].as_str().expect("a token"), "").await;
        // "The default, if omitted, is RS256."
        let (_, claims) = verified(&world, &reader.nested(&answer.body)).await;
        assert_eq!(claims["token_introspection"]["active"], true);
    }
}

on_both_engines! {
    with |config| { config.protocol.unsigned_id_tokens = true; };
    async fn oidc_core_2_an_unsigned_id_token_comes_straight_from_the_token_endpoint_alone(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({"id_token_signed_response_alg": "none"})).await;
        let tokens = app.tokens("alice").await;
        let token = id_token(&tokens);
        assert!(token.ends_with('.'), "{token}");
        assert_eq!(josekit::jwt::decode_header(token).expect("a header").claim("alg"), Some(&"none".into()));
        let claims = claims_of(token);
        assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
        assert!(claims.get("at_hash").is_none());
        // It proves nothing to us: neither as a token nor as a hint.
        assert_eq!(app.userinfo(token).await.status, 401);
        let hint = app.request(&[("id_token_hint", Some(token)), ("prompt", Some("none"))]);
        let page = Browser::new(&world).open(&hint).await;
        assert_eq!(page.parameter("code"), None);
        let other = App::register(&world, json!({})).await;
        assert!(!id_token(&other.tokens("alice").await).ends_with('.'));
        let told = world.get("/.well-known/openid-configuration").await.json();
        assert!(told["id_token_signing_alg_values_supported"].as_array().expect("a list").contains(&json!("none")));
    }
}

on_both_engines! {
    async fn oidc_registration_2_unsigned_id_tokens_need_the_deployment_as_well(world: World) {
        world.user("alice").await;
        let app = App::register(&world, json!({"id_token_signed_response_alg": "none"})).await;
        let code = app.code("alice").await;
        for _ in 0..2 {
            // Twice the same: the code is not spent.
            assert_eq!(app.redeem(&code).await.error(), "unauthorized_client");
        }
        let told = world.get("/.well-known/openid-configuration").await.json();
        assert!(!told["id_token_signing_alg_values_supported"].as_array().expect("a list").contains(&json!("none")));
    }
}

on_both_engines! {
    with |config| { config.registration.mode = tessera::config::RegistrationMode::Open; };
    async fn oidc_registration_2_a_stranger_cannot_register_what_is_switched_off(world: World) {
        let answer = registrar::post(&world, &json!({"id_token_signed_response_alg": "none"})).await;
        assert_eq!((answer.status, answer.error()), (400, "invalid_client_metadata".to_owned()));
        assert_eq!(registrar::post(&world, &json!({"id_token_signed_response_alg": "ES256"})).await.status, 201);
    }
}
