//! Opening what was encrypted to a key of ours (RFC 7516 §5.2).

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use josekit::jwe::enc::{A128CBC_HS256, A128GCM, A192CBC_HS384, A192GCM, A256CBC_HS512, A256GCM};
use josekit::jwe::{ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A192KW, ECDH_ES_A256KW};
use josekit::jwe::{JweContentEncryption, JweDecrypter, JweHeader, RSA_OAEP, RSA_OAEP_256};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::{ContentEncryptionAlgorithm, CryptoError, KeyManagementAlgorithm, json};
use crate::base::Secret;

/// A private key of ours that opens.
pub struct DecryptionKey {
    pub(super) kid: String,
    pub(super) algorithm: KeyManagementAlgorithm,
    pub(super) decrypter: Box<dyn JweDecrypter>,
}

/// A compact JWE that nobody has opened: everything in it is a stranger's claim.
#[derive(Debug)]
pub struct UnopenedJwe<'a> {
    alg: KeyManagementAlgorithm,
    enc: ContentEncryptionAlgorithm,
    kid: Option<String>,
    encoded_header: &'a str,
    header: JweHeader,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// What the header must say and may not say. Others, such as `cty`, change nothing.
#[derive(Deserialize)]
struct WireHeader {
    alg: KeyManagementAlgorithm,
    enc: ContentEncryptionAlgorithm,
    kid: Option<String>,
    /// Compressed content could grow without bound (RFC 8725 §3.6).
    zip: Option<serde_json::Value>,
    /// An extension that must be understood; we understand none (RFC 7515 §4.1.11).
    crit: Option<serde_json::Value>,
}

impl<'a> UnopenedJwe<'a> {
    /// The longest message that is read: a signed request object of the longest kind that is read
    /// ([`super::UnverifiedJwt::MAX_BYTES`]), which grows by a third when it is encoded once more, and
    /// room for the header and the wrapped key.
    pub const MAX_BYTES: usize = 24 * 1024;

    /// Whether the text has the five parts of a compact JWE (RFC 7516 §9) and not the three of a JWS.
    #[must_use]
    pub fn looks_like(compact: &str) -> bool {
        compact.bytes().filter(|&byte| byte == b'.').count() == 4
    }

    /// Parses a message. Refuses what is ambiguous, what is too long, and every algorithm that has
    /// no name here: RSA1_5, `dir`, key wrapping with a shared key, passwords.
    #[must_use]
    pub fn parse(compact: &'a str) -> Option<Self> {
        if compact.len() > Self::MAX_BYTES || !Self::looks_like(compact) {
            return None;
        }
        let mut parts = compact.split('.');
        let encoded_header = parts.next()?;
        let mut decoded = parts.map(json::decode);
        let mut part = || decoded.next().flatten();
        let (encrypted_key, iv, ciphertext, tag) = (part()?, part()?, part()?, part()?);
        let header = json::decode(encoded_header)?;
        // RFC 7516 §4: "The Header Parameter names within the JOSE Header MUST be unique".
        if !json::is_object_with_unique_members(&header) {
            return None;
        }
        let wire: WireHeader = serde_json::from_slice(&header).ok()?;
        if wire.zip.is_some() || wire.crit.is_some() {
            return None;
        }
        // OpenSSL compares only as many bytes as the tag has: one byte would be guessed in 256 tries.
        if iv.len() != content(wire.enc).iv_len() || tag.len() != tag_length(wire.enc) {
            return None;
        }
        Some(Self {
            alg: wire.alg,
            enc: wire.enc,
            kid: wire.kid,
            encoded_header,
            header: JweHeader::from_bytes(&header).ok()?,
            encrypted_key,
            iv,
            ciphertext,
            tag,
        })
    }

    /// `alg`
    #[must_use]
    pub const fn alg(&self) -> KeyManagementAlgorithm {
        self.alg
    }

    /// `enc`
    #[must_use]
    pub const fn enc(&self) -> ContentEncryptionAlgorithm {
        self.enc
    }

    /// `kid`: which of our keys the sender took, where it says so.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The content; `None` whatever was wrong.
    ///
    /// One of our keys must not become an oracle. RFC 7516 §11.5: "the recipient MUST NOT distinguish
    /// between format, padding, and length errors of encrypted keys. It is strongly recommended, in
    /// the event of receiving an improperly formatted key, that the recipient substitute a randomly
    /// generated CEK and proceed to the next step".
    #[must_use]
    pub fn open(&self, key: &DecryptionKey) -> Option<Secret<Vec<u8>>> {
        if key.algorithm != self.alg {
            return None;
        }
        let content = content(self.enc);
        let wrapped = (!self.encrypted_key.is_empty()).then_some(self.encrypted_key.as_slice());
        let mut substitute = vec![0; content.key_len()];
        SystemRandom::new().fill(&mut substitute).ok()?;
        let unwrapped = key.decrypter.decrypt(wrapped, content, &self.header);
        let content_key = Secret::new(match unwrapped {
            Ok(unwrapped) if unwrapped.len() == content.key_len() => unwrapped.into_owned(),
            _ => substitute,
        });
        if !self.tag_is_right(content_key.expose()) {
            return None;
        }
        content
            .decrypt(
                content_key.expose(),
                Some(&self.iv),
                &self.ciphertext,
                self.encoded_header.as_bytes(),
                Some(&self.tag),
            )
            .ok()
            .map(Secret::new)
    }

