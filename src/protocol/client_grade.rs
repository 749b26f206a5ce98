//! How well a client is set up, by OAuth 2.1 and RFC 9700: findings that can be explained, and mostly mended
//! by one change of its metadata.

use serde_json::{Map, Value, json};
use url::Url;

use super::client::{AccessTokenFormat, ApplicationType, AuthMethod, Client, ClientMetadata};
use super::grant::GrantType;
use super::or_none::{IdTokenAlg, RequestObjectAlg};
use super::redirect_uri::is_loopback;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It would be better otherwise.
    Low,
    /// An attack becomes easier.
    Medium,
    /// An attack is known that works.
    High,
}

/// What a client's metadata would be instead, member by member.
type Mend = fn(&Client) -> Map<String, Value>;

/// What could be better.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// Its name: in forms, and in the catalogue of sentences.
    pub name: &'static str,
    /// Where it is written.
    pub source: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    applies: fn(&Client) -> bool,
    mend: Option<Mend>,
}

impl Finding {
    /// Whether one change of the metadata mends it.
    #[must_use]
    pub const fn can_be_mended(&self) -> bool {
        self.mend.is_some()
    }

    /// The members of the metadata that mend it, with their new values.
    #[must_use]
    pub fn mend(&self, client: &Client) -> Option<Map<String, Value>> {
        self.mend.map(|mend| mend(client))
    }
}

/// A letter, from A to F.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nothing that weighs.
    A,
    /// One thing of medium weight.
    B,
    /// Several.
    C,
    /// One that weighs heavily.
    D,
    /// Several.
    F,
}

impl Grade {
    /// The letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }
}

/// The grade of a client, and why: the heaviest finding first.
#[must_use]
pub fn grade(client: &Client) -> (Grade, Vec<Finding>) {
    let mut found: Vec<Finding> = FINDINGS
        .iter()
        .copied()
        .filter(|of| (of.applies)(client))
        .collect();
    found.sort_by_key(|of| std::cmp::Reverse(of.weight));
    let count = |weight| found.iter().filter(|of| of.weight == weight).count();
    let grade = match (count(Weight::High), count(Weight::Medium)) {
        (0, 0) => Grade::A,
        (0, 1) => Grade::B,
        (0, _) => Grade::C,
        (1, _) => Grade::D,
        _ => Grade::F,
    };
    (grade, found)
}

/// Every finding that there can be.
pub fn all_findings() -> impl Iterator<Item = &'static Finding> {
    FINDINGS.iter()
}

/// The finding of this name.
#[must_use]
pub fn finding(name: &str) -> Option<Finding> {
    FINDINGS.iter().copied().find(|of| of.name == name)
}

