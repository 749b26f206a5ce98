//! `at_hash` and `c_hash`: what ties an ID token to what travels beside it.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::SigningAlgorithm;

/// OpenID Connect Core §3.1.3.6: "the base64url encoding of the left-most half of the hash of the
/// octets of the ASCII representation of the access_token value, where the hash algorithm used is the
/// hash algorithm used in the alg Header Parameter of the ID Token's JOSE Header". Ed25519 hashes with
/// SHA-512 (RFC 8032 §5.1), so clients expect that.
#[must_use]
pub fn left_half_hash(alg: SigningAlgorithm, text: &str) -> String {
    let hash = match alg {
        SigningAlgorithm::RS256 | SigningAlgorithm::PS256 | SigningAlgorithm::ES256 => {
            &digest::SHA256
        }
        SigningAlgorithm::EdDSA => &digest::SHA512,
    };
    let whole = digest::digest(hash, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&whole.as_ref()[..whole.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oidc_core_a_the_examples_have_these_hashes() {
        // OpenID Connect Core, appendix A.3 and A.4.
        let half = |text| left_half_hash(SigningAlgorithm::RS256, text);
        assert_eq!(
            half("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            half("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA"
        );
    }

    #[test]
    fn eddsa_takes_half_of_sha512() {
        assert_eq!(left_half_hash(SigningAlgorithm::EdDSA, "x").len(), 43);
    }
}
