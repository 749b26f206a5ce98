//! What the tests of this room share.

use crate::base::Timestamp;
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata};
use crate::protocol::custom_claims::CustomClaims;
use crate::protocol::error::OAuthError;
use crate::protocol::grant::GrantType;
use crate::protocol::resource_server::ResourceServers;
use crate::protocol::scope::Scope;

use super::{AuthorizationRequest, Policy, read};

pub const REDIRECT: &str = "https://app.example/cb";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const POLICY: Policy<'static> = Policy {
    issuer: "https://id.example",
    sign_up_open: true,
    front_channel_tokens: false,
    resource_servers: &ResourceServers::none(),
    custom_claims: &CustomClaims::none(),
};

/// A confidential web client.
pub fn client() -> Client {
    Client {
        id: ClientId::new("app"),
        metadata: ClientMetadata {
            redirect_uris: vec![REDIRECT.to_owned()],
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scope: Scope::parse("openid profile email offline_access").unwrap(),
            resources: vec!["https://api.example/".to_owned()],
            ..ClientMetadata::default()
        },
        secrets: Vec::new(),
        disabled: false,
        by_stranger: false,
        organisation: None,
        version: 1,
        created_at: Timestamp::from_seconds(0),
    }
}

/// The same one without a secret.
pub fn public_client() -> Client {
    let mut client = client();
    client.metadata.token_endpoint_auth_method = AuthMethod::None;
    client
}

/// A valid request, in which each of `changes` replaces or adds a parameter, or removes it (`None`).
pub fn query(changes: &[(&str, Option<&str>)]) -> String {
    let mut params = vec![
        ("client_id", "app"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, _) in changes {
        params.retain(|(known, _)| known != name);
    }
    for (name, value) in changes {
        params.extend(value.map(|value| (*name, value)));
    }
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish()
}

/// Runs both stages over a request; stage one must succeed.
pub fn checked(client: &Client, query: &str) -> Result<AuthorizationRequest, OAuthError> {
    read(query.as_bytes())
        .unwrap()
        .prove(Some(client))
        .unwrap()
        .check(POLICY)
}
