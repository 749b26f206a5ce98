//! The rules for client metadata, as a table.

use url::Url;

use crate::crypto::jose::JwsAlgorithm;
use crate::protocol::authorize::ResponseType;
use crate::protocol::authorize::resource::is_resource_uri;
use crate::protocol::client::{AuthMethod, ClientMetadata};
use crate::protocol::error::OAuthError;
use crate::protocol::grant::GrantType;
use crate::protocol::redirect_uri::{is_loopback, validate_for_registration};

use super::{algorithms, keys, localized, metadata_error, sector, uris};

/// Real clients have a handful; a request compares with each.
pub(super) const MAX_URIS: usize = 64;
/// A page must hold it.
const MAX_NAME: usize = 200;
/// RFC 5321 §4.5.3.1.3.
const MAX_CONTACT: usize = 256;

type Run = fn(&ClientMetadata) -> Result<(), OAuthError>;

/// One rule: the members that it is about, the section that it comes from, and the check.
pub struct Rule {
    /// The member that it looks at.
    pub name: &'static str,
    /// Where it is written.
    pub section: &'static str,
    run: Run,
}

impl Rule {
    /// Applies the rule.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata`.
    pub fn run(&self, metadata: &ClientMetadata) -> Result<(), OAuthError> {
        (self.run)(metadata)
    }
}

const fn rule(name: &'static str, section: &'static str, run: Run) -> Rule {
    Rule { name, section, run }
}

/// Every rule, in the order in which they are applied.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    rule("redirect_uris",                   "RFC 7591 2, RFC 9700 2.1",        redirect_uris),
    rule("post_logout_redirect_uris",       "RP-Initiated Logout 3.1",         post_logout_redirect_uris),
    rule("grant_types",                     "RFC 7591 2.1",                    grant_types),
    rule("response_types",                  "RFC 7591 2.1",                    response_types),
    rule("token_endpoint_auth_method",      "RFC 6749 4.4, OIDC Core 9",       auth_method),
    rule("token_endpoint_auth_signing_alg", "OIDC Registration 2, RFC 8725 2.1", auth_signing_alg),
    rule("jwks",                            "RFC 7591 2",                      jwks),
    rule("request_object_signing_alg",      "OIDC Registration 2, RFC 8725 3.1", algorithms::signing),
    rule("require_signed_request_object",   "RFC 9101 10.5",                   algorithms::signed_requests),
    rule("id_token_signed_response_alg",    "OIDC Registration 2, RFC 8725 3.2", algorithms::unsigned_id_tokens),
    rule("id_token_encrypted_response_alg", "OIDC Registration 2, RFC 8725 3.2", algorithms::encryption),
    rule("client_uri",                      "RFC 7591 2",                      links),
    rule("client_name",                     "RFC 7591 2.2",                    localized::rule),
    rule("initiate_login_uri",              "OIDC Registration 2",             uris::initiate_login_uri),
    rule("request_uris",                    "OIDC Core 6.2",                   uris::request_uris),
    rule("frontchannel_logout_uri",         "Front-Channel Logout 2",          uris::frontchannel_logout_uri),
    rule("backchannel_logout_uri",          "Back-Channel Logout 2.2",         uris::backchannel_logout_uri),
    rule("sector_identifier_uri",           "OIDC Registration 5, OIDC Core 8.1", sector::rule),
    rule("default_acr_values",              "OIDC Registration 2",             default_acr_values),
    rule("allowed_origins",                 "RFC 6454 6.2",                    allowed_origins),
    rule("resources",                       "RFC 8707 2",                      resources),
    rule("client_name",                     "RFC 7591 2, 5",                   texts),
];

pub(super) fn fail(
    description: impl Into<std::borrow::Cow<'static, str>>,
) -> Result<(), OAuthError> {
    Err(metadata_error(description))
}

/// RFC 7591 §2: "Clients using flows with redirection MUST register their redirection URI values."
fn redirect_uris(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let uris = &metadata.redirect_uris;
    if uris.is_empty()
        && metadata
            .grant_types
            .iter()
            .any(|grant| grant.signs_people_in())
    {
        return fail("redirect_uris: the authorization_code grant needs at least one");
    }
    if uris.len() > MAX_URIS {
        return fail("redirect_uris: too many");
    }
    uris.iter()
        .try_for_each(|uri| validate_for_registration(uri, metadata.application_type))
}

