//! The metadata document (RFC 8414, OpenID Connect Discovery): only what works.

use serde::Serialize;

use super::authorize::{Prompt, ResponseMode, ResponseType};
use super::client::AuthMethod;
use super::grant::GrantType;
use super::or_none::IdTokenAlg;
use super::pkce;
use crate::crypto::jose::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, SigningAlgorithm};

/// What differs between one installation and the next.
#[derive(Clone, Copy, Debug)]
pub struct ServerView<'a> {
    /// The issuer identifier, byte for byte as in every `iss`.
    pub issuer: &'a str,
    /// The algorithms of the active keys.
    pub signing_algs: &'a [SigningAlgorithm],
    /// The algorithms that client assertions may use.
    pub assertion_algs: &'a [&'a str],
    /// The algorithms that request objects may use.
    pub request_object_algs: &'a [&'a str],
    /// The algorithms for which we have a key that opens.
    pub opening_algs: &'a [KeyManagementAlgorithm],
    /// Whether every request must come in a signed request object.
    pub signed_requests: bool,
    /// Whether ID tokens may be unsigned.
    pub unsigned_id_tokens: bool,
    /// The scopes that people's clients may ask for.
    pub scopes: &'a [&'a str],
    /// The claims that may come.
    pub claims: &'a [&'a str],
    /// The authentication classes that sessions can reach.
    pub acr_values: &'a [&'a str],
    /// The languages of the pages.
    pub ui_locales: &'a [&'a str],
    /// Whether strangers may register clients.
    pub registration_open: bool,
    /// Whether people may make accounts for themselves.
    pub sign_up_open: bool,
    /// Whether there are response types besides `code`.
    pub front_channel_tokens: bool,
}

/// Where each endpoint is, below the issuer.
pub mod paths {
    /// RFC 6749 §3.1.
    pub const AUTHORIZE: &str = "/authorize";
    /// RFC 6749 §3.2.
    pub const TOKEN: &str = "/token";
    /// OpenID Connect Core §5.3.
    pub const USERINFO: &str = "/userinfo";
    /// RFC 7517 §5.
    pub const JWKS: &str = "/jwks";
    /// RFC 7662.
    pub const INTROSPECT: &str = "/introspect";
    /// RFC 7009.
    pub const REVOKE: &str = "/revoke";
    /// RP-Initiated Logout.
    pub const SIGN_OUT: &str = "/sign-out";
    /// Session Management §3.3.
    pub const CHECK_SESSION: &str = "/check-session";
    /// RFC 7591.
    pub const REGISTER: &str = "/register";
    /// The administration.
    pub const API: &str = "/api/v1";
}

/// The document. Its members have their registered names (IANA, OAuth Authorization Server Metadata).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// RFC 8414 §3.3: "The "issuer" value returned MUST be identical to the authorization server's
    /// issuer identifier value".
    issuer: String,
    #[serde(flatten)]
    endpoints: Endpoints,
    #[serde(flatten)]
    requests: Requests,
    #[serde(flatten)]
    answers: Answers,
    #[serde(flatten)]
    authentication: Authentication,
    #[serde(flatten)]
    logout: Logout,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Endpoints {
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    introspection_endpoint: String,
    revocation_endpoint: String,
    end_session_endpoint: String,
    check_session_iframe: String,
}

/// What may be asked for, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Requests {
    response_types_supported: Vec<&'static str>,
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    scopes_supported: Vec<String>,
    code_challenge_methods_supported: Vec<&'static str>,
    authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    require_signed_request_object: bool,
    request_object_signing_alg_values_supported: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    request_object_encryption_alg_values_supported: Vec<KeyManagementAlgorithm>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    request_object_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ui_locales_supported: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acr_values_supported: Vec<String>,
}

/// What leaves, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the registry of names")]
struct Answers {
    subject_types_supported: Vec<&'static str>,
    claims_supported: Vec<String>,
    id_token_signing_alg_values_supported: Vec<IdTokenAlg>,
    id_token_encryption_alg_values_supported: &'static [KeyManagementAlgorithm],
    id_token_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    userinfo_signing_alg_values_supported: Vec<SigningAlgorithm>,
    userinfo_encryption_alg_values_supported: &'static [KeyManagementAlgorithm],
    userinfo_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    introspection_signing_alg_values_supported: Vec<SigningAlgorithm>,
    introspection_encryption_alg_values_supported: &'static [KeyManagementAlgorithm],
    introspection_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
}

/// How clients prove who they are. RFC 8414 §2, of the algorithms: "This metadata entry MUST be present if
/// either of these authentication methods are specified", for each of the three endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the registry of names")]
struct Authentication {
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
}

/// How clients hear that somebody signed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the specifications of logout define each member"
)]
struct Logout {
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
}

