//! The public keys of clients: by value, or fetched from their `jwks_uri` and kept for a while.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache;
use serde::de::DeserializeOwned;
use url::Url;

use super::Tessera;
use crate::base::Timestamp;
use crate::crypto::jose::{
    ContentEncryptionAlgorithm, JwkSet, JwsAlgorithm, KeyManagementAlgorithm, PublicJwk, Recipient,
    UnverifiedJwt, VerificationKey,
};
use crate::protocol::client::{Client, ClientId};

/// Where a client keeps its keys.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// `jwks`
    Value(serde_json::Value),
    /// `jwks_uri`
    Reference {
        /// Whose it is. Two clients that name the same address do not share what came from it: one of
        /// them must not be able to use up the patience with which the other's is fetched.
        owner: String,
        /// The address.
        uri: String,
    },
    /// Nowhere: it has none.
    Nowhere,
}

impl KeySource {
    /// Where this client keeps its keys.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let metadata = &client.metadata;
        match (&metadata.jwks, &metadata.jwks_uri) {
            (Some(jwks), _) => Self::Value(jwks.clone()),
            (None, Some(uri)) => Self::Reference {
                owner: client.id.to_string(),
                uri: uri.clone(),
            },
            (None, None) => Self::Nowhere,
        }
    }
}

/// A set is used for 15 minutes without asking again...
const KEEP: Duration = Duration::from_mins(15);

/// ...but for an unknown `kid`, or a signature that none of them made, it is fetched anew, at most this
/// often: a stranger who makes those up must not make us hammer the client.
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
        if !self.may_ask(now) {
            return false;
        }
        fitting.is_empty() || self.fetched_at.is_none_or(|at| now.since(at) >= KEEP)
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        self.ask_again_at.is_none_or(|at| now >= at)
    }

    /// The keys, unless they are so old that nobody vouches for them any more.
    fn usable(&self, now: Timestamp) -> Option<&KeySet> {
        match self.fetched_at {
            Some(at) if now.since(at) < KEEP * 4 => Some(&self.keys),
            _ => None,
        }
    }
}

/// Sets that were fetched, and when, by the owner and the address.
pub struct ClientKeys(Cache<(String, String), Arc<Known>>);

impl Default for ClientKeys {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(10_000);
        Self(cache.support_invalidation_closures().build())
    }
}

impl ClientKeys {
    /// The registration of this client has changed: what it publishes is fetched anew.
    pub fn forget(&self, client: &ClientId) {
        let owner = client.to_string();
        let of_client = move |(known, _): &(String, String), _: &Arc<Known>| *known == owner;
        if self.0.invalidate_entries_if(of_client).is_err() {
            self.0.invalidate_all();
        }
    }
}

impl Tessera {
    /// The claims of a JWT, if its signature is of one of these keys: of those named `kid`, or of any
    /// where it named none. OpenID Connect Core §10.1.1: the verifier "can re-retrieve the keys from the
    /// jwks_uri location" when it meets a key that it does not know; one that was replaced under its old
    /// name, or has none, shows only by its signature.
    pub(super) async fn verify_signed_by<C: DeserializeOwned>(
        &self,
        source: &KeySource,
        compact: &str,
        kid: Option<&str>,
        alg: JwsAlgorithm,
    ) -> Option<C> {
        let fitting = |set: &KeySet| -> Vec<Arc<VerificationKey>> {
            set.verifying
                .iter()
                .filter(|key| kid.is_none() || key.kid() == kid || key.kid().is_none())
                .filter(|key| key.supports(alg))
                .take(8)
                .cloned()
                .collect()
        };
        let keys = self.fitting_keys(source, fitting).await;
        if let Some(claims) = verify_with_any(compact, &keys, alg) {
            return Some(claims);
        }
        if !self.renew(source).await {
            return None;
        }
        verify_with_any(compact, &self.fitting_keys(source, fitting).await, alg)
    }

    /// The key to which to encrypt for a client. `None` if no key fits, also after asking its `jwks_uri`
    /// again where that is due.
    pub(super) async fn recipient_key(
        &self,
        source: &KeySource,
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
        source: &KeySource,
        fitting: impl Fn(&KeySet) -> Vec<K>,
    ) -> Vec<K> {
        let usable = |state: &State| state.usable(self.now()).map(&fitting).unwrap_or_default();
        match source {
            KeySource::Nowhere => Vec::new(),
            KeySource::Value(jwks) => serde_json::from_value::<JwkSet>(jwks.clone())
                .map(|set| fitting(&parse(&set)))
                .unwrap_or_default(),
            KeySource::Reference { owner, uri } => {
                let known = self.known(owner, uri);
                let state = known.state();
                let keys = usable(&state);
                if !state.wants_fetch(&keys, self.now()) {
                    return keys;
                }
                let _one = known.fetching.lock().await;
                // Somebody else may have asked while we waited.
                let state = known.state();
                if state.wants_fetch(&usable(&state), self.now()) {
                    known.asked(self.fetch_keys(uri).await, self.now());
                }
                usable(&known.state())
            }
        }
    }

    /// Asks for a set again, though the keys that it had fitted; whether there is a newer one now.
    async fn renew(&self, source: &KeySource) -> bool {
        let KeySource::Reference { owner, uri } = source else {
            return false;
        };
        let known = self.known(owner, uri);
        let before = known.state().fetched_at;
        if !known.state().may_ask(self.now()) {
            return false;
        }
        let _one = known.fetching.lock().await;
        // Somebody else may have asked while we waited.
        if known.state().may_ask(self.now()) {
            known.asked(self.fetch_keys(uri).await, self.now());
        }
        known.state().fetched_at != before
    }

    fn known(&self, owner: &str, uri: &str) -> Arc<Known> {
        let name = (owner.to_owned(), uri.to_owned());
        self.client_keys
            .0
            .get_with(name, || Arc::new(Known::default()))
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
