//! The one room of oxide-auth: its sans-I/O machines carry the code grant and the refresh, driven
//! by our own loops. We stop at `Issue` / `Refresh` and build every response and error ourselves.
//!
//! The machines know nothing of our clock (they call `Utc::now`) and authenticate by password
//! only. So expiry is checked before, with our time, and they get a distant `until`; and the client
//! is authenticated before, which the caller's types prove.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use oxide_auth::code_grant::authorization::{self, Request as _};
use oxide_auth::code_grant::{accesstoken, extensions::Pkce, refresh as refreshing};
use oxide_auth::primitives::grant::{Extensions, Grant as OxideGrant};
use oxide_auth::primitives::registrar::{BoundClient, ExactUrl, PreGrant, RegisteredUrl};
use oxide_auth::primitives::scope::Scope as OxideScope;
use url::Url;

use super::authorize::AuthorizationRequest;
use super::client::ClientId;
use super::error::{ErrorCode, OAuthError};
use super::grant::Grant;
use super::pkce::{self, CodeVerifier};
use super::scope::Scope;
use super::token::authorization_code::{self, StoredCode};

/// Runs the machine of RFC 6749 §4.1.1 over a request that passed our checks: client and redirect URI
/// are bound, the PKCE extension takes the challenge, and the scope is negotiated. Called right before
/// a code is issued, as a second opinion: whatever our table let through that the machine would not
/// becomes no code.
///
/// # Errors
/// `server_error`: the two disagree, which is a defect of ours.
pub fn authorize(request: &AuthorizationRequest) -> Result<(), OAuthError> {
    let disagree = || {
        OAuthError::new(
            ErrorCode::ServerError,
            "the request cannot be granted as it is",
        )
    };
    let redirect_uri =
        ExactUrl::new(request.redirect_uri().as_str().to_owned()).map_err(|_| disagree())?;
    let scope: OxideScope = request
        .scope()
        .to_string()
        .parse()
        .map_err(|_| disagree())?;
    let adapter = CodeGrantRequest { request };
    let mut machine = authorization::Authorization::new(&adapter);
    let mut input = authorization::Input::None;
    loop {
        let next = match machine.advance(input) {
            authorization::Output::Bind { client_id, .. } => authorization::Input::Bound {
                request: &adapter,
                bound_client: BoundClient {
                    client_id: Cow::Owned(client_id),
                    redirect_uri: Cow::Owned(RegisteredUrl::Exact(redirect_uri.clone())),
                },
            },
            authorization::Output::Extend => {
                let pkce = Pkce::optional();
                let mut extensions = Extensions::new();
                let method = adapter.extension("code_challenge_method");
                let challenge = pkce
                    .challenge(method, adapter.extension("code_challenge"))
                    .map_err(|()| disagree())?;
                if let Some(challenge) = challenge {
                    extensions.set(&pkce, challenge);
                }
                authorization::Input::Extended(extensions)
            }
            authorization::Output::Negotiate { bound_client, .. } => {
                authorization::Input::Negotiated {
                    pre_grant: PreGrant {
                        client_id: bound_client.client_id.clone().into_owned(),
                        redirect_uri: bound_client.redirect_uri.clone().into_owned(),
                        scope: scope.clone(),
                    },
                    state: None,
                }
            }
            authorization::Output::Ok { pre_grant, .. } => {
                let same = pre_grant.client_id == request.client_id().as_str();
                return if same { Ok(()) } else { Err(disagree()) };
            }
            authorization::Output::Err(_) => return Err(disagree()),
        };
        input = next;
    }
}

