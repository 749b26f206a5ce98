//! Why an answer of a browser was not accepted.

use webauthn_rs_core::error::WebauthnError;

/// Why an answer was not accepted: a fixed word for the audit, never what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not what a browser sends.
    Malformed,
    /// An answer to another challenge.
    AnotherChallenge,
    /// From a page of somebody else, or for somebody else's domain.
    AnotherOrigin,
    /// The authenticator did not check who holds it.
    NotVerified,
    /// The counter did not grow: there may be a copy of the key.
    Cloned,
    /// The signature is not this key's, or the key is not what it was.
    Wrong,
    /// The authenticator does not show that it is of a model that is allowed here.
    Model,
}

impl Refused {
    /// For the audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::AnotherChallenge => "another_challenge",
            Self::AnotherOrigin => "another_origin",
            Self::NotVerified => "user_not_verified",
            Self::Cloned => "cloned_authenticator",
            Self::Wrong => "wrong_credentials",
            Self::Model => "model_not_allowed",
        }
    }
}

impl From<WebauthnError> for Refused {
    fn from(error: WebauthnError) -> Self {
        use WebauthnError as E;
        match error {
            E::MismatchedChallenge => Self::AnotherChallenge,
            E::InvalidRPOrigin | E::InvalidRPIDHash | E::CredentialCrossOrigin => {
                Self::AnotherOrigin
            }
            E::UserNotVerified | E::UserNotPresent => Self::NotVerified,
            E::CredentialPossibleCompromise => Self::Cloned,
            E::ParseBase64Failure(_)
            | E::ParseCBORFailure(_)
            | E::ParseJSONFailure(_)
            | E::ParseNOMFailure
            | E::ParseInsufficientBytesAvailable
            | E::InvalidClientDataType => Self::Malformed,
            E::AttestationNotSupported
            | E::AttestationNotVerifiable
            | E::AttestationUntrustedAaguid
            | E::AttestationFormatMissingAaguid
            | E::AttestationChainNotTrusted(_)
            | E::AttestationTrustFailure
            | E::AttestationLeafCertMissing
            | E::AttestationCertificateAAGUIDMismatch
            | E::AttestationCertificateRequirementsNotMet => Self::Model,
            _ => Self::Wrong,
        }
    }
}
