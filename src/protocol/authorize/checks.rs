//! Stage two of the authorization endpoint: the table of checks. What fails here goes back to the
//! client, as the redirect URI is proven.

use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client::Client;
use crate::protocol::custom_claims::CustomClaims;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::grant::GrantType;
use crate::protocol::params::Params;
use crate::protocol::pkce::CodeChallenge;
use crate::protocol::resource_server::ResourceServers;
use crate::protocol::scope::Scope;

use super::proof::{MAX_STATE, ProvenRequest, UncheckedRequest, fits};
use super::request::{AuthorizationRequest, Prompt, Prompts, ResponseMode};
use super::resource;
use super::response_type::ResponseType;

/// Certifiers try 384 characters; it is signed into every ID token.
const MAX_NONCE: usize = 512;
/// RFC 5321 §4.5.3.1 lets an address have 254 characters; a phone number or name has less.
const MAX_LOGIN_HINT: usize = 512;
/// Several times our largest ID token; bounds the work of verifying it.
const MAX_ID_TOKEN_HINT: usize = 8192;
/// Wishes beyond these are not looked at.
const MAX_WISHES: usize = 16;

/// What the checks need to know about the server.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The issuer identifier.
    pub issuer: &'a str,
    /// Whether people may make accounts for themselves.
    pub sign_up_open: bool,
    /// Whether there are response types besides `code` at all.
    pub front_channel_tokens: bool,
    /// The resource servers that are registered.
    pub resource_servers: &'a ResourceServers,
    /// The deployment's own claims.
    pub custom_claims: &'a CustomClaims,
}

/// One check: its name, the section that demands it, and the check.
pub struct Check {
    /// What it looks at.
    pub name: &'static str,
    /// Where it is written.
    pub section: &'static str,
    run: Run,
}

type Run = fn(&Context<'_>, &mut AuthorizationRequest) -> Result<(), OAuthError>;

struct Context<'a> {
    request: &'a UncheckedRequest,
    client: &'a Client,
    policy: Policy<'a>,
}

impl Context<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.request.params.get(name)
    }
}

const fn check(name: &'static str, section: &'static str, run: Run) -> Check {
    Check { name, section, run }
}

/// Stage two, in this order. A request that fails several gets the answer of the first.
#[rustfmt::skip]
pub const CHECKS: &[Check] = &[
    check("repetition",     "RFC 6749 3.1",                    repetition),
    check("registration",   "OpenID Connect Core 3.1.2.6",     registration),
    check("response_type",  "RFC 6749 3.1.1, 4.1.2.1",         response_type),
    check("grant",          "RFC 6749 4.1.2.1",                grant),
    check("response_mode",  "OAuth Multiple Response Types 2.1", response_mode),
    check("state",          "RFC 6749 4.1.1",                  state),
    check("nonce",          "OpenID Connect Core 3.1.2.1",     nonce),
    check("scope",          "RFC 6749 3.3",                    scope),
    check("pkce",           "RFC 7636 4.4.1, RFC 9700 2.1.1",  pkce),
    check("resource",       "RFC 8707 2",                      resources),
    check("claims",         "OpenID Connect Core 5.5",         claims),
    check("prompt",         "OpenID Connect Core 3.1.2.1",     prompt),
    check("max_age",        "OpenID Connect Core 3.1.2.1",     max_age),
    check("login_hint",     "OpenID Connect Core 3.1.2.1",     login_hint),
    check("id_token_hint",  "OpenID Connect Core 3.1.2.1",     id_token_hint),
    check("wishes",         "OpenID Connect Core 3.1.2.1, 15.1", wishes),
];

impl ProvenRequest<'_> {
    /// Stage two: runs every check.
    ///
    /// # Errors
    /// The answer of the first check that fails; send it along [`ProvenRequest::return_path`].
    pub fn check(&self, policy: Policy<'_>) -> Result<AuthorizationRequest, OAuthError> {
        let context = Context {
            request: &self.request,
            client: self.client,
            policy,
        };
        let mut request = AuthorizationRequest {
            client_id: self.client.id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            response_type: ResponseType::default(),
            response_mode: ResponseMode::default(),
            state: None,
            nonce: None,
            scope: Scope::default(),
            resources: Vec::new(),
            code_challenge: None,
            claims: ClaimsRequest::default(),
            consent_scope: Scope::default(),
            prompts: Prompts::default(),
            max_age: None,
            login_hint: None,
            id_token_hint: None,
            acr_values: Vec::new(),
            ui_locales: Vec::new(),
            claims_locales: Vec::new(),
            display: None,
        };
        for check in CHECKS {
            (check.run)(&context, &mut request)?;
        }
        Ok(request)
    }
}

fn fail(code: ErrorCode, description: &'static str) -> Result<(), OAuthError> {
    Err(OAuthError::new(code, description))
}