    /// RFC 7518 §5.2.2.2: the tag is checked before anything is deciphered. josekit does it the other
    /// way round and says which of the two failed by how long it takes: that is the padding oracle
    /// that undoes CBC (Vaudenay 2002). Galois mode has no such order to get wrong.
    fn tag_is_right(&self, content_key: &[u8]) -> bool {
        let hash = match self.enc {
            ContentEncryptionAlgorithm::A128CbcHs256 => hmac::HMAC_SHA256,
            ContentEncryptionAlgorithm::A192CbcHs384 => hmac::HMAC_SHA384,
            ContentEncryptionAlgorithm::A256CbcHs512 => hmac::HMAC_SHA512,
            ContentEncryptionAlgorithm::A128Gcm
            | ContentEncryptionAlgorithm::A192Gcm
            | ContentEncryptionAlgorithm::A256Gcm => return true,
        };
        let aad = self.encoded_header.as_bytes();
        let key = hmac::Key::new(hash, &content_key[..content_key.len() / 2]);
        let mut context = hmac::Context::with_key(&key);
        for part in [aad, &self.iv, &self.ciphertext] {
            context.update(part);
        }
        context.update(&(aad.len() as u64 * 8).to_be_bytes());
        let whole = context.sign();
        whole.as_ref()[..self.tag.len()].ct_eq(&self.tag).into()
    }
}

impl DecryptionKey {
    /// Parses a private key in PKCS#8 DER. Do it once per key.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key is not one for `algorithm`.
    pub fn from_pkcs8(
        algorithm: KeyManagementAlgorithm,
        kid: &str,
        pkcs8: &Secret<Vec<u8>>,
    ) -> Result<Self, CryptoError> {
        let der = pkcs8.expose();
        let decrypter = match algorithm {
            KeyManagementAlgorithm::RsaOaep => boxed(RSA_OAEP.decrypter_from_der(der)),
            KeyManagementAlgorithm::RsaOaep256 => boxed(RSA_OAEP_256.decrypter_from_der(der)),
            KeyManagementAlgorithm::EcdhEs => boxed(ECDH_ES.decrypter_from_der(der)),
            KeyManagementAlgorithm::EcdhEsA128Kw => boxed(ECDH_ES_A128KW.decrypter_from_der(der)),
            KeyManagementAlgorithm::EcdhEsA192Kw => boxed(ECDH_ES_A192KW.decrypter_from_der(der)),
            KeyManagementAlgorithm::EcdhEsA256Kw => boxed(ECDH_ES_A256KW.decrypter_from_der(der)),
        }?;
        Ok(Self {
            kid: kid.to_owned(),
            algorithm,
            decrypter,
        })
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one `alg` that the key is for.
    #[must_use]
    pub const fn algorithm(&self) -> KeyManagementAlgorithm {
        self.algorithm
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn boxed<D: JweDecrypter + 'static>(
    parsed: Result<D, josekit::JoseError>,
) -> Result<Box<dyn JweDecrypter>, CryptoError> {
    match parsed {
        Ok(decrypter) => Ok(Box::new(decrypter)),
        Err(error) => Err(CryptoError::key(error)),
    }
}

fn content(enc: ContentEncryptionAlgorithm) -> &'static dyn JweContentEncryption {
    match enc {
        ContentEncryptionAlgorithm::A128CbcHs256 => &A128CBC_HS256,
        ContentEncryptionAlgorithm::A192CbcHs384 => &A192CBC_HS384,
        ContentEncryptionAlgorithm::A256CbcHs512 => &A256CBC_HS512,
        ContentEncryptionAlgorithm::A128Gcm => &A128GCM,
        ContentEncryptionAlgorithm::A192Gcm => &A192GCM,
        ContentEncryptionAlgorithm::A256Gcm => &A256GCM,
    }
}

/// RFC 7518 §5.2.3 to §5.2.5, §5.3.
const fn tag_length(enc: ContentEncryptionAlgorithm) -> usize {
    match enc {
        ContentEncryptionAlgorithm::A192CbcHs384 => 24,
        ContentEncryptionAlgorithm::A256CbcHs512 => 32,
        _ => 16,
    }
}
