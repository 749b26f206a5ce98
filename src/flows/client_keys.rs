//! The public keys of clients: by value, or fetched from their `jwks_uri` and kept for a while.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache;
use serde::de::DeserializeOwned;
use url::Url;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::crypto::jose::{JwkSet, JwsAlgorithm, UnverifiedJwt, VerificationKey};
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

#[derive(Clone, Default)]
struct State {
    keys: Arc<Vec<Arc<VerificationKey>>>,
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
    fn asked(&self, keys: Option<Vec<Arc<VerificationKey>>>, now: Timestamp) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.ask_again_at = Some(now + if keys.is_some() { REFETCH } else { RETRY });
        if let Some(keys) = keys {
            (state.keys, state.fetched_at) = (Arc::new(keys), Some(now));
        }
    }
}

impl State {
    /// Whether to ask again for keys, of which those that fit now are `fitting`.
    fn wants_fetch(&self, fitting: &[Arc<VerificationKey>], now: Timestamp) -> bool {
        if self.ask_again_at.is_some_and(|at| now < at) {
            return false;
        }
        fitting.is_empty() || self.fetched_at.is_none_or(|at| now.since(at) >= KEEP)
    }

    /// The keys, unless they are so old that nobody vouches for them any more.
    fn usable(&self, now: Timestamp) -> &[Arc<VerificationKey>] {
        match self.fetched_at {
            Some(at) if now.since(at) < KEEP * 4 => &self.keys,
            _ => &[],
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
        let fitting = |keys: &[Arc<VerificationKey>]| -> Vec<Arc<VerificationKey>> {
            keys.iter()
                .filter(|key| kid.is_none() || key.kid() == kid || key.kid().is_none())
                .filter(|key| key.supports(alg))
                .take(8)
                .cloned()
                .collect()
        };
        match source {
            KeySource::Nowhere => Ok(Vec::new()),
            KeySource::Value(jwks) => Ok(serde_json::from_value::<JwkSet>(jwks)
                .map(|set| fitting(&parse(&set)))
                .unwrap_or_default()),
            KeySource::Reference(uri) => {
                let known = self
                    .client_keys
                    .0
                    .get_with_by_ref(&uri, || Arc::new(Known::default()));
                let state = known.state();
                let keys = fitting(state.usable(self.now()));
                if !state.wants_fetch(&keys, self.now()) {
                    return Ok(keys);
                }
                let _one = known.fetching.lock().await;
                // Somebody else may have asked while we waited.
                let state = known.state();
                let keys = fitting(state.usable(self.now()));
                if state.wants_fetch(&keys, self.now()) {
                    known.asked(self.fetch_keys(&uri).await, self.now());
                }
                Ok(fitting(known.state().usable(self.now())))
            }
        }
    }

    async fn fetch_keys(&self, uri: &str) -> Option<Vec<Arc<VerificationKey>>> {
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

fn parse(set: &JwkSet) -> Vec<Arc<VerificationKey>> {
    set.keys()
        .iter()
        .filter(|jwk| jwk.may_verify())
        .filter_map(|jwk| VerificationKey::from_jwk(jwk).ok())
        .map(Arc::new)
        .collect()
}