/// RFC 6749 §3.1: "Request and response parameters MUST NOT be included more than once."
fn repetition(context: &Context<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match context.request.repeated.first() {
        Some(name) => Err(Params::repeated(name)),
        None => Ok(()),
    }
}

/// "registration_not_supported: The OP does not support use of the registration parameter".
fn registration(context: &Context<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    absent(context, "registration", ErrorCode::RegistrationNotSupported)
}

fn absent(context: &Context<'_>, name: &str, code: ErrorCode) -> Result<(), OAuthError> {
    match context.get(name) {
        None => Ok(()),
        Some(_) => fail(code, "this parameter is not supported"),
    }
}

/// RFC 6749 §3.1.1: "If an authorization request is missing the "response_type" parameter, or if the
/// response type is not understood, the authorization server MUST return an error response".
fn response_type(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let Some(text) = context.get("response_type") else {
        return fail(
            ErrorCode::InvalidRequest,
            "parameter response_type is missing",
        );
    };
    let on =
        |known: &ResponseType| context.policy.front_channel_tokens || *known == ResponseType::Code;
    out.response_type = ResponseType::parse(text).filter(on).ok_or_else(|| {
        OAuthError::new(
            ErrorCode::UnsupportedResponseType,
            "this response_type is not supported",
        )
    })?;
    Ok(())
}

/// "unauthorized_client: The client is not authorized to request an authorization code using this
/// method." OpenID Connect Registration §2, response_types: "the Client is declaring that it will
/// restrict itself to using" those.
fn grant(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let asked = out.response_type;
    let registered = context
        .client
        .metadata
        .response_types
        .iter()
        .any(|text| ResponseType::parse(text) == Some(asked));
    if asked.has_code() && !context.client.may_use(GrantType::AuthorizationCode) {
        return fail(
            ErrorCode::UnauthorizedClient,
            "this client is not registered for the authorization_code grant",
        );
    }
    if !registered {
        return fail(
            ErrorCode::UnauthorizedClient,
            "this client is not registered for this response_type",
        );
    }
    Ok(())
}

/// "response_mode: OPTIONAL. Informs the Authorization Server of the mechanism to be used". Falling
/// back in silence would send the code another way than the client listens on.
fn response_mode(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    out.response_mode = match context.get("response_mode") {
        None => out.response_type.default_mode(),
        Some(text) => ResponseMode::parse(text)
            .filter(|mode| mode.may_carry(out.response_type))
            .ok_or_else(|| {
                OAuthError::invalid_request("this response_mode does not fit this response_type")
            })?,
    };
    Ok(())
}

/// "state: RECOMMENDED. An opaque value used by the client to maintain state".
fn state(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if let Some(text) = context.get("state") {
        if !fits(text, MAX_STATE) {
            return fail(ErrorCode::InvalidRequest, "state is too long");
        }
        out.state = Some(text.to_owned());
    }
    Ok(())
}

/// "The value is passed through unmodified from the Authentication Request to the ID Token." §3.2.2.1,
/// §3.3.2.11: REQUIRED where the ID token travels through the browser.
fn nonce(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if out.response_type.has_id_token() && context.get("nonce").is_none() {
        return fail(
            ErrorCode::InvalidRequest,
            "nonce is required for this response_type",
        );
    }
    if let Some(text) = context.get("nonce") {
        if !fits(text, MAX_NONCE) {
            return fail(ErrorCode::InvalidRequest, "nonce is too long");
        }
        out.nonce = Some(text.to_owned());
    }
    Ok(())
}

/// "The authorization server MAY fully or partially ignore the scope requested by the client [...] If
/// the issued access token scope is different from the one requested by the client, the authorization
/// server MUST include the "scope" response parameter". OpenID Connect Core §3.1.2.1: "Scope values
/// used that are not understood by an implementation SHOULD be ignored."
///
/// So what the client is not registered for is left out, and only if nothing stays is it an error.
fn scope(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let registered = &context.client.metadata.scope;
    // OpenID Connect Core §11: the server "MUST ignore the offline_access request unless the Client is
    // using a response_type value that would result in an Authorization Code being returned". A client
    // that may not use a refresh token gets none either, and nobody should be asked to consent to it.
    let may_refresh =
        out.response_type.has_code() && context.client.may_use(GrantType::RefreshToken);
    let allowed =
        |token: &str| registered.contains(token) && (may_refresh || token != Scope::OFFLINE_ACCESS);
    out.scope = match context.get("scope") {
        Some(text) => Scope::parse(text)?.filter(allowed),
        // "If the client omits the scope parameter [...] the authorization server MUST either process
        // the request using a pre-defined default value or fail": the default is what is registered,
        // but for offline access, which must be asked for by name.
        None => registered.filter(|token| token != Scope::OFFLINE_ACCESS),
    };
    if out.scope.is_empty() {
        return fail(
            ErrorCode::InvalidScope,
            "the client is not registered for any of these scopes",
        );
    }
    // OpenID Connect Core §3.1.2.1: without openid, it "is not an OpenID Connect request": there is no
    // ID token to send.
    if out.response_type.has_id_token() && !out.scope.contains(Scope::OPENID) {
        return fail(
            ErrorCode::InvalidScope,
            "scope openid is required for this response_type",
        );
    }
    Ok(())
}

