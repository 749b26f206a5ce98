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
}

/// The document. Its members have their registered names (IANA, OAuth Authorization Server Metadata).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "RFC 8414 section 2 and the registry define each member"
)]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    pub introspection_endpoint: String,
    pub revocation_endpoint: String,
    pub end_session_endpoint: String,
    pub check_session_iframe: String,
    pub frontchannel_logout_supported: bool,
    pub frontchannel_logout_session_supported: bool,
    pub backchannel_logout_supported: bool,
    pub backchannel_logout_session_supported: bool,
    pub response_types_supported: Vec<&'static str>,
    pub response_modes_supported: Vec<&'static str>,
    pub grant_types_supported: Vec<&'static str>,
    pub subject_types_supported: Vec<&'static str>,
    pub id_token_signing_alg_values_supported: Vec<IdTokenAlg>,
    pub id_token_encryption_alg_values_supported: &'static [KeyManagementAlgorithm],
    pub id_token_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    pub userinfo_signing_alg_values_supported: Vec<SigningAlgorithm>,
    pub userinfo_encryption_alg_values_supported: &'static [KeyManagementAlgorithm],
    pub userinfo_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    pub introspection_signing_alg_values_supported: Vec<SigningAlgorithm>,
    pub introspection_encryption_alg_values_supported: &'static [KeyManagementAlgorithm],
    pub introspection_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub scopes_supported: Vec<String>,
    pub claims_supported: Vec<String>,
    pub code_challenge_methods_supported: Vec<&'static str>,
    pub authorization_response_iss_parameter_supported: bool,
    pub prompt_values_supported: Vec<&'static str>,
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    pub request_uri_parameter_supported: bool,
    pub require_request_uri_registration: bool,
    pub require_signed_request_object: bool,
    pub request_object_signing_alg_values_supported: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_alg_values_supported: Vec<KeyManagementAlgorithm>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub request_object_encryption_enc_values_supported: &'static [ContentEncryptionAlgorithm],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ui_locales_supported: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Vec<String>,
}

