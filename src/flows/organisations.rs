//! Administration of organisations.

use super::roles::NotChanged;
use super::session::Ending;
use super::{Internal, Tessera};
use crate::base::ids::{OrganisationId, UserId};
use crate::protocol::access::power::{ReadOrganisations, WriteOrganisations};
use crate::protocol::access::{Permit, RoleName};
use crate::protocol::account_rules::check_name;
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::client::ClientId;
use crate::storage::endings::Which;
use crate::storage::organisations::{self, Organisation};
use crate::storage::version::Changed;
use crate::storage::{StorageError, Tx, clients, grants, users};

/// What can belong to an organisation.
#[derive(Clone, Debug)]
pub enum Movable {
    /// A person.
    User(UserId),
    /// A client.
    Client(ClientId),
}

impl Tessera {
    /// The organisation of this id, if the caller may see it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn organisation(
        &self,
        permit: &Permit<ReadOrganisations>,
        id: OrganisationId,
    ) -> Result<Option<Organisation>, Internal> {
        if !permit.within().holds(Some(id)) {
            return Ok(None);
        }
        let mut reader = &self.store;
        Ok(organisations::find(&mut reader, id).await?)
    }

    /// Whether there is an organisation of this id.
    ///
    /// # Errors
    /// As the database says.
    pub async fn is_organisation(&self, id: OrganisationId) -> Result<bool, Internal> {
        let mut reader = &self.store;
        Ok(organisations::find(&mut reader, id).await?.is_some())
    }

    /// The organisation of this short name.
    ///
    /// # Errors
    /// As the database says.
    pub async fn find_organisation(&self, name: &str) -> Result<Option<Organisation>, Internal> {
        let mut reader = &self.store;
        Ok(organisations::find_by_name(&mut reader, name).await?)
    }

    /// Makes an organisation. Its short name is written as that of a role: a-z, 0-9 and hyphens.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn create_organisation(
        &self,
        permit: Permit<WriteOrganisations>,
        name: &str,
        title: &str,
        origin: Origin,
    ) -> Result<Result<Organisation, NotChanged>, Internal> {
        let (tessera, name, title) = (self.clone(), name.to_owned(), title.to_owned());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let named = (&*name, &*title);
                    tessera
                        .create_organisation_in(tx, &permit, named, &origin)
                        .await
                })
            })
            .await;
        match written {
            Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
            other => other,
        }
    }

    /// As [`Self::create_organisation`], as a part of a transaction.
    pub(super) async fn create_organisation_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteOrganisations>,
        (name, title): (&str, &str),
        origin: &Origin,
    ) -> Result<Result<Organisation, NotChanged>, Internal> {
        if permit.within().organisation().is_some() {
            return Ok(Err(NotChanged::NotHere));
        }
        if RoleName::parse(name).is_err() || !is_title(title) {
            return Ok(Err(NotChanged::BadName));
        }
        let new = Organisation {
            id: OrganisationId::new(self.now(), &self.entropy),
            name: name.to_owned(),
            title: title.trim().to_owned(),
            version: 1,
            created_at: self.now(),
            disabled: false,
        };
        organisations::insert(tx, &new).await?;
        let event = of_organisation(permit, new.id, "created").with("name", &new.name);
        self.record(tx, &event, origin);
        Ok(Ok(new))
    }

    /// Gives an organisation another title, closes or opens it, from the version that the caller saw.
    /// Nobody of a closed one signs in, and its clients get nothing.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn change_organisation(
        &self,
        permit: Permit<WriteOrganisations>,
        id: OrganisationId,
        (title, disabled): (&str, bool),
        version: Option<i64>,
        origin: Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        let (tessera, title) = (self.clone(), title.to_owned());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let wanted = (&*title, disabled);
                    tessera
                        .change_organisation_in(tx, &permit, id, wanted, version, &origin)
                        .await
                })
            })
            .await;
        self.clients.invalidate();
        written
    }

    /// As [`Self::change_organisation`], as a part of a transaction.
    pub(super) async fn change_organisation_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteOrganisations>,
        id: OrganisationId,
        (title, disabled): (&str, bool),
        version: Option<i64>,
        origin: &Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        if !permit.within().holds(Some(id)) {
            return Ok(Err(NotChanged::Unknown));
        }
        if !is_title(title) {
            return Ok(Err(NotChanged::BadName));
        }
        let at = disabled.then_some(self.now());
        let changed = organisations::update(tx, id, title.trim(), at, version).await?;
        if changed == Changed::Done && disabled {
            users::lock_all_of(tx, id).await?;
            let (which, ending) = (Which::OfOrganisation(id), Ending::OrganisationClosed);
            self.end_sessions(tx, which, ending, permit.actor(), origin)
                .await?;
        }
        if changed == Changed::Done {
            let event = of_organisation(permit, id, "changed").with("disabled", disabled);
            self.record(tx, &event, origin);
        }
        Ok(match changed {
            Changed::Done => Ok(()),
            Changed::Stale => Err(NotChanged::Stale),
            Changed::Absent => Err(NotChanged::Unknown),
        })
    }

    /// Moves a person or a client to an organisation, or to the deployment (`None`). The roles and groups
    /// of the old one stay behind, and so do the sessions and tokens: they were for its people.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn move_to_organisation(
        &self,
        permit: Permit<WriteOrganisations>,
        what: Movable,
        to: Option<OrganisationId>,
        origin: Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { tessera.move_in(tx, &permit, &what, to, &origin).await })
            })
            .await;
        self.clients.invalidate();
        match written {
            Err(Internal::Storage(StorageError::InUse)) => Ok(Err(NotChanged::Unknown)),
            other => other,
        }
    }

    /// As [`Self::move_to_organisation`], as a part of a transaction.
    pub(super) async fn move_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteOrganisations>,
        what: &Movable,
        to: Option<OrganisationId>,
        origin: &Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        if permit.within().organisation().is_some() {
            return Ok(Err(NotChanged::NotHere));
        }
        let event = Event::new(Kind::OrganisationChanged, permit.actor().clone())
            .with("change", "moved")
            .with("organisation_id", to);
        let (moved, event, from) = match what {
            Movable::User(id) => {
                let user = users::lock(tx, *id).await?;
                if to.is_some() && self.is_last_administrator(tx, *id).await? {
                    return Ok(Err(NotChanged::LastAdministrator));
                }
                let (which, ending) = (Which::AllOf(*id), Ending::Moved);
                self.end_sessions(tx, which, ending, permit.actor(), origin)
                    .await?;
                grants::end_for_user(tx, *id, self.now(), "moved").await?;
                let moved = organisations::move_user(tx, *id, to).await?;
                (
                    moved,
                    event.with("user_id", id),
                    user.and_then(|user| user.organisation),
                )
            }
            Movable::Client(id) => {
                let client = clients::lock(tx, id).await?;
                let moved = organisations::move_client(tx, id, to).await?;
                (
                    moved,
                    event.with("client_id", id),
                    client.and_then(|client| client.organisation),
                )
            }
        };
        if !moved {
            return Ok(Err(NotChanged::Unknown));
        }
        // Both learn of it, each in its own log.
        if let Some(from) = from.filter(|from| Some(*from) != to) {
            let left = event
                .clone()
                .with("change", "left")
                .with("organisation_id", from);
            self.record(tx, &left, origin);
        }
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }

    /// Removes an organisation that nobody and nothing belongs to any more.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn delete_organisation(
        &self,
        permit: Permit<WriteOrganisations>,
        id: OrganisationId,
        version: Option<i64>,
        origin: Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .delete_organisation_in(tx, &permit, id, version, &origin)
                        .await
                })
            })
            .await;
        match written {
            Err(Internal::Storage(StorageError::InUse)) => Ok(Err(NotChanged::InUse)),
            other => other,
        }
    }

    /// As [`Self::delete_organisation`], as a part of a transaction.
    pub(super) async fn delete_organisation_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteOrganisations>,
        id: OrganisationId,
        version: Option<i64>,
        origin: &Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        if permit.within().organisation().is_some() {
            return Ok(Err(NotChanged::NotHere));
        }
        let known = organisations::find(tx, id).await?;
        if version.is_some() && known.is_some_and(|one| version != Some(one.version)) {
            return Ok(Err(NotChanged::Stale));
        }
        if !organisations::delete(tx, id).await? {
            return Ok(Err(NotChanged::Unknown));
        }
        let event = of_organisation(permit, id, "removed");
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }
}

fn is_title(title: &str) -> bool {
    !title.trim().is_empty() && check_name(title).is_ok()
}

fn of_organisation(
    permit: &Permit<WriteOrganisations>,
    id: OrganisationId,
    change: &'static str,
) -> Event {
    Event::new(Kind::OrganisationChanged, permit.actor().clone())
        .with("organisation_id", id)
        .with("change", change)
}
