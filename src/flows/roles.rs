//! Administration of roles: what they are, and who holds them. Nobody gives, takes or defines what they
//! have not themselves.

use std::collections::BTreeSet;

use super::access::{of_grant, of_role};
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::RoleGrantId;
use crate::protocol::access::power::{ReadRoles, WriteRoles};
use crate::protocol::access::{
    Pattern, Permit, Role, RoleName, RoleProblem, Roles, Tenant, Within,
};
use crate::protocol::audit::{Kind, Origin};
use crate::storage::role_grants::{self, Holder, RoleGrant};
use crate::storage::roles::{self, StoredRole};
use crate::storage::version::Changed;
use crate::storage::{StorageError, Tx, clients, groups, organisations, users};

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    /// It cannot be defined so.
    #[error("{0}")]
    Wrong(#[from] RoleProblem),
    /// There is one of this name.
    #[error("there is a role of this name already")]
    Taken,
    /// There is none, or none that the caller may see.
    #[error("there is no such role, person, group, client or organisation")]
    Unknown,
    /// Somebody else changed it meanwhile.
    #[error("somebody else changed it meanwhile")]
    Stale,
    /// It would give or take what the caller has not.
    #[error("it gives more than you may do yourself")]
    Beyond,
    /// Roles are of the whole deployment.
    #[error("only who administers the whole deployment defines roles")]
    NotHere,
    /// Others inherit from it.
    #[error("other roles inherit from it: {0}")]
    Inherited(String),
    /// Nobody would be left who may do everything.
    #[error("nobody would be left to administer the deployment")]
    LastAdministrator,
    /// A name that cannot be one.
    #[error("the name is empty, too long, or has characters that names do not have")]
    BadName,
    /// Something belongs to it.
    #[error("people or clients belong to it")]
    InUse,
    /// It would be over before it begins.
    #[error("it must begin before it ends, and end in the future")]
    Never,
}

/// A role to be given.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// The role.
    pub role: RoleName,
    /// To whom.
    pub holder: Holder,
    /// Where.
    pub tenant: Tenant,
    /// Not before.
    pub valid_from: Option<Timestamp>,
    /// Not from then on.
    pub valid_until: Option<Timestamp>,
}

/// What something that is written takes the place of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Replaces {
    /// It is new.
    Nothing,
    /// What has its name, in this version (`None`: whichever).
    Version(Option<i64>),
}

type Result2<T> = Result<Result<T, NotChanged>, Internal>;

/// Everything that a role would give if it were defined so.
fn permissions_if(roles: &Roles, role: &Role) -> BTreeSet<Pattern> {
    let others = roles.iter().filter(|other| other.name != role.name);
    Roles::new(others.cloned().chain([role.clone()])).permissions(&role.name)
}

impl Tessera {
    /// The deployment's own roles, with their versions.
    ///
    /// # Errors
    /// As the database says.
    pub async fn own_roles(&self, _: &Permit<ReadRoles>) -> Result<Vec<StoredRole>, Internal> {
        let mut reader = &self.store;
        Ok(roles::all(&mut reader).await?)
    }

