//! Grant types, one list that the token endpoint, discovery, registration and metrics share; and the
//! grant itself: what a person allowed a client once.

use serde::{Deserialize, Serialize};

use super::claims_request::ClaimsRequest;
use super::client::ClientId;
use super::error::{ErrorCode, OAuthError};
use super::scope::Scope;
use crate::base::Timestamp;
use crate::base::ids::{GrantId, SessionId, UserId};

/// A grant type that a client may be registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 §4.1
    AuthorizationCode,
    /// RFC 6749 §6
    RefreshToken,
    /// RFC 6749 §4.4
    ClientCredentials,
    /// RFC 6749 §4.2: tokens from the authorization endpoint. A client registers it beside the
    /// response types that need it; it is no [`TokenGrant`].
    Implicit,
}

impl GrantType {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::Implicit,
    ];

    /// Whether a person stands behind it, at the authorization endpoint.
    #[must_use]
    pub const fn signs_people_in(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Implicit)
    }

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Implicit => "implicit",
        }
    }
}

/// A grant type that the token endpoint serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenGrant {
    /// RFC 6749 §4.1.3
    AuthorizationCode,
    /// RFC 6749 §6
    RefreshToken,
    /// RFC 6749 §4.4
    ClientCredentials,
}

impl TokenGrant {
    const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    /// As what a client must be registered to use it.
    #[must_use]
    pub const fn registered_as(self) -> GrantType {
        match self {
            Self::AuthorizationCode => GrantType::AuthorizationCode,
            Self::RefreshToken => GrantType::RefreshToken,
            Self::ClientCredentials => GrantType::ClientCredentials,
        }
    }

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.registered_as().as_str()
    }

    /// Reads `grant_type`.
    ///
    /// # Errors
    /// `unsupported_grant_type` (RFC 6749 §5.2).
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.as_str() == text)
            .ok_or_else(|| {
                OAuthError::new(
                    ErrorCode::UnsupportedGrantType,
                    "this grant_type is not supported",
                )
            })
    }
}

/// A grant.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id: the family of its tokens.
    pub id: GrantId,
    /// To whom.
    pub client_id: ClientId,
    /// By whom.
    pub user_id: UserId,
    /// In which browser session. Ends with it, unless `offline_access` was granted.
    pub session_id: Option<SessionId>,
    /// What was granted.
    pub scope: Scope,
    /// At which resources (RFC 8707).
    pub resources: Vec<String>,
    /// Which single claims were granted (OpenID Connect Core §5.5).
    pub claims: ClaimsRequest,
    /// When the person had proven who they are.
    pub auth_time: Timestamp,
    /// How sure that made us.
    pub acr: String,
    /// By which methods.
    pub amr: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
}
