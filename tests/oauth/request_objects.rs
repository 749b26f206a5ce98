//! `request` and `request_uri` (OpenID Connect Core §6, RFC 9101).

use serde_json::{Value, json};
use tessera::crypto::jose::SigningAlgorithm;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::on_both_engines;
use crate::support::assertion::{Pair, hs256, unsigned};
use crate::support::client::{REDIRECT, claims_of};
use crate::support::registrar::post;
use crate::support::world::ISSUER;
use crate::support::{App, Browser, Page, World};

struct Signer {
    app: App,
    pair: Pair,
}

impl Signer {
    async fn new(world: &World, changes: Value) -> Self {
        world.user("alice").await;
        Self::registered(world, changes).await
    }

    async fn registered(world: &World, changes: Value) -> Self {
        let pair = Pair::new(SigningAlgorithm::ES256);
        let mut metadata = json!({"jwks": {"keys": [pair.jwk()]}});
        for (name, value) in changes.as_object().expect("an object") {
            metadata[name] = value.clone();
        }
        let app = App::register(world, metadata).await;
        Self { app, pair }
    }

    fn claims(&self, changes: &Value) -> Value {
        let mut claims = json!({"iss": self.app.id, "aud": ISSUER, "client_id": self.app.id,
            "response_type": "code", "redirect_uri": REDIRECT, "scope": "openid profile",
            "state": "from the object", "nonce": "inner"});
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims
    }

    async fn ask(&self, object: &str) -> Page {
        self.ask_with(&[("request", Some(object))]).await
    }

    async fn ask_with(&self, changes: &[(&str, Option<&str>)]) -> Page {
        Browser::new(&self.app.world)
            .pass(&self.app.request(changes), "alice")
            .await
    }
}

