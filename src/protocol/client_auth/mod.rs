//! Client authentication: what a request claims, and the pure parts of proving it.
//!
//! One file per method. [`ClaimedClient::read`] finds exactly one claim; the flow looks the client up
//! and proves it with [`secret::check_secret`] or [`assertion::check_assertion_claims`].

pub mod assertion;
pub mod basic;
pub mod none;
pub mod post;
pub mod secret;

use crate::base::Secret;
use crate::protocol::client::{AuthMethod, ClientId};
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;

pub use assertion::{AcceptedAssertion, AssertionClaims, Audience, check_assertion_claims};
pub use secret::{SecretMatched, check_secret};

/// Whom a request claims to come from, and with which proof. Nothing of it is verified.
#[derive(Debug)]
pub enum ClaimedClient {
    /// A secret in the `Authorization` header.
    Basic {
        /// The client that it names.
        client_id: ClientId,
        /// The secret that it presents.
        secret: Secret<String>,
    },
    /// A secret in the form.
    Post {
        /// The client that it names.
        client_id: ClientId,
        /// The secret that it presents.
        secret: Secret<String>,
    },
    /// A JWT in the form, symmetric or asymmetric: only its header and the registration tell.
    Assertion {
        /// `client_id`, where it was sent; the assertion's `sub` must then be the same.
        client_id: Option<ClientId>,
        /// The JWT, unverified.
        assertion: Secret<String>,
    },
    /// No proof at all: a public client.
    None {
        /// The client that it names.
        client_id: ClientId,
    },
}

/// A request whose claim cannot be made out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimError {
    /// What to answer.
    pub error: OAuthError,
    /// See [`ClaimedClient::tried_http_auth`].
    pub tried_http_auth: bool,
}

impl ClaimedClient {
    /// Finds the one method that a request uses. `authorization` is the value of its only
    /// `Authorization` header.
    ///
    /// # Errors
    /// `invalid_request` for several methods or for half of one; `invalid_client` for none, for an
    /// unreadable header and for another scheme than `Basic`.
    pub fn read(authorization: Option<&[u8]>, params: &Params) -> Result<Self, ClaimError> {
        let claim = match authorization {
            Some(header) => basic::claim(header, params),
            None => Self::from_form(params),
        };
        claim.map_err(|error| ClaimError {
            error,
            tried_http_auth: authorization.is_some(),
        })
    }

    fn from_form(params: &Params) -> Result<Self, OAuthError> {
        let assertion = assertion::claim(params)?;
        let post = post::claim(params)?;
        match (assertion, post) {
            (Some(_), Some(_)) => Err(several_methods()),
            (Some(claim), None) | (None, Some(claim)) => Ok(claim),
            (None, None) => none::claim(params),
        }
    }

    /// The client that is named outside an assertion.
    #[must_use]
    pub const fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::None { client_id } => Some(client_id),
            Self::Assertion { client_id, .. } => client_id.as_ref(),
        }
    }

    /// Whether a client registered for `method` may authenticate in this way.
    ///
    /// OpenID Connect Core §9: the client "registers" its one method; letting it choose would let a
    /// thief choose the weakest.
    #[must_use]
    pub const fn fits(&self, method: AuthMethod) -> bool {
        matches!(
            (self, method),
            (Self::Basic { .. }, AuthMethod::ClientSecretBasic)
                | (Self::Post { .. }, AuthMethod::ClientSecretPost)
                | (
                    Self::Assertion { .. },
                    AuthMethod::ClientSecretJwt | AuthMethod::PrivateKeyJwt
                )
                | (Self::None { .. }, AuthMethod::None)
        )
    }

    /// Whether a refusal needs a challenge.
    ///
    /// RFC 6749 §5.2: "If the client attempted to authenticate via the "Authorization" request header
    /// field, the authorization server MUST respond with an HTTP 401 (Unauthorized) status code and
    /// include the "WWW-Authenticate" response header field".
    #[must_use]
    pub const fn tried_http_auth(&self) -> bool {
        matches!(self, Self::Basic { .. })
    }
}

/// RFC 6749 §2.3: "The client MUST NOT use more than one authentication method in each request."
fn several_methods() -> OAuthError {
    OAuthError::invalid_request("more than one client authentication method was used")
}

#[cfg(test)]
mod tests;
