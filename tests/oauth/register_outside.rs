//! Registration: what it fetches from elsewhere, and what others say of a client.

use serde_json::{Value, json};
use tessera::base::Entropy;
use tessera::config::{Config, StatementIssuer, StatementKeys};
use tessera::crypto::jose::{GeneratedKey, SigningAlgorithm, SigningKey, generate};
use tessera::flows::clients;
use tessera::protocol::client::ClientMetadata;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::register::open;
use crate::on_both_engines;
use crate::support::client::REDIRECT;
use crate::support::registrar::{metadata, post, send};
use crate::support::{Registrar, World};

const DIRECTORY: &str = "https://directory.example";

fn guarded(config: &mut Config) {
    open(config);
    config.outbound.allow_private_networks = false;
}

async fn serve(server: &MockServer, at: &str, answer: ResponseTemplate) -> String {
    Mock::given(path(at))
        .respond_with(answer)
        .mount(server)
        .await;
    format!("http://127.0.0.1:{}{at}", server.address().port())
}

on_both_engines! {
    with open;
    async fn oidc_registration_5_the_sector_must_list_every_redirect_uri(world: World) {
        let server = MockServer::start().await;
        let ok = |body: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
        let both = json!([REDIRECT, "https://other.example/cb"]).to_string();
        let good = serve(&server, "/good", ok(&both)).await;
        for (at, answer) in [
            ("/one", ok(&json!([REDIRECT]).to_string())),
            ("/object", ok("{}")),
            ("/text", ok("not JSON")),
            ("/large", ok(&json!([REDIRECT, "https://other.example/cb", "x".repeat(300_000)]).to_string())),
            ("/missing", ResponseTemplate::new(404).set_body_raw(both.clone(), "application/json")),
            ("/moved", ResponseTemplate::new(302).insert_header("location", good.as_str())),
        ] {
            let uri = serve(&server, at, answer).await;
            let answer = post(&world, &json!({
                "redirect_uris": [REDIRECT, "https://other.example/cb"], "sector_identifier_uri": uri,
            })).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_client_metadata"), "{at}");
            assert!(answer.body.contains("sector_identifier_uri"), "{}", answer.body);
        }
        let client = Registrar::register(&world, json!({
            "redirect_uris": [REDIRECT, "https://other.example/cb"],
            "sector_identifier_uri": good, "subject_type": "pairwise",
        })).await;
        assert_eq!(client.told["sector_identifier_uri"], good);
        let more = client.replacement(&json!({"redirect_uris": [REDIRECT, "https://third.example/cb"]}));
        assert_eq!(client.manage("PUT", &more).await.error(), "invalid_client_metadata", "an update too");
    }
}

on_both_engines! {
    with guarded;
    async fn oidc_registration_5_the_sector_is_not_fetched_from_inside_the_network(world: World) {
        let server = MockServer::start().await;
        let list = ResponseTemplate::new(200).set_body_raw(json!([REDIRECT]).to_string(), "application/json");
        let inside = serve(&server, "/sector", list).await;
        let refused = post(&world, &json!({"sector_identifier_uri": inside})).await;
        assert_eq!((refused.status, refused.error().as_str()), (400, "invalid_client_metadata"));
        assert!(server.received_requests().await.expect("recorded").is_empty(), "nobody knocked");
        // What is not there gets the same words: nobody maps a network with it.
        let nowhere = post(&world, &json!({"sector_identifier_uri": "https://localhost/"})).await;
        assert_eq!(nowhere.body, refused.body);
    }
}