on_both_engines! {
    async fn oidc_core_6_1_a_signed_object_supersedes_the_parameters_around_it(world: World) {
        let signer = Signer::new(&world, json!({"request_object_signing_alg": "ES256"})).await;
        let object = signer.pair.sign(&signer.claims(&json!({})));
        let page = signer.ask(&object).await;
        assert_eq!(page.parameter("state").as_deref(), Some("from the object"), "{}", page.answer.body);
        let tokens = signer.app.redeem(&page.parameter("code").expect("a code")).await.json();
        let id_token = claims_of(tokens["id_token"].as_str().expect("an ID token"));
        assert_eq!(id_token["nonce"], "inner");
        // All but client_id, response_type and scope may be in the object alone.
        let page = signer.ask_with(&[("request", Some(&object)), ("redirect_uri", None), ("state", None)]).await;
        assert!(page.parameter("code").is_some(), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn oidc_core_6_1_each_flaw_of_an_object_is_invalid_request_object(world: World) {
        let signer = Signer::new(&world, json!({"request_object_signing_alg": "ES256"})).await;
        let stranger = Pair::new(SigningAlgorithm::ES256);
        let rsa = Pair::new(SigningAlgorithm::RS256);
        let good = signer.claims(&json!({}));
        let now = world.tessera.now().seconds();
        let none = unsigned(&json!({"alg": "none"}), &good) + ".";
        let with = |changes: Value| signer.pair.sign(&signer.claims(&changes));
        let mut tampered = with(json!({}));
        tampered.replace_range(60..61, if &tampered[60..61] == "A" { "B" } else { "A" });
        let cases = [
            ("not a JWT", "abc".to_owned()),
            ("unsigned", none),
            ("another's key", stranger.sign(&good)),
            ("another alg", rsa.sign(&good)),
            ("hmac", hs256(signer.app.secret.as_bytes(), &json!({"alg": "HS256"}), &good)),
            ("tampered", tampered),
            ("other client", with(json!({"client_id": "somebody"}))),
            ("other iss", with(json!({"iss": "somebody"}))),
            ("other aud", with(json!({"aud": "https://other.example"}))),
            ("other response_type", with(json!({"response_type": "id_token"}))),
            ("expired", with(json!({"exp": now - 120}))),
            ("not yet", with(json!({"nbf": now + 120}))),
            ("nested", with(json!({"request": "x"}))),
            ("an assertion", with(json!({"sub": signer.app.id}))),
            ("another kind", signer.pair.sign_typed("at+jwt", &good)),
            ("an assertion by its typ", signer.pair.sign_typed("client-authentication+jwt", &good)),
            ("nul", with(json!({"nonce": "a\u{0}b"}))),
        ];
        for (name, object) in cases {
            let page = signer.ask(&object).await;
            assert_eq!(page.parameter("error").as_deref(), Some("invalid_request_object"), "{name}");
            assert_eq!(page.parameter("state").as_deref(), Some("xyz"), "{name}: nothing inside is believed");
            // Where only the object says where to: a page.
            let page = signer.ask_with(&[("request", Some(&object)), ("redirect_uri", None)]).await;
            assert_eq!((page.location(), page.answer.status), (String::new(), 400), "{name}");
        }
        let object = with(json!({}));
        let both = [("request", Some(object.as_str())), ("request_uri", Some("https://app.example/r"))];
        assert_eq!(signer.ask_with(&both).await.parameter("error").as_deref(), Some("invalid_request"));
        // A good signature does not open another redirect URI.
        let evil = with(json!({"redirect_uri": "https://evil.example/cb"}));
        assert_eq!(signer.ask(&evil).await.location(), "");
    }
}

on_both_engines! {
    with |config| config.protocol.unsigned_request_objects = true;
    async fn oidc_registration_2_an_unsigned_object_is_for_a_client_that_registered_none_or_nothing(world: World) {
        let told = |page: &Page| (page.parameter("state").unwrap_or_default(), page.parameter("error").unwrap_or_default());
        let taken = ("from the object".to_owned(), String::new());
        let refused = ("xyz".to_owned(), "invalid_request_object".to_owned());
        world.user("alice").await;
        for (registered, takes_unsigned, takes_signed) in [
            (json!({"request_object_signing_alg": "none"}), true, false),
            (json!({}), true, true),
            (json!({"request_object_signing_alg": "ES256"}), false, true),
            (json!({"require_signed_request_object": true}), false, true),
        ] {
            let signer = Signer::registered(&world, registered.clone()).await;
            let claims = signer.claims(&json!({}));
            let none = unsigned(&json!({"alg": "none"}), &claims) + ".";
            let expected = |takes: bool| if takes { taken.clone() } else { refused.clone() };
            assert_eq!(told(&signer.ask(&none).await), expected(takes_unsigned), "{registered} unsigned");
            let proven = signer.pair.sign(&claims);
            assert_eq!(told(&signer.ask(&proven).await), expected(takes_signed), "{registered} signed");
            // A signature that is not good does not make it an unsigned one, and neither does its loss.
            let foreign = Pair::new(SigningAlgorithm::ES256).sign(&claims);
            assert_eq!(told(&signer.ask(&foreign).await), refused, "{registered} foreign");
            let (bare, _) = proven.rsplit_once('.').expect("three parts");
            assert_eq!(told(&signer.ask(&format!("{bare}.")).await), refused, "{registered} cut");
        }
    }
}

on_both_engines! {
    with crate::oauth::register::open;
    async fn rfc9101_10_5_unsigned_objects_are_off_unless_the_deployment_wants_them(world: World) {
        let document = world.get("/.well-known/openid-configuration").await.json();
        let algs = document["request_object_signing_alg_values_supported"].as_array().expect("a list");
        assert!(!algs.contains(&json!("none")) && algs.contains(&json!("RS256")), "{algs:?}");
        let none = json!({"redirect_uris": [REDIRECT], "request_object_signing_alg": "none"});
        let told = post(&world, &none).await;
        assert_eq!((told.status, told.error().as_str()), (400, "invalid_client_metadata"), "{}", told.body);
        world.user("alice").await;
        for registered in [json!({}), json!({"request_object_signing_alg": "none"})] {
            let signer = Signer::registered(&world, registered.clone()).await;
            let object = unsigned(&json!({"alg": "none"}), &signer.claims(&json!({}))) + ".";
            let page = signer.ask(&object).await;
            assert_eq!(page.parameter("error").as_deref(), Some("invalid_request_object"), "{registered}");
            assert!(signer.ask_with(&[]).await.parameter("code").is_some(), "{registered}: without an object");
        }
    }
}

impl Signer {
    /// Another client beside the first one, which registered no algorithm.
    async fn new_for(world: &World) -> Self {
        Self::registered(world, json!({})).await
    }
}

on_both_engines! {
    async fn oidc_core_6_2_only_a_registered_request_uri_is_fetched_and_not_each_time(world: World) {
        let site = MockServer::start().await;
        let (good, bad) = (format!("{}/r.jwt", site.uri()), format!("{}/missing", site.uri()));
        let signer = Signer::new(&world, json!({"request_uris": [good, bad]})).await;
        let object = signer.pair.sign(&signer.claims(&json!({})));
        Mock::given(path("/r.jwt"))
            .respond_with(ResponseTemplate::new(200).set_body_string(object))
            .expect(1)
            .mount(&site)
            .await;
        for _ in 0..2 {
            let page = signer.ask_with(&[("request_uri", Some(&good))]).await;
            assert_eq!(page.parameter("state").as_deref(), Some("from the object"), "{}", page.location());
        }
        // A made-up fragment names the same document: not fetched, and not kept, anew.
        for number in 0..5 {
            let page = signer.ask_with(&[("request_uri", Some(&format!("{good}#v{number}")))]).await;
            assert_eq!(page.parameter("state").as_deref(), Some("from the object"), "{}", page.location());
        }
        let other = format!("{}/other", site.uri());
        for uri in [bad.as_str(), other.as_str(), "http://169.254.169.254/latest", "urn:x", "file:///etc/passwd"] {
            let page = signer.ask_with(&[("request_uri", Some(uri))]).await;
            assert_eq!(page.parameter("error").as_deref(), Some("invalid_request_uri"), "{uri}");
        }
        let asked = site.received_requests().await.expect("recorded");
        assert!(asked.iter().all(|request| request.url.path() != "/other"), "never fetched");
    }
}

on_both_engines! {
    async fn oidc_core_6_1_what_was_asked_in_the_object_stays_asked_through_the_pages(world: World) {
        let signer = Signer::new(&world, json!({})).await;
        // Through the ticket nobody can take the object's demands away: max_age=0 asks again.
        let object = signer.pair.sign(&signer.claims(&json!({"max_age": 0, "prompt": "login"})));
        let mut browser = Browser::new(&world);
        browser.pass(&signer.app.request(&[]), "alice").await;
        world.advance(1);
        let page = browser.open(&signer.app.request(&[("request", Some(&object))])).await;
        assert!(page.has("password"), "{}", page.answer.status);
        let ticket = page.field("request").expect("a ticket");
        let page = browser.open(&format!("/continue?request={ticket}")).await;
        assert!(page.has("password"), "{}", page.answer.status);
    }
}

on_both_engines! {
    async fn rfc9101_10_5_a_client_that_must_sign_is_heard_by_a_signed_object_alone(world: World) {
        let signer = Signer::new(&world, json!({"require_signed_request_object": true})).await;
        let page = signer.ask_with(&[]).await;
        assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));
        let claims = signer.claims(&json!({}));
        let none = unsigned(&json!({"alg": "none"}), &claims) + ".";
        assert_eq!(signer.ask(&none).await.parameter("error").as_deref(), Some("invalid_request_object"));
        let typed = signer.pair.sign_typed("oauth-authz-req+jwt", &claims);
        let page = signer.ask(&typed).await;
        let code = page.parameter("code").expect("a code");
        assert_eq!(page.parameter("state").as_deref(), Some("from the object"));
        let tokens = signer.app.redeem(&code).await;
        assert_eq!(tokens.status, 400, "the challenge beside the object was not used: {}", tokens.body);
        let form = [("grant_type", "authorization_code"), ("redirect_uri", REDIRECT)];
        let page = signer.ask(&typed).await;
        let code = page.parameter("code").expect("a code");
        let tokens = signer.app.token(&[&form[..], &[("code", &code)]].concat()).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert_eq!(tokens.json()["scope"], "openid profile", "not what stands outside");
    }
}

