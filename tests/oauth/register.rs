//! `/register` and `/register/{client_id}`: a valid default, and one mutation per refusal.

use serde_json::{Value, json};
use tessera::config::{Config, RegistrationMode};
use tessera::protocol::audit::{Actor, Origin};

use crate::on_both_engines;
use crate::support::client::REDIRECT;
use crate::support::registrar::{metadata, post, send, send_raw};
use crate::support::{App, Registrar, World};

pub fn open(config: &mut Config) {
    config.registration.mode = RegistrationMode::Open;
    config.registration.per_address = 1_000;
}

fn by_token(config: &mut Config) {
    config.registration.mode = RegistrationMode::Token;
}

fn app(world: &World, told: &Value) -> App {
    App {
        world: world.clone(),
        id: told["client_id"].as_str().expect("an id").to_owned(),
        secret: told["client_secret"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    }
}

on_both_engines! {
    async fn rfc8414_2_where_registration_is_off_nothing_of_it_is_there(world: World) {
        let absent = world.get("/no-such-thing").await;
        for (method, path) in [("POST", "/register"), ("GET", "/register"), ("GET", "/register/x"), ("DELETE", "/register/x")] {
            let answer = send(&world, method, path, "tsm_x", &metadata(&json!({}))).await;
            assert_eq!((answer.status, &answer.body), (404, &absent.body), "{method} {path}");
        }
        let document = world.get("/.well-known/openid-configuration").await.json();
        assert!(document.get("registration_endpoint").is_none());
    }
}

on_both_engines! {
    with open;
    async fn rfc7591_3_2_1_the_answer_has_the_credentials_and_everything_that_was_registered(world: World) {
        let document = world.get("/.well-known/openid-configuration").await.json();
        assert_eq!(document["registration_endpoint"], "http://localhost:8080/register");
        let answer = post(&world, &json!({
            "client_name#ja-Jpan-JP": "\u{672c}", "logo_uri#de": "https://app.example/de.png",
            "contacts": ["a@app.example"], "software_id": "4NRB1-0XZABZI9E6-5SM3R", "what_is_this": 1,
            "skip_consent": true, "tos_uri": null,
        })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-type"), "application/json");
        let told = answer.json();
        assert_eq!(told["client_id_issued_at"], world.tessera.now().seconds());
        assert_eq!(told["client_secret_expires_at"], 0);
        for (name, prefix) in [("client_secret", "tss_"), ("registration_access_token", "tsm_")] {
            let value = told[name].as_str().expect(name);
            assert!(value.starts_with(prefix) && value.len() == 4 + 43, "{name}");
        }
        let id = told["client_id"].as_str().expect("an id");
        assert_eq!(told["registration_client_uri"], format!("http://localhost:8080/register/{id}"));
        for (name, value) in [
            ("redirect_uris", json!([REDIRECT])),
            ("client_name", json!("Album")),
            ("client_name#ja-Jpan-JP", json!("\u{672c}")),
            ("logo_uri#de", json!("https://app.example/de.png")),
            ("contacts", json!(["a@app.example"])),
            ("software_id", json!("4NRB1-0XZABZI9E6-5SM3R")),
            // What the specifications give a client that is silent.
            ("grant_types", json!(["authorization_code"])),
            ("response_types", json!(["code"])),
            ("application_type", json!("web")),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("id_token_signed_response_alg", json!("RS256")),
            ("require_auth_time", json!(false)),
            ("scope", json!("openid profile email address phone offline_access")),
            // What only an operator may give.
            ("skip_consent", json!(false)),
        ] {
            assert_eq!(told[name], value, "{name}");
        }
        assert!(told.get("what_is_this").is_none() && told.get("tos_uri").is_none());
        assert!(world.audit().await.iter().any(|e| e["kind"] == "client.created" && e["client_id"] == id));
    }
}

on_both_engines! {
    with open;
    async fn rfc7591_1_3_a_client_that_registered_itself_signs_people_in(world: World) {
        world.user("alice").await;
        let told = Registrar::register(&world, json!({
            "grant_types": ["authorization_code", "refresh_token"],
        })).await.told;
        let tokens = app(&world, &told).tokens("alice").await;
        assert!(tokens["id_token"].is_string() && tokens["refresh_token"].is_string());

        let public = Registrar::register(&world, json!({"token_endpoint_auth_method": "none"})).await.told;
        assert!(public.get("client_secret").is_none() && public.get("client_secret_expires_at").is_none());
    }
}

on_both_engines! {
    with open;
    async fn rfc7591_3_2_2_each_broken_registration_has_its_code_and_names_the_member(world: World) {
        let metadata_error = "invalid_client_metadata";
        let cases = [
            (json!({"redirect_uris": ["http://app.example/cb"]}), "invalid_redirect_uri", "http"),
            (json!({"redirect_uris": ["https://app.example/cb#x"]}), "invalid_redirect_uri", "fragment"),
            (json!({"redirect_uris": []}), metadata_error, "redirect_uris"),
            (json!({"redirect_uris": null}), metadata_error, "redirect_uris"),
            (json!({"redirect_uris": REDIRECT}), metadata_error, "redirect_uris"),
            (json!({"grant_types": ["implicit"]}), metadata_error, "response_types"),
            (json!({"grant_types": ["implicit"], "response_types": ["id_token"]}), metadata_error, "grant_types: implicit"),
            (json!({"grant_types": ["authorization_code", "client_credentials"]}), metadata_error, "grant_types: client_credentials"),
            (json!({"response_types": ["token"]}), metadata_error, "response_types"),
            (json!({"scope": "openid admin"}), metadata_error, "scope: admin"),
            (json!({"token_endpoint_auth_method": "magic"}), metadata_error, "token_endpoint_auth_method"),
            (json!({"token_endpoint_auth_method": "private_key_jwt"}), metadata_error, "jwks"),
            (json!({"jwks": {"keys": []}, "jwks_uri": "https://a.example/"}), metadata_error, "jwks"),
            (json!({"logo_uri": "javascript:alert(1)"}), metadata_error, "logo_uri"),
            (json!({"client_name#de_DE": "x"}), metadata_error, "client_name#de_DE"),
            (json!({"id_token_signed_response_alg": "none"}), metadata_error, "id_token_signed_response_alg"),
            (json!({"id_token_signed_response_alg": "PS256"}), metadata_error, "no key"),
            (json!({"userinfo_signed_response_alg": "EdDSA"}), metadata_error, "userinfo_signed_response_alg"),
            (json!({"id_token_encrypted_response_alg": "RSA1_5"}), metadata_error, "id_token_encrypted_response_alg"),
            (json!({"frontchannel_logout_uri": "https://evil.example/"}), metadata_error, "frontchannel_logout_uri"),
            (json!({"software_statement": 1}), "invalid_software_statement", "software_statement"),
            (json!({"software_statement": "a.b.c"}), "invalid_software_statement", "software_statement"),
        ];
        for (changes, code, word) in cases {
            let answer = post(&world, &changes).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, code), "{changes}");
            assert_eq!(answer.header("cache-control"), "no-store");
            let description = answer.json()["error_description"].to_string();
            assert!(description.contains(word), "{changes}: {description}");
        }
        let events = world.audit().await;
        assert!(events.iter().any(|e| e["kind"] == "registration.refused"
            && e["reason"] == "invalid_client_metadata" && e["member"] == "logo_uri"));
        assert!(!events.iter().any(|e| e["kind"] == "client.created"));
        assert_eq!(post(&world, &json!({})).await.status, 201, "the default is good");
    }
}

