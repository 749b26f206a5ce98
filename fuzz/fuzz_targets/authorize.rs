//! Authorization requests: an answer goes to a registered redirect URI or onto a page, never wider
//! than what is registered, and never without PKCE for a public client.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera::base::Timestamp;
use tessera::protocol::authorize::{AuthorizationResponse, Delivery, Policy, read};
use tessera::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata};
use tessera::protocol::custom_claims::CustomClaims;
use tessera::protocol::resource_server::ResourceServers;
use tessera::protocol::scope::Scope;

const REDIRECT: &str = "https://app.example/cb";
const ISSUER: &str = "https://id.example";
/// The fuzzer would not guess these; it may still repeat or precede them.
const VALID: &[u8] =
    b"&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&response_type=code\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn client() -> Client {
    Client {
        id: ClientId::new("app"),
        metadata: ClientMetadata {
            redirect_uris: vec![REDIRECT.to_owned()],
            scope: Scope::parse("openid profile").expect("a valid scope"),
            resources: vec!["https://api.example/".to_owned()],
            token_endpoint_auth_method: AuthMethod::None,
            ..ClientMetadata::default()
        },
        secrets: Vec::new(),
        disabled: false,
        created_at: Timestamp::from_seconds(0),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let client = client();
    let policy = Policy {
        issuer: ISSUER,
        sign_up_open: true,
        front_channel_tokens: false,
        resource_servers: &ResourceServers::none(),
        custom_claims: &CustomClaims::none(),
    };
    for text in [bytes.to_vec(), [bytes, VALID].concat()] {
        let Ok(proven) = read(&text).and_then(|request| request.prove(Some(&client))) else {
            continue;
        };
        assert_eq!(proven.return_path().redirect_uri().as_str(), REDIRECT);
        match proven.check(policy) {
            Ok(request) => {
                assert!(!request.scope().is_empty());
                assert!(request.scope().is_within(&client.metadata.scope));
                assert!(request.code_challenge().is_some());
                assert_eq!(request.state(), proven.params().get("state"));
                assert_eq!(request.nonce(), proven.params().get("nonce"));
                for resource in request.resources() {
                    assert!(resource == ISSUER || client.metadata.resources.contains(resource));
                }
            }
            Err(error) => {
                let path = proven.return_path();
                match AuthorizationResponse::error(path, &error, ISSUER).deliver() {
                    Delivery::Redirect { location } => {
                        assert!(location.starts_with("https://app.example/cb?error="));
                        assert!(location.bytes().all(|b| b.is_ascii_graphic()));
                    }
                    Delivery::FormPost { action, .. } => assert_eq!(action, REDIRECT),
                }
            }
        }
    }
});