/// RFC 9700 §2.1.1: "Public clients MUST use PKCE". RFC 7636 §4.4.1: "If the server requires Proof Key
/// for Code Exchange by OAuth public clients and the client does not send the "code_challenge" in the
/// request, the authorization endpoint MUST return the authorization error response with the "error"
/// value set to "invalid_request"."
fn pkce(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    out.code_challenge = CodeChallenge::parse(
        context.get("code_challenge"),
        context.get("code_challenge_method"),
    )?;
    let required = context.client.is_public() || context.client.metadata.require_pkce;
    // Without a code there is nothing to exchange.
    if !out.response_type.has_code() {
        out.code_challenge = None;
        return Ok(());
    }
    if required && out.code_challenge.is_none() {
        return fail(
            ErrorCode::InvalidRequest,
            "code_challenge is required: this client must use PKCE",
        );
    }
    Ok(())
}

/// "The resource parameter [...] indicates the target service or resource to which access is being
/// requested."
fn resources(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let asked = context.request.params.resources();
    out.resources = resource::permitted(asked, &context.client.metadata, context.policy.issuer)?;
    // Found out now, not when the person has signed in and the code is redeemed.
    context.policy.resource_servers.terms(&out.resources)?;
    Ok(())
}

/// "This parameter is used to request that specific Claims be returned." Single claims open no more
/// than the client's scopes would.
fn claims(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let own = context.policy.custom_claims;
    if let Some(text) = context.get("claims")
        && out.scope.contains(Scope::OPENID)
    {
        out.claims = ClaimsRequest::parse(text)?.within(&context.client.metadata.scope, own);
    }
    out.consent_scope = out.scope.union(&out.claims.scopes(own));
    Ok(())
}

/// "If this parameter contains none with any other value, an error is returned." Initiating User
/// Registration §4: an unknown value, or `create` where it is not offered, is `invalid_request`.
fn prompt(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let text = context.get("prompt").unwrap_or_default();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let value = Prompt::parse(word)
            .filter(|value| *value != Prompt::Create || context.policy.sign_up_open)
            .ok_or_else(|| OAuthError::invalid_request("this prompt value is not supported"))?;
        if !out.prompts.contains(value) {
            out.prompts.0.push(value);
        }
    }
    if out.prompts.contains(Prompt::None) && out.prompts.0.len() > 1 {
        return fail(
            ErrorCode::InvalidRequest,
            "prompt=none cannot be combined with another value",
        );
    }
    Ok(())
}

/// "Maximum Authentication Age. Specifies the allowable elapsed time in seconds". A number beyond
/// `u32` (136 years) limits nothing.
fn max_age(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if let Some(text) = context.get("max_age") {
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return fail(
                ErrorCode::InvalidRequest,
                "max_age must be a number of seconds",
            );
        }
        out.max_age = Some(text.parse().unwrap_or(u32::MAX));
    }
    Ok(())
}

/// "Hint to the Authorization Server about the login identifier the End-User might use to log in".
fn login_hint(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if let Some(text) = context.get("login_hint") {
        if !fits(text, MAX_LOGIN_HINT) {
            return fail(ErrorCode::InvalidRequest, "login_hint is too long");
        }
        out.login_hint = Some(text.to_owned());
    }
    Ok(())
}

/// "ID Token previously issued by the Authorization Server being passed as a hint". Kept raw: its
/// signature is verified where the keys are.
fn id_token_hint(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if let Some(text) = context.get("id_token_hint") {
        if text.len() > MAX_ID_TOKEN_HINT {
            return fail(ErrorCode::InvalidRequest, "id_token_hint is too long");
        }
        out.id_token_hint = Some(text.to_owned());
    }
    Ok(())
}

/// §15.1, of display, ui_locales, claims_locales and acr_values: the minimum level of support is
/// "simply that its use must not result in an error".
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
fn wishes(context: &Context<'_>, out: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let list = |name| {
        let text = context.get(name).unwrap_or_default();
        text.split(' ')
            .filter(|word| (1..=256).contains(&word.len()))
            .take(MAX_WISHES)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    out.acr_values = list("acr_values");
    out.ui_locales = list("ui_locales");
    out.claims_locales = list("claims_locales");
    out.display = context
        .get("display")
        .filter(|text| text.len() <= 64)
        .map(str::to_owned);
    Ok(())
}

#[cfg(test)]
mod tests;
