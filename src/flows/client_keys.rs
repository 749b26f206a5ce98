//! The public keys of clients: by value, or fetched from their `jwks_uri` and kept for a while.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache;
use serde::de::DeserializeOwned;
use url::Url;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::crypto::jose::{
    ContentEncryptionAlgorithm, JwkSet, JwsAlgorithm, KeyManagementAlgorithm, PublicJwk, Recipient,
    UnverifiedJwt, VerificationKey,
};
use crate::protocol::client::ClientMetadata;

/// Where a client keeps its keys.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// `jwks`
    Value(serde_json::Value),
    /// `jwks_uri`
    Reference(String),
    /// Nowhere: it has none.
    Nowhere,
}

impl KeySource {
    /// Where this client keeps its keys.
    #[must_use]
    pub fn of(metadata: &ClientMetadata) -> Self {
        match (&metadata.jwks, &metadata.jwks_uri) {
            (Some(jwks), _) => Self::Value(jwks.clone()),
            (None, Some(uri)) => Self::Reference(uri.clone()),
            (None, None) => Self::Nowhere,
        }
    }
}

/// A set is used for 15 minutes without asking again...
const KEEP: Duration = Duration::from_mins(15);

/// ...but for an unknown `kid` it is fetched anew, at most this often: a stranger who makes up
/// `kid`s must not make us hammer the client.
const REFETCH: Duration = Duration::from_mins(1);

/// A fetch that failed is tried again no sooner: a client whose server hangs must not keep us waiting.
const RETRY: Duration = Duration::from_secs(10);

/// What is known of one `jwks_uri`.
#[derive(Default)]
struct Known {
    state: RwLock<State>,
    /// Held by who fetches: others wait for what comes back instead of fetching too.
    fetching: tokio::sync::Mutex<()>,
}

/// The keys of a set, by what they are for.
#[derive(Default)]
struct KeySet {
    verifying: Vec<Arc<VerificationKey>>,
    encrypting: Vec<PublicJwk>,
}

#[derive(Clone, Default)]
struct State {
    keys: Arc<KeySet>,
    /// When `keys` were fetched.
    fetched_at: Option<Timestamp>,
    /// Before this they are not asked for again.
    ask_again_at: Option<Timestamp>,
}

impl Known {
    fn state(&self) -> State {
        self.state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Writes down how an attempt ended.
    fn asked(&self, keys: Option<KeySet>, now: Timestamp) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.ask_again_at = Some(now + if keys.is_some() { REFETCH } else { RETRY });
        if let Some(keys) = keys {
            (state.keys, state.fetched_at) = (Arc::new(keys), Some(now));
        }
    }
}

impl State {
    /// Whether to ask again for keys, of which those that fit now are `fitting`.
    fn wants_fetch<K>(&self, fitting: &[K], now: Timestamp) -> bool {
        if self.ask_again_at.is_some_and(|at| now < at) {
            return false;
        }
        fitting.is_empty() || self.fetched_at.is_none_or(|at| now.since(at) >= KEEP)
    }

    /// The keys, unless they are so old that nobody vouches for them any more.
    fn usable(&self, now: Timestamp) -> Option<&KeySet> {
        match self.fetched_at {
            Some(at) if now.since(at) < KEEP * 4 => Some(&self.keys),
            _ => None,
        }
    }
}

/// Sets that were fetched, and when.
pub struct ClientKeys(Cache<String, Arc<Known>>);

impl Default for ClientKeys {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).build())
    }
}

impl Tessera {
    /// The keys with which a client may have signed: those named `kid`, or all where it named none.
    ///
    /// # Errors
    /// Never for a set that cannot be fetched or read: then there are no keys, and the log says so.
    pub async fn client_keys(
        &self,
        source: KeySource,
        kid: Option<&str>,
        alg: JwsAlgorithm,
    ) -> Result<Vec<Arc<VerificationKey>>, Internal> {
        let fitting = |set: &KeySet| {
            set.verifying
                .iter()
                .filter(|key| kid.is_none() || key.kid() == kid || key.kid().is_none())
                .filter(|key| key.supports(alg))
                .take(8)
                .cloned()
                .collect()
        };
        Ok(self.fitting_keys(source, fitting).await)
    }

    /// The key to which to encrypt for a client. `None` if no key fits, also after asking its `jwks_uri`
    /// again where that is due.
    pub(super) async fn recipient_key(
        &self,
        source: KeySource,
        alg: KeyManagementAlgorithm,
        enc: ContentEncryptionAlgorithm,
    ) -> Option<Recipient> {
        let fitting = |set: &KeySet| {
            let chosen = Recipient::choose(&set.encrypting, alg, enc);
            chosen.into_iter().collect()
        };
        self.fitting_keys(source, fitting).await.pop()
    }

    /// What `fitting` picks from the keys of a client; if that is nothing, from a set fetched anew.
    async fn fitting_keys<K>(
        &self,
        source: KeySource,
        fitting: impl Fn(&KeySet) -> Vec<K>,
    ) -> Vec<K> {
        let usable = |state: &State| state.usable(self.now()).map(&fitting).unwrap_or_default();
        match source {
            KeySource::Nowhere => Vec::new(),
            KeySource::Value(jwks) => serde_json::from_value::<JwkSet>(jwks)
                .map(|set| fitting(&parse(&set)))
                .unwrap_or_default(),
            KeySource::Reference(uri) => {
                let known = self
                    .client_keys
                    .0
                    .get_with_by_ref(&uri, || Arc::new(Known::default()));
                let state = known.state();
                let keys = usable(&state);
                if !state.wants_fetch(&keys, self.now()) {
                    return keys;
                }
                let _one = known.fetching.lock().await;
                // Somebody else may have asked while we waited.
                let state = known.state();
                if state.wants_fetch(&usable(&state), self.now()) {
                    known.asked(self.fetch_keys(&uri).await, self.now());
                }
                usable(&known.state())
            }
        }
    }

    async fn fetch_keys(&self, uri: &str) -> Option<KeySet> {
        let url = Url::parse(uri).ok()?;
        let fetched = match self.outbound.get(&url, "application/json").await {
            Ok(fetched) if fetched.status == 200 => fetched,
            Ok(fetched) => {
                tracing::warn!(%uri, status = fetched.status, "a client's jwks_uri answers badly");
                return None;
            }
            Err(error) => {
                tracing::warn!(%uri, %error, "a client's jwks_uri cannot be fetched");
                return None;
            }
        };
        let set: JwkSet = serde_json::from_slice(&fetched.bytes).ok()?;
        Some(parse(&set))
    }
}

fn parse(set: &JwkSet) -> KeySet {
    let encrypting = set.keys().iter().filter(|jwk| jwk.may_encrypt());
    KeySet {
        encrypting: encrypting.cloned().collect(),
        verifying: set
            .keys()
            .iter()
            .filter(|jwk| jwk.may_verify())
            .filter_map(|jwk| VerificationKey::from_jwk(jwk).ok())
            .map(Arc::new)
            .collect(),
    }
}

/// The claims of a JWT that one of these keys signed.
pub(super) fn verify_with_any<C: DeserializeOwned>(
    compact: &str,
    keys: &[Arc<VerificationKey>],
    alg: JwsAlgorithm,
) -> Option<C> {
    keys.iter().find_map(|key| {
        let jwt = UnverifiedJwt::parse(compact).ok()?;
        Some(jwt.verify(key, &[alg]).ok()?.into_claims())
    })
}
