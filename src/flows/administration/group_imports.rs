//! Groups that come from another system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::imports::{Looked, MayImport};
use crate::base::ids::OrganisationId;
use crate::flows::roles::NotChanged;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::{RoleName, Tenant};
use crate::protocol::audit::Origin;
use crate::storage::groups::Group;
use crate::storage::role_grants::Holder;
use crate::storage::{Reader, StorageError, groups, role_grants, roles};

/// What came of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupImport {
    /// It is new.
    New,
    /// One of this name is here.
    There,
    /// One of this name is here and holds a role that the other has not there: nobody is put into it.
    HoldsRoles,
}

/// Whose names of groups stand in what is imported.
#[derive(Clone, Debug)]
pub enum GroupNames {
    /// Whoever imports named groups that are here.
    Here,
    /// Another system's. A group here that happens to have such a name and holds another role than the one there
    /// takes nobody in: people of the old system would come to what is theirs by no decision of anybody.
    Elsewhere(Arc<Realm>),
}

/// What another system says of groups and roles.
#[derive(Clone, Debug, Default)]
pub struct Realm {
    /// Its name: the roles that come from it are known by it.
    pub name: String,
    /// Its groups, each with the roles that come with it.
    pub groups: BTreeMap<String, BTreeSet<RoleName>>,
    /// The groups that are not here are still to be made, and pass as there.
    pub to_be_made: bool,
}

type Came = (GroupImport, Vec<RoleName>);

impl Tessera {
    /// Makes a group where there is none of this name, with the roles that it has in the realm. Without `write`,
    /// only says what would come of it. One that is here already gets no roles: its people are not those of the
    /// realm alone. What it has there and not here comes back as well.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn import_group(
        &self,
        may: &MayImport,
        name: &str,
        write: bool,
        origin: Origin,
    ) -> Result<Result<Came, NotChanged>, Internal> {
        if !write {
            let there = self.group_there(&mut &self.store, may, name).await?;
            return Ok(Ok(there.unwrap_or((GroupImport::New, Vec::new()))));
        }
        let (tessera, may, name) = (self.clone(), may.clone(), name.to_owned());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if let Some(there) = tessera.group_there(tx, &may, &name).await? {
                        return Ok(Ok(there));
                    }
                    let made = tessera.create_group_in(tx, &may.groups, &name, &origin);
                    let group = match made.await? {
                        Ok(group) => group,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    roles::lock(tx).await?;
                    let brought = tessera.brought(tx, &may).await?;
                    let mut without = Vec::new();
                    for role in may.names.roles_of(&name) {
                        let Some(proof) = brought.find(role) else {
                            without.push(role.clone());
                            continue;
                        };
                        let given = (&proof, Holder::Group(group.id));
                        tessera.give_brought(tx, &may, given, &origin).await?;
                    }
                    Ok(Ok((GroupImport::New, without)))
                })
            })
            .await;
        match written {
            // Somebody beside us made it just now.
            Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
            other => other,
        }
    }

    async fn group_there(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
        name: &str,
    ) -> Result<Option<Came>, Internal> {
        let organisation = may.groups.within().organisation();
        let Some(group) = groups::find_of(reader, organisation, name).await? else {
            return Ok(None);
        };
        if !self.takes_in(reader, may, (&group, name)).await? {
            return Ok(Some((GroupImport::HoldsRoles, Vec::new())));
        }
        let gives = role_grants::held_by_group(reader, group.id).await?;
        let mut without = may.names.roles_of(name).clone();
        without.retain(|role| !gives.iter().any(|held| held.role == *role));
        Ok(Some((GroupImport::There, without.into_iter().collect())))
    }

    /// Whether an import may put people into this group here, which another system calls so: only if they get
    /// nothing by it that the group does not give them there.
    pub(super) async fn takes_in(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
        (group, name): (&Group, &str),
    ) -> Result<bool, Internal> {
        if matches!(may.names, GroupNames::Here) {
            return Ok(true);
        }
        let gives = role_grants::held_by_group(reader, group.id).await?;
        if gives.is_empty() {
            return Ok(true);
        }
        let (brought, there) = (self.brought(reader, may).await?, may.names.roles_of(name));
        Ok(gives.iter().all(|held| {
            held.tenant == Tenant::Deployment
                && there.contains(&held.role)
                && brought.find(&held.role).is_some()
        }))
    }

    /// A group of the organisation, or else of the deployment: who is in one holds its roles, so that they
    /// must be within what the caller has. `None`: nobody is put into it, see [`GroupNames::Elsewhere`].
    pub(super) async fn group_named(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
        looked: &mut Looked,
        (organisation, name): (Option<OrganisationId>, &str),
    ) -> Result<Result<Option<Group>, String>, Internal> {
        // By the very name: of two that differ by case there, each has roles of its own.
        let key = (organisation, name.to_owned());
        if let Some(known) = looked.groups.get(&key) {
            return Ok(known.clone());
        }
        let mut found = groups::find_of(reader, organisation, name).await?;
        if found.is_none() && organisation.is_some() {
            found = groups::find_of(reader, None, name).await?;
        }
        let within = may.groups.within();
        let answer = match found.filter(|group| within.holds(group.organisation)) {
            None if may.names.will_be(name) => Ok(None),
            None => Err(format!("groups: there is none called {name}")),
            Some(group) if !self.takes_in(reader, may, (&group, name)).await? => Ok(None),
            Some(group) => {
                let gives = role_grants::held_by_group(reader, group.id).await?;
                if looked.roles.is_none() {
                    looked.roles = Some(self.roles(reader).await?);
                }
                let known = looked.roles.as_ref();
                let covered =
                    known.is_some_and(|known| may.groups.covers(known, &gives, self.now()));
                covered.then_some(Some(group)).ok_or_else(|| {
                    format!("groups: {name} gives more than the importing account has")
                })
            }
        };
        looked.groups.insert(key, answer.clone());
        Ok(answer)
    }
}

impl GroupNames {
    fn roles_of(&self, name: &str) -> &BTreeSet<RoleName> {
        static NONE: BTreeSet<RoleName> = BTreeSet::new();
        match self {
            Self::Here => &NONE,
            Self::Elsewhere(realm) => realm.groups.get(name).unwrap_or(&NONE),
        }
    }

    fn will_be(&self, name: &str) -> bool {
        match self {
            Self::Here => false,
            Self::Elsewhere(realm) => realm.to_be_made && realm.groups.contains_key(name),
        }
    }
}
