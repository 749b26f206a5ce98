//! Our keys in memory, and how they get there.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Internal, Tessera};
use crate::crypto::jose::{
    CryptoError, DecryptionKey, KeyAlgorithm, KeyManagementAlgorithm, PublicJwk, SigningAlgorithm,
    SigningKey,
};
use crate::crypto::keyring::{DecryptionEntry, Keyring, KeyringEntry, Role};
use crate::protocol::key_lifecycle::KeyState;
use crate::storage::keys::{self, StoredKey};

/// Seals private keys.
pub const PURPOSE: &str = "signing-key";

/// The present keyring; replaced as a whole.
#[derive(Default)]
pub struct Keys {
    current: RwLock<Option<Arc<Keyring>>>,
    /// Parsed once per key and process: parsing costs 17 signatures.
    signing: Parsed<SigningKey>,
    opening: Parsed<DecryptionKey>,
    /// One load at a time: an older read must not replace a newer one.
    loading: tokio::sync::Mutex<()>,
}

/// Private keys by `kid`.
struct Parsed<K>(RwLock<HashMap<String, Arc<K>>>);

impl<K> Default for Parsed<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K> Parsed<K> {
    /// The key, opened with `parse` if it is seen for the first time.
    fn get(
        &self,
        kid: &str,
        parse: impl FnOnce() -> Result<K, CryptoError>,
    ) -> Result<Arc<K>, CryptoError> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(kid) {
            return Ok(Arc::clone(known));
        }
        drop(known);
        let key = Arc::new(parse()?);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(kid.to_owned(), Arc::clone(&key));
        Ok(key)
    }

    /// Forgets the private keys that are gone.
    fn retain(&self, is_there: impl Fn(&str) -> bool) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|kid, _| is_there(kid));
    }
}

/// What a stored key becomes.
enum Entry {
    Signs(KeyringEntry),
    Opens(DecryptionEntry),
}

impl Keys {
    /// The present keyring.
    ///
    /// # Errors
    /// If no key was loaded yet.
    pub fn current(&self) -> Result<Arc<Keyring>, Internal> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(|| Internal::other("no signing key is loaded"))
    }
}

impl Tessera {
    /// Reads the keys from the database anew.
    ///
    /// # Errors
    /// If the database does not answer, or a key cannot be opened with this master key.
    pub async fn load_keys(&self) -> Result<(), Internal> {
        let _one = self.keys.loading.lock().await;
        let mut reader = &self.store;
        let stored = keys::all(&mut reader).await?;
        let (mut signs, mut opens) = (Vec::new(), Vec::new());
        for key in &stored {
            match self.entry(key)? {
                Some(Entry::Signs(entry)) => signs.push(entry),
                Some(Entry::Opens(entry)) => opens.push(entry),
                None => {}
            }
        }
        let signing = |kid: &str| signs.iter().any(|entry: &KeyringEntry| entry.kid == kid);
        self.keys.signing.retain(signing);
        let opening = |kid: &str| opens.iter().any(|e: &DecryptionEntry| e.key.kid() == kid);
        self.keys.opening.retain(opening);
        let keyring = Arc::new(Keyring::new(signs)?.with_decryption(opens)?);
        *self
            .keys
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(keyring);
        Ok(())
    }

    fn entry(&self, key: &StoredKey) -> Result<Option<Entry>, Internal> {
        let state: KeyState = serde_json::from_value(key.state.clone().into())
            .map_err(|_| Internal::other(format!("key {} has an unknown state", key.kid)))?;
        if !state.is_published() {
            return Ok(None);
        }
        let alg: KeyAlgorithm = key.alg.parse().map_err(Internal::other)?;
        let public: PublicJwk = serde_json::from_str(&key.public_jwk).map_err(Internal::other)?;
        let role = if state.signs() {
            Role::Active
        } else {
            Role::Published
        };
        Ok(Some(match alg {
            KeyAlgorithm::Signing(alg) => Entry::Signs(KeyringEntry {
                kid: key.kid.clone(),
                alg,
                role,
                public,
                signer: state.signs().then(|| self.signer(alg, key)).transpose()?,
            }),
            KeyAlgorithm::Encryption(alg) => Entry::Opens(DecryptionEntry {
                role,
                public,
                key: self.opener(alg, key)?,
            }),
        }))
    }

    fn signer(&self, alg: SigningAlgorithm, key: &StoredKey) -> Result<Arc<SigningKey>, Internal> {
        Ok(self.keys.signing.get(&key.kid, || {
            let private = self.master.open(PURPOSE, &key.sealed)?;
            SigningKey::from_pkcs8(alg, &key.kid, &private)
        })?)
    }

    fn opener(
        &self,
        alg: KeyManagementAlgorithm,
        key: &StoredKey,
    ) -> Result<Arc<DecryptionKey>, Internal> {
        Ok(self.keys.opening.get(&key.kid, || {
            let private = self.master.open(PURPOSE, &key.sealed)?;
            DecryptionKey::from_pkcs8(alg, &key.kid, &private)
        })?)
    }
}