on_both_engines! {
    async fn rfc9101_6_3_what_stands_beside_the_object_of_such_a_client_is_not_used(world: World) {
        let signer = Signer::new(&world, json!({"require_signed_request_object": true})).await;
        // The only redirect URI is outside: there is none.
        let mut claims = signer.claims(&json!({}));
        claims.as_object_mut().expect("an object").remove("redirect_uri");
        let page = signer.ask(&signer.pair.sign(&claims)).await;
        assert_eq!((page.location(), page.answer.status), (String::new(), 400));
        // Only client_id must match, and be there.
        let object = signer.pair.sign(&signer.claims(&json!({})));
        let page = signer.ask_with(&[("request", Some(&object)), ("response_type", Some("token")), ("prompt", Some("none"))]).await;
        assert!(page.parameter("code").is_some(), "{}", page.location());
        let mut claims = signer.claims(&json!({}));
        claims.as_object_mut().expect("an object").remove("client_id");
        let page = signer.ask(&signer.pair.sign(&claims)).await;
        assert_eq!(page.parameter("error").as_deref(), Some("invalid_request_object"));
    }
}

on_both_engines! {
    async fn rfc9101_10_5_no_ticket_of_another_page_stands_in_for_a_signed_object(world: World) {
        let signer = Signer::new(&world, json!({"require_signed_request_object": true})).await;
        let mut browser = Browser::new(&world);
        let object = signer.pair.sign(&signer.claims(&json!({})));
        browser.pass(&signer.app.request(&[("request", Some(&object))]), "alice").await;
        // The sign-out page gives a ticket for whatever parameters it was opened with.
        let plain = signer.app.request(&[]);
        let page = browser.open(&plain.replace("/authorize", "/sign-out")).await;
        let ticket = page.field("request").expect("a ticket");
        let page = browser.open(&format!("/continue?request={ticket}")).await;
        assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"), "{}", page.location());
        // An ordinary client has no such demand.
        let other = Signer::new_for(&world).await;
        let page = browser.open(&other.app.request(&[]).replace("/authorize", "/sign-out")).await;
        let ticket = page.field("request").expect("a ticket");
        let page = browser.open(&format!("/continue?request={ticket}")).await;
        assert_eq!(page.parameter("error"), None, "{}", page.location());
    }
}

on_both_engines! {
    with |config| config.protocol.require_signed_request_object = true;
    async fn rfc9101_10_5_a_deployment_can_demand_it_of_every_client(world: World) {
        let document = world.get("/.well-known/openid-configuration").await.json();
        assert_eq!(document["require_signed_request_object"], true);
        let algs = document["request_object_signing_alg_values_supported"].as_array().expect("a list");
        assert!(!algs.contains(&json!("none")) && algs.contains(&json!("ES256")));
        let signer = Signer::new(&world, json!({})).await;
        assert_eq!(signer.ask_with(&[]).await.parameter("error").as_deref(), Some("invalid_request"));
        let page = signer.ask(&signer.pair.sign(&signer.claims(&json!({})))).await;
        assert!(page.parameter("code").is_some(), "{}", page.location());
        let unsigned_ones = Signer::registered(&world, json!({"request_object_signing_alg": "none"})).await;
        let none = unsigned(&json!({"alg": "none"}), &unsigned_ones.claims(&json!({}))) + ".";
        let page = unsigned_ones.ask(&none).await;
        assert_eq!(page.parameter("error").as_deref(), Some("invalid_request_object"));
    }
}
