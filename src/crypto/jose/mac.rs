//! HMAC-SHA256 and HKDF-SHA256 for the sealing room next door.

use aws_lc_rs::{hkdf, hmac};

use super::CryptoError;
use crate::base::Secret;

/// A key for HMAC-SHA256 (RFC 2104).
pub(in crate::crypto) struct MacKey(hmac::Key);

impl MacKey {
    pub(in crate::crypto) fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    /// The tag over `parts`, each preceded by its length in eight bytes, so that ("ab", "c") and
    /// ("a", "bc") differ.
    pub(in crate::crypto) fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

/// HMAC-SHA256 (RFC 2104) over `message` alone, for whoever else has the key.
pub(in crate::crypto) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut tag = [0; 32];
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    tag.copy_from_slice(hmac::sign(&key, message).as_ref());
    tag
}

struct ThirtyTwo;

impl hkdf::KeyType for ThirtyTwo {
    fn len(&self) -> usize {
        32
    }
}

/// HKDF-Expand with SHA-256 (RFC 5869 §2.3). The extract step is skipped as §3.3 allows: the
/// master key is uniformly random already.
pub(in crate::crypto) fn derive_key(
    master: &Secret<[u8; 32]>,
    info: &[&[u8]],
) -> Result<Secret<[u8; 32]>, CryptoError> {
    let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, master.expose());
    let mut key = [0; 32];
    prk.expand(info, ThirtyTwo)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| CryptoError::library("HKDF-Expand failed"))?;
    Ok(Secret::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_not_merely_concatenated() {
        let key = MacKey::new(&Secret::new([7; 32]));
        assert_ne!(key.tag(&[b"ab", b"c"]), key.tag(&[b"a", b"bc"]));
        assert_ne!(key.tag(&[b"ab"]), key.tag(&[b"ab", b""]));
    }

    #[test]
    fn a_derived_key_is_the_hkdf_expand_of_rfc5869() {
        // T(1) = HMAC(PRK, info || 0x01), RFC 5869 §2.3, computed a second way.
        let master = Secret::new([9; 32]);
        let by_hand = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, master.expose()),
            b"purpose\x01",
        );
        let derived = derive_key(&master, &[b"pur", b"pose"]).unwrap();
        assert!(derived.is(by_hand.as_ref()));
    }
}