on_both_engines! {
    with open;
    async fn rfc7591_3_1_what_is_no_json_object_is_refused(world: World) {
        let good = metadata(&json!({})).to_string();
        let twice = format!("{},\"client_name\":\"Other\"}}", good.trim_end_matches('}'));
        let large = metadata(&json!({"x": "y".repeat(70_000)})).to_string();
        for (mime, body, status, error) in [
            ("application/x-www-form-urlencoded", good.clone(), 400, "invalid_request"),
            ("text/plain", good.clone(), 400, "invalid_request"),
            ("", good.clone(), 400, "invalid_request"),
            ("application/json", String::new(), 400, "invalid_client_metadata"),
            ("application/json", "[]".to_owned(), 400, "invalid_client_metadata"),
            ("application/json", twice, 400, "invalid_client_metadata"),
            ("application/json", large, 413, "invalid_request"),
        ] {
            let answer = send_raw(&world, "POST", "/register", "", mime, body.clone()).await;
            assert_eq!((answer.status, answer.error().as_str()), (status, error), "{mime} {body:.80}");
        }
        let charset = send_raw(&world, "POST", "/register", "", "application/json; charset=utf-8", good).await;
        assert_eq!(charset.status, 201);
        let get = world.get("/register").await;
        assert_eq!((get.status, get.header("allow").as_str()), (405, "POST"));
    }
}