/// RP-Initiated Logout §3.1: the same forms as for redirect URIs. RFC 7591 §3.2.2 has
/// `invalid_redirect_uri` for redirection URIs alone.
fn post_logout_redirect_uris(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    if metadata.post_logout_redirect_uris.len() > MAX_URIS {
        return fail("post_logout_redirect_uris: too many");
    }
    for uri in &metadata.post_logout_redirect_uris {
        validate_for_registration(uri, metadata.application_type).map_err(|error| {
            metadata_error(format!(
                "post_logout_redirect_uris: {}",
                error.description()
            ))
        })?;
    }
    Ok(())
}

/// RFC 7591 §2.1: the grant types must make sense together.
fn grant_types(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let grants = &metadata.grant_types;
    // A resource server only introspects: it asks for no tokens itself.
    if grants.is_empty() && metadata.resource_identifiers.is_empty() {
        return fail("grant_types: at least one is needed");
    }
    // RFC 6749 §4.4.3: "A refresh token SHOULD NOT be included" for client credentials; so only the
    // code grant has something to refresh.
    if grants.contains(&GrantType::RefreshToken) && !grants.contains(&GrantType::AuthorizationCode)
    {
        return fail("grant_types: refresh_token needs authorization_code");
    }
    Ok(())
}

/// RFC 7591 §2.1: "The "grant_types" and "response_types" values [...] are partially orthogonal [...] A
/// server supporting these fields SHOULD take steps to ensure that a client cannot register itself
/// into an inconsistent state".
fn response_types(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let mut kinds = Vec::new();
    for text in &metadata.response_types {
        match ResponseType::parse(text) {
            Some(kind) => kinds.push(kind),
            None => return fail("response_types: not a supported response type"),
        }
    }
    let with_code = kinds.iter().any(|kind| kind.has_code());
    if with_code != metadata.grant_types.contains(&GrantType::AuthorizationCode) {
        return fail("response_types: code goes together with the authorization_code grant");
    }
    // OpenID Connect Registration §2 lists, for each response type, the grant types it needs.
    let with_tokens = kinds.iter().any(|kind| kind.is_front_channel());
    if with_tokens != metadata.grant_types.contains(&GrantType::Implicit) {
        return fail("response_types: those that carry tokens go together with the implicit grant");
    }
    Ok(())
}

/// RFC 6749 §4.4: "The client credentials grant type MUST only be used by confidential clients."
fn auth_method(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let method = metadata.token_endpoint_auth_method;
    if method == AuthMethod::None && metadata.grant_types.contains(&GrantType::ClientCredentials) {
        return fail(
            "token_endpoint_auth_method: the client_credentials grant needs a client that can \
             authenticate",
        );
    }
    // OpenID Connect Core §9: "private_key_jwt: Clients that have registered a public key".
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    if method == AuthMethod::PrivateKeyJwt && !has_keys {
        return fail("token_endpoint_auth_method: private_key_jwt needs jwks or jwks_uri");
    }
    Ok(())
}

/// OpenID Connect Registration §2: "The value none MUST NOT be used."
fn auth_signing_alg(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let Some(alg) = metadata.token_endpoint_auth_signing_alg.as_deref() else {
        return Ok(());
    };
    // Kept apart by kind, so that a public key is never taken for a shared secret (RFC 8725 §2.1);
    // `none` cannot even be named.
    let fits =
        alg.parse::<JwsAlgorithm>()
            .is_ok_and(|alg| match metadata.token_endpoint_auth_method {
                AuthMethod::PrivateKeyJwt => !alg.is_symmetric(),
                AuthMethod::ClientSecretJwt => alg.is_symmetric(),
                // "All Token Requests using these authentication methods": for another method it says
                // nothing.
                _ => true,
            });
    if fits {
        return Ok(());
    }
    fail("token_endpoint_auth_signing_alg: not an algorithm of this authentication method")
}