    /// Who holds a role, by grants that the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn holders(
        &self,
        permit: &Permit<ReadRoles>,
        role: &RoleName,
        after: Option<RoleGrantId>,
        limit: i64,
    ) -> Result<Vec<RoleGrant>, Internal> {
        let mut reader = &self.store;
        Ok(role_grants::of_role(&mut reader, permit.within(), role, after, limit).await?)
    }

    /// What somebody or something holds, as far as the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn grants_of(
        &self,
        permit: &Permit<ReadRoles>,
        holder: &Holder,
    ) -> Result<Vec<RoleGrant>, Internal> {
        let mut reader = &self.store;
        Ok(role_grants::of_holder(&mut reader, permit.within(), holder).await?)
    }

    /// Defines a role: a new one, or another in its place, from the version that the caller saw.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn define_role(
        &self,
        permit: Permit<WriteRoles>,
        role: Role,
        replaces: Option<Option<i64>>,
        origin: Origin,
    ) -> Result2<()> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let replaces = replaces.map_or(Replaces::Nothing, Replaces::Version);
                    tessera
                        .define_role_in(tx, &permit, &role, replaces, &origin)
                        .await
                })
            })
            .await;
        taken(written)
    }

    /// As [`Self::define_role`], as a part of a transaction.
    pub(super) async fn define_role_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteRoles>,
        role: &Role,
        replaces: Replaces,
        origin: &Origin,
    ) -> Result2<()> {
        if permit.within().organisation().is_some() {
            return Ok(Err(NotChanged::NotHere));
        }
        roles::lock(tx).await?;
        let known = self.roles(tx).await?;
        if let Err(problem) = known.check(role) {
            return Ok(Err(problem.into()));
        }
        // The old one too: else it could be emptied under who holds it.
        let mut both = permissions_if(&known, role);
        both.extend(known.permissions(&role.name));
        if !permit.has_all(&both) {
            return Ok(Err(NotChanged::Beyond));
        }
        let (changed, word) = match replaces {
            Replaces::Nothing => {
                roles::insert(tx, role, None).await?;
                (Changed::Done, "created")
            }
            Replaces::Version(version) => (roles::update(tx, role, version).await?, "changed"),
        };
        if changed == Changed::Done {
            let event = of_role(permit.actor().clone(), role, word);
            self.record(tx, &event, origin);
        }
        Ok(outcome(changed))
    }

    /// Removes a role, and takes it from everybody, from the version that the caller saw.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn delete_role(
        &self,
        permit: Permit<WriteRoles>,
        name: RoleName,
        version: Option<i64>,
        origin: Origin,
    ) -> Result2<()> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .delete_role_in(tx, &permit, &name, version, &origin)
                        .await
                })
            })
            .await
    }

    /// As [`Self::delete_role`], as a part of a transaction.
    pub(super) async fn delete_role_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteRoles>,
        name: &RoleName,
        version: Option<i64>,
        origin: &Origin,
    ) -> Result2<()> {
        if permit.within().organisation().is_some() {
            return Ok(Err(NotChanged::NotHere));
        }
        roles::lock(tx).await?;
        let known = self.roles(tx).await?;
        if Roles::is_built_in(name) {
            return Ok(Err(RoleProblem::BuiltIn(name.clone()).into()));
        }
        let heirs = known.heirs(name);
        if !heirs.is_empty() {
            let names: Vec<_> = heirs.iter().map(|name| name.as_str()).collect();
            return Ok(Err(NotChanged::Inherited(names.join(", "))));
        }
        let Some(role) = known.find(name).cloned() else {
            return Ok(Err(NotChanged::Unknown));
        };
        if !permit.has_all(&known.permissions(name)) {
            return Ok(Err(NotChanged::Beyond));
        }
        let changed = roles::delete(tx, name, version).await?;
        if changed == Changed::Done {
            let event = of_role(permit.actor().clone(), &role, "removed");
            self.record(tx, &event, origin);
        }
        Ok(outcome(changed))
    }

    /// Gives a role.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn grant_role(
        &self,
        permit: Permit<WriteRoles>,
        new: NewGrant,
        origin: Origin,
    ) -> Result2<RoleGrant> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { tessera.grant_role_in(tx, &permit, new, &origin).await })
            })
            .await
    }

    /// As [`Self::grant_role`], as a part of a transaction.
    pub(super) async fn grant_role_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteRoles>,
        new: NewGrant,
        origin: &Origin,
    ) -> Result2<RoleGrant> {
        let now = self.now();
        let from = new.valid_from.unwrap_or(now);
        if new
            .valid_until
            .is_some_and(|until| until <= from || until <= now)
        {
            return Ok(Err(NotChanged::Never));
        }
        let grant = RoleGrant {
            id: RoleGrantId::new(now, &self.entropy),
            role: new.role,
            holder: new.holder,
            tenant: new.tenant,
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            created_at: now,
        };
        roles::lock(tx).await?;
        let known = self.roles(tx).await?;
        let there = known.find(&grant.role).is_some()
            && self.is_inside(tx, permit.within(), &grant).await?;
        if !there {
            return Ok(Err(NotChanged::Unknown));
        }
        if !permit.covers(&known, &[grant.held()], now) {
            return Ok(Err(NotChanged::Beyond));
        }
        self.insert_grant(tx, &grant, permit.actor().clone(), origin)
            .await?;
        Ok(Ok(grant))
    }

    /// Takes a role back.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn revoke_role(
        &self,
        permit: Permit<WriteRoles>,
        id: RoleGrantId,
        origin: Origin,
    ) -> Result2<()> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { tessera.revoke_role_in(tx, &permit, id, &origin).await })
            })
            .await
    }

    /// As [`Self::revoke_role`], as a part of a transaction.
    pub(super) async fn revoke_role_in(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<WriteRoles>,
        id: RoleGrantId,
        origin: &Origin,
    ) -> Result2<()> {
        let now = self.now();
        roles::lock(tx).await?;
        let known = self.roles(tx).await?;
        let Some(grant) = role_grants::find(tx, permit.within(), id).await? else {
            return Ok(Err(NotChanged::Unknown));
        };
        if !permit.covers(&known, &[grant.held()], now) {
            return Ok(Err(NotChanged::Beyond));
        }
        let besides = role_grants::Besides::Grant(id);
        let counts = role_grants::has_super_administrator(tx, None, now).await?;
        if counts && !role_grants::has_super_administrator(tx, Some(besides), now).await? {
            return Ok(Err(NotChanged::LastAdministrator));
        }
        role_grants::delete(tx, id).await?;
        let event = of_grant(Kind::RoleRevoked, permit.actor().clone(), &grant);
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }

    /// Whether who gets a role and the place where they get it are there, for somebody who sees this much.
    async fn is_inside(
        &self,
        tx: &mut Tx<'_>,
        within: Within,
        grant: &RoleGrant,
    ) -> Result<bool, Internal> {
        if let Tenant::Organisation(id) = grant.tenant
            && (!within.holds(Some(id)) || organisations::find(tx, id).await?.is_none())
        {
            return Ok(false);
        }
        Ok(match &grant.holder {
            Holder::User(id) => users::find(tx, *id)
                .await?
                .is_some_and(|user| within.holds(user.organisation)),
            Holder::Group(id) => groups::find(tx, within, *id).await?.is_some(),
            Holder::Client(id) => clients::find(tx, id, self.now())
                .await?
                .is_some_and(|client| within.holds(client.organisation)),
        })
    }
}

fn outcome(changed: Changed) -> Result<(), NotChanged> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Stale => Err(NotChanged::Stale),
        Changed::Absent => Err(NotChanged::Unknown),
    }
}

fn taken<T>(written: Result2<T>) -> Result2<T> {
    match written {
        Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
        other => other,
    }
}
