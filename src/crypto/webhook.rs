//! Signatures on what Tessera posts to an operator's endpoint, so that it takes nothing from anybody
//! else, and nothing a second time.

use std::fmt::Write as _;

use super::jose::hmac_sha256;
use crate::base::{Secret, Timestamp};

/// The header.
pub const HEADER: &str = "Tessera-Signature";

/// The value of the header: `t=UNIX,v1=HEX`, HMAC-SHA256 (RFC 2104) under `secret` over the decimal
/// seconds, a dot and the body as it is sent. The time is covered, so that an old message cannot be made
/// new.
#[must_use]
pub fn signature(secret: &Secret<String>, at: Timestamp, body: &[u8]) -> String {
    let at = at.seconds();
    let mut message = format!("{at}.").into_bytes();
    message.extend_from_slice(body);
    let mut value = format!("t={at},v1=");
    for byte in hmac_sha256(secret.expose().as_bytes(), &message) {
        let _ = write!(value, "{byte:02x}");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc4231_4_3_the_mac_is_hmac_sha256() {
        let tag = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95,
            0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9,
            0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(tag, expected);
    }

    #[test]
    fn the_vector_of_the_documentation() {
        let secret = Secret::new("an example secret of 32 letters!".to_owned());
        let at = Timestamp::from_seconds(1_800_000_000);
        assert_eq!(
            signature(&secret, at, br#"{"id":"1"}"#),
            "t=1800000000,v1=9e8d8c614ca5fd85a52d190346829eae2572b5064e230003f6d78b469f129887"
        );
        let other = Secret::new("another".to_owned());
        assert_ne!(
            signature(&other, at, br#"{"id":"1"}"#),
            signature(&secret, at, br#"{"id":"1"}"#)
        );
    }
}
