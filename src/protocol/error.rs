//! Every OAuth and OpenID Connect error code, its HTTP status and the section that defines it, once.

use std::borrow::Cow;
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// An error code as it goes over the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The registered name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status when the error is the response itself (not a redirect).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// RFC 6749 §4.1.2.1, §5.2: a parameter is missing, repeated, malformed or unsupported.
    InvalidRequest = "invalid_request", 400;
    /// RFC 6749 §5.2: client authentication failed. 401 with a challenge.
    InvalidClient = "invalid_client", 401;
    /// RFC 6749 §5.2: the code or refresh token is invalid, expired, revoked or another client's.
    InvalidGrant = "invalid_grant", 400;
    /// RFC 6749 §5.2: this client may not use this grant type.
    UnauthorizedClient = "unauthorized_client", 400;
    /// RFC 6749 §5.2: the server does not know this grant type.
    UnsupportedGrantType = "unsupported_grant_type", 400;
    /// RFC 6749 §5.2: the scope is unknown, malformed or more than was granted.
    InvalidScope = "invalid_scope", 400;
    /// RFC 6749 §4.1.2.1: the person (or policy) said no.
    AccessDenied = "access_denied", 403;
    /// RFC 6749 §4.1.2.1: this response type is not supported.
    UnsupportedResponseType = "unsupported_response_type", 400;
    /// RFC 6749 §4.1.2.1: something inside broke.
    ServerError = "server_error", 500;
    /// RFC 6749 §4.1.2.1: overloaded or under maintenance. 503 with Retry-After.
    TemporarilyUnavailable = "temporarily_unavailable", 503;
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but the person must sign in.
    LoginRequired = "login_required", 400;
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but the person must consent.
    ConsentRequired = "consent_required", 400;
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but a page must be shown.
    InteractionRequired = "interaction_required", 400;
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but an account must be chosen.
    AccountSelectionRequired = "account_selection_required", 400;
    /// OpenID Connect Core Unmet Authentication Requirements 1.0 §2: this person cannot be as sure.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements", 400;
    /// OpenID Connect Core §3.1.2.6: the `request` parameter is not supported.
    RequestNotSupported = "request_not_supported", 400;
    /// OpenID Connect Core §3.1.2.6: the `request_uri` parameter is not supported.
    RequestUriNotSupported = "request_uri_not_supported", 400;
    /// OpenID Connect Core §3.1.2.6: the request object is not valid.
    InvalidRequestObject = "invalid_request_object", 400;
    /// OpenID Connect Core §3.1.2.6: the `request_uri` cannot be used.
    InvalidRequestUri = "invalid_request_uri", 400;
    /// OpenID Connect Core §3.1.2.6: the `registration` parameter is not supported.
    RegistrationNotSupported = "registration_not_supported", 400;
    /// RFC 8707 §2: the requested resource is unknown, malformed or not for this client.
    InvalidTarget = "invalid_target", 400;
    /// RFC 6750 §3.1: the access token is expired, revoked, malformed or not ours.
    InvalidToken = "invalid_token", 401;
    /// RFC 6750 §3.1: the access token lacks the scope.
    InsufficientScope = "insufficient_scope", 403;
    /// RFC 7009 §2.2.1: the token type cannot be revoked.
    UnsupportedTokenType = "unsupported_token_type", 400;
    /// RFC 7591 §3.2.2: a redirect URI in the registration is not acceptable.
    InvalidRedirectUri = "invalid_redirect_uri", 400;
    /// RFC 7591 §3.2.2: another member of the registration is not acceptable.
    InvalidClientMetadata = "invalid_client_metadata", 400;
    /// RFC 7591 §3.2.2: the software statement is not valid.
    InvalidSoftwareStatement = "invalid_software_statement", 400;
    /// RFC 7591 §3.2.2: the software statement is not one that this server trusts.
    UnapprovedSoftwareStatement = "unapproved_software_statement", 400;
}

impl ErrorCode {
    /// The HTTP status of an answer of the token endpoint (RFC 6749 §5.2): 400, but for the codes that say
    /// otherwise. 401 is for who tried HTTP authentication.
    #[must_use]
    pub const fn status_at_token(self) -> u16 {
        match self {
            Self::InvalidClient | Self::AccessDenied => 400,
            code => code.status(),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error for an outsider: a registered code and a short hint that gives nothing away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The registered code.
    pub code: ErrorCode,
    description: Cow<'static, str>,
}

impl OAuthError {
    /// An error with a description for the developer of the client.
    #[must_use]
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            description: plain(description.into()),
        }
    }

    /// `invalid_request`.
    #[must_use]
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_grant`.
    #[must_use]
    pub fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    /// `invalid_client`. The same words whatever was wrong: a stranger learns nothing about which
    /// clients exist.
    #[must_use]
    pub fn invalid_client() -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed")
    }

    /// The body of an answer that is this error (RFC 6749 §5.2).
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": self.code.as_str(), "error_description": self.description() })
    }

    /// The description: printable ASCII without `"` and `\`, at most 200 characters.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }
}

/// RFC 6749 §5.2: "Values for the "error_description" parameter MUST NOT include characters
/// outside the set %x20-21 / %x23-5B / %x5D-7E."
fn plain(text: Cow<'static, str>) -> Cow<'static, str> {
    let allowed = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
    if text.len() <= 200 && text.chars().all(allowed) {
        return text;
    }
    text.chars()
        .take(200)
        .map(|c| if allowed(c) { c } else { '?' })
        .collect::<String>()
        .into()
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)
    }
}

impl std::error::Error for OAuthError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_5_2_descriptions_hold_only_the_allowed_characters() {
        let error = OAuthError::invalid_request("a \"quoted\" \\ back\u{e9}\n".to_owned());
        assert_eq!(error.description(), "a ?quoted? ? back??");
    }

    #[test]
    fn a_long_description_is_cut() {
        let error = OAuthError::invalid_request("x".repeat(1000));
        assert_eq!(error.description().len(), 200);
    }

    #[test]
    fn every_code_is_distinct() {
        let mut names: Vec<_> = ErrorCode::ALL.iter().map(|c| c.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }
}
