//! What administrators do to a client, each as a part of a transaction. Whoever touches a client could act as it, or
//! have people act through it: so its roles, and the scopes of the administration that it may ask for, must be
//! within what the caller has.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Done, Refused, is_fresh};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::flows::clients::{new_secret, problem, stored_secret};
use crate::flows::{Internal, Tessera};
use crate::protocol::access::power::{self, WriteClients};
use crate::protocol::access::{Pattern, Permit};
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::client::{AuthMethod, Client, ClientId, ClientMetadata, ClientSecret};
use crate::storage::{Reader, Tx, clients, role_grants, users};

pub(super) const IS_A_SUB: &str = "client_id: is the sub of a person";

/// A client and the version that it is changed from (`None`: whichever).
pub(super) type Seen<'a> = (&'a ClientId, Option<i64>);

impl Tessera {
    /// Registers a client, of the organisation that the caller acts in.
    pub(super) async fn create_client_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteClients>,
        mut client: Client,
        origin: &Origin,
    ) -> Done<Client> {
        if !permit.has_all(&self.opened_by(&client.metadata)) {
            return Ok(Err(Refused::Beyond));
        }
        if let Err(refused) = is_nobodys(tx, &client.id).await? {
            return Ok(Err(refused));
        }
        client.organisation = permit.within().organisation();
        clients::insert(tx, &client).await?;
        let event = Event::new(Kind::ClientCreated, permit.actor().clone())
            .with("client_id", &client.id)
            .with("client_name", &client.metadata.client_name)
            .with("organisation_id", client.organisation);
        self.record(tx, &event, origin);
        Ok(Ok(client))
    }

    /// Replaces the metadata. Where the client needs a secret now and had none it is `given`, or a new one.
    pub(super) async fn replace_client_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteClients>,
        (id, expected): Seen<'_>,
        mut metadata: ClientMetadata,
        given: Option<&Secret<String>>,
        origin: &Origin,
    ) -> Done<Option<Secret<String>>> {
        let old = match self.may_touch(tx, permit, id, expected).await? {
            Ok(old) => old,
            Err(refused) => return Ok(Err(refused)),
        };
        if !permit.has_all(&self.opened_by(&metadata)) {
            return Ok(Err(Refused::Beyond));
        }
        // What somebody else vouched for stays on record with what it made.
        metadata
            .software_statement
            .clone_from(&old.metadata.software_statement);
        clients::replace(tx, id, &metadata, self.now()).await?;
        let secret = self.fit_secrets(tx, &old, &metadata, given).await?;
        let event = Event::new(Kind::ClientChanged, permit.actor().clone())
            .with("client_id", id)
            .with("client_name", &metadata.client_name)
            .with("redirect_uris", &metadata.redirect_uris);
        self.record(tx, &event, origin);
        Ok(Ok(secret))
    }

    /// Disables or enables a client.
    pub(super) async fn switch_client_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteClients>,
        (id, expected): Seen<'_>,
        disabled: bool,
        origin: &Origin,
    ) -> Done<()> {
        if let Err(refused) = self.may_touch(tx, permit, id, expected).await? {
            return Ok(Err(refused));
        }
        let now = self.now();
        clients::set_disabled(tx, id, disabled.then_some(now), now).await?;
        let event = Event::new(Kind::ClientChanged, permit.actor().clone())
            .with("client_id", id)
            .with("disabled", disabled);
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }

    /// Removes a client with all that it holds.
    pub(super) async fn remove_client_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteClients>,
        (id, expected): Seen<'_>,
        origin: &Origin,
    ) -> Done<()> {
        let client = match self.may_touch(tx, permit, id, expected).await? {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused)),
        };
        clients::delete(tx, id).await?;
        let event = Event::new(Kind::ClientDeleted, permit.actor().clone())
            .with("client_id", id)
            .with("organisation_id", client.organisation);
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }

    /// Gives a client a secret: the given one, or a new one. Older ones work for `overlap` yet.
    pub(super) async fn renew_secret_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteClients>,
        id: &ClientId,
        (given, overlap): (Option<&Secret<String>>, Duration),
        origin: &Origin,
    ) -> Done<Secret<String>> {
        let client = match self.may_touch(tx, permit, id, None).await? {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused)),
        };
        let method = client.metadata.token_endpoint_auth_method;
        let Some((secret, stored)) = self.given_or_new(method, given)? else {
            let why = "this client does not authenticate with a secret".to_owned();
            return Ok(Err(Refused::Wrong(vec![why])));
        };
        let now = self.now();
        clients::add_secret(tx, id, &stored, now).await?;
        clients::expire_other_secrets(tx, id, stored.id, now + overlap).await?;
        let event = Event::new(Kind::ClientSecretRotated, permit.actor().clone())
            .with("client_id", id)
            .with("secret_id", stored.id)
            .with("overlap_seconds", overlap.as_secs());
        self.record(tx, &event, origin);
        Ok(Ok(secret))
    }

    /// Metadata that may be stored: the rules of registration, and those for operators.
    pub(super) async fn read_metadata(&self, body: &[u8]) -> Result<ClientMetadata, Refused> {
        let wrong = |why: String| Refused::Wrong(vec![why]);
        let metadata = ClientMetadata::parse_strict(body)
            .map_err(|error| wrong(error.description().to_owned()))?;
        match problem(self, &metadata).await {
            Some(problem) => Err(wrong(problem)),
            None => Ok(metadata),
        }
    }

    /// What of the administration people could be made to do through a client.
    pub(super) fn opened_by(&self, metadata: &ClientMetadata) -> BTreeSet<Pattern> {
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
        given: Option<&Secret<String>>,
    ) -> Result<Option<Secret<String>>, Internal> {
        let (before, after) = (
            old.metadata.token_endpoint_auth_method,
            new.token_endpoint_auth_method,
        );
        if before.shares_secrets_with(after) {
            return Ok(None);
        }
        let now = self.now();
        let Some((secret, stored)) = self.given_or_new(after, given)? else {
            clients::expire_other_secrets(tx, &old.id, uuid::Uuid::nil(), now).await?;
            return Ok(None);
        };
        clients::add_secret(tx, &old.id, &stored, now).await?;
        clients::expire_other_secrets(tx, &old.id, stored.id, now).await?;
        Ok(Some(secret))
    }

    fn given_or_new(
        &self,
        method: AuthMethod,
        given: Option<&Secret<String>>,
    ) -> Result<Option<(Secret<String>, ClientSecret)>, Internal> {
        match given.filter(|_| method.has_secret()) {
            None => new_secret(self, method, None),
            Some(given) => {
                let stored = stored_secret(self, method, given, None)?;
                Ok(Some((given.clone(), stored)))
            }
        }
    }
}

/// RFC 9700 §4.15: a client's own tokens have its id as their `sub`. One that is a person's would pass for that
/// person. Ids made here never are; given ones may be anything.
pub(super) async fn is_nobodys(reader: &mut impl Reader, id: &ClientId) -> Done<()> {
    let Ok(uuid) = id.as_str().parse() else {
        return Ok(Ok(()));
    };
    Ok(match users::find(reader, UserId(uuid)).await? {
        None => Ok(()),
        Some(_) => Err(Refused::Wrong(vec![IS_A_SUB.to_owned()])),
    })
}
