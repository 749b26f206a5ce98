//! The keys of this moment: an immutable snapshot that every request shares.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::jose::{CryptoError, JwkSet, PublicJwk, SigningAlgorithm, SigningKey, VerificationKey};
use crate::base::Digest;

/// What a key is for at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// In the JWKS and verifies, but does not sign: not yet, or no longer.
    Published,
    /// Signs as well.
    Active,
}

/// A stored key, opened.
#[derive(Debug)]
pub struct KeyringEntry {
    /// The key's name.
    pub kid: String,
    /// What it signs with.
    pub alg: SigningAlgorithm,
    /// What it is for.
    pub role: Role,
    /// The public half. Its `kid` and `alg` are the ones above.
    pub public: PublicJwk,
    /// The private half; an active key must have it.
    pub signer: Option<Arc<SigningKey>>,
}

/// The keys of this moment. Replaced as a whole when storage changes, never changed in place.
pub struct Keyring {
    active: HashMap<SigningAlgorithm, Arc<SigningKey>>,
    verifying: HashMap<String, Arc<VerificationKey>>,
    jwks: Arc<[u8]>,
    etag: String,
}

impl Keyring {
    /// Parses the public keys and writes the JWKS, once.
    ///
    /// Revoked keys must not be among the entries: whatever is here verifies.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if two entries share a `kid`, two active ones an algorithm, an active
    /// one has no matching private half, or a public half is unusable or named differently.
    pub fn new(mut entries: Vec<KeyringEntry>) -> Result<Self, CryptoError> {
        // Active keys first, because some verifiers take the first that fits; then in an order
        // that all nodes agree on, so that the entity tag does not depend on who answers.
        entries.sort_by(|a, b| {
            let rank = |entry: &KeyringEntry| (entry.role != Role::Active, entry.alg);
            rank(a).cmp(&rank(b)).then_with(|| a.kid.cmp(&b.kid))
        });
        let mut active = HashMap::new();
        let mut verifying = HashMap::new();
        for entry in &entries {
            let refused = |why: &str| Err(CryptoError::Key(format!("key {}: {why}", entry.kid)));
            if entry.public.kid() != Some(&entry.kid)
                || entry.public.alg() != Some(entry.alg.as_str())
            {
                return refused("the public half has another kid or alg");
            }
            let key = Arc::new(VerificationKey::from_jwk(&entry.public)?);
            if verifying.insert(entry.kid.clone(), key).is_some() {
                return refused("kid used twice");
            }
            if entry.role == Role::Active {
                let Some(signer) = entry
                    .signer
                    .as_ref()
                    .filter(|signer| signer.kid() == entry.kid && signer.algorithm() == entry.alg)
                else {
                    return refused("active without its private half");
                };
                if active.insert(entry.alg, Arc::clone(signer)).is_some() {
                    return refused("a second active key of its algorithm");
                }
            }
        }
        let keys = entries.into_iter().map(|entry| entry.public).collect();
        let set = JwkSet::new(keys).ok_or_else(|| CryptoError::Key("too many keys".to_owned()))?;
        let jwks = serde_json::to_vec(&set)?;
        Ok(Self {
            active,
            verifying,
            etag: entity_tag(&jwks),
            jwks: jwks.into(),
        })
    }

    /// The key that signs with `alg` now.
    pub fn active(&self, alg: SigningAlgorithm) -> Option<&Arc<SigningKey>> {
        self.active.get(&alg)
    }

    /// The key named `kid`, for tokens that we signed. `None` for revoked and unknown ones.
    pub fn verification_key(&self, kid: &str) -> Option<&Arc<VerificationKey>> {
        self.verifying.get(kid)
    }

    /// The algorithms that can be signed with now, in the order of [`SigningAlgorithm::ALL`]: for metadata.
    pub fn algorithms(&self) -> Vec<SigningAlgorithm> {
        let signs = |alg: &SigningAlgorithm| self.active.contains_key(alg);
        SigningAlgorithm::ALL
            .iter()
            .copied()
            .filter(signs)
            .collect()
    }

    /// The JWK Set (RFC 7517 §5) as it goes over the wire.
    pub fn jwks(&self) -> Arc<[u8]> {
        Arc::clone(&self.jwks)
    }