on_both_engines! {
    with by_token;
    async fn rfc7591_3_an_initial_access_token_is_asked_for_counted_and_expires(world: World) {
        let (actor, origin) = (Actor::Operator, Origin::default());
        let day = std::time::Duration::from_hours(24);
        let made = world.tessera.create_registration_token(2, day, actor.clone(), origin.clone()).await.expect("made");
        let token = made.0.expose().clone();
        assert!(token.starts_with("tsi_") && token.len() == 4 + 43);
        let attempt = async |token: &str, changes: Value| {
            send(&world, "POST", "/register", token, &metadata(&changes)).await
        };

        let without = attempt("", json!({})).await;
        assert_eq!(without.status, 401);
        assert_eq!(without.header("www-authenticate"), "Bearer realm=\"http://localhost:8080\"");
        let wrong = attempt("tsi_wrong", json!({})).await;
        assert_eq!((wrong.status, wrong.error().as_str()), (401, "invalid_token"));
        assert!(wrong.header("www-authenticate").contains("error=\"invalid_token\""));
        assert!(!world.audit().await.iter().any(|e| e["kind"] == "registration.refused"), "a stranger fills no log");

        assert_eq!(attempt(&token, json!({"scope": "admin"})).await.status, 400, "a refusal spends no use");
        assert_eq!(attempt(&token, json!({})).await.status, 201);
        assert_eq!(attempt(&token, json!({})).await.status, 201);
        assert_eq!(attempt(&token, json!({})).await.status, 401, "spent");
        let listed = world.tessera.registration_tokens().await.expect("listed");
        assert_eq!((listed[0].used, listed[0].uses), (2, 2));

        let made = world.tessera.create_registration_token(9, day, actor.clone(), origin.clone()).await.expect("made");
        assert_eq!(attempt(made.0.expose(), json!({})).await.status, 201);
        assert!(world.tessera.revoke_registration_token(made.1.id, actor.clone(), origin.clone()).await.expect("revoked"));
        assert_eq!(attempt(made.0.expose(), json!({})).await.status, 401, "revoked");

        let made = world.tessera.create_registration_token(9, day, actor, origin).await.expect("made");
        world.advance(24 * 3_600);
        assert_eq!(attempt(made.0.expose(), json!({})).await.status, 401, "expired");
        assert!(world.tessera.registration_tokens().await.expect("listed").is_empty());
        let kinds = world.audit().await;
        assert_eq!(kinds.iter().filter(|e| e["kind"] == "registration_token.changed").count(), 4);
    }
}

on_both_engines! {
    with by_token;
    async fn rfc7591_3_many_at_once_get_no_more_than_the_token_has(world: World) {
        let day = std::time::Duration::from_hours(24);
        let made = world.tessera
            .create_registration_token(3, day, Actor::Operator, Origin::default()).await.expect("made");
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (world, token) = (world.clone(), made.0.expose().clone());
            running.spawn(async move {
                send(&world, "POST", "/register", &token, &metadata(&json!({}))).await.status
            });
        }
        let mut statuses = running.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201; 3], vec![401; 9]].concat());
    }
}

on_both_engines! {
    with open;
    async fn rfc7592_2_1_only_the_clients_own_token_reads_its_registration(world: World) {
        let one = Registrar::register(&world, json!({"client_name#de": "Laden"})).await;
        let other = Registrar::register(&world, json!({})).await;
        let operators = App::register(&world, json!({})).await;
        let read = one.manage("GET", &json!(null)).await;
        assert_eq!(read.status, 200);
        assert_eq!(read.header("cache-control"), "no-store");
        let mut expected = one.told.clone();
        expected.as_object_mut().expect("an object").remove("client_secret");
        assert_eq!(read.json(), expected, "all but the secret, of which only the hash is kept");

        let refusal = send(&world, "GET", "/register/nobody", &one.token(), &json!(null)).await;
        assert_eq!((refusal.status, refusal.error().as_str()), (401, "invalid_token"));
        assert!(refusal.header("www-authenticate").starts_with("Bearer realm="));
        let of_operator = format!("/register/{}", operators.id);
        for (path, token) in [
            (one.path(), other.token()),
            (one.path(), format!("{}x", one.token())),
            (one.path(), one.text("client_secret")),
            (of_operator.clone(), one.token()),
            (of_operator, operators.secret.clone()),
        ] {
            for method in ["GET", "PUT", "DELETE"] {
                let body = one.replacement(&json!({}));
                let answer = send(&world, method, &path, &token, &body).await;
                assert_eq!((answer.status, &answer.body), (401, &refusal.body), "{method} {path}");
            }
        }
        let twice = axum::http::Request::get(one.path())
            .header("authorization", format!("Bearer {}", one.token()))
            .header("authorization", format!("Bearer {}", other.token()));
        let twice = world.send(twice.body(axum::body::Body::empty()).expect("a request")).await;
        assert_eq!((twice.status, twice.error().as_str()), (400, "invalid_request"));
        let without = send(&world, "GET", &one.path(), "", &json!(null)).await;
        assert_eq!((without.status, without.header("www-authenticate").contains("error")), (401, false));

        world.switch_client(&one.text("client_id"), true).await;
        assert_eq!(one.manage("GET", &json!(null)).await.body, refusal.body, "a disabled client is no client");
    }
}

