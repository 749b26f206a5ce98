//! Proof Key for Code Exchange (RFC 7636), `S256` only.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::OAuthError;
use crate::base::{Digest, Secret};

/// A `code_challenge` with the method `S256`: base64url of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

/// The one `code_challenge_method` (RFC 7636 §4.3).
pub const S256: &str = "S256";

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method`; `None` where the request uses no PKCE.
    ///
    /// # Errors
    /// `invalid_request` for another method than `S256`, for a challenge that is not the base64url of
    /// 32 bytes, and for a method without a challenge.
    pub fn parse(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, OAuthError> {
        let Some(challenge) = challenge else {
            return match method {
                None => Ok(None),
                Some(_) => Err(OAuthError::invalid_request(
                    "code_challenge_method came without code_challenge",
                )),
            };
        };
        // RFC 7636 §4.3: the method "defaults to "plain" if not present in the request", and RFC 9700
        // §2.1.1: "Clients SHOULD use PKCE code challenge methods that do not expose the PKCE verifier
        // in the authorization request [...] Currently, S256 is the only such method." An absent
        // method is therefore refused like `plain`, not read as S256.
        if method != Some(S256) {
            return Err(OAuthError::invalid_request(
                "code_challenge_method must be S256",
            ));
        }
        // RFC 7636 §4.2: "code_challenge = BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))". Decoding
        // is strict about the spare bits, so that no two challenges mean the same digest.
        let bytes = URL_SAFE_NO_PAD.decode(challenge).ok();
        if bytes.is_none_or(|b| b.len() != 32) {
            return Err(OAuthError::invalid_request(
                "code_challenge must be 43 characters of base64url",
            ));
        }
        Ok(Some(Self(challenge.to_owned())))
    }

    /// The 43 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is the one that this challenge was made from.
    ///
    /// RFC 7636 §4.6: "BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge". In constant
    /// time, though a challenge is no secret: nobody should have to think about it.
    #[must_use]
    pub fn is_met_by(&self, verifier: &CodeVerifier) -> bool {
        URL_SAFE_NO_PAD
            .decode(&self.0)
            .ok()
            .and_then(|bytes| Digest::from_slice(&bytes))
            .is_some_and(|expected| verifier.0.digest().is(&expected))
    }
}

/// A `code_verifier` of the right form; whether it fits is [`CodeChallenge::is_met_by`].
#[derive(Clone)]
pub struct CodeVerifier(Secret<String>);

impl CodeVerifier {
    /// Reads `code_verifier`.
    ///
    /// # Errors
    /// `invalid_grant`: RFC 7636 §4.6 answers a verifier that does not fit in this way, and one of
    /// the wrong form cannot fit.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        // RFC 7636 §4.1: "code-verifier = 43*128unreserved".
        let unreserved =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if !(43..=128).contains(&text.len()) || !text.bytes().all(unreserved) {
            return Err(OAuthError::invalid_grant(
                "code_verifier must be 43 to 128 unreserved characters",
            ));
        }
        Ok(Self(Secret::new(text.to_owned())))
    }

    /// The characters, which are a secret until the code is redeemed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::ErrorCode;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge() -> CodeChallenge {
        CodeChallenge::parse(Some(CHALLENGE), Some(S256))
            .unwrap()
            .unwrap()
    }

    #[test]
    fn rfc7636_appendix_b_the_published_verifier_meets_the_published_challenge() {
        assert!(challenge().is_met_by(&CodeVerifier::parse(VERIFIER).unwrap()));
    }

    #[test]
    fn rfc7636_4_6_another_verifier_does_not() {
        let other = VERIFIER.replace('d', "e");
        assert!(!challenge().is_met_by(&CodeVerifier::parse(&other).unwrap()));
        // Nor does the challenge itself: that would be `plain`.
        assert!(!challenge().is_met_by(&CodeVerifier::parse(CHALLENGE).unwrap()));
    }

    #[test]
    fn rfc7636_4_3_plain_and_an_absent_method_are_refused() {
        for method in [None, Some("plain"), Some("s256"), Some("S512"), Some("")] {
            let error = CodeChallenge::parse(Some(CHALLENGE), method).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidRequest, "{method:?}");
        }
        assert!(CodeChallenge::parse(None, Some(S256)).is_err());
        assert_eq!(CodeChallenge::parse(None, None), Ok(None));
    }

    #[test]
    fn rfc7636_4_2_a_challenge_is_the_base64url_of_32_bytes() {
        let short = &CHALLENGE[1..];
        let long = format!("{CHALLENGE}A");
        let padded = format!("{CHALLENGE}=");
        let standard = CHALLENGE.replace('-', "+");
        // The last character carries two spare bits: `N` names the same 32 bytes as `M`.
        let spare = CHALLENGE.replace("cM", "cN");
        for bad in [short, &long, &padded, &standard, &spare, "", "\u{e4}"] {
            assert!(
                CodeChallenge::parse(Some(bad), Some(S256)).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn rfc7636_4_1_a_verifier_has_43_to_128_unreserved_characters() {
        for good in ["a".repeat(43), "a-._~Z9".repeat(10), "a".repeat(128)] {
            assert!(CodeVerifier::parse(&good).is_ok(), "{good}");
        }
        for bad in [
            "a".repeat(42),
            "a".repeat(129),
            "a+".repeat(30),
            "\u{e4}".repeat(30),
        ] {
            let error = CodeVerifier::parse(&bad).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidGrant, "{bad}");
        }
    }

    #[test]
    fn a_verifier_does_not_print() {
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert!(!format!("{verifier:?}").contains("dBj"));
    }

    proptest::proptest! {
        #[test]
        fn a_challenge_is_met_by_its_own_verifier_and_by_no_other(
            one in "[A-Za-z0-9._~-]{43,128}", two in "[A-Za-z0-9._~-]{43,128}"
        ) {
            let digest = Digest::of(one.as_bytes());
            let text = URL_SAFE_NO_PAD.encode(digest.as_bytes());
            let challenge = CodeChallenge::parse(Some(&text), Some(S256)).unwrap().unwrap();
            proptest::prop_assert!(challenge.is_met_by(&CodeVerifier::parse(&one).unwrap()));
            let other = challenge.is_met_by(&CodeVerifier::parse(&two).unwrap());
            proptest::prop_assert_eq!(other, one == two);
        }
    }
}
