//! The logos of clients: fetched by us and kept for a while, so that no browser of a person who signs in
//! tells another site about it, and no page of ours shows what we have not looked at.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use url::Url;

use super::Tessera;
use crate::base::{Digest, Timestamp};
use crate::protocol::client::Client;
use crate::protocol::logo::{ImageFormat, MAX_BYTES};

/// A logo that changed is seen within the hour.
const KEEP: Duration = Duration::from_hours(1);

/// A site that does not answer is asked again no sooner: anybody may ask us for a logo.
const RETRY: Duration = Duration::from_mins(1);

/// How long a page waits for a logo before it does without.
const PATIENCE: Duration = Duration::from_millis(700);

/// All logos together: a hundred and more of the largest, and thousands of usual ones.
const MAX_TOTAL: u64 = 32 << 20;

/// A picture that may be shown.
#[derive(Debug)]
pub struct Logo {
    /// What it is.
    pub format: ImageFormat,
    /// The picture.
    pub bytes: Vec<u8>,
    /// Of the picture.
    pub digest: Digest,
}

impl Logo {
    /// The picture that these bytes are.
    ///
    /// # Errors
    /// In words, why they are none that is shown here.
    pub fn of(bytes: Vec<u8>) -> Result<Self, &'static str> {
        if bytes.len() > MAX_BYTES {
            return Err("more than 256 KiB");
        }
        // SVG is none: it may hold script.
        let format = ImageFormat::of(&bytes).ok_or("no PNG, JPEG, WebP or GIF")?;
        Ok(Self {
            format,
            digest: Digest::of(&bytes),
            bytes,
        })
    }
}

/// What came of a fetch, and how long that stands.
#[derive(Clone)]
struct Kept {
    logo: Option<Arc<Logo>>,
    until: Timestamp,
}

/// Logos that were fetched, by their URI; failures too.
pub struct Logos(Cache<String, Kept>);

impl Default for Logos {
    fn default() -> Self {
        let weigh = |uri: &String, kept: &Kept| {
            let bytes = kept.logo.as_ref().map_or(0, |logo| logo.bytes.len());
            u32::try_from(uri.len() + bytes + 256).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(MAX_TOTAL).weigher(weigh);
        Self(cache.build())
    }
}

impl Tessera {
    /// The logo of a client for people who read `lang`, if it has one that can be fetched and shown.
    pub async fn logo(&self, client: &Client, lang: &str) -> Option<Arc<Logo>> {
        let uri = client.localized("logo_uri", lang)?;
        // Who comes while another fetches the same one waits for that.
        let entry = self
            .logos
            .0
            .entry_by_ref(uri)
            .or_insert_with_if(self.fetch_logo(uri), |kept| kept.until <= self.now())
            .await;
        entry.into_value().logo
    }

    /// Whether a page can show the logo now. One that takes longer is fetched all the same, for the next
    /// time: a browser would draw a broken picture if it then did not come.
    pub async fn has_logo(&self, client: &Arc<Client>, lang: &'static str) -> bool {
        if client.localized("logo_uri", lang).is_none() {
            return false;
        }
        let (tessera, client) = (self.clone(), Arc::clone(client));
        let fetching = tokio::spawn(async move { tessera.logo(&client, lang).await.is_some() });
        matches!(tokio::time::timeout(PATIENCE, fetching).await, Ok(Ok(true)))
    }

    async fn fetch_logo(&self, uri: &str) -> Kept {
        let logo = match self.fetch_picture(uri).await {
            Ok(logo) => Some(Arc::new(logo)),
            Err(why) => {
                tracing::info!(%uri, why, "a client's logo_uri gives no logo");
                None
            }
        };
        let keep = if logo.is_some() { KEEP } else { RETRY };
        Kept {
            logo,
            until: self.now() + keep,
        }
    }

    async fn fetch_picture(&self, uri: &str) -> Result<Logo, String> {
        let url = Url::parse(uri).map_err(|error| error.to_string())?;
        let accept = "image/png, image/webp, image/jpeg, image/gif";
        let fetched = self
            .outbound
            .get_at_most(&url, accept, MAX_BYTES)
            .await
            .map_err(|error| error.to_string())?;
        if fetched.status != 200 {
            return Err(format!("status {}", fetched.status));
        }
        Ok(Logo::of(fetched.bytes)?)
    }
}