fn members(of: Value) -> Map<String, Value> {
    match of {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn signs_in(of: &ClientMetadata) -> bool {
    of.grant_types.iter().any(|grant| grant.signs_people_in())
}

/// A scheme of an application's own that another application can claim as well.
fn is_short_scheme(uri: &str) -> bool {
    Url::parse(uri)
        .is_ok_and(|url| !matches!(url.scheme(), "http" | "https") && !url.scheme().contains('.'))
}

fn is_plain_http(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
}

fn has_in_front(of: &ClientMetadata) -> bool {
    of.grant_types.contains(&GrantType::Implicit)
        || of
            .response_types
            .iter()
            .any(|text| text.split(' ').any(|part| part == "token"))
}

fn only_code(client: &Client) -> Map<String, Value> {
    let grants: Vec<_> = client
        .metadata
        .grant_types
        .iter()
        .copied()
        .filter(|grant| *grant != GrantType::Implicit && *grant != GrantType::AuthorizationCode)
        .collect();
    let all: Vec<_> = std::iter::once(GrantType::AuthorizationCode)
        .chain(grants)
        .collect();
    members(json!({ "response_types": ["code"], "grant_types": all }))
}

const FINDINGS: &[Finding] = &[
    Finding {
        name: "front-channel-tokens",
        source: "RFC 9700 2.1.2",
        weight: Weight::High,
        applies: |client| has_in_front(&client.metadata),
        mend: Some(only_code),
    },
    Finding {
        name: "unsigned-id-token",
        source: "OpenID Connect Core 3.1.3.7",
        weight: Weight::High,
        applies: |client| client.metadata.id_token_signed_response_alg == IdTokenAlg::None,
        mend: Some(|_| members(json!({ "id_token_signed_response_alg": "RS256" }))),
    },
    Finding {
        name: "consent-skipped",
        source: "RFC 8252 8.6",
        weight: Weight::High,
        applies: |client| {
            let of = &client.metadata;
            let anybody = client.is_public() && of.application_type == ApplicationType::Native;
            of.skip_consent && signs_in(of) && (anybody || client.by_stranger)
        },
        mend: Some(|_| members(json!({ "skip_consent": false }))),
    },
    Finding {
        name: "no-pkce",
        source: "RFC 9700 2.1.1",
        weight: Weight::Medium,
        // A public client must use it whatever is registered.
        applies: |client| {
            let of = &client.metadata;
            signs_in(of) && !client.is_public() && !of.require_pkce
        },
        mend: Some(|_| members(json!({ "require_pkce": true }))),
    },
    Finding {
        name: "unsigned-request-object",
        source: "RFC 9101 10.1",
        weight: Weight::Medium,
        applies: |client| {
            client.metadata.request_object_signing_alg == Some(RequestObjectAlg::None)
        },
        mend: Some(|_| members(json!({ "request_object_signing_alg": null }))),
    },
    Finding {
        name: "plain-http-origin",
        source: "RFC 9700 2.6",
        weight: Weight::Medium,
        applies: |client| {
            client
                .metadata
                .allowed_origins
                .iter()
                .any(|of| is_plain_http(of))
        },
        mend: Some(|client| {
            let kept = client
                .metadata
                .allowed_origins
                .iter()
                .filter(|of| !is_plain_http(of));
            members(json!({ "allowed_origins": kept.collect::<Vec<_>>() }))
        }),
    },
    Finding {
        name: "short-scheme",
        source: "RFC 8252 7.1",
        weight: Weight::Medium,
        applies: |client| {
            client
                .metadata
                .redirect_uris
                .iter()
                .any(|uri| is_short_scheme(uri))
        },
        mend: None,
    },
    Finding {
        name: "shared-secret-jwt",
        source: "RFC 9700 2.5",
        weight: Weight::Low,
        applies: |client| client.metadata.token_endpoint_auth_method == AuthMethod::ClientSecretJwt,
        mend: None,
    },
    Finding {
        name: "shared-secret",
        source: "RFC 9700 2.5",
        weight: Weight::Low,
        applies: |client| {
            let method = client.metadata.token_endpoint_auth_method;
            matches!(
                method,
                AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost
            )
        },
        mend: None,
    },
    Finding {
        name: "secret-in-form",
        source: "RFC 6749 2.3.1",
        weight: Weight::Low,
        applies: |client| {
            client.metadata.token_endpoint_auth_method == AuthMethod::ClientSecretPost
        },
        mend: Some(|_| members(json!({ "token_endpoint_auth_method": "client_secret_basic" }))),
    },
    Finding {
        name: "many-redirect-uris",
        source: "RFC 9700 2.1",
        weight: Weight::Low,
        applies: |client| client.metadata.redirect_uris.len() > 10,
        mend: None,
    },
    Finding {
        name: "no-back-channel-logout",
        source: "OpenID Connect Back-Channel Logout 1.0",
        weight: Weight::Low,
        applies: |client| {
            let of = &client.metadata;
            signs_in(of) && !client.is_public() && of.backchannel_logout_uri.is_none()
        },
        mend: None,
    },
    Finding {
        name: "stranger",
        source: "RFC 7591 5",
        weight: Weight::Low,
        applies: |client| client.by_stranger,
        mend: None,
    },
    Finding {
        name: "opaque-without-need",
        source: "RFC 9068 1",
        weight: Weight::Low,
        applies: |client| {
            let of = &client.metadata;
            of.access_token_format == AccessTokenFormat::Opaque
                && of.access_token_signed_response_alg.is_some()
        },
        mend: Some(|_| members(json!({ "access_token_signed_response_alg": null }))),
    },
];

#[cfg(test)]
#[path = "client_grade_tests.rs"]
mod tests;