/// The address of an endpoint. The issuer's path stays, and a slash at its end does not double.
#[must_use]
pub fn endpoint(issuer: &str, path: &str) -> String {
    format!("{}{path}", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Makes the document.
#[must_use]
pub fn metadata(view: &ServerView<'_>) -> Metadata {
    Metadata {
        issuer: view.issuer.to_owned(),
        endpoints: endpoints(view),
        requests: requests(view),
        answers: answers(view),
        authentication: authentication(view),
        logout: Logout {
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
        },
    }
}

fn endpoints(view: &ServerView<'_>) -> Endpoints {
    let url = |path| endpoint(view.issuer, path);
    Endpoints {
        authorization_endpoint: url(paths::AUTHORIZE),
        token_endpoint: url(paths::TOKEN),
        userinfo_endpoint: url(paths::USERINFO),
        jwks_uri: url(paths::JWKS),
        registration_endpoint: view.registration_open.then(|| url(paths::REGISTER)),
        introspection_endpoint: url(paths::INTROSPECT),
        revocation_endpoint: url(paths::REVOKE),
        end_session_endpoint: url(paths::SIGN_OUT),
        check_session_iframe: url(paths::CHECK_SESSION),
    }
}

fn requests(view: &ServerView<'_>) -> Requests {
    Requests {
        response_types_supported: ResponseType::ALL
            .iter()
            .filter(|kind| **kind == ResponseType::Code || view.front_channel_tokens)
            .map(|kind| kind.as_str())
            .collect(),
        response_modes_supported: ResponseMode::ALL.iter().map(|mode| mode.as_str()).collect(),
        grant_types_supported: GrantType::ALL
            .iter()
            .filter(|grant| **grant != GrantType::Implicit || view.front_channel_tokens)
            .map(|grant| grant.as_str())
            .collect(),
        scopes_supported: owned(view.scopes),
        code_challenge_methods_supported: vec![pkce::S256],
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: Prompt::ALL
            .iter()
            .filter(|prompt| **prompt != Prompt::Create || view.sign_up_open)
            .map(|prompt| prompt.as_str())
            .collect(),
        claims_parameter_supported: true,
        request_parameter_supported: true,
        request_uri_parameter_supported: true,
        // Or a stranger who knows a client_id would choose where we connect to.
        require_request_uri_registration: true,
        require_signed_request_object: view.signed_requests,
        request_object_signing_alg_values_supported: owned(view.request_object_algs),
        request_object_encryption_alg_values_supported: view.opening_algs.to_vec(),
        request_object_encryption_enc_values_supported: if view.opening_algs.is_empty() {
            &[]
        } else {
            ContentEncryptionAlgorithm::ALL
        },
        ui_locales_supported: owned(view.ui_locales),
        acr_values_supported: owned(view.acr_values),
    }
}

fn answers(view: &ServerView<'_>) -> Answers {
    Answers {
        subject_types_supported: vec!["public", "pairwise"],
        claims_supported: owned(view.claims),
        id_token_signing_alg_values_supported: view
            .signing_algs
            .iter()
            .map(|alg| IdTokenAlg::Signed(*alg))
            .chain(view.unsigned_id_tokens.then_some(IdTokenAlg::None))
            .collect(),
        id_token_encryption_alg_values_supported: KeyManagementAlgorithm::ALL,
        id_token_encryption_enc_values_supported: ContentEncryptionAlgorithm::ALL,
        userinfo_signing_alg_values_supported: view.signing_algs.to_vec(),
        userinfo_encryption_alg_values_supported: KeyManagementAlgorithm::ALL,
        userinfo_encryption_enc_values_supported: ContentEncryptionAlgorithm::ALL,
        introspection_signing_alg_values_supported: view.signing_algs.to_vec(),
        introspection_encryption_alg_values_supported: KeyManagementAlgorithm::ALL,
        introspection_encryption_enc_values_supported: ContentEncryptionAlgorithm::ALL,
    }
}

fn authentication(view: &ServerView<'_>) -> Authentication {
    let all: Vec<_> = AuthMethod::ALL
        .iter()
        .map(|method| method.as_str())
        .collect();
    // RFC 7662 §2.1: "To prevent token scanning attacks, the endpoint MUST also require some form of
    // authorization to access this endpoint"; so never `none`.
    let proving = AuthMethod::ALL
        .iter()
        .filter(|method| **method != AuthMethod::None)
        .map(|method| method.as_str())
        .collect();
    let algs = || owned(view.assertion_algs);
    Authentication {
        token_endpoint_auth_methods_supported: all.clone(),
        token_endpoint_auth_signing_alg_values_supported: algs(),
        introspection_endpoint_auth_methods_supported: proving,
        introspection_endpoint_auth_signing_alg_values_supported: algs(),
        revocation_endpoint_auth_methods_supported: all,
        revocation_endpoint_auth_signing_alg_values_supported: algs(),
    }
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
#[path = "discovery_tests.rs"]
mod tests;