on_both_engines! {
    with open;
    async fn rfc7592_2_2_an_update_replaces_everything(world: World) {
        let client = Registrar::register(&world, json!({
            "client_name": "Old", "tos_uri": "https://app.example/tos", "contacts": ["a@app.example"],
        })).await;
        world.advance(10);
        let body = client.replacement(&json!({"client_name": "New", "tos_uri": null, "client_name#de": "Neu"}));
        let mut body = body;
        body.as_object_mut().expect("an object").remove("contacts");
        let answer = client.manage("PUT", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let told = answer.json();
        assert_eq!((&told["client_name"], &told["client_name#de"]), (&json!("New"), &json!("Neu")));
        assert!(told.get("tos_uri").is_none() && told.get("contacts").is_none(), "omitted is deleted");
        for kept in ["client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"] {
            assert_eq!(told[kept], client.told[kept], "{kept}");
        }
        assert!(told.get("client_secret").is_none(), "the old one goes on");
        let mut read = client.manage("GET", &json!(null)).await.json();
        assert_eq!(read, told);
        read["client_name"] = json!("x");
        assert_ne!(read, told);
        let events = world.audit().await;
        assert!(events.iter().any(|e| e["kind"] == "client.changed" && e["actor"] == format!("client:{}", client.text("client_id"))));
    }
}

on_both_engines! {
    with open;
    async fn rfc7592_2_2_each_broken_update_is_refused_and_changes_nothing(world: World) {
        let client = Registrar::register(&world, json!({})).await;
        let before = client.manage("GET", &json!(null)).await.json();
        let secret = client.text("client_secret");
        for (changes, code, word) in [
            (json!({"client_id": null}), "invalid_client_metadata", "client_id"),
            (json!({"client_id": "other"}), "invalid_client_metadata", "client_id"),
            (json!({"client_secret": "my own choice"}), "invalid_client_metadata", "client_secret"),
            (json!({"client_secret": [secret]}), "invalid_client_metadata", "client_secret"),
            (json!({"registration_access_token": "x"}), "invalid_client_metadata", "registration_access_token"),
            (json!({"registration_client_uri": "x"}), "invalid_client_metadata", "registration_client_uri"),
            (json!({"client_secret_expires_at": 0}), "invalid_client_metadata", "client_secret_expires_at"),
            (json!({"client_id_issued_at": 0}), "invalid_client_metadata", "client_id_issued_at"),
            (json!({"redirect_uris": ["http://evil.example/"]}), "invalid_redirect_uri", "http"),
            (json!({"scope": "admin"}), "invalid_client_metadata", "scope"),
            (json!({"grant_types": ["client_credentials"], "response_types": []}), "invalid_client_metadata", "grant_types"),
        ] {
            let answer = client.manage("PUT", &client.replacement(&changes)).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, code), "{changes}");
            let description = answer.json()["error_description"].to_string();
            assert!(description.contains(word), "{changes}: {description}");
        }
        let form = send_raw(&world, "PUT", &client.path(), &client.token(), "text/plain", "{}".to_owned()).await;
        assert_eq!((form.status, form.error().as_str()), (400, "invalid_request"));
        assert_eq!(client.manage("GET", &json!(null)).await.json(), before);
        assert_eq!(client.manage("PUT", &client.replacement(&json!({}))).await.status, 200, "the default is good");
    }
}

