//! tower-sessions over our own table, which keeps only the hash of the id.

use std::collections::HashMap;
use std::fmt;

use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::base::{Digest, Timestamp};
use crate::flows::{Internal, Tessera};
use crate::storage::sessions;

/// Cookie sessions as rows.
#[derive(Clone)]
pub(super) struct SessionRows(Tessera);

impl SessionRows {
    pub(super) const fn new(tessera: Tessera) -> Self {
        Self(tessera)
    }
}

impl fmt::Debug for SessionRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionRows")
    }
}

fn hash(id: &Id) -> Digest {
    Digest::of(&id.0.to_le_bytes())
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

impl SessionRows {
    /// A record as a row. When it ends is said by our clock, not by the library's.
    fn row(&self, record: &Record) -> Result<(Digest, String, Timestamp)> {
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let expires_at = self.0.now() + self.0.config.sessions.absolute_lifetime;
        Ok((hash(&record.id), data, expires_at))
    }
}

#[async_trait::async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (hash, data, expires_at) = self.row(record)?;
        self.0
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(
                    async move { Ok(sessions::create_cookie(tx, hash, &data, expires_at).await?) },
                )
            })
            .await
            .map_err(backend)
    }

    /// Only ever changes a row: see [`sessions::update_cookie`].
    async fn save(&self, record: &Record) -> Result<()> {
        let (hash, data, expires_at) = self.row(record)?;
        self.0
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    sessions::update_cookie(tx, hash, &data, expires_at).await?;
                    Ok(())
                })
            })
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut reader = &self.0.store;
        let found = sessions::load_cookie(&mut reader, hash(id), self.0.now())
            .await
            .map_err(backend)?;
        let Some((data, expires_at)) = found else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date =
            time::OffsetDateTime::from_unix_timestamp(expires_at.seconds()).map_err(backend)?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let hash = hash(id);
        self.0
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { Ok(sessions::delete_cookie(tx, hash).await?) })
            })
            .await
            .map_err(backend)
    }
}