on_both_engines! {
    with open;
    async fn oidc_registration_5_the_sector_is_read_anew_but_not_without_end(world: World) {
        let server = MockServer::start().await;
        let list = |uris: &[&str]| ResponseTemplate::new(200).set_body_json(uris);
        let uri = serve(&server, "/sector", list(&["https://other.example/cb"])).await;
        let wanted = json!({"sector_identifier_uri": uri});
        assert_eq!(post(&world, &wanted).await.status, 400);
        // Mended: it counts at once, though the bad one was seen a moment ago.
        server.reset().await;
        serve(&server, "/sector", list(&[REDIRECT])).await;
        for _ in 0..20 {
            assert_eq!(post(&world, &wanted).await.status, 201);
        }
        assert_eq!(server.received_requests().await.expect("recorded").len(), 9, "ten in a minute");
        // Another address has its own count.
        let other = serve(&server, "/other", list(&[REDIRECT])).await;
        assert_eq!(post(&world, &json!({"sector_identifier_uri": other})).await.status, 201);
        assert_eq!(server.received_requests().await.expect("recorded").len(), 10);
    }
}

on_both_engines! {
    async fn oidc_core_8_1_an_operators_sector_is_read_too(world: World) {
        let server = MockServer::start().await;
        let list = |uris: Value| ResponseTemplate::new(200).set_body_json(uris);
        let good = serve(&server, "/good", list(json!([REDIRECT]))).await;
        let bad = serve(&server, "/bad", list(json!(["https://other.example/cb"]))).await;
        let missing = format!("{}/missing", server.uri());
        let problem = async |uri: Option<&str>, more: Value| {
            let mut wanted = metadata(&more);
            if let Some(uri) = uri {
                wanted["sector_identifier_uri"] = json!(uri);
            }
            let read = ClientMetadata::parse_strict(wanted.to_string().as_bytes()).expect("good metadata");
            clients::problem(&world.tessera, &read).await
        };
        assert_eq!(problem(Some(&good), json!({})).await, None);
        assert_eq!(problem(None, json!({})).await, None);
        for uri in [&bad, &missing] {
            let told = problem(Some(uri), json!({})).await.expect("a problem");
            assert!(told.starts_with("sector_identifier_uri: ") && told.contains(uri.as_str()), "{told}");
        }
        let told = problem(Some(&good), json!({"minimum_acr": "no-such"})).await.expect("a problem");
        assert!(told.contains("no level of assurance"), "{told}");
    }
}

/// Somebody who states things of software.
struct Directory {
    signing: SigningKey,
    jwks: Value,
}

impl Directory {
    fn new(seed: u64) -> Self {
        let alg = SigningAlgorithm::ES256;
        let GeneratedKey {
            kid,
            public,
            private,
        } = generate(alg, &Entropy::seeded(seed)).expect("a key");
        Self {
            signing: SigningKey::from_pkcs8(alg, &kid, &private).expect("a key"),
            jwks: json!({"keys": [public]}),
        }
    }

    fn states(&self, changes: Value) -> String {
        self.states_as("JWT", changes)
    }

    fn states_as(&self, typ: &str, changes: Value) -> String {
        let mut claims =
            json!({"iss": DIRECTORY, "software_id": "album", "client_name": "Album, approved"});
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        self.signing.sign(typ, &claims).expect("signed")
    }
}

/// A world that trusts the directory, whose keys are in a file.
async fn trusting(world: &World, directory: &Directory) -> World {
    let file = world.file("directory.json");
    std::fs::write(&file, directory.jwks.to_string()).expect("written");
    let path = file.clone();
    world
        .beside(move |config| {
            open(config);
            config.registration.software_statement_issuers = vec![StatementIssuer {
                issuer: DIRECTORY.to_owned(),
                keys: StatementKeys::File(path),
            }];
        })
        .await
}

