//! Clients, for administrators. Whoever touches a client could act as it, or have people act through it: so its
//! roles, and the scopes of the administration that it may ask for, must be within what the caller has.

use std::collections::BTreeSet;
use std::time::Duration;

use super::lists::gather;
use super::{Done, Listed, Position, Refused, is_fresh};
use crate::base::Secret;
use crate::flows::clients::{new_client, new_secret, problem};
use crate::flows::{Internal, Tessera};
use crate::protocol::access::power::{self, ReadClients, WriteClients};
use crate::protocol::access::{Pattern, Permit};
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata};
use crate::storage::words::Sought;
use crate::storage::{StorageError, Tx, clients, lists, role_grants};

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
        if !permit.has_all(&self.opened_by(&metadata)) {
            return Ok(Err(Refused::Beyond));
        }
        let (mut client, secret) = new_client(self, metadata, None)?;
        client.organisation = permit.within().organisation();
        let event = Event::new(Kind::ClientCreated, permit.actor().clone())
            .with("client_id", &client.id)
            .with("client_name", &client.metadata.client_name)
            .with("organisation_id", client.organisation);
        let new = client.clone();
        let written = self
            .change_registry(event, origin, move |tx| {
                Box::pin(async move {
                    clients::insert(tx, &new).await?;
                    Ok(true)
                })
            })
            .await;
        match written {
            Ok(_) => Ok(Ok((client, secret))),
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
        let mut metadata = match self.read_metadata(body).await {
            Ok(metadata) => metadata,
            Err(refused) => return Ok(Err(refused)),
        };
        let (tessera, now) = (self.clone(), self.now());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let old = match tessera.may_touch(tx, &permit, &id, expected).await? {
                        Ok(old) => old,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    if !permit.has_all(&tessera.opened_by(&metadata)) {
                        return Ok(Err(Refused::Beyond));
                    }
                    // What somebody else vouched for stays on record with what it made.
                    metadata
                        .software_statement
                        .clone_from(&old.metadata.software_statement);
                    clients::replace(tx, &id, &metadata, now).await?;
                    let secret = tessera.fit_secrets(tx, &old, &metadata).await?;
                    let event = Event::new(Kind::ClientChanged, permit.actor().clone())
                        .with("client_id", &id)
                        .with("client_name", &metadata.client_name)
                        .with("redirect_uris", &metadata.redirect_uris);
                    tessera.record(tx, &event, &origin);
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
                    if let Err(refused) = tessera.may_touch(tx, &permit, &id, expected).await? {
                        return Ok(Err(refused));
                    }
                    let at = disabled.then_some(now);
                    clients::set_disabled(tx, &id, at, now).await?;
                    let event = Event::new(Kind::ClientChanged, permit.actor().clone())
                        .with("client_id", &id)
                        .with("disabled", disabled);
                    tessera.record(tx, &event, &origin);
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
                    if let Err(refused) = tessera.may_touch(tx, &permit, &id, expected).await? {
                        return Ok(Err(refused));
                    }
                    clients::delete(tx, &id).await?;
                    let event = Event::new(Kind::ClientDeleted, permit.actor().clone())
                        .with("client_id", &id);
                    tessera.record(tx, &event, &origin);
                    Ok(Ok(()))
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
                    let client = match tessera.may_touch(tx, &permit, &id, None).await? {
                        Ok(client) => client,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    let method = client.metadata.token_endpoint_auth_method;
                    let Some((secret, stored)) = new_secret(&tessera, method, None)? else {
                        let why = "this client does not authenticate with a secret".to_owned();
                        return Ok(Err(Refused::Wrong(vec![why])));
                    };
                    clients::add_secret(tx, &id, &stored, now).await?;
                    clients::expire_other_secrets(tx, &id, stored.id, now + overlap).await?;
                    let event = Event::new(Kind::ClientSecretRotated, permit.actor().clone())
                        .with("client_id", &id)
                        .with("secret_id", stored.id)
                        .with("overlap_seconds", overlap.as_secs());
                    tessera.record(tx, &event, &origin);
                    let client = clients::find(tx, &id, now).await?;
                    Ok(client.map(|client| (client, secret)).ok_or(Refused::Absent))
                })
            })
            .await;
        self.clients.invalidate();
        written
    }

    /// Metadata that may be stored: the rules of registration, and those for operators.
    async fn read_metadata(&self, body: &[u8]) -> Result<ClientMetadata, Refused> {
        let wrong = |why: String| Refused::Wrong(vec![why]);
        let metadata = ClientMetadata::parse_strict(body)
            .map_err(|error| wrong(error.description().to_owned()))?;
        match problem(self, &metadata).await {
            Some(problem) => Err(wrong(problem)),
            None => Ok(metadata),
        }
    }

    /// What of the administration people could be made to do through a client.
    fn opened_by(&self, metadata: &ClientMetadata) -> BTreeSet<Pattern> {
        if !metadata.resources.contains(&self.api()) {
            return BTreeSet::new();
        }
        let named = power::ALL
            .iter()
            .filter(|one| metadata.scope.contains(&one.to_string()));
        named.map(|one| Pattern::from(*one)).collect()
    }

    /// The client, locked, if the caller may change it.
    pub(super) async fn may_touch(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteClients>,
        id: &ClientId,
        expected: Option<i64>,
    ) -> Done<Client> {
        let locked = clients::lock(tx, id).await?;
        let Some(client) = locked.filter(|client| permit.within().holds(client.organisation))
        else {
            return Ok(Err(Refused::Absent));
        };
        let held = role_grants::held_by_client(tx, id).await?;
        let known = self.roles(tx).await?;
        let opened = self.opened_by(&client.metadata);
        if !permit.covers(&known, &held, self.now()) || !permit.has_all(&opened) {
            return Ok(Err(Refused::Beyond));
        }
        Ok(is_fresh(expected, client.version).map(|()| client))
    }

    /// A secret where the client needs one now and had none; none where it needs none any more.
    async fn fit_secrets(
        &self,
        tx: &mut Tx<'_>,
        old: &Client,
        new: &ClientMetadata,
    ) -> Result<Option<Secret<String>>, Internal> {
        let (before, after) = (
            old.metadata.token_endpoint_auth_method,
            new.token_endpoint_auth_method,
        );
        // In the header or in the body, it is the same secret: the application goes on with it.
        let plain = |method| {
            matches!(
                method,
                AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost
            )
        };
        if before == after || plain(before) && plain(after) {
            return Ok(None);
        }
        let now = self.now();
        let Some((secret, stored)) = new_secret(self, after, None)? else {
            clients::expire_other_secrets(tx, &old.id, uuid::Uuid::nil(), now).await?;
            return Ok(None);
        };
        clients::add_secret(tx, &old.id, &stored, now).await?;
        clients::expire_other_secrets(tx, &old.id, stored.id, now).await?;
        Ok(Some(secret))
    }
}

fn position(word: &str, client: &Client) -> Position {
    Position {
        word: word.to_owned(),
        id: client.id.to_string(),
    }
}