/// The address of an endpoint. The issuer's path stays, and a slash at its end does not double.
#[must_use]
pub fn endpoint(issuer: &str, path: &str) -> String {
    format!("{}{path}", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Makes the document.
#[must_use]
pub fn metadata(view: &ServerView<'_>) -> Metadata {
    let url = |path| endpoint(view.issuer, path);
    let owned = |list: &[&str]| {
        list.iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let all_methods: Vec<_> = AuthMethod::ALL
        .iter()
        .map(|method| method.as_str())
        .collect();
    // RFC 7662 §2.1: "To prevent token scanning attacks, the endpoint MUST also require some form of
    // authorization to access this endpoint"; so never `none`.
    let proving_methods = AuthMethod::ALL
        .iter()
        .filter(|method| **method != AuthMethod::None)
        .map(|method| method.as_str())
        .collect();
    Metadata {
        // RFC 8414 §3.3: "The "issuer" value returned MUST be identical to the authorization server's
        // issuer identifier value".
        issuer: view.issuer.to_owned(),
        authorization_endpoint: url(paths::AUTHORIZE),
        token_endpoint: url(paths::TOKEN),
        userinfo_endpoint: url(paths::USERINFO),
        jwks_uri: url(paths::JWKS),
        registration_endpoint: view.registration_open.then(|| url(paths::REGISTER)),
        introspection_endpoint: url(paths::INTROSPECT),
        revocation_endpoint: url(paths::REVOKE),
        end_session_endpoint: url(paths::SIGN_OUT),
        check_session_iframe: url(paths::CHECK_SESSION),
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        response_types_supported: ResponseType::ALL
            .iter()
            .filter(|kind| **kind == ResponseType::Code || view.front_channel_tokens)
            .map(|kind| kind.as_str())
            .collect(),
        response_modes_supported: ResponseMode::ALL.iter().map(|mode| mode.as_str()).collect(),
        grant_types_supported: GrantType::ALL
            .iter()
            .chain(view.front_channel_tokens.then_some(&GrantType::Implicit))
            .map(|grant| grant.as_str())
            .collect(),
        subject_types_supported: vec!["public", "pairwise"],
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
        token_endpoint_auth_methods_supported: all_methods.clone(),
        // RFC 8414 §2: "This metadata entry MUST be present if either of these authentication methods
        // are specified", for each of the three endpoints.
        token_endpoint_auth_signing_alg_values_supported: owned(view.assertion_algs),
        introspection_endpoint_auth_methods_supported: proving_methods,
        introspection_endpoint_auth_signing_alg_values_supported: owned(view.assertion_algs),
        revocation_endpoint_auth_methods_supported: all_methods,
        revocation_endpoint_auth_signing_alg_values_supported: owned(view.assertion_algs),
        scopes_supported: owned(view.scopes),
        claims_supported: owned(view.claims),
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const VIEW: ServerView<'static> = ServerView {
        issuer: "https://id.example/tenant",
        signing_algs: &[SigningAlgorithm::RS256, SigningAlgorithm::ES256],
        assertion_algs: &["RS256", "ES256", "HS256"],
        request_object_algs: &["none", "RS256"],
        opening_algs: &[KeyManagementAlgorithm::RsaOaep256],
        signed_requests: false,
        unsigned_id_tokens: false,
        scopes: &["openid", "profile"],
        claims: &["sub", "name"],
        acr_values: &[],
        ui_locales: &["en", "de"],
        registration_open: false,
        sign_up_open: false,
        front_channel_tokens: false,
    };

    fn document(view: &ServerView<'_>) -> Value {
        serde_json::to_value(metadata(view)).unwrap()
    }

    #[test]
    fn rfc8414_2_the_document_has_exactly_the_members_that_work() {
        let all = [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "none",
        ];
        let algs = json!(["RS256", "ES256", "HS256"]);
        let wraps = json!([
            "RSA-OAEP",
            "RSA-OAEP-256",
            "ECDH-ES",
            "ECDH-ES+A128KW",
            "ECDH-ES+A192KW",
            "ECDH-ES+A256KW"
        ]);
        let encs = json!([
            "A128CBC-HS256",
            "A192CBC-HS384",
            "A256CBC-HS512",
            "A128GCM",
            "A192GCM",
            "A256GCM"
        ]);
        let mut expected = json!({
            "issuer": "https://id.example/tenant",
            "authorization_endpoint": "https://id.example/tenant/authorize",
            "token_endpoint": "https://id.example/tenant/token",
            "userinfo_endpoint": "https://id.example/tenant/userinfo",
            "jwks_uri": "https://id.example/tenant/jwks",
            "introspection_endpoint": "https://id.example/tenant/introspect",
            "revocation_endpoint": "https://id.example/tenant/revoke",
            "end_session_endpoint": "https://id.example/tenant/sign-out",
            "check_session_iframe": "https://id.example/tenant/check-session",
            "frontchannel_logout_supported": true,
            "frontchannel_logout_session_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": all,
            "token_endpoint_auth_signing_alg_values_supported": algs,
            "introspection_endpoint_auth_methods_supported": all[..4],
            "introspection_endpoint_auth_signing_alg_values_supported": algs,
            "revocation_endpoint_auth_methods_supported": all,
            "revocation_endpoint_auth_signing_alg_values_supported": algs,
            "scopes_supported": ["openid", "profile"],
            "claims_supported": ["sub", "name"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "claims_parameter_supported": true,
            "request_parameter_supported": true,
            "request_uri_parameter_supported": true,
            "require_request_uri_registration": true,
            "require_signed_request_object": false,
            "request_object_signing_alg_values_supported": ["none", "RS256"],
            "ui_locales_supported": ["en", "de"],
        });
        for what in ["id_token", "userinfo", "introspection", "request_object"] {
            let name = |of: &str| format!("{what}_{of}_values_supported");
            expected[name("encryption_alg")] = wraps.clone();
            expected[name("encryption_enc")] = encs.clone();
            if what != "request_object" {
                expected[name("signing_alg")] = json!(["RS256", "ES256"]);
            }
        }
        expected["request_object_encryption_alg_values_supported"] = json!(["RSA-OAEP-256"]);
        assert_eq!(document(&VIEW), expected);
    }

    #[test]
    fn what_is_switched_on_appears() {
        let open = document(&ServerView {
            registration_open: true,
            sign_up_open: true,
            front_channel_tokens: true,
            unsigned_id_tokens: true,
            opening_algs: &[],
            acr_values: &["urn:example:mfa"],
            ..VIEW
        });
        assert_eq!(
            open["registration_endpoint"],
            "https://id.example/tenant/register"
        );
        assert_eq!(open["response_types_supported"][5], "code id_token token");
        assert_eq!(open["grant_types_supported"][3], "implicit");
        assert_eq!(open["id_token_signing_alg_values_supported"][2], "none");
        assert!(open["request_object_encryption_enc_values_supported"].is_null());
        assert_eq!(open["prompt_values_supported"][4], "create");
        assert_eq!(open["acr_values_supported"], json!(["urn:example:mfa"]));
    }

    #[test]
    fn rfc8414_3_3_the_issuer_stays_as_it_is_and_its_slash_does_not_double() {
        let view = ServerView {
            issuer: "https://id.example/",
            ..VIEW
        };
        let document = document(&view);
        assert_eq!(document["issuer"], "https://id.example/");
        assert_eq!(document["token_endpoint"], "https://id.example/token");
    }
}