/// What it takes to redeem a code.
#[derive(Clone, Copy)]
pub struct Redeem<'a> {
    /// Who presents the code.
    pub client_id: &'a ClientId,
    /// What the code stands for.
    pub grant: &'a Grant,
    /// The code, found and unspent.
    pub code: &'a StoredCode,
    /// `redirect_uri`
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`
    pub code_verifier: Option<&'a CodeVerifier>,
}

/// Runs the machine of RFC 6749 §4.1.3 with the PKCE extension of RFC 7636 §4.6.
///
/// # Errors
/// `invalid_grant` where the client, the redirect URI or the verifier do not fit;
/// `invalid_request` where a parameter is missing.
pub fn redeem_code(redeem: Redeem<'_>) -> Result<(), OAuthError> {
    // RFC 6749 §4.1.3: "redirect_uri: REQUIRED, if the "redirect_uri" parameter was included in the
    // authorization request [...] and their values MUST be identical." Byte by byte, ourselves:
    // the machine compares normalised URLs.
    let redirect_uri = redeem
        .redirect_uri
        .ok_or_else(|| OAuthError::invalid_request("parameter redirect_uri is missing"))?;
    if redirect_uri != redeem.code.redirect_uri {
        return Err(authorization_code::refused());
    }
    let pkce = Pkce::optional();
    let request = CodeRequest { redeem: &redeem };
    let mut machine = accesstoken::AccessToken::new(&request);
    let mut input = accesstoken::Input::None;
    loop {
        let next = match machine.advance(input) {
            // Authenticated by ours before: see above.
            accesstoken::Output::Authenticate { .. } => accesstoken::Input::Authenticated,
            accesstoken::Output::Recover { .. } => {
                accesstoken::Input::Recovered(Some(Box::new(oxide_grant(&redeem)?)))
            }
            accesstoken::Output::Extend { extensions } => {
                let mut extensions = extensions.clone();
                let challenge = extensions.remove(&pkce);
                let verifier = redeem.code_verifier.map(|v| Cow::Borrowed(v.as_str()));
                pkce.verify(challenge, verifier)
                    .map_err(|()| authorization_code::refused())?;
                accesstoken::Input::Extended {
                    access_extensions: extensions,
                }
            }
            accesstoken::Output::Issue { .. } => return Ok(()),
            // Its codes are not ours (an unknown code is `invalid_request` there).
            accesstoken::Output::Ok(_) | accesstoken::Output::Err(_) => {
                return Err(authorization_code::refused());
            }
        };
        input = next;
    }
}

/// Runs the machine of RFC 6749 §6; the scope of the new access token.
///
/// # Errors
/// `invalid_scope` for a scope that was not granted, `invalid_grant` otherwise.
pub fn refresh(
    client_id: &ClientId,
    grant: &Grant,
    scope: Option<&str>,
) -> Result<Scope, OAuthError> {
    // The machine keeps no order; ours is what the client asked for.
    let narrowed = scope.map(Scope::parse).transpose()?;
    let request = RefreshRequest { client_id };
    let mut machine = refreshing::Refresh::new(&request);
    let mut input = refreshing::Input::None;
    loop {
        let asked = narrowed.as_ref().map(|s| Cow::Owned(s.to_string()));
        let next = match machine.advance(input) {
            refreshing::Output::Unauthenticated { .. } => {
                refreshing::Input::Authenticated { scope: asked }
            }
            refreshing::Output::RecoverRefresh { .. } => refreshing::Input::Recovered {
                scope: asked,
                grant: Some(Box::new(plain_grant(grant, "https://refresh.invalid/")?)),
            },
            refreshing::Output::Refresh { .. } => {
                return Ok(narrowed.unwrap_or_else(|| grant.scope.clone()));
            }
            // RFC 6749 §6: "The requested scope MUST NOT include any scope not originally granted".
            refreshing::Output::Err(_) if narrowed.is_some() => {
                return Err(OAuthError::new(
                    ErrorCode::InvalidScope,
                    "a scope was asked for that was not granted",
                ));
            }
            refreshing::Output::Ok(_) | refreshing::Output::Err(_) => {
                return Err(super::token::refresh_token::refused());
            }
        };
        input = next;
    }
}

/// Far enough for the machine never to find a grant expired: that was decided with our clock.
const DISTANT: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

fn plain_grant(grant: &Grant, redirect_uri: &str) -> Result<OxideGrant, OAuthError> {
    let broken = || OAuthError::new(ErrorCode::ServerError, "the grant cannot be read");
    let scope: OxideScope = grant.scope.to_string().parse().map_err(|_| broken())?;
    Ok(OxideGrant {
        owner_id: grant.user_id.to_string(),
        client_id: grant.client_id.to_string(),
        scope,
        redirect_uri: Url::parse(redirect_uri).map_err(|_| broken())?,
        until: DISTANT,
        extensions: Extensions::new(),
    })
}

fn oxide_grant(redeem: &Redeem<'_>) -> Result<OxideGrant, OAuthError> {
    let mut grant = plain_grant(redeem.grant, &redeem.code.redirect_uri)?;
    if let Some(challenge) = &redeem.code.code_challenge {
        let pkce = Pkce::optional();
        let stored = pkce
            .challenge(Some("S256".into()), Some(challenge.as_str().into()))
            .map_err(|()| authorization_code::refused())?;
        if let Some(stored) = stored {
            grant.extensions.set(&pkce, stored);
        }
    }
    Ok(grant)
}

struct CodeGrantRequest<'a> {
    request: &'a AuthorizationRequest,
}

impl authorization::Request for CodeGrantRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        Some(self.request.client_id().as_str().into())
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        Some(self.request.scope().to_string().into())
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(self.request.redirect_uri().as_str().into())
    }

    /// `state` is carried by ourselves, untouched.
    fn state(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn response_type(&self) -> Option<Cow<'_, str>> {
        Some("code".into())
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        let challenge = self.request.code_challenge()?;
        match key {
            "code_challenge" => Some(challenge.as_str().into()),
            "code_challenge_method" => Some(pkce::S256.into()),
            _ => None,
        }
    }
}

struct CodeRequest<'a> {
    redeem: &'a Redeem<'a>,
}

impl accesstoken::Request for CodeRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    /// The code was looked up by its hash before; the machine only wants to see that there is one.
    fn code(&self) -> Option<Cow<'_, str>> {
        Some("found".into())
    }

    fn authorization(&self) -> accesstoken::Authorization<'_> {
        accesstoken::Authorization::Username(self.redeem.client_id.as_str().into())
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        self.redeem.redirect_uri.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some("authorization_code".into())
    }

    fn extension(&self, _key: &str) -> Option<Cow<'_, str>> {
        None
    }
}

struct RefreshRequest<'a> {
    client_id: &'a ClientId,
}

impl refreshing::Request for RefreshRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        Some("found".into())
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some("refresh_token".into())
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((self.client_id.as_str().into(), Cow::Borrowed(&[])))
    }

    fn extension(&self, _key: &str) -> Option<Cow<'_, str>> {
        None
    }
}
