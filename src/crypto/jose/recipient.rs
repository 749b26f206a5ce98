//! Encryption to a client's public key (RFC 7516, RFC 7518 §4.3, §4.6, RFC 8037 §3.2).

use std::fmt;

use josekit::jwe::{self, ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A192KW, ECDH_ES_A256KW};
use josekit::jwe::{JweEncrypter, JweHeader, RSA_OAEP, RSA_OAEP_256};

use super::jwk::Material;
use super::{ContentEncryptionAlgorithm, CryptoError, KeyManagementAlgorithm, PublicJwk};

/// A public key to encrypt to, with the algorithms that its owner registered.
pub struct Recipient {
    pub(super) kid: Option<String>,
    enc: ContentEncryptionAlgorithm,
    encrypter: Box<dyn JweEncrypter>,
}

impl Recipient {
    /// The key of a set to encrypt to with `alg`: one that says `use: enc` before one that says
    /// nothing, and else the first, since owners put their newest key there (a JWK has no date).
    /// Keys that turn out not to be usable are passed over.
    #[must_use]
    pub fn choose(
        keys: &[PublicJwk],
        alg: KeyManagementAlgorithm,
        enc: ContentEncryptionAlgorithm,
    ) -> Option<Self> {
        let mut fitting: Vec<_> = keys.iter().filter(|jwk| fits(jwk, alg)).collect();
        fitting.sort_by_key(|jwk| jwk.use_().is_none());
        fitting
            .into_iter()
            .find_map(|jwk| Self::new(jwk, alg, enc).ok())
    }

    /// From a public key.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key is for something else, is no valid point or modulus, or is RSA
    /// below 2048 bits (RFC 7518 §4.3: "A key of size 2048 bits or larger MUST be used").
    pub fn new(
        jwk: &PublicJwk,
        alg: KeyManagementAlgorithm,
        enc: ContentEncryptionAlgorithm,
    ) -> Result<Self, CryptoError> {
        if !fits(jwk, alg) {
            return Err(CryptoError::key("the key is not for this algorithm"));
        }
        let key = jwk.to_josekit();
        Ok(Self {
            kid: jwk.kid().map(str::to_owned),
            enc,
            encrypter: match alg {
                KeyManagementAlgorithm::RsaOaep => boxed(RSA_OAEP.encrypter_from_jwk(&key)),
                KeyManagementAlgorithm::RsaOaep256 => boxed(RSA_OAEP_256.encrypter_from_jwk(&key)),
                KeyManagementAlgorithm::EcdhEs => boxed(ECDH_ES.encrypter_from_jwk(&key)),
                KeyManagementAlgorithm::EcdhEsA128Kw => {
                    boxed(ECDH_ES_A128KW.encrypter_from_jwk(&key))
                }
                KeyManagementAlgorithm::EcdhEsA192Kw => {
                    boxed(ECDH_ES_A192KW.encrypter_from_jwk(&key))
                }
                KeyManagementAlgorithm::EcdhEsA256Kw => {
                    boxed(ECDH_ES_A256KW.encrypter_from_jwk(&key))
                }
            }?,
        })
    }

    /// Encrypts a JWT. RFC 7519 §5.2: for a nested JWT, the header parameter `cty` "MUST be present;
    /// in this case, the value of this Header Parameter MUST be "JWT"".
    ///
    /// # Errors
    /// [`CryptoError::Library`] if the library fails.
    pub fn encrypt_jwt(&self, jwt: &str) -> Result<String, CryptoError> {
        self.encrypt(jwt.as_bytes(), Some("JWT"))
    }

    /// Encrypts bare claims: a JWT that is encrypted and not signed.
    ///
    /// # Errors
    /// [`CryptoError::Library`] if the library fails.
    pub fn encrypt_claims(&self, claims: &impl serde::Serialize) -> Result<String, CryptoError> {
        self.encrypt(&serde_json::to_vec(claims)?, None)
    }

    // Never a `zip`: the length of compressed text tells what is in it (RFC 8725 §3.6).
    fn encrypt(&self, plaintext: &[u8], cty: Option<&str>) -> Result<String, CryptoError> {
        let mut header = JweHeader::new();
        header.set_content_encryption(self.enc.as_str());
        if let Some(kid) = &self.kid {
            header.set_key_id(kid);
        }
        if let Some(cty) = cty {
            header.set_content_type(cty);
        }
        jwe::serialize_compact(plaintext, &header, &*self.encrypter).map_err(CryptoError::library)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("kid", &self.kid)
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}

fn boxed<E: JweEncrypter + 'static>(
    parsed: Result<E, josekit::JoseError>,
) -> Result<Box<dyn JweEncrypter>, CryptoError> {
    match parsed {
        Ok(encrypter) => Ok(Box::new(encrypter)),
        Err(error) => Err(CryptoError::key(error)),
    }
}

fn fits(jwk: &PublicJwk, alg: KeyManagementAlgorithm) -> bool {
    let rsa = matches!(
        alg,
        KeyManagementAlgorithm::RsaOaep | KeyManagementAlgorithm::RsaOaep256
    );
    let by_type = match jwk.material {
        Material::Rsa { .. } => rsa,
        Material::Ec { .. } | Material::X25519 { .. } => !rsa,
        Material::Ed25519 { .. } => false,
    };
    by_type && jwk.may_encrypt() && jwk.alg().is_none_or(|named| named == alg.as_str())
}
