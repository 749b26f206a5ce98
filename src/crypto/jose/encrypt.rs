//! JWE compact serialisation with a shared key: `dir` and `A256GCM` (RFC 7516, RFC 7518 §4.5, §5.3).

use josekit::jwe::{self, Dir, JweHeader};
use serde::Deserialize;

use super::{CryptoError, json};
use crate::base::Secret;

/// The only protected header that we write and therefore the only one that we read. A `zip`
/// would let a small ciphertext grow without bound (RFC 8725 §3.6), another `alg` would let the
/// writer choose how the key is used: both are unknown members or values here, and refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    #[serde(borrow)]
    alg: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    enc: std::borrow::Cow<'a, str>,
}

/// 96 bits (RFC 7518 §5.3), as base64url characters.
const IV_CHARS: usize = 16;
/// 128 bits, as base64url characters.
const TAG_CHARS: usize = 22;

/// Encrypts under a 256-bit key. The IV is random, 96 bits: a key must stay below 2^32 messages
/// (NIST SP 800-38D §8.3).
pub(in crate::crypto) fn encrypt_direct(
    key: &Secret<[u8; 32]>,
    plaintext: &[u8],
) -> Result<String, CryptoError> {
    let mut header = JweHeader::new();
    header.set_content_encryption("A256GCM");
    let encrypter = Dir
        .encrypter_from_bytes(key.expose())
        .map_err(CryptoError::library)?;
    jwe::serialize_compact(plaintext, &header, &encrypter).map_err(CryptoError::library)
}

/// Decrypts what [`encrypt_direct`] wrote; anything else is [`CryptoError::Unsealable`].
pub(in crate::crypto) fn decrypt_direct(
    key: &Secret<[u8; 32]>,
    compact: &str,
) -> Result<Secret<Vec<u8>>, CryptoError> {
    let mut parts = compact.split('.');
    let (Some(header), Some(""), Some(iv), Some(_), Some(tag), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return Err(CryptoError::Unsealable);
    };
    // OpenSSL compares only as many bytes as the tag has: one byte would be guessed in 256 tries.
    if iv.len() != IV_CHARS || tag.len() != TAG_CHARS {
        return Err(CryptoError::Unsealable);
    }
    let header = json::decode(header).ok_or(CryptoError::Unsealable)?;
    match serde_json::from_slice::<Header<'_>>(&header) {
        Ok(header) if header.alg == "dir" && header.enc == "A256GCM" => {}
        _ => return Err(CryptoError::Unsealable),
    }
    let decrypter = Dir
        .decrypter_from_bytes(key.expose())
        .map_err(CryptoError::library)?;
    jwe::deserialize_compact(compact, &decrypter)
        .map(|(plaintext, _)| Secret::new(plaintext))
        .map_err(|_| CryptoError::Unsealable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(compact: &str) {
        let outcome = decrypt_direct(&Secret::new([1; 32]), compact);
        assert!(matches!(outcome, Err(CryptoError::Unsealable)), "{compact}");
    }

    #[test]
    fn a_message_comes_back_only_under_its_key_and_unchanged() {
        let sealed = encrypt_direct(&Secret::new([1; 32]), b"seed").unwrap();
        let opened = decrypt_direct(&Secret::new([1; 32]), &sealed).unwrap();
        assert_eq!(opened.expose(), b"seed");
        assert!(decrypt_direct(&Secret::new([2; 32]), &sealed).is_err());
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            refused(&String::from_utf8(bytes).unwrap());
        }
        refused("");
        refused("....");
    }

    #[test]
    fn a_shortened_authentication_tag_is_refused() {
        let sealed = encrypt_direct(&Secret::new([1; 32]), b"seed").unwrap();
        let (rest, tag) = sealed.rsplit_once('.').unwrap();
        let bytes = json::decode(tag).unwrap();
        for length in 0..16 {
            refused(&format!("{rest}.{}", json::encode(&bytes[..length])));
        }
    }

    #[test]
    fn rfc8725_3_6_compression_is_refused_even_under_the_right_key() {
        let mut header = JweHeader::new();
        header.set_content_encryption("A256GCM");
        header.set_compression("DEF");
        let encrypter = Dir.encrypter_from_bytes([1; 32]).unwrap();
        refused(&jwe::serialize_compact(&vec![0; 100_000], &header, &encrypter).unwrap());
    }
}
