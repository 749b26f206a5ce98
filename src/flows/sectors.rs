//! What lies at a `sector_identifier_uri` (OpenID Connect Core §8.1, Registration §5).

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Mutex;
use url::Url;

use super::Tessera;
use crate::protocol::client::ClientMetadata;
use crate::protocol::error::OAuthError;
use crate::protocol::registration::check_sector;

/// In this time...
const WINDOW: Duration = Duration::from_mins(1);

/// ...one address is fetched so often; after that, what came last answers. A file that its owner has
/// just mended counts at once, and yet many strangers together cannot make us hammer a site.
const FETCHES: u32 = 10;

/// Addresses that are remembered. With the largest response they take 16 MiB.
const MAX_KEPT: u64 = 64;

/// Documents that were fetched lately.
pub struct Sectors(Cache<String, Arc<Mutex<Fetched>>>);

#[derive(Default)]
struct Fetched {
    times: u32,
    /// `None`: it could not be had.
    document: Option<Arc<[u8]>>,
}

impl Default for Sectors {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(MAX_KEPT);
        Self(cache.time_to_live(WINDOW).build())
    }
}

impl Tessera {
    /// Registration §5: "The values of the registered redirect_uris MUST be included in the elements of
    /// the array, or registration MUST fail." One answer for everything that may go wrong on the way, so
    /// that nobody maps a network with it.
    ///
    /// # Errors
    /// `invalid_client_metadata`.
    pub(super) async fn check_sector(&self, metadata: &ClientMetadata) -> Result<(), OAuthError> {
        let Some(uri) = &metadata.sector_identifier_uri else {
            return Ok(());
        };
        let document = match Url::parse(uri) {
            Ok(url) => self.sector_document(&url).await,
            Err(_) => None,
        };
        check_sector(metadata, document.as_deref().unwrap_or_default())
    }

    async fn sector_document(&self, url: &Url) -> Option<Arc<[u8]>> {
        let known = self.sectors.0.get_with(url.to_string(), Arc::default);
        let mut known = known.lock().await;
        if known.times < FETCHES {
            known.times += 1;
            known.document = self.fetch_sector(url).await;
        }
        known.document.clone()
    }

    async fn fetch_sector(&self, url: &Url) -> Option<Arc<[u8]>> {
        match self.outbound.get(url, "application/json").await {
            Ok(fetched) if fetched.status == 200 => Some(fetched.bytes.into()),
            Ok(fetched) => {
                let status = fetched.status;
                tracing::info!(%url, status, "a sector_identifier_uri answers badly");
                None
            }
            Err(error) => {
                tracing::info!(%url, %error, "a sector_identifier_uri cannot be fetched");
                None
            }
        }
    }
}