on_both_engines! {
    with open;
    async fn rfc7592_2_2_a_new_way_to_authenticate_brings_its_own_secret_or_ends_it(world: World) {
        world.user("alice").await;
        let client = Registrar::register(&world, json!({"token_endpoint_auth_method": "none"})).await;
        let put = async |changes: Value| {
            let mut body = client.replacement(&changes);
            body.as_object_mut().expect("an object").remove("client_secret");
            let answer = client.manage("PUT", &body).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json()
        };
        let basic = put(json!({"token_endpoint_auth_method": "client_secret_basic"})).await;
        assert_eq!(basic["client_secret_expires_at"], 0);
        let confidential = app(&world, &basic);
        let code = confidential.code("alice").await;
        assert_eq!(confidential.redeem(&code).await.status, 200);

        let hmac = put(json!({"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS512"})).await;
        let secret = hmac["client_secret"].as_str().expect("one that can make an HMAC");
        assert!(secret.len() >= 64, "RFC 7518 section 3.2");

        let public = put(json!({"token_endpoint_auth_method": "none"})).await;
        assert!(public.get("client_secret").is_none() && public.get("client_secret_expires_at").is_none());
        assert_eq!(confidential.redeem("x").await.error(), "invalid_client");
    }
}

on_both_engines! {
    with open;
    async fn rfc7592_2_2_what_an_operator_gave_survives_an_update(world: World) {
        let client = Registrar::register(&world, json!({})).await;
        let id = tessera::protocol::client::ClientId::new(client.text("client_id"));
        let token = tessera::base::Digest::of(client.token().as_bytes());
        let found = world.tessera.client(&id).await.expect("asked").expect("there");
        let mut metadata = found.metadata.clone();
        metadata.skip_consent = true;
        let (now, given) = (world.tessera.now(), id.clone());
        let written: Result<bool, tessera::storage::StorageError> = world.tessera.store.write(move |tx| {
            Box::pin(async move { tessera::storage::registrations::replace(tx, &given, token, &metadata, now).await })
        }).await;
        assert!(written.expect("written"));
        let answer = client.manage("PUT", &client.replacement(&json!({"skip_consent": false, "client_name": "New"}))).await;
        assert_eq!((answer.status, &answer.json()["skip_consent"]), (200, &json!(true)));
    }
}

on_both_engines! {
    with open;
    async fn rfc7592_2_3_a_deleted_client_ends_at_once_with_all_that_it_holds(world: World) {
        world.user("alice").await;
        let client = Registrar::register(&world, json!({"grant_types": ["authorization_code", "refresh_token"]})).await;
        let observer = App::register(&world, json!({"resource_identifiers": ["urn:x"]})).await;
        let mine = app(&world, &client.told);
        let tokens = mine.tokens("alice").await;
        let access = tokens["access_token"].as_str().expect("a token");
        assert_eq!(mine.userinfo(access).await.status, 200);

        let deleted = client.manage("DELETE", &json!(null)).await;
        assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
        assert_eq!(deleted.header("cache-control"), "no-store");

        assert_eq!(mine.userinfo(access).await.status, 401);
        assert_eq!(observer.introspect(access).await, json!({"active": false}));
        let refresh = tokens["refresh_token"].as_str().expect("a token");
        assert_eq!(mine.refresh(refresh).await.error(), "invalid_client");
        assert_eq!(world.get(&mine.request(&[])).await.status, 400, "an unknown client");
        for method in ["GET", "PUT", "DELETE"] {
            let again = client.manage(method, &client.replacement(&json!({}))).await;
            assert_eq!((again.status, again.error().as_str()), (401, "invalid_token"), "{method}");
        }
        assert!(world.audit().await.iter().any(|e| e["kind"] == "client.deleted"));
    }
}

on_both_engines! {
    with open;
    async fn fetch_3_2_a_page_of_nobody_registers_nothing_through_its_visitors_browser(world: World) {
        App::register(&world, json!({"allowed_origins": ["https://app.example"]})).await;
        let preflight = async |origin: &str| {
            let request = axum::http::Request::options("/register")
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type");
            let answer = world.send(request.body(axum::body::Body::empty()).expect("a request")).await;
            answer.header("access-control-allow-origin")
        };
        assert_eq!(preflight("https://evil.example").await, "");
        assert_eq!(preflight("https://app.example").await, "https://app.example");
    }
}
