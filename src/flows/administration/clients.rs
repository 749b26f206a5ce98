//! Clients, for administrators. What is done to one, and who may: `client_changes.rs`.

use std::time::Duration;

use super::lists::gather;
use super::{Done, Listed, Position, Refused};
use crate::base::Secret;
use crate::flows::clients::new_client;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadClients, WriteClients};
use crate::protocol::audit::Origin;
use crate::protocol::client::{Client, ClientId};
use crate::storage::words::Sought;
use crate::storage::{StorageError, clients, lists};

/// What a client is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// Signs nobody in: it acts for itself.
    Machine,
    /// Cannot keep a secret (RFC 6749 §2.1).
    Public,
    /// Can.
    Confidential,
}

impl ClientKind {
    /// Of this client.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let grants = &client.metadata.grant_types;
        if !grants.iter().any(|grant| grant.signs_people_in()) {
            Self::Machine
        } else if client.is_public() {
            Self::Public
        } else {
            Self::Confidential
        }
    }
}

/// Which clients to list. What is not said does not limit.
#[derive(Clone, Debug, Default)]
pub struct ClientFilter {
    /// The words that begin with these.
    pub sought: Option<Sought>,
    /// Disabled or not.
    pub disabled: Option<bool>,
    /// Of this kind.
    pub kind: Option<ClientKind>,
}

impl ClientFilter {
    fn fits(&self, at: &Position, client: &Client) -> bool {
        let wanted = self
            .disabled
            .is_none_or(|disabled| client.disabled == disabled)
            && self.kind.is_none_or(|kind| ClientKind::of(client) == kind);
        let Some(sought) = &self.sought else {
            return wanted;
        };
        let words = clients::words_of(&client.id, &client.metadata);
        wanted && sought.meets(&at.word, &words)
    }
}

impl Tessera {
    /// The clients that the caller may see, without their secrets.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_clients(
        &self,
        permit: &Permit<ReadClients>,
        filter: &ClientFilter,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<Client>, Internal> {
        let within = permit.within();
        let by_id = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let rows = lists::clients(&mut reader, within, &at.id, limit).await?;
            let positioned = |client: Client| (position("", &client), client);
            Ok(rows.into_iter().map(positioned).collect())
        };
        let by_word = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let Some(sought) = &filter.sought else {
                return Ok(Vec::new());
            };
            let after = (sought.from(&at.word), at.id.as_str());
            let rows = lists::search_clients(&mut reader, within, sought, after, limit).await?;
            let positioned = |(word, client): (String, Client)| (position(&word, &client), client);
            Ok(rows.into_iter().map(positioned).collect())
        };
        let fits = |at: &Position, client: &Client| filter.fits(at, client);
        if filter.sought.is_some() {
            return gather(limit, after, true, by_word, fits).await;
        }
        let is_filtered = filter.disabled.is_some() || filter.kind.is_some();
        gather(limit, after, is_filtered, by_id, fits).await
    }

    /// One client that the caller may see, with those of its secrets that work.
    ///
    /// # Errors
    /// As the database says.
    pub async fn find_client(
        &self,
        permit: &Permit<ReadClients>,
        id: &ClientId,
    ) -> Result<Option<Client>, Internal> {
        let mut reader = &self.store;
        let found = clients::find(&mut reader, id, self.now()).await?;
        Ok(found.filter(|client| permit.within().holds(client.organisation)))
    }

    /// Registers a client, of the organisation that the caller acts in. The secret is shown this once.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn create_client(
        &self,
        permit: Permit<WriteClients>,
        body: &[u8],
        origin: Origin,
    ) -> Done<(Client, Option<Secret<String>>)> {
        let metadata = match self.read_metadata(body).await {
            Ok(metadata) => metadata,
            Err(refused) => return Ok(Err(refused)),
        };
        let (client, secret) = new_client(self, metadata, None)?;
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(
                    async move { tessera.create_client_in(tx, &permit, client, &origin).await },
                )
            })
            .await;
        self.clients.invalidate();
        match written {
            Ok(done) => Ok(done.map(|client| (client, secret))),
            // There is no such organisation.
            Err(Internal::Storage(StorageError::InUse)) => Ok(Err(Refused::Absent)),
            Err(error) => Err(error),
        }
    }

    /// Replaces the metadata of a client, from the version that the caller saw. One that needs a secret now and
    /// has none gets it, shown this once.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn replace_client(
        &self,
        permit: Permit<WriteClients>,
        id: ClientId,
        body: &[u8],
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<(Client, Option<Secret<String>>)> {
        let metadata = match self.read_metadata(body).await {
            Ok(metadata) => metadata,
            Err(refused) => return Ok(Err(refused)),
        };
        let (tessera, now) = (self.clone(), self.now());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let seen = (&id, expected);
                    let replaced = tessera
                        .replace_client_in(tx, &permit, seen, metadata, None, &origin)
                        .await?;
                    let secret = match replaced {
                        Ok(secret) => secret,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    let client = clients::find(tx, &id, now).await?;
                    Ok(client.map(|client| (client, secret)).ok_or(Refused::Absent))
                })
            })
            .await;
        self.clients.invalidate();
        written
    }

    /// Disables or enables a client, from the version that the caller saw.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn switch_client(
        &self,
        permit: Permit<WriteClients>,
        id: ClientId,
        disabled: bool,
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<Client> {
        let (tessera, now) = (self.clone(), self.now());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let seen = (&id, expected);
                    let switched = tessera
                        .switch_client_in(tx, &permit, seen, disabled, &origin)
                        .await?;
                    if let Err(refused) = switched {
                        return Ok(Err(refused));
                    }
                    Ok(clients::find(tx, &id, now).await?.ok_or(Refused::Absent))
                })
            })
            .await;
        self.clients.invalidate();
        written
    }

    /// Removes a client with all that it holds, from the version that the caller saw.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn remove_client(
        &self,
        permit: Permit<WriteClients>,
        id: ClientId,
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<()> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .remove_client_in(tx, &permit, (&id, expected), &origin)
                        .await
                })
            })
            .await;
        self.clients.invalidate();
        written
    }

    /// Gives a client a new secret, shown this once; older ones work for `overlap` yet.
    ///
    /// # Errors
    /// If it could not be stored.
    pub async fn renew_secret(
        &self,
        permit: Permit<WriteClients>,
        id: ClientId,
        overlap: Duration,
        origin: Origin,
    ) -> Done<(Client, Secret<String>)> {
        let (tessera, now) = (self.clone(), self.now());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let renewed = tessera
                        .renew_secret_in(tx, &permit, &id, (None, overlap), &origin)
                        .await?;
                    let secret = match renewed {
                        Ok(secret) => secret,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    let client = clients::find(tx, &id, now).await?;
                    Ok(client.map(|client| (client, secret)).ok_or(Refused::Absent))
                })
            })
            .await;
        self.clients.invalidate();
        written
    }
}

fn position(word: &str, client: &Client) -> Position {
    Position {
        word: word.to_owned(),
        id: client.id.to_string(),
    }
}