    /// The strong entity tag of [`Self::jwks`], quotes included (RFC 9110 §8.8.3).
    pub fn etag(&self) -> &str {
        &self.etag
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("active", &self.algorithms())
            .field("keys", &self.verifying.len())
            .finish_non_exhaustive()
    }
}

/// 128 bits of SHA-256: equal bytes have equal tags on every node.
fn entity_tag(bytes: &[u8]) -> String {
    use fmt::Write as _;

    Digest::of(bytes).as_bytes()[..16]
        .iter()
        .fold(String::from("\""), |mut tag, byte| {
            let _ = write!(tag, "{byte:02x}");
            tag
        })
        + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Entropy;
    use crate::crypto::jose::{UnverifiedJwt, generate};
    use serde_json::{Value, json};

    fn entry(alg: SigningAlgorithm, role: Role, seed: u64) -> KeyringEntry {
        let key = generate(alg, &Entropy::seeded(seed)).unwrap();
        let signer = SigningKey::from_pkcs8(alg, &key.kid, &key.private).unwrap();
        KeyringEntry {
            kid: key.kid,
            alg,
            role,
            public: key.public,
            signer: Some(Arc::new(signer)),
        }
    }

    const ES: SigningAlgorithm = SigningAlgorithm::ES256;
    const ED: SigningAlgorithm = SigningAlgorithm::EdDSA;

    #[test]
    fn tokens_of_active_and_published_keys_verify_and_the_jwks_lists_both() {
        let retired = entry(ES, Role::Published, 1);
        let old = retired.signer.clone().unwrap();
        let ring = Keyring::new(vec![
            retired,
            entry(ED, Role::Active, 2),
            entry(ES, Role::Active, 3),
        ])
        .unwrap();
        for signer in [&old, ring.active(ES).unwrap(), ring.active(ED).unwrap()] {
            let token = signer.sign("JWT", &json!({})).unwrap();
            let jwt = UnverifiedJwt::parse(&token).unwrap();
            let key = ring.verification_key(jwt.header().kid().unwrap()).unwrap();
            let alg = jwt.header().alg();
            assert!(jwt.verify::<Value>(key, &[alg]).is_ok());
        }
        assert_eq!(ring.algorithms(), [ES, ED]);
        assert!(ring.active(SigningAlgorithm::RS256).is_none());
        assert!(ring.verification_key("gone").is_none());
        let set: JwkSet = serde_json::from_slice(&ring.jwks()).unwrap();
        let kids: Vec<_> = set.keys().iter().filter_map(PublicJwk::kid).collect();
        assert_eq!(kids.len(), 3);
        assert_eq!(kids[2], old.kid());
        assert!(!String::from_utf8_lossy(&ring.jwks()).contains("\"d\""));
    }

    #[test]
    fn the_entity_tag_depends_on_the_keys_and_not_on_their_order() {
        let ring = |seeds: &[u64]| {
            let entries = seeds.iter().map(|&seed| entry(ED, Role::Published, seed));
            Keyring::new(entries.collect()).unwrap()
        };
        assert_eq!(ring(&[1, 2]).etag(), ring(&[2, 1]).etag());
        assert_ne!(ring(&[1, 2]).etag(), ring(&[1, 3]).etag());
        assert_eq!(ring(&[1]).etag().len(), 34);
        assert_eq!(&*ring(&[]).jwks(), br#"{"keys":[]}"#);
    }

    #[test]
    fn contradictory_entries_are_refused() {
        let active = |seed| entry(ED, Role::Active, seed);
        let refused = |entries| assert!(Keyring::new(entries).is_err());
        refused(vec![active(1), active(2)]);
        refused(vec![active(1), entry(ED, Role::Published, 1)]);
        refused(vec![KeyringEntry {
            signer: None,
            ..active(1)
        }]);
        refused(vec![KeyringEntry {
            kid: "other".to_owned(),
            ..active(1)
        }]);
        refused(vec![KeyringEntry {
            alg: ES,
            ..active(1)
        }]);
        let signer = active(2).signer;
        refused(vec![KeyringEntry {
            signer,
            ..active(1)
        }]);
    }
}
