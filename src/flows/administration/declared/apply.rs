//! The change, in one transaction: all of it or nothing.

use std::collections::BTreeSet;

use super::present::Present;
use super::{NotApplied, Permits, Wish, entry};
use crate::flows::administration::{Refused, SettingsChange};
use crate::flows::groups::GroupChange;
use crate::flows::roles::Replaces;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::RoleName;
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::protocol::declared::{Change, Plan, Section, What};
use crate::storage::role_grants::{self, Holder};
use crate::storage::{StorageError, Tx, clients, organisations, resource_servers, roles, users};

/// What ends the transaction without anything having been done.
pub(super) enum Stop {
    /// Something broke.
    Internal(Internal),
    /// It may not be.
    Not(NotApplied),
}

impl From<Internal> for Stop {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

impl From<StorageError> for Stop {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// A refusal of the change of `name`.
pub(super) fn refused(name: &str, why: impl Into<Refused>) -> Stop {
    match why.into() {
        Refused::Stale => Stop::Not(NotApplied::Stale),
        Refused::LastAdministrator => Stop::Not(NotApplied::LastAdministrator),
        why => Stop::Not(NotApplied::Refused(name.to_owned(), why)),
    }
}

/// What a change needs to know.
pub(super) struct Apply<'a> {
    pub tessera: &'a Tessera,
    pub permits: &'a Permits,
    pub wish: &'a Wish,
    pub present: Present,
    pub origin: Origin,
}

impl Tessera {
    /// Makes it so, if the plan is still the one that was approved of. All of it or nothing.
    ///
    /// # Errors
    /// The inner one says why nothing was changed; the outer one that it could not be written.
    pub async fn apply_configuration(
        &self,
        permits: Permits,
        mut wish: Wish,
        approved: Plan,
        origin: Origin,
    ) -> Result<Result<(), NotApplied>, Internal> {
        // It asks the outside world: not while others wait for the database.
        let problems = self.problems_here(&wish, &approved).await?;
        if !problems.is_empty() {
            return Ok(Err(NotApplied::Wrong(problems)));
        }
        if approved.changes.is_empty() {
            return Ok(Ok(()));
        }
        wish.declared.forget_what_is_over(self.now());
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Stop, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .apply_in(tx, &permits, &wish, &approved, origin)
                        .await
                })
            })
            .await;
        self.clients.invalidate();
        match written {
            Ok(()) => {
                self.load_settings().await?;
                Ok(Ok(()))
            }
            Err(Stop::Not(why)) => Ok(Err(why)),
            Err(Stop::Internal(error)) => Err(error),
        }
    }

    async fn apply_in(
        &self,
        tx: &mut Tx<'_>,
        permits: &Permits,
        wish: &Wish,
        approved: &Plan,
        origin: Origin,
    ) -> Result<(), Stop> {
        lock(self, tx, permits, approved).await?;
        let present = Present::load(self, tx, permits).await?;
        let plan = self
            .plan_from(&present, wish)
            .map_err(|wrong| Stop::Not(NotApplied::Wrong(wrong)))?;
        if plan.changes != approved.changes {
            return Err(Stop::Not(NotApplied::Stale));
        }
        let now = self.now();
        let before = role_grants::anybody_administers(tx, now).await?;
        let mut work = Apply {
            tessera: self,
            permits,
            wish,
            present,
            origin,
        };
        for change in &plan.changes {
            work.make(tx, change)
                .await
                .map_err(|stop| named(change, stop))?;
        }
        if before && !role_grants::anybody_administers(tx, now).await? {
            return Err(Stop::Not(NotApplied::LastAdministrator));
        }
        Ok(())
    }
}

/// The order of locks (`docs/architecture.md`): organisations, accounts, clients, resource servers, roles. The last
/// ones hold up whoever gives or takes a role until the end.
async fn lock(
    tessera: &Tessera,
    tx: &mut Tx<'_>,
    permits: &Permits,
    approved: &Plan,
) -> Result<(), Stop> {
    let of = |section: Section| {
        let there = |change: &&Change| !matches!(change.what, What::Added(_));
        let changes = approved.changes.iter().filter(there);
        changes.filter(move |change| change.section == section)
    };
    let changed: Vec<&Change> = of(Section::Organisations).collect();
    if !changed.is_empty() {
        let present = Present::load(tessera, tx, permits).await?;
        let ids: Vec<_> = changed
            .iter()
            .filter_map(|change| present.organisations.get(&change.key).copied())
            .collect();
        for id in &ids {
            organisations::lock(tx, *id).await?;
        }
        for id in ids {
            users::lock_all_of(tx, id).await?;
        }
    }
    for change in of(Section::Clients) {
        clients::lock(tx, &ClientId::new(&change.key)).await?;
    }
    for change in of(Section::ResourceServers) {
        resource_servers::lock(tx, &change.key).await?;
    }
    Ok(roles::lock(tx).await?)
}

/// What the database refused, of the change that it refused.
fn named(change: &Change, stop: Stop) -> Stop {
    let name = format!("{} {:?}", change.section.singular(), change.name);
    match stop {
        Stop::Internal(Internal::Storage(StorageError::Conflict)) => {
            refused(&name, Refused::Taken("the name"))
        }
        Stop::Internal(Internal::Storage(StorageError::InUse)) => refused(
            &name,
            Refused::InUse("people, groups or clients belong to it".to_owned()),
        ),
        Stop::Not(NotApplied::Refused(_, why)) => Stop::Not(NotApplied::Refused(name, why)),
        other => other,
    }
}

