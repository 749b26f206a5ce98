//! Tokens: what the token endpoint decides, one file per grant, and what goes into each token.

pub mod access_token;
pub mod authorization_code;
pub mod client_credentials;
pub mod front_channel;
pub mod id_token;
pub mod refresh_token;

use std::time::Duration;

use super::client::ClientId;
use super::error::{ErrorCode, OAuthError};
use super::grant::Grant;
use super::resource_server::{ResourceServers, Terms};
use super::scope::Scope;

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Access tokens.
    pub access_token: Duration,
    /// ID tokens.
    pub id_token: Duration,
    /// Authorization codes; 60 s at most.
    pub code: Duration,
    /// A refresh token that is not used.
    pub refresh_idle: Duration,
    /// A family of refresh tokens, in all.
    pub refresh: Duration,
    /// How late a replay may be the retry of a lost response.
    pub refresh_retry: Duration,
}

/// Proof that tokens may be issued. Made only by the `decide` of a grant; whoever signs tokens
/// demands it. Spent by value, and not `Clone`: one decision, one set of tokens.
#[derive(Debug)]
pub struct Issuance {
    client_id: ClientId,
    grant: Option<Grant>,
    scope: Scope,
    target: Target,
    nonce: Option<String>,
    with_refresh_token: bool,
    with_id_token: bool,
}

impl Issuance {
    /// To whom.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// What a person allowed; `None` where a machine acts for itself.
    #[must_use]
    pub const fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// What was granted, as far as this request asks for it.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whom the access token is for, and what it carries there.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The same for a token that carries no other scopes than these.
    #[must_use]
    pub(crate) fn within(mut self, allowed: &Scope) -> Self {
        self.target.scope = self.target.scope.filter(|token| allowed.contains(token));
        self
    }

    /// The `nonce` of the ID token: only with the code that it came with.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Whether a refresh token goes along.
    #[must_use]
    pub const fn with_refresh_token(&self) -> bool {
        self.with_refresh_token
    }

    /// Whether an ID token goes along (OpenID Connect Core §3.1.3.3, §12.2).
    #[must_use]
    pub fn with_id_token(&self) -> bool {
        self.with_id_token && self.grant.is_some() && self.scope.contains(Scope::OPENID)
    }
}

/// Whom tokens may be for, besides what was granted.
#[derive(Clone, Copy, Debug)]
pub struct Recipients<'a> {
    /// Our own name.
    pub issuer: &'a str,
    /// The resource servers that are registered.
    pub servers: &'a ResourceServers,
}

/// Whom an access token is for, and what follows from that.
#[derive(Debug)]
pub struct Target {
    audience: Vec<String>,
    scope: Scope,
    terms: Terms,
}

impl Target {
    /// Its `aud`.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// Its `scope`: what was granted, as far as it means something there.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How it is made.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }
}

/// Whom the access token is for: the resources of this request, else all that were granted, else
/// the issuer itself (userinfo).
/// RFC 8707 §2.2: the client may "indicate the protected resource(s) where it intends to use the
/// requested access token", a subset of those granted.
fn target(
    requested: &[String],
    granted: &[String],
    scope: &Scope,
    recipients: Recipients<'_>,
) -> Result<Target, OAuthError> {
    let known = |resource: &String| resource == recipients.issuer || granted.contains(resource);
    if !requested.iter().all(known) {
        return Err(OAuthError::new(
            ErrorCode::InvalidTarget,
            "a resource was asked for that was not granted",
        ));
    }
    let audience = match (requested, granted) {
        ([], []) => vec![recipients.issuer.to_owned()],
        ([], granted) => granted.to_vec(),
        (requested, _) => requested.to_vec(),
    };
    Ok(Target {
        scope: recipients.servers.narrow(scope, &audience),
        terms: recipients.servers.terms(&audience)?,
        audience,
    })
}
