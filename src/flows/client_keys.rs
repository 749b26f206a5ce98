//! The public keys of clients: by value, or fetched from their `jwks_uri` and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use url::Url;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::crypto::jose::{JwkSet, JwsAlgorithm, VerificationKey};
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

/// After a fetch that failed: soon enough for a client whose server comes back, and no more often,
/// however many assertions a stranger sends in its name.
const RETRY: Duration = Duration::from_secs(5);

/// While their server is away, what was known keeps working this long.
const OUTLIVE: Duration = Duration::from_hours(1);

#[derive(Clone)]
struct Fetched {
    keys: Arc<Vec<Arc<VerificationKey>>>,
    at: Timestamp,
    /// When it may be fetched anew.
    not_before: Timestamp,
}

impl Fetched {
    fn nothing(now: Timestamp) -> Self {
        Self {
            keys: Arc::default(),
            at: now,
            not_before: now,
        }
    }

    fn usable(&self, now: Timestamp) -> Arc<Vec<Arc<VerificationKey>>> {
        if now.since(self.at) < OUTLIVE {
            Arc::clone(&self.keys)
        } else {
            Arc::default()
        }
    }
}

/// Sets that were fetched, and when.
pub struct ClientKeys(Cache<String, Fetched>);

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
            KeySource::Reference(uri) => Ok(fitting(&self.remote_keys(uri, fitting).await)),
        }
    }

    /// The keys at a `jwks_uri`, fetched if they are old or if none of those known is `fitting`.
    async fn remote_keys<T>(
        &self,
        uri: String,
        fitting: impl Fn(&[Arc<VerificationKey>]) -> Vec<T>,
    ) -> Arc<Vec<Arc<VerificationKey>>> {
        let now = self.now();
        let cached = self.client_keys.0.get(&uri);
        if let Some(cached) = &cached {
            let fresh = now.since(cached.at) < KEEP && !fitting(&cached.keys).is_empty();
            if fresh || now < cached.not_before {
                return cached.usable(now);
            }
        }
        let fetched = match self.fetch_keys(&uri).await {
            Some(keys) => Fetched {
                keys: Arc::new(keys),
                at: now,
                not_before: now + REFETCH,
            },
            None => Fetched {
                not_before: now + RETRY,
                ..cached.unwrap_or_else(|| Fetched::nothing(now))
            },
        };
        let keys = fetched.usable(now);
        self.client_keys.0.insert(uri, fetched);
        keys
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

fn parse(set: &JwkSet) -> Vec<Arc<VerificationKey>> {
    set.keys()
        .iter()
        .filter(|jwk| jwk.may_verify())
        .filter_map(|jwk| VerificationKey::from_jwk(jwk).ok())
        .map(Arc::new)
        .collect()
}