on_both_engines! {
    with open;
    async fn rfc7591_2_3_what_a_trusted_statement_says_wins_and_the_statement_comes_back(world: World) {
        let directory = Directory::new(1);
        let world = trusting(&world, &directory).await;
        let now = world.tessera.now().seconds();
        let statement = directory.states(json!({
            "redirect_uris": [REDIRECT], "exp": now + 60, "aud": "http://localhost:8080/register",
            "skip_consent": true, "unheard_of": 1,
        }));
        let client = Registrar::register(&world, json!({
            "client_name": "Bank", "redirect_uris": ["https://evil.example/"], "tos_uri": "https://app.example/",
            "software_statement": statement,
        })).await;
        assert_eq!(client.told["client_name"], "Album, approved");
        assert_eq!(client.told["redirect_uris"], json!([REDIRECT]));
        assert_eq!(client.told["tos_uri"], "https://app.example/");
        assert_eq!(client.told["software_id"], "album");
        assert_eq!(client.told["software_statement"], statement, "RFC 7591 section 3.2.1: unmodified");
        assert_eq!(client.told["skip_consent"], false, "that is the operator's alone");

        world.advance(120);
        let same = client.manage("PUT", &client.replacement(&json!({"client_name": "Bank"}))).await;
        assert_eq!((same.status, &same.json()["client_name"]), (200, &json!("Album, approved")), "it was proven in its time");
        let trusting_nobody = world.beside(|config| {
            config.registration.software_statement_issuers.clear();
        }).await;
        let path = client.path();
        let body = client.replacement(&json!({}));
        let later = send(&trusting_nobody, "PUT", &path, &client.token(), &body).await;
        assert_eq!(later.error(), "unapproved_software_statement", "the issuer fell from grace");
        let fresh = post(&world, &json!({"software_statement": statement})).await;
        assert_eq!(fresh.error(), "invalid_software_statement", "it has expired for everybody else");
    }
}

on_both_engines! {
    with open;
    async fn rfc7591_3_2_2_each_bad_statement_has_its_code(world: World) {
        let (directory, thief) = (Directory::new(1), Directory::new(2));
        let world = trusting(&world, &directory).await;
        let now = world.tessera.now().seconds();
        let good = directory.states(json!({}));
        let (head, signature) = good.rsplit_once('.').expect("a JWT");
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        let changed = format!("{first}{}", &signature[1..]);
        let invalid = "invalid_software_statement";
        for (what, statement, code) in [
            ("not a JWT", json!("hello"), invalid),
            ("not a string", json!({"iss": DIRECTORY}), invalid),
            ("signed by a stranger", json!(thief.states(json!({}))), invalid),
            ("of an issuer that nobody trusts", json!(directory.states(json!({"iss": "https://evil.example"}))), "unapproved_software_statement"),
            ("without an issuer", json!(directory.states(json!({"iss": null}))), invalid),
            ("expired", json!(directory.states(json!({"exp": now}))), invalid),
            ("from the future", json!(directory.states(json!({"nbf": now + 61}))), invalid),
            ("for another server", json!(directory.states(json!({"aud": "https://other.example"}))), invalid),
            ("of another type", json!(directory.states_as("at+jwt", json!({}))), invalid),
            ("without its signature", json!(format!("{head}.")), invalid),
            ("unsigned", json!(format!("eyJhbGciOiJub25lIn0.{}.", head.split_once('.').expect("two").1)), invalid),
            ("with a changed signature", json!(format!("{head}.{changed}")), invalid),
            ("that states what cannot be", json!(directory.states(json!({"redirect_uris": ["http://evil.example/"]}))), "invalid_redirect_uri"),
        ] {
            let answer = post(&world, &json!({"software_statement": statement})).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, code), "{what}: {}", answer.body);
        }
        assert_eq!(post(&world, &json!({"software_statement": good})).await.status, 201, "the default is good");
    }
}

on_both_engines! {
    with open;
    async fn rfc7591_2_3_the_keys_of_a_trusted_issuer_may_lie_at_a_url(world: World) {
        let server = MockServer::start().await;
        let directory = Directory::new(3);
        let jwks = ResponseTemplate::new(200).set_body_json(&directory.jwks);
        let uri = serve(&server, "/jwks", jwks).await.parse().expect("a URL");
        let world = world.beside(move |config| {
            open(config);
            config.registration.software_statement_issuers = vec![StatementIssuer {
                issuer: DIRECTORY.to_owned(),
                keys: StatementKeys::Uri(uri),
            }];
        }).await;
        let statement = directory.states(json!({}));
        assert_eq!(post(&world, &json!({"software_statement": statement})).await.status, 201);
    }
}