impl Apply<'_> {
    async fn make(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        match change.section {
            Section::Settings => self.settings(tx, change).await,
            Section::Organisations => self.organisation_change(tx, change).await,
            Section::ResourceServers => self.resource_server(tx, change).await,
            Section::Roles => self.role(tx, change).await,
            Section::Groups => self.group(tx, change).await,
            Section::Clients => self.client(tx, change).await,
        }
    }

    async fn settings(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        let Some(settings) = self.wish.declared.settings.clone() else {
            return Ok(());
        };
        let (permit, wanted) = (&self.permits.settings, SettingsChange::Settings(settings));
        let chosen = self
            .tessera
            .choose_within(tx, permit, wanted, change.version, &self.origin);
        chosen
            .await?
            .map(drop)
            .map_err(|why| refused(&change.name, why))
    }

    async fn organisation_change(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        let (permit, origin, name) = (&self.permits.organisations, &self.origin, &change.name);
        let wanted = entry(self.wish.declared.organisations.as_ref(), &change.key);
        let Some(one) = wanted else {
            let id = self.organisation(name, &change.key)?;
            let done = self
                .tessera
                .delete_organisation_in(tx, permit, id, change.version, origin)
                .await?;
            return done.map_err(|why| refused(name, why));
        };
        let id = match change.what {
            What::Added(_) => {
                let named = (&*one.name, &*one.title);
                let made = self
                    .tessera
                    .create_organisation_in(tx, permit, named, origin)
                    .await?
                    .map_err(|why| refused(name, why))?;
                self.present.organisations.insert(one.name.clone(), made.id);
                if !one.closed {
                    return Ok(());
                }
                made.id
            }
            _ => self.organisation(name, &change.key)?,
        };
        let wanted = (&*one.title, one.closed);
        let done = self
            .tessera
            .change_organisation_in(tx, permit, id, wanted, change.version, origin)
            .await?;
        done.map_err(|why| refused(name, why))
    }

    async fn resource_server(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        let (permit, origin, name) = (&self.permits.resources, &self.origin, &change.name);
        let done = match entry(self.wish.declared.resource_servers.as_ref(), &change.key) {
            None => {
                self.tessera
                    .remove_resource_server_in(tx, permit, &change.key, change.version, origin)
                    .await?
            }
            Some(server) => {
                let replaces = replaces(change);
                self.tessera
                    .put_resource_server_in(tx, permit, server, replaces, origin)
                    .await?
                    .map(|_| ())
            }
        };
        done.map_err(|why| refused(name, why))
    }

    async fn role(&self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        let (permit, origin, name) = (&self.permits.roles, &self.origin, &change.name);
        let done = match entry(self.wish.declared.roles.as_ref(), &change.key) {
            None => {
                let role = RoleName::parse(&change.key)
                    .map_err(|why| refused(name, Refused::Wrong(vec![why])))?;
                self.tessera
                    .delete_role_in(tx, permit, &role, change.version, origin)
                    .await?
            }
            Some(role) => {
                let replaces = replaces(change);
                self.tessera
                    .define_role_in(tx, permit, role, replaces, origin)
                    .await?
            }
        };
        done.map_err(|why| refused(name, why))
    }

    async fn group(&mut self, tx: &mut Tx<'_>, change: &Change) -> Result<(), Stop> {
        let (origin, name) = (&self.origin, &change.name);
        let permit = &self.permits.groups;
        let known = self.present.groups.get(&change.key).copied();
        let Some(one) = entry(self.wish.declared.groups.as_ref(), &change.key) else {
            let id = known.ok_or_else(|| refused(name, Refused::Absent))?;
            let removal = GroupChange::Delete(change.version);
            let done = self
                .tessera
                .change_group_in(tx, permit, id, &removal, origin)
                .await?;
            return done.map_err(|why| refused(name, why));
        };
        let id = match known {
            None => {
                let inside = match &one.organisation {
                    None => None,
                    Some(owner) => permit.inside(self.organisation(name, owner)?),
                };
                let permit = inside.as_ref().unwrap_or(permit);
                let made = self
                    .tessera
                    .create_group_in(tx, permit, &one.name, origin)
                    .await?;
                made.map_err(|why| refused(name, why))?.id
            }
            Some(id) if touches(&change.what, |member| member == "name") => {
                let rename = GroupChange::Rename(one.name.clone(), change.version);
                let done = self
                    .tessera
                    .change_group_in(tx, permit, id, &rename, origin)
                    .await?;
                done.map_err(|why| refused(name, why))?;
                id
            }
            Some(id) => id,
        };
        let none = BTreeSet::new();
        let old = entry(self.present.declared.groups.as_ref(), &change.key);
        let old = old.map_or(&none, |old| &old.roles);
        self.fit_grants(tx, name, &Holder::Group(id), (old, &one.roles))
            .await
    }
}

fn replaces(change: &Change) -> Replaces {
    match change.version {
        None => Replaces::Nothing,
        seen => Replaces::Version(seen),
    }
}

/// Whether one of the members that change is such a one.
pub(super) fn touches(what: &What, such: impl Fn(&str) -> bool) -> bool {
    match what {
        What::Changed(members) => members.iter().any(|change| such(&change.member)),
        _ => false,
    }
}
