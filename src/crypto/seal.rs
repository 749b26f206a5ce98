//! What must be read back (private keys, TOTP seeds, shared secrets) is sealed under the master
//! key; what must only be recognised (tickets, CSRF tokens, the audit chain) is authenticated by it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::jose::{self, CryptoError, MacKey};
use crate::base::{Entropy, Secret};

/// The root of everything sealed: 256 random bits from a file, the environment or a mounted secret.
///
/// It is never used itself. Each purpose has its own key, derived with HKDF (RFC 5869), so that a
/// value sealed for one place cannot be replayed into another, and a key used for encryption is
/// never one used for authentication.
#[derive(Clone, Debug)]
pub struct MasterKey(Secret<[u8; 32]>);

/// The version of the derivation: another one could live beside it while data is sealed anew.
const SEAL: &[u8] = b"tessera/1/seal/";
const MAC: &[u8] = b"tessera/1/mac/";

impl MasterKey {
    /// A new key.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        Self(Secret::new(entropy.bytes()))
    }

    /// From base64 or base64url of exactly 32 bytes, padded or not, as `openssl rand -base64 32`
    /// writes it; surrounding whitespace is ignored.
    ///
    /// # Errors
    /// [`CryptoError::Key`] for anything else. The message never repeats the input.
    pub fn from_base64(text: &str) -> Result<Self, CryptoError> {
        let text = text.trim().trim_end_matches('=');
        let bytes = STANDARD_NO_PAD
            .decode(text)
            .or_else(|_| URL_SAFE_NO_PAD.decode(text))
            .map(Zeroizing::new);
        bytes
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
            .map(|key| Self(Secret::new(key)))
            .ok_or_else(|| CryptoError::Key("the master key must be 32 bytes as base64".to_owned()))
    }

    /// As base64url without padding: 43 characters.
    #[must_use]
    pub fn to_base64(&self) -> Secret<String> {
        Secret::new(URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// Encrypts for one `purpose`: a compact JWE (`dir`, `A256GCM`).
    ///
    /// The 96-bit IV comes from OpenSSL's generator; one purpose must stay below 2^32 messages
    /// (NIST SP 800-38D §8.3): keys, seeds and tickets of minutes do, by far.
    ///
    /// # Errors
    /// [`CryptoError::Library`] if the library fails.
    pub fn seal(&self, purpose: &'static str, plaintext: &[u8]) -> Result<String, CryptoError> {
        jose::encrypt_direct(&self.derive(SEAL, purpose)?, plaintext)
    }

    /// Decrypts what [`Self::seal`] wrote for the same `purpose`.
    ///
    /// # Errors
    /// [`CryptoError::Unsealable`] if it was changed, or sealed by another key, for another
    /// purpose, with another algorithm or with compression.
    pub fn open(
        &self,
        purpose: &'static str,
        sealed: &str,
    ) -> Result<Secret<Vec<u8>>, CryptoError> {
        jose::decrypt_direct(&self.derive(SEAL, purpose)?, sealed)
    }

    /// HMAC-SHA256 over `parts` for one `purpose`. Each part is preceded by its length, so that
    /// moving a byte from one part to the next changes the tag.
    ///
    /// # Errors
    /// [`CryptoError::Library`] if the library fails.
    pub fn mac(&self, purpose: &'static str, parts: &[&[u8]]) -> Result<[u8; 32], CryptoError> {
        Ok(MacKey::new(&self.derive(MAC, purpose)?).tag(parts))
    }

    /// Whether `tag` is [`Self::mac`] of the parts. Compares in constant time: a stranger who
    /// could time it would find a tag byte by byte.
    ///
    /// # Errors
    /// [`CryptoError::Library`] if the library fails.
    pub fn mac_is(
        &self,
        purpose: &'static str,
        parts: &[&[u8]],
        tag: &[u8],
    ) -> Result<bool, CryptoError> {
        Ok(self.mac(purpose, parts)?.ct_eq(tag).into())
    }

    fn derive(&self, kind: &[u8], purpose: &str) -> Result<Secret<[u8; 32]>, CryptoError> {
        jose::derive_key(&self.0, &[kind, purpose.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u64) -> MasterKey {
        MasterKey::generate(&Entropy::seeded(seed))
    }

    #[test]
    fn what_is_sealed_opens_only_for_its_purpose_and_key() {
        let sealed = key(1).seal("totp-seed", b"JBSWY3DP").unwrap();
        assert_eq!(
            key(1).open("totp-seed", &sealed).unwrap().expose(),
            b"JBSWY3DP"
        );
        assert!(key(1).open("signing-key", &sealed).is_err());
        assert!(key(2).open("totp-seed", &sealed).is_err());
        assert_ne!(key(1).seal("totp-seed", b"JBSWY3DP").unwrap(), sealed);
        assert_eq!(sealed.split('.').count(), 5);
    }

    #[test]
    fn an_empty_and_a_large_value_survive() {
        for plaintext in [vec![], vec![7; 100_000]] {
            let sealed = key(1).seal("p", &plaintext).unwrap();
            assert_eq!(key(1).open("p", &sealed).unwrap().expose(), &plaintext);
        }
    }

    #[test]
    fn a_mac_depends_on_key_purpose_and_the_borders_between_parts() {
        let tag = key(1).mac("csrf", &[b"session", b"form"]).unwrap();
        let is =
            |key: MasterKey, purpose, parts: &[&[u8]]| key.mac_is(purpose, parts, &tag).unwrap();
        assert!(is(key(1), "csrf", &[b"session", b"form"]));
        assert!(!is(key(2), "csrf", &[b"session", b"form"]));
        assert!(!is(key(1), "ticket", &[b"session", b"form"]));
        assert!(!is(key(1), "csrf", &[b"sessionf", b"orm"]));
        assert!(!is(key(1), "csrf", &[b"sessionform"]));
        assert!(
            !key(1)
                .mac_is("csrf", &[b"session", b"form"], &tag[..31])
                .unwrap()
        );
        assert!(!key(1).mac_is("csrf", &[b"session", b"form"], b"").unwrap());
    }

    #[test]
    fn the_key_is_read_as_people_write_it_and_never_printed() {
        let written = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=";
        let key = MasterKey::from_base64(&format!(" {written}\n")).unwrap();
        assert_eq!(key.to_base64().expose().len(), 43);
        let again = MasterKey::from_base64(key.to_base64().expose()).unwrap();
        assert!(again.0.is(key.0.expose()));
        assert_eq!(format!("{key:?}"), "MasterKey([secret])");
        for bad in [
            "",
            "AAAA",
            "not base64!",
            &written[..40],
            &format!("{written}AAAA"),
        ] {
            let error = MasterKey::from_base64(bad).unwrap_err().to_string();
            assert!(bad.is_empty() || !error.contains(bad));
        }
    }
}
