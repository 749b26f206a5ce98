//! The keys of this moment: an immutable snapshot that every request shares.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::jose::{
    CryptoError, DecryptionKey, JwkSet, KeyManagementAlgorithm, PublicJwk, SigningAlgorithm,
    SigningKey, VerificationKey,
};
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

/// A stored key that opens what is encrypted to it.
#[derive(Debug)]
pub struct DecryptionEntry {
    /// What it is for. In the JWKS while it is active and at no other time: before, some node may not
    /// have it yet; after, nobody should use it any more. It opens in every role.
    pub role: Role,
    /// The public half. Its `kid` and `alg` are those of the private half.
    pub public: PublicJwk,
    /// The private half.
    pub key: Arc<DecryptionKey>,
}

/// The keys of this moment. Replaced as a whole when storage changes, never changed in place.
pub struct Keyring {
    active: HashMap<SigningAlgorithm, Arc<SigningKey>>,
    verifying: HashMap<String, Arc<VerificationKey>>,
    opening: Vec<Arc<DecryptionKey>>,
    published: Vec<PublicJwk>,
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
        let published: Vec<_> = entries.into_iter().map(|entry| entry.public).collect();
        let jwks = key_set(&published)?;
        Ok(Self {
            active,
            verifying,
            opening: Vec::new(),
            published,
            etag: entity_tag(&jwks),
            jwks: jwks.into(),
        })
    }

    /// Adds the keys that open. In the JWKS they stand last: some verifiers take the first key that
    /// fits, whatever its `use`.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the halves of a key are named differently, or a `kid` is there twice.
    pub fn with_decryption(
        mut self,
        mut entries: Vec<DecryptionEntry>,
    ) -> Result<Self, CryptoError> {
        entries.sort_by(|a, b| {
            let rank =
                |entry: &DecryptionEntry| (entry.role != Role::Active, entry.key.algorithm());
            rank(a)
                .cmp(&rank(b))
                .then_with(|| a.key.kid().cmp(b.key.kid()))
        });
        for entry in entries {
            let kid = entry.key.kid();
            if entry.public.kid() != Some(kid)
                || entry.public.alg() != Some(entry.key.algorithm().as_str())
                || self.verifying.contains_key(kid)
                || self.opening.iter().any(|known| known.kid() == kid)
            {
                return Err(CryptoError::Key(format!("key {kid}: misnamed")));
            }
            if entry.role == Role::Active {
                self.published.push(entry.public);
            }
            self.opening.push(entry.key);
        }
        let jwks = key_set(&self.published)?;
        self.etag = entity_tag(&jwks);
        self.jwks = jwks.into();
        Ok(self)
    }

    /// The key that signs with `alg` now.
    pub fn active(&self, alg: SigningAlgorithm) -> Option<&Arc<SigningKey>> {
        self.active.get(&alg)
    }

    /// The key named `kid`, for tokens that we signed. `None` for revoked and unknown ones.
    pub fn verification_key(&self, kid: &str) -> Option<&Arc<VerificationKey>> {
        self.verifying.get(kid)
    }

    /// The keys that may open a message for `alg`: the one named `kid`, or where none is named
    /// (OpenID Connect Core §10.2 wants one "if multiple keys") the newest few.
    pub fn decryption_keys(
        &self,
        alg: KeyManagementAlgorithm,
        kid: Option<&str>,
    ) -> impl Iterator<Item = &Arc<DecryptionKey>> {
        self.opening
            .iter()
            .filter(move |key| key.algorithm() == alg && kid.is_none_or(|kid| key.kid() == kid))
            .take(3)
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
            .field("opening", &self.opening.len())
            .finish_non_exhaustive()
    }
}

fn key_set(keys: &[PublicJwk]) -> Result<Vec<u8>, CryptoError> {
    let set = JwkSet::new(keys.to_vec());
    let set = set.ok_or_else(|| CryptoError::Key("too many keys".to_owned()))?;
    Ok(serde_json::to_vec(&set)?)
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

    fn opener(role: Role, seed: u64) -> DecryptionEntry {
        let alg = KeyManagementAlgorithm::EcdhEs;
        let made = generate(alg, &Entropy::seeded(seed)).unwrap();
        let key = DecryptionKey::from_pkcs8(alg, &made.kid, &made.private).unwrap();
        DecryptionEntry {
            role,
            public: made.public,
            key: Arc::new(key),
        }
    }

    #[test]
    fn oidc_core_10_2_1_only_the_active_key_that_opens_is_published_and_the_others_open_yet() {
        let entries = vec![opener(Role::Published, 1), opener(Role::Active, 2)];
        let kids: Vec<_> = entries.iter().map(|e| e.key.kid().to_owned()).collect();
        let ring = Keyring::new(vec![entry(ES, Role::Active, 3)]).unwrap();
        let before = ring.etag().to_owned();
        let ring = ring.with_decryption(entries).unwrap();
        assert_ne!(ring.etag(), before);
        let set: JwkSet = serde_json::from_slice(&ring.jwks()).unwrap();
        let uses: Vec<_> = set.keys().iter().filter_map(PublicJwk::use_).collect();
        assert_eq!(uses, ["sig", "enc"]);
        assert_eq!(set.keys()[1].kid(), Some(kids[1].as_str()));
        let found = |alg, kid: Option<&str>| {
            let keys = ring.decryption_keys(alg, kid);
            keys.map(|key| key.kid().to_owned()).collect::<Vec<_>>()
        };
        let alg = KeyManagementAlgorithm::EcdhEs;
        assert_eq!(found(alg, None), [kids[1].clone(), kids[0].clone()]);
        assert_eq!(found(alg, Some(&kids[0])), [kids[0].clone()]);
        assert!(found(alg, Some("other")).is_empty());
        assert!(found(KeyManagementAlgorithm::RsaOaep, None).is_empty());
        // No verifier of ours takes it for a key that signs.
        assert!(ring.verification_key(&kids[1]).is_none());
        let twice = vec![opener(Role::Active, 4), opener(Role::Published, 4)];
        assert!(
            Keyring::new(vec![])
                .unwrap()
                .with_decryption(twice)
                .is_err()
        );
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
