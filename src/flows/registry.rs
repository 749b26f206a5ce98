//! The clients and the resource servers in memory: the token endpoint does not ask the database who
//! they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use moka::sync::Cache;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::protocol::audit::{Event, Origin};
use crate::protocol::client::{Client, ClientId};
use crate::protocol::resource_server::{ResourceServer, ResourceServers};
use crate::storage::{Tx, clients, registrations, resource_servers};

/// How often it is written that a client is in use: exact to a day is enough to find those that are
/// not.
const NOTE_USE_EVERY: Duration = Duration::from_hours(24);

/// A bounded cache over the tables of clients and resource servers, emptied when anybody changes one.
pub struct Clients {
    known: Cache<ClientId, Option<Arc<Client>>>,
    origins: Cache<(), Arc<Vec<String>>>,
    servers: Cache<(), Arc<ResourceServers>>,
    /// When clients were last noted as used, by this node.
    used: Cache<ClientId, Timestamp>,
    /// Counts invalidations: what was read before one must not be kept after it.
    generation: AtomicU64,
}

impl Default for Clients {
    fn default() -> Self {
        Self {
            // 10,000 clients of some KiB; strangers who name unknown clients push each other out.
            known: Cache::builder()
                .max_capacity(10_000)
                // Heals a notification that was lost with its connection.
                .time_to_live(Duration::from_mins(1))
                .build(),
            origins: Cache::builder()
                .max_capacity(1)
                .time_to_live(Duration::from_mins(1))
                .build(),
            servers: Cache::builder()
                .max_capacity(1)
                .time_to_live(Duration::from_mins(1))
                .build(),
            used: Cache::builder().max_capacity(10_000).build(),
            generation: AtomicU64::new(0),
        }
    }
}

impl Clients {
    /// Forgets everything: somebody changed a client or a resource server.
    pub fn invalidate(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
        self.origins.invalidate_all();
        self.servers.invalidate_all();
    }
}

impl Tessera {
    /// The client, enabled or not, or `None`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, Internal> {
        let clients = &self.clients;
        if let Some(known) = clients.known.get(id) {
            return Ok(known);
        }
        let generation = clients.generation.load(Ordering::SeqCst);
        let mut reader = &self.store;
        let found = clients::find(&mut reader, id, self.now())
            .await?
            .map(Arc::new);
        if clients.generation.load(Ordering::SeqCst) == generation {
            clients.known.insert(id.clone(), found.clone());
        }
        Ok(found)
    }

    /// All resource servers.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn resource_servers(&self) -> Result<Arc<ResourceServers>, Internal> {
        let clients = &self.clients;
        if let Some(known) = clients.servers.get(&()) {
            return Ok(known);
        }
        let generation = clients.generation.load(Ordering::SeqCst);
        let mut reader = &self.store;
        let all = resource_servers::all(&mut reader).await?;
        // Ours last: no row takes its place.
        let ours = ResourceServer::of_administration(self.issuer());
        let all = Arc::new(all.into_iter().chain([ours]).collect::<ResourceServers>());
        if clients.generation.load(Ordering::SeqCst) == generation {
            clients.servers.insert((), Arc::clone(&all));
        }
        Ok(all)
    }

    /// Writes a change of clients or resource servers, with its record if there was one (`true`), and
    /// forgets what is in memory, whatever came of it.
    pub(super) async fn change_registry<F>(
        &self,
        event: Event,
        origin: Origin,
        change: F,
    ) -> Result<bool, Internal>
    where
        F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<bool, Internal>>
            + Send
            + 'static,
    {
        let tessera = self.clone();
        let changed = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let changed = change(tx).await?;
                    if changed {
                        tessera.record(tx, &event, &origin);
                    }
                    Ok(changed)
                })
            })
            .await;
        self.clients.invalidate();
        changed
    }

    /// Notes that a client is in use, so that it is not purged. Where that cannot be written the client
    /// is served all the same.
    pub(super) async fn note_use(&self, id: &ClientId) {
        let now = self.now();
        let last = self.clients.used.get(id);
        if last.is_some_and(|last| now.since(last) < NOTE_USE_EVERY) {
            return;
        }
        self.clients.used.insert(id.clone(), now);
        let touched = id.clone();
        let written: Result<(), Internal> = self
            .store
            .write(move |tx| {
                Box::pin(async move { Ok(registrations::touch(tx, &touched, now).await?) })
            })
            .await;
        if let Err(error) = written {
            self.clients.used.invalidate(id);
            tracing::warn!(%error, client_id = %id, "cannot note that a client is in use");
        }
    }

    /// Whether a browser origin is registered by any enabled client (CORS).
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn is_registered_origin(&self, origin: &str) -> Result<bool, Internal> {
        let clients = &self.clients;
        if let Some(known) = clients.origins.get(&()) {
            return Ok(known.iter().any(|registered| registered == origin));
        }
        let generation = clients.generation.load(Ordering::SeqCst);
        let mut reader = &self.store;
        let origins = Arc::new(clients::all_origins(&mut reader).await?);
        if clients.generation.load(Ordering::SeqCst) == generation {
            clients.origins.insert((), Arc::clone(&origins));
        }
        Ok(origins.iter().any(|registered| registered == origin))
    }
}
