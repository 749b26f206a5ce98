//! Administration of groups. Who is in one holds its roles: putting somebody in gives them.

use super::roles::NotChanged;
use super::{Internal, Tessera};
use crate::base::ids::{GroupId, UserId};
use crate::protocol::access::Permit;
use crate::protocol::access::power::{ReadGroups, WriteGroups};
use crate::protocol::account_rules::check_name;
use crate::protocol::audit::{Event, Kind, Origin};
use crate::storage::groups::{self, Group};
use crate::storage::version::Changed;
use crate::storage::{StorageError, Tx, role_grants, roles, users};

/// What happens to a group.
#[derive(Clone, Debug)]
pub enum GroupChange {
    /// Another name, from the version that the caller saw.
    Rename(String, Option<i64>),
    /// It goes, from the version that the caller saw.
    Delete(Option<i64>),
    /// Somebody comes into it.
    Add(UserId),
    /// Somebody leaves it.
    Remove(UserId),
}

impl Tessera {
    /// One group and who is in it, after `after`; `None` if the caller may not see it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn group(
        &self,
        permit: &Permit<ReadGroups>,
        id: GroupId,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Option<(Group, Vec<UserId>)>, Internal> {
        let mut reader = &self.store;
        let Some(group) = groups::find(&mut reader, permit.within(), id).await? else {
            return Ok(None);
        };
        let members = groups::members(&mut reader, id, after, limit).await?;
        Ok(Some((group, members)))
    }

    /// Makes a group, of the organisation that the caller acts in.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn create_group(
        &self,
        permit: Permit<WriteGroups>,
        name: &str,
        origin: Origin,
    ) -> Result<Result<Group, NotChanged>, Internal> {
        let (tessera, name) = (self.clone(), name.to_owned());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { tessera.create_group_in(tx, &permit, &name, &origin).await })
            })
            .await;
        match written {
            Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
            // Its organisation went meanwhile.
            Err(Internal::Storage(StorageError::InUse)) => Ok(Err(NotChanged::Unknown)),
            other => other,
        }
    }

    /// As [`Self::create_group`], as a part of a transaction.
    pub(super) async fn create_group_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteGroups>,
        name: &str,
        origin: &Origin,
    ) -> Result<Result<Group, NotChanged>, Internal> {
        if !is_name(name) {
            return Ok(Err(NotChanged::BadName));
        }
        let group = Group {
            id: GroupId::new(self.now(), &self.entropy),
            organisation: permit.within().organisation(),
            name: name.trim().to_owned(),
            version: 1,
            created_at: self.now(),
        };
        groups::insert(tx, &group).await?;
        let event = of_group(permit, &group, "created", None);
        self.record(tx, &event, origin);
        Ok(Ok(group))
    }

    /// Changes a group or who is in it.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn change_group(
        &self,
        permit: Permit<WriteGroups>,
        id: GroupId,
        change: GroupChange,
        origin: Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .change_group_in(tx, &permit, id, &change, &origin)
                        .await
                })
            })
            .await;
        match written {
            Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
            other => other,
        }
    }

    /// As [`Self::change_group`], as a part of a transaction.
    pub(super) async fn change_group_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteGroups>,
        id: GroupId,
        change: &GroupChange,
        origin: &Origin,
    ) -> Result<Result<(), NotChanged>, Internal> {
        roles::lock(tx).await?;
        let Some(group) = groups::find(tx, permit.within(), id).await? else {
            return Ok(Err(NotChanged::Unknown));
        };
        let known = self.roles(tx).await?;
        let gives = role_grants::held_by_group(tx, id).await?;
        if !permit.covers(&known, &gives, self.now()) {
            return Ok(Err(NotChanged::Beyond));
        }
        if let Err(problem) = apply(tx, permit, &group, change).await? {
            return Ok(Err(problem));
        }
        let event = match change {
            GroupChange::Rename(..) => of_group(permit, &group, "renamed", None),
            GroupChange::Delete(_) => of_group(permit, &group, "removed", None),
            GroupChange::Add(who) => of_group(permit, &group, "member_added", Some(*who)),
            GroupChange::Remove(who) => of_group(permit, &group, "member_removed", Some(*who)),
        };
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }
}

async fn apply(
    tx: &mut Tx<'_>,
    permit: &Permit<WriteGroups>,
    group: &Group,
    change: &GroupChange,
) -> Result<Result<(), NotChanged>, Internal> {
    let there = |done: bool| {
        if done {
            Ok(())
        } else {
            Err(NotChanged::Unknown)
        }
    };
    Ok(match change {
        GroupChange::Rename(name, _) if !is_name(name) => Err(NotChanged::BadName),
        GroupChange::Rename(name, version) => {
            let renamed = Group {
                name: name.trim().to_owned(),
                ..group.clone()
            };
            match groups::rename(tx, &renamed, *version).await? {
                Changed::Done => Ok(()),
                Changed::Stale => Err(NotChanged::Stale),
                Changed::Absent => Err(NotChanged::Unknown),
            }
        }
        GroupChange::Delete(version) if version.is_some_and(|seen| seen != group.version) => {
            Err(NotChanged::Stale)
        }
        GroupChange::Delete(_) => there(groups::delete(tx, group.id).await?),
        GroupChange::Add(who) => {
            let person = users::find(tx, *who).await?;
            // A group of an organisation is for its people.
            let fits = person.is_some_and(|person| {
                permit.within().holds(person.organisation)
                    && (group.organisation.is_none() || group.organisation == person.organisation)
            });
            if fits {
                groups::add_member(tx, group.id, *who).await?;
            }
            there(fits)
        }
        GroupChange::Remove(who) => there(groups::remove_member(tx, group.id, *who).await?),
    })
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && check_name(name).is_ok()
}

pub(super) fn of_group(
    permit: &Permit<WriteGroups>,
    group: &Group,
    change: &'static str,
    who: Option<UserId>,
) -> Event {
    Event::new(Kind::GroupChanged, permit.actor().clone())
        .with("group_id", group.id)
        .with("group", &group.name)
        .with("organisation_id", group.organisation)
        .with("change", change)
        .with("user_id", who)
}
