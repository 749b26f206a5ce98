//! Roles that come from another system: names that permit nothing. What applications make of such a name is what
//! they made of it there. Whatever else stands under one here is never given by an import: people of the old
//! system would come to what is somebody else's because two roles have one name.

use std::collections::BTreeMap;

use super::group_imports::GroupNames;
use super::imports::MayImport;
use crate::base::ids::RoleGrantId;
use crate::flows::access::of_role;
use crate::flows::roles::NotChanged;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::{Role, RoleName, Roles, Tenant};
use crate::protocol::audit::Origin;
use crate::storage::role_grants::{Holder, RoleGrant};
use crate::storage::roles::{self, StoredRole};
use crate::storage::{Reader, Tx};

/// A role to be made. There is no place for permissions in it.
#[derive(Clone, Debug)]
pub struct RoleImport {
    /// Its name.
    pub name: RoleName,
    /// What it is for.
    pub description: String,
    /// Roles of the same realm that it also is.
    pub inherits: Vec<RoleName>,
}

/// What came of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleImported {
    /// It is new.
    New,
    /// An earlier run brought it, and nobody has changed it since.
    There,
    /// The name means something else here: nobody is given it.
    Foreign,
    /// It would rest on one that means something else here.
    RestsOnForeign,
}

/// The proof that a role is one that this import may give.
#[derive(Debug)]
pub(super) struct Brought<'a>(&'a RoleName);

/// The roles that imports of a realm brought, as they brought them, and that rest on nothing else: whoever gets
/// one may do nothing here that they could not do before.
#[derive(Debug, Default)]
pub(super) struct BroughtRoles(BTreeMap<RoleName, Role>);

impl BroughtRoles {
    fn of(all: Vec<StoredRole>, realm: &str) -> Self {
        let brought = all.into_iter().filter(|one| {
            one.imported_from.as_deref() == Some(realm)
                && one.role.permissions.is_empty()
                && !Roles::is_built_in(&one.role.name)
        });
        let brought = brought.map(|one| (one.role.name.clone(), one.role));
        let mut left: BTreeMap<RoleName, Role> = brought.collect();
        loop {
            let rests_elsewhere =
                |role: &&Role| !role.inherits.iter().all(|below| left.contains_key(below));
            let falls = left.values().find(rests_elsewhere);
            let Some(name) = falls.map(|role| role.name.clone()) else {
                return Self(left);
            };
            left.remove(&name);
        }
    }

    pub fn find<'a>(&self, name: &'a RoleName) -> Option<Brought<'a>> {
        self.0.contains_key(name).then_some(Brought(name))
    }
}

impl Tessera {
    /// Makes a role where there is none of this name. Without `write`, only says what would come of it.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn import_role(
        &self,
        may: &MayImport,
        new: RoleImport,
        write: bool,
        origin: Origin,
    ) -> Result<Result<RoleImported, NotChanged>, Internal> {
        let Some(realm) = may.realm().map(str::to_owned) else {
            return Ok(Err(NotChanged::NotHere));
        };
        let mut reader = &self.store;
        if !write {
            let there = self.namesake(&mut reader, may, &new.name).await?;
            return Ok(Ok(there.unwrap_or(RoleImported::New)));
        }
        let (tessera, may) = (self.clone(), may.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    roles::lock(tx).await?;
                    if let Some(there) = tessera.namesake(tx, &may, &new.name).await? {
                        return Ok(Ok(there));
                    }
                    let brought = tessera.brought(tx, &may).await?;
                    if !new.inherits.iter().all(|on| brought.find(on).is_some()) {
                        return Ok(Ok(RoleImported::RestsOnForeign));
                    }
                    let role = Role {
                        name: new.name,
                        description: new.description,
                        permissions: Vec::new(),
                        inherits: new.inherits,
                    };
                    if let Err(problem) = tessera.roles(tx).await?.check(&role) {
                        return Ok(Err(problem.into()));
                    }
                    roles::insert(tx, &role, Some(&realm)).await?;
                    let event = of_role(may.roles.actor().clone(), &role, "created");
                    tessera.record(tx, &event.with("imported", true), &origin);
                    Ok(Ok(RoleImported::New))
                })
            })
            .await
    }

    /// What stands here under this name.
    async fn namesake(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
        name: &RoleName,
    ) -> Result<Option<RoleImported>, Internal> {
        if self.roles(reader).await?.find(name).is_none() {
            return Ok(None);
        }
        let brought = self.brought(reader, may).await?;
        Ok(Some(match brought.find(name) {
            Some(_) => RoleImported::There,
            None => RoleImported::Foreign,
        }))
    }

    /// What this import may give at this moment. Whoever gives asks under the lock of roles: a role may have
    /// got permissions since the import, or since a moment ago.
    pub(super) async fn brought(
        &self,
        reader: &mut impl Reader,
        may: &MayImport,
    ) -> Result<BroughtRoles, Internal> {
        Ok(match may.realm() {
            Some(realm) => BroughtRoles::of(roles::all(reader).await?, realm),
            None => BroughtRoles::default(),
        })
    }

    /// Gives a role.
    pub(super) async fn give_brought(
        &self,
        tx: &mut Tx<'_>,
        may: &MayImport,
        (role, holder): (&Brought<'_>, Holder),
        origin: &Origin,
    ) -> Result<(), Internal> {
        let grant = RoleGrant {
            id: RoleGrantId::new(self.now(), &self.entropy),
            role: role.0.clone(),
            holder,
            tenant: Tenant::Deployment,
            valid_from: None,
            valid_until: None,
            created_at: self.now(),
        };
        self.insert_grant(tx, &grant, may.roles.actor().clone(), origin)
            .await
    }
}

impl MayImport {
    /// The realm whose roles it brings; `None` where it brings none. Roles are of the whole deployment.
    fn realm(&self) -> Option<&str> {
        let everywhere = self.roles.within().organisation().is_none();
        match &self.names {
            GroupNames::Elsewhere(realm) if everywhere && !realm.name.is_empty() => {
                Some(&realm.name)
            }
            _ => None,
        }
    }
}