/// RFC 7591 §2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present in the same request or
/// response."
fn jwks(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    match (&metadata.jwks, &metadata.jwks_uri) {
        (Some(_), Some(_)) => fail("jwks: excludes jwks_uri"),
        (Some(set), None) => keys::check(set).map_err(metadata_error),
        (None, Some(uri)) if !is_web_uri(uri) => fail("jwks_uri: must be an https URI"),
        _ => Ok(()),
    }
}

/// RFC 7591 §2: each of these "MUST point to a valid web page" (or image). They become links on the
/// consent page, so a scheme that runs code must not get there.
fn links(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    for (name, link) in [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
    ] {
        if link.as_deref().is_some_and(|link| !is_web_uri(link)) {
            return fail(format!("{name}: must be an https URI"));
        }
    }
    Ok(())
}

/// RFC 6454 §6.2: an origin is scheme, host and port, as browsers write it in `Origin`. No `null` and
/// no wildcard: both would let any page read tokens.
fn allowed_origins(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    if metadata.allowed_origins.len() > MAX_URIS {
        return fail("allowed_origins: too many");
    }
    let is_origin = |text: &str| {
        is_web_uri(text)
            && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
            && !text.contains('*')
    };
    if metadata.allowed_origins.iter().all(|text| is_origin(text)) {
        return Ok(());
    }
    fail("allowed_origins: each must be an https origin such as https://app.example")
}

/// RFC 8707 §2: "an absolute URI [...] MUST NOT include a fragment component".
fn resources(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    for (name, list) in [
        ("resources", &metadata.resources),
        ("resource_identifiers", &metadata.resource_identifiers),
    ] {
        if list.len() > MAX_URIS {
            return fail(format!("{name}: too many"));
        }
        if !list.iter().all(|uri| is_resource_uri(uri)) {
            return fail(format!(
                "{name}: each must be an absolute URI without a fragment"
            ));
        }
    }
    Ok(())
}

/// RFC 7591 §5 warns of a client that borrows the name of another. Letters that are not seen or that
/// turn the text around make such a name easier.
fn texts(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    for (name, text) in [
        ("client_name", &metadata.client_name),
        ("software_id", &metadata.software_id),
        ("software_version", &metadata.software_version),
    ] {
        if text.as_deref().is_some_and(|text| !is_name(text)) {
            return fail(format!("{name}: must be 1 to 200 visible characters"));
        }
    }
    // RFC 7591 §2.3: a JWT. Who proves it is the caller's business.
    if metadata.software_statement.as_deref() == Some("") {
        return fail("software_statement: must not be empty");
    }
    let contacts = &metadata.contacts;
    if contacts.len() > MAX_URIS || !contacts.iter().all(|text| is_shown(text, MAX_CONTACT)) {
        return fail("contacts: each must be 1 to 256 visible characters");
    }
    Ok(())
}

/// OpenID Connect Registration §2: an array of names that a request could carry in `acr_values`,
/// which spaces separate.
fn default_acr_values(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let values = &metadata.default_acr_values;
    let minimum = metadata.minimum_acr.as_slice();
    let fits = |text: &String| {
        (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    };
    if values.len() > MAX_URIS || !values.iter().all(fits) {
        return fail("default_acr_values: each must be 1 to 200 visible ASCII characters");
    }
    if !minimum.iter().all(fits) {
        return fail("minimum_acr: must be 1 to 200 visible ASCII characters");
    }
    Ok(())
}

/// Whether `text` can be shown as a name.
pub(super) fn is_name(text: &str) -> bool {
    is_shown(text, MAX_NAME)
}

fn is_shown(text: &str, most: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= most
        && !text.chars().any(|c| {
            c.is_control()
                || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
                || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
}

/// Whether `text` is an https URI (or http on loopback, for development) without surprises.
pub(super) fn is_web_uri(text: &str) -> bool {
    text.len() <= 2048
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && Url::parse(text).is_ok_and(|url| {
            (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)))
                && url.username().is_empty()
                && url.password().is_none()
                && text.contains("://")
        })
}
