//! New keys.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;

use super::jwk::{Curve, Material};
use super::{CryptoError, KeyAlgorithm, KeyManagementAlgorithm, PublicJwk, SigningAlgorithm, json};
use crate::base::{Entropy, Secret};

/// 2048 bits: 112 bits of security, enough until 2030 (NIST SP 800-57 part 1, table 4), and a key
/// lives for months. 3072 bits would triple the price of each signature.
const RSA_MODULUS_BITS: u32 = 2048;

/// A key pair that has just been made and is known to nobody else.
#[derive(Debug)]
pub struct GeneratedKey {
    /// The RFC 7638 thumbprint: unique without coordination between nodes.
    pub kid: String,
    /// The public half, with `kid`, `use` and `alg`.
    pub public: PublicJwk,
    /// The private half as PKCS#8 DER. Seal it before storing.
    pub private: Secret<Vec<u8>>,
}

/// Makes a key pair for `alg`.
///
/// EC and Ed25519 keys come from `entropy` alone, so a seed reproduces them in tests. RSA primes
/// come from OpenSSL's generator, which the operating system seeds. RSA takes about 30 ms in the
/// median and several times that in the worst case: keep it off the request path.
///
/// # Errors
/// [`CryptoError::Library`] if OpenSSL fails.
pub fn generate(
    alg: impl Into<KeyAlgorithm>,
    entropy: &Entropy,
) -> Result<GeneratedKey, CryptoError> {
    let alg = alg.into();
    let (material, private) = match alg {
        KeyAlgorithm::Signing(SigningAlgorithm::RS256 | SigningAlgorithm::PS256)
        | KeyAlgorithm::Encryption(
            KeyManagementAlgorithm::RsaOaep | KeyManagementAlgorithm::RsaOaep256,
        ) => rsa(RSA_MODULUS_BITS),
        KeyAlgorithm::Signing(SigningAlgorithm::EdDSA) => ed25519(entropy),
        KeyAlgorithm::Signing(SigningAlgorithm::ES256) | KeyAlgorithm::Encryption(_) => {
            p256(entropy)
        }
    }
    .map_err(CryptoError::library)?;
    let public = PublicJwk::for_our_key(material, alg);
    let private = private
        .private_key_to_pkcs8()
        .map_err(CryptoError::library)?;
    Ok(GeneratedKey {
        kid: public.thumbprint(),
        public,
        private: Secret::new(private),
    })
}

fn rsa(bits: u32) -> Result<(Material, PKey<Private>), ErrorStack> {
    let key = Rsa::generate(bits)?;
    let material = Material::Rsa {
        n: json::encode(&key.n().to_vec()),
        e: json::encode(&key.e().to_vec()),
    };
    Ok((material, PKey::from_rsa(key)?))
}

/// FIPS 186-5 §A.2.2: draw until the number lies between 1 and the order of the group.
fn p256(entropy: &Entropy) -> Result<(Material, PKey<Private>), ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let mut context = BigNumContext::new_secure()?;
    let mut order = BigNum::new()?;
    group.order(&mut order, &mut context)?;
    let scalar = loop {
        let octets = Secret::new(entropy.bytes::<32>());
        let mut candidate = BigNum::new_secure()?;
        candidate.copy_from_slice(octets.expose())?;
        candidate.set_const_time();
        if candidate.num_bits() > 0 && candidate < order {
            break candidate;
        }
    };
    let mut point = EcPoint::new(&group)?;
    point.mul_generator2(&group, &scalar, &mut context)?;
    let key = EcKey::from_private_components(&group, &scalar, &point)?;
    key.check_key()?;
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    point.affine_coordinates(&group, &mut x, &mut y, &mut context)?;
    let material = Material::Ec {
        crv: Curve::P256,
        x: json::encode(&x.to_vec_padded(32)?),
        y: json::encode(&y.to_vec_padded(32)?),
    };
    Ok((material, PKey::from_ec_key(key)?))
}

/// RFC 8032 §5.1.5: "The private key is 32 octets of cryptographically secure random data".
fn ed25519(entropy: &Entropy) -> Result<(Material, PKey<Private>), ErrorStack> {
    let seed = Secret::new(entropy.bytes::<32>());
    let key = PKey::private_key_from_raw_bytes(seed.expose(), Id::ED25519)?;
    let material = Material::Ed25519 {
        x: json::encode(&key.raw_public_key()?),
    };
    Ok((material, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_named_by_its_thumbprint_and_says_what_it_is_for() {
        for alg in KeyAlgorithm::all() {
            let key = generate(alg, &Entropy::system()).unwrap();
            assert_eq!(key.kid, key.public.thumbprint());
            assert_eq!(key.public.kid(), Some(key.kid.as_str()));
            let signs = matches!(alg, KeyAlgorithm::Signing(_));
            assert_eq!(key.public.use_(), Some(if signs { "sig" } else { "enc" }));
            assert_eq!(key.public.may_verify(), signs);
            assert_eq!(key.public.may_encrypt(), !signs);
            assert_eq!(key.public.alg(), Some(alg.as_str()));
            let json = serde_json::to_string(&key.public).unwrap();
            assert_eq!(
                serde_json::from_str::<PublicJwk>(&json).unwrap(),
                key.public
            );
        }
    }

    #[test]
    fn a_seed_reproduces_elliptic_keys_and_two_draws_differ() {
        for alg in [SigningAlgorithm::ES256, SigningAlgorithm::EdDSA] {
            let entropy = Entropy::seeded(3);
            let first = generate(alg, &entropy).unwrap();
            let second = generate(alg, &entropy).unwrap();
            assert_ne!(first.kid, second.kid);
            assert_eq!(generate(alg, &Entropy::seeded(3)).unwrap().kid, first.kid);
        }
    }
}
