//! The public keys of clients: by value, or fetched from their `jwks_uri` and kept for a while.

use std::sync::Arc;
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

#[derive(Clone)]
struct Fetched {
    keys: Arc<Vec<Arc<VerificationKey>>>,
    at: Timestamp,
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
            KeySource::Reference(uri) => {
                let now = self.now();
                let cached = self.client_keys.0.get(&uri);
                if let Some(cached) = &cached {
                    let keys = fitting(&cached.keys);
                    let age = now.since(cached.at);
                    if age < KEEP && (!keys.is_empty() || age < REFETCH) {
                        return Ok(keys);
                    }
                }
                let Some(keys) = self.fetch_keys(&uri).await else {
                    // Their server is away: what was known keeps working a while.
                    let old = cached.filter(|cached| now.since(cached.at) < KEEP * 4);
                    return Ok(old.map(|old| fitting(&old.keys)).unwrap_or_default());
                };
                let keys = Arc::new(keys);
                self.client_keys.0.insert(
                    uri,
                    Fetched {
                        keys: Arc::clone(&keys),
                        at: now,
                    },
                );
                Ok(fitting(&keys))
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
