//! Config and Dynamic profiles: discovery, registration, subjects, sectors, request URIs.

use serde_json::{Value, json};
use tessera::config::SigningAlg;
use tessera::crypto::jose::{JwsAlgorithm, SigningAlgorithm};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{KINDS, Profile, certified, register, verified};
use crate::on_both_engines;
use crate::support::Browser;
use crate::support::assertion::Pair;
use crate::support::client::REDIRECT;
use crate::support::registrar::post;
use crate::support::world::ISSUER;

on_both_engines! {
    with certified;
    async fn oidcc_discovery_endpoint_verification(world: World) {
        let told = world.get("/.well-known/openid-configuration").await.json();
        assert_eq!(told["issuer"], ISSUER);
        for endpoint in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "registration_endpoint"] {
            assert!(told[endpoint].as_str().is_some_and(|url| url.starts_with(ISSUER)), "{endpoint}");
        }
        let lists = |member: &str, value: &str| told[member].as_array().expect(member).contains(&json!(value));
        for kind in KINDS {
            assert!(lists("response_types_supported", kind), "{kind}");
        }
        for grant in ["authorization_code", "implicit", "refresh_token"] {
            assert!(lists("grant_types_supported", grant), "{grant}");
        }
        for (member, value) in [
            ("response_modes_supported", "form_post"), ("subject_types_supported", "pairwise"),
            ("id_token_signing_alg_values_supported", "RS256"), ("token_endpoint_auth_methods_supported", "private_key_jwt"),
            ("scopes_supported", "offline_access"), ("claims_supported", "email_verified"),
            ("request_object_signing_alg_values_supported", "none"), ("prompt_values_supported", "select_account"),
        ] {
            assert!(lists(member, value), "{member}: {value}");
        }
        for member in ["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"] {
            assert_eq!(told[member], true, "{member}");
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_discovery_jwks_uri_keys(world: World) {
        let keys = world.get("/jwks").await.json();
        for key in keys["keys"].as_array().expect("keys") {
            for member in ["kid", "kty", "use", "alg"] {
                assert!(key[member].is_string(), "{member}: {key}");
            }
            assert!(key.get("d").is_none(), "a private key is published");
        }
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_redirect_uri_query_ok_and_a_fragment_is_refused_at_registration(world: World) {
        let uri = "https://app.example/cb?foo=bar";
        let changes = json!({"redirect_uris": [uri, REDIRECT]});
        for profile in Profile::with(&world, &changes).await.into_iter().filter(|profile| profile.kind == "code" && !profile.form_post) {
            let page = Browser::new(&world).pass(&profile.request(&[("redirect_uri", Some(uri))]), "alice").await;
            assert!(page.location().starts_with(&format!("{uri}&code=")), "{}", page.location());
        }
        let refused = post(&world, &json!({"redirect_uris": ["https://app.example/cb#fragment"]})).await;
        assert_eq!((refused.status, refused.error().as_str()), (400, "invalid_redirect_uri"));
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_registration_sector_uri_and_bad(world: World) {
        let site = MockServer::start().await;
        for (name, list) in [("/good", json!([REDIRECT, "https://app.example/two"])), ("/bad", json!(["https://other.example/cb"]))] {
            Mock::given(path(name)).respond_with(ResponseTemplate::new(200).set_body_json(list)).mount(&site).await;
        }
        let with = |name: &str| json!({"redirect_uris": [REDIRECT], "subject_type": "pairwise",
            "sector_identifier_uri": format!("{}{name}", site.uri())});
        assert_eq!(post(&world, &with("/good")).await.status, 201);
        let refused = post(&world, &with("/bad")).await;
        assert_eq!((refused.status, refused.error().as_str()), (400, "invalid_client_metadata"));
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_userinfo_and_id_token_of_a_pairwise_client(world: World) {
        let changes = json!({"subject_type": "pairwise"});
        let mut seen = std::collections::BTreeSet::new();
        for profile in Profile::with(&world, &changes).await {
            let tokens = profile.tokens(&profile.ask_anew(&[]).await).await;
            assert_eq!(profile.person(&tokens).await["sub"], tokens.id_token["sub"], "{}", profile.name());
            seen.insert(tokens.id_token["sub"].to_string());
        }
        assert_eq!(seen.len(), 1, "one sector, one subject");
    }
}

on_both_engines! {
    with certified;
    async fn oidcc_request_uri_signed_and_unsigned(world: World) {
        let (site, pair) = (MockServer::start().await, Pair::new(SigningAlgorithm::RS256));
        let uri = format!("{}/request.jwt", site.uri());
        let changes = json!({"request_uris": [uri], "jwks": {"keys": [pair.jwk()]}, "request_object_signing_alg": "RS256"});
        for profile in Profile::with(&world, &changes).await {
            site.reset().await;
            let claims = json!({"iss": profile.app.id, "aud": ISSUER, "client_id": profile.app.id,
                "response_type": profile.kind, "redirect_uri": REDIRECT, "state": "inner"});
            Mock::given(path("/request.jwt"))
                .respond_with(ResponseTemplate::new(200).set_body_string(pair.sign(&claims)))
                .mount(&site)
                .await;
            // oidcc-ensure-request-object-with-redirect-uri
            let response = profile.ask_anew(&[("request_uri", Some(&uri)), ("redirect_uri", None)]).await;
            assert_eq!(response.fields.get("state").map(String::as_str), Some("inner"), "{}", profile.name());
        }
    }
}

on_both_engines! {
    with |config| {
        certified(config);
        config.keys.algorithms = vec![SigningAlg::Rs256, SigningAlg::Es256, SigningAlg::Ps256, SigningAlg::EdDsa];
    };
    async fn oidcc_id_tokens_and_userinfo_are_signed_as_registered(world: World) {
        world.user("alice").await;
        for (alg, verify) in [
            ("RS256", JwsAlgorithm::RS256),
            ("ES256", JwsAlgorithm::ES256),
            ("PS256", JwsAlgorithm::PS256),
            ("EdDSA", JwsAlgorithm::EdDSA),
        ] {
            for kind in KINDS {
                let changes = json!({"id_token_signed_response_alg": alg, "userinfo_signed_response_alg": alg});
                let app = register(&world, kind, &changes).await;
                let profile = Profile { kind, form_post: false, app };
                let response = profile.ask_anew(&[]).await;
                let told = match response.fields.get("code") {
                    Some(code) => profile.app.redeem(code).await.json(),
                    None => Value::Null,
                };
                let of = |name: &str| [response.fields.get(name).cloned(), told[name].as_str().map(str::to_owned)].into_iter().flatten();
                for jwt in of("id_token") {
                    let claims: Value = verified(&world, &jwt, verify).await;
                    assert_eq!(claims["iss"], ISSUER, "{kind} {alg}");
                }
                for token in of("access_token") {
                    let claims = verified(&world, &profile.app.userinfo(&token).await.body, verify).await;
                    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(profile.app.id)), "{kind} {alg}");
                }
                assert!(of("id_token").count() > 0, "{kind} {alg}");
            }
        }
    }
}
