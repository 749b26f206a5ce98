//! The signing keys in memory, and how they get there.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Internal, Tessera};
use crate::crypto::jose::{PublicJwk, SigningAlgorithm, SigningKey};
use crate::crypto::keyring::{Keyring, KeyringEntry, Role};
use crate::protocol::key_lifecycle::KeyState;
use crate::storage::keys::{self, StoredKey};

/// Seals private keys.
pub const PURPOSE: &str = "signing-key";

/// The present keyring; replaced as a whole.
#[derive(Default)]
pub struct Keys {
    current: RwLock<Option<Arc<Keyring>>>,
    /// Parsed once per key and process: parsing costs 17 signatures.
    parsed: RwLock<HashMap<String, Arc<SigningKey>>>,
    /// One load at a time: an older read must not replace a newer one.
    loading: tokio::sync::Mutex<()>,
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
        let mut entries = Vec::new();
        for key in &stored {
            entries.extend(self.entry(key)?);
        }
        self.keys
            .parsed
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|kid, _| entries.iter().any(|entry| entry.kid == *kid));
        let keyring = Arc::new(Keyring::new(entries)?);
        *self
            .keys
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(keyring);
        Ok(())
    }

    fn entry(&self, key: &StoredKey) -> Result<Option<KeyringEntry>, Internal> {
        let state: KeyState = serde_json::from_value(key.state.clone().into())
            .map_err(|_| Internal::other(format!("key {} has an unknown state", key.kid)))?;
        if !state.is_published() {
            return Ok(None);
        }
        let alg: SigningAlgorithm = key.alg.parse().map_err(Internal::other)?;
        let public: PublicJwk = serde_json::from_str(&key.public_jwk).map_err(Internal::other)?;
        let signer = if state.signs() {
            Some(self.signer(alg, key)?)
        } else {
            None
        };
        Ok(Some(KeyringEntry {
            kid: key.kid.clone(),
            alg,
            role: if state.signs() {
                Role::Active
            } else {
                Role::Published
            },
            public,
            signer,
        }))
    }

    fn signer(&self, alg: SigningAlgorithm, key: &StoredKey) -> Result<Arc<SigningKey>, Internal> {
        let known = self
            .keys
            .parsed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key.kid)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let private = self.master.open(PURPOSE, &key.sealed)?;
        let signer = Arc::new(SigningKey::from_pkcs8(alg, &key.kid, &private)?);
        self.keys
            .parsed
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.kid.clone(), Arc::clone(&signer));
        Ok(signer)
    }
}
