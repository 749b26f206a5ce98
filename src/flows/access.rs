//! Brings the facts to the one decision (`protocol/access`): who holds which role, read anew each time, so
//! that a role which was taken back a second ago is gone.

use std::collections::BTreeSet;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::{OrganisationId, RoleGrantId, UserId};
use crate::protocol::access::power::{self, ReadOrganisations};
use crate::protocol::access::{
    Caller, Decision, Permission, Permit, Power, Reason, Role, RoleName, Roles, Tenant, decide,
    explain, scopes_allowed,
};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::ClientId;
use crate::protocol::scope::Scope;
use crate::protocol::token::Issuance;
use crate::storage::role_grants::{self, Holder, RoleGrant};
use crate::storage::{Reader, Tx};
use crate::storage::{organisations, roles};

/// Whoever wants to administer something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A signed-in person, on a page.
    Person(UserId),
    /// A person, by an access token with these scopes.
    PersonByToken(UserId, Scope),
    /// A client for itself, by an access token with these scopes.
    Client(ClientId, Scope),
}

/// Somebody who may administer something, with the facts of one moment: for what a page shows. It permits
/// nothing.
#[derive(Clone, Debug)]
pub struct Administrator {
    roles: Roles,
    caller: Caller,
    now: Timestamp,
}

impl Administrator {
    /// Whether they may do this, wherever it is.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let (tenant, reasons) = explain(&self.roles, &self.caller, permission, None, self.now);
        tenant.is_some() || reasons.contains(&Reason::WhichOrganisation)
    }

    /// Whether they may do this in the organisation that they have chosen, if they have.
    #[must_use]
    pub fn may_in(&self, permission: Permission, chosen: Option<OrganisationId>) -> bool {
        if chosen.is_none() {
            return self.may(permission);
        }
        let (tenant, _) = explain(&self.roles, &self.caller, permission, chosen, self.now);
        tenant.is_some()
    }

    /// Where they may do this, if it has to be said in which organisation.
    #[must_use]
    pub fn must_choose(&self, permission: Permission) -> Option<OrganisationId> {
        let (_, reasons) = explain(&self.roles, &self.caller, permission, None, self.now);
        let tenants = self.tenants().filter_map(|tenant| match tenant {
            Tenant::Organisation(id) => Some(id),
            Tenant::Deployment => None,
        });
        reasons
            .contains(&Reason::WhichOrganisation)
            .then(|| {
                // The same one each time, whatever order roles are read in.
                tenants
                    .filter(|id| self.may_in(permission, Some(*id)))
                    .min()
            })
            .flatten()
    }

    /// Where they administer something.
    fn tenants(&self) -> impl Iterator<Item = Tenant> {
        let held = self.caller.held.iter();
        let counts = |role: &RoleName| {
            let mut all = power::ALL.iter();
            all.any(|one| self.roles.way(role, *one).is_some())
        };
        held.filter(move |held| held.is_valid(self.now) && counts(&held.role))
            .map(|held| held.tenant)
    }

    /// Whether they may do this in the whole deployment, not only in an organisation.
    #[must_use]
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        let (tenant, _) = explain(&self.roles, &self.caller, permission, None, self.now);
        tenant == Some(Tenant::Deployment)
    }

    /// The permit for `P`, in the organisation that is named or wherever they may. For what a page shows beside
    /// its own subject; a refusal is not on record.
    #[must_use]
    pub fn decide<P: Power>(&self, wanted: Option<OrganisationId>) -> Option<Permit<P>> {
        decide::<P>(&self.roles, &self.caller, wanted, self.now).permit
    }

    /// Every role there is.
    #[must_use]
    pub const fn roles(&self) -> &Roles {
        &self.roles
    }
}

/// The places that somebody may choose from: where they administer something.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The whole deployment is one of them.
    pub everywhere: bool,
    /// Organisations with their names for people; at most a hundred.
    pub organisations: Vec<(OrganisationId, String)>,
}

/// More than anybody looks through.
const PLACES: i64 = 100;

impl Tessera {
    /// The places of somebody, for who administers more than one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn places(&self, who: &Administrator) -> Result<Places, Internal> {
        let tenants: BTreeSet<Tenant> = who.tenants().collect();
        let mut reader = &self.store;
        let everywhere = tenants.contains(&Tenant::Deployment);
        // Whoever may not see organisations is not told of them here either.
        let reading = who.decide::<ReadOrganisations>(None);
        let mut organisations = Vec::new();
        if let Some(permit) = reading.filter(|_| everywhere) {
            organisations = organisations::page(&mut reader, permit.within(), "", PLACES).await?;
        } else if !everywhere && tenants.len() > 1 {
            for tenant in tenants {
                if let Tenant::Organisation(id) = tenant {
                    organisations.extend(organisations::find(&mut reader, id).await?);
                }
            }
            organisations.sort_by(|one, other| one.name.cmp(&other.name));
        }
        let named = organisations.into_iter().map(|of| (of.id, of.title));
        Ok(Places {
            everywhere,
            organisations: named.collect(),
        })
    }

    /// All roles: those that are built in, and the deployment's own.
    ///
    /// # Errors
    /// As the database says.
    pub async fn roles(&self, reader: &mut impl Reader) -> Result<Roles, Internal> {
        let own = roles::all(reader).await?;
        Ok(Roles::new(own.into_iter().map(|of| of.role)))
    }

    /// Who asks, with every role that they hold.
    ///
    /// # Errors
    /// As the database says.
    pub async fn caller(
        &self,
        reader: &mut impl Reader,
        asking: &Asking,
    ) -> Result<Caller, Internal> {
        Ok(match asking {
            Asking::Person(id) => Caller {
                actor: Actor::User(*id),
                held: role_grants::held_by_user(reader, *id).await?,
                scopes: None,
            },
            Asking::PersonByToken(id, scopes) => Caller {
                actor: Actor::User(*id),
                held: role_grants::held_by_user(reader, *id).await?,
                scopes: Some(scopes.clone()),
            },
            Asking::Client(id, scopes) => Caller {
                actor: Actor::Client(id.clone()),
                held: role_grants::held_by_client(reader, id).await?,
                scopes: Some(scopes.clone()),
            },
        })
    }

    /// What may be issued to this holder: a token for the administration carries the scopes that their roles
    /// allow, and no others. It is asked again with every refresh, and at every request.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn within_roles(
        &self,
        reader: &mut impl Reader,
        issuance: Issuance,
        now: Timestamp,
    ) -> Result<Issuance, Internal> {
        if !issuance.target().audience().contains(&self.api()) {
            return Ok(issuance);
        }
        let held = match issuance.grant() {
            Some(grant) => role_grants::held_by_user(reader, grant.user_id).await?,
            None => role_grants::held_by_client(reader, issuance.client_id()).await?,
        };
        let roles = self.roles(reader).await?;
        let allowed = scopes_allowed(&roles, &held, issuance.target().scope(), now);
        Ok(issuance.within(&allowed))
    }

    /// May they do `P`, in the organisation that they name or wherever they may? A refusal is on record.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn authorize_administration<P: Power>(
        &self,
        asking: &Asking,
        wanted: Option<OrganisationId>,
        origin: &Origin,
    ) -> Result<Decision<P>, Internal> {
        let administrator = self.administrator(asking).await?;
        self.admit_administrator(&administrator, wanted, origin)
            .await
    }

    /// Whoever asks, with what counts at this moment.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn administrator(&self, asking: &Asking) -> Result<Administrator, Internal> {
        let mut reader = &self.store;
        Ok(Administrator {
            roles: self.roles(&mut reader).await?,
            caller: self.caller(&mut reader, asking).await?,
            now: self.now(),
        })
    }

    /// As [`Self::authorize_administration`], with facts that were read a moment ago.
    ///
    /// # Errors
    /// If the refusal could not be written.
    pub async fn admit_administrator<P: Power>(
        &self,
        who: &Administrator,
        wanted: Option<OrganisationId>,
        origin: &Origin,
    ) -> Result<Decision<P>, Internal> {
        let decision = decide::<P>(&who.roles, &who.caller, wanted, who.now);
        if decision.permit.is_none() {
            let event = Event::new(Kind::AccessDenied, who.caller.actor.clone())
                .failed("not_allowed")
                .with("permission", P::PERMISSION.to_string())
                .with("organisation_id", wanted);
            self.record_alone(event, origin.clone()).await?;
        }
        Ok(decision)
    }

    /// What the decision would be, and why. Nothing is on record.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn explain(
        &self,
        asking: &Asking,
        permission: Permission,
        wanted: Option<OrganisationId>,
    ) -> Result<(Option<Tenant>, Vec<Reason>), Internal> {
        let mut reader = &self.store;
        let roles = self.roles(&mut reader).await?;
        let caller = self.caller(&mut reader, asking).await?;
        Ok(explain(&roles, &caller, permission, wanted, self.now()))
    }

    /// The names of the roles that somebody holds by themselves or by a group, now or later.
    ///
    /// # Errors
    /// As the database says.
    pub async fn roles_of(&self, user: UserId) -> Result<Vec<RoleName>, Internal> {
        let mut reader = &self.store;
        let held = role_grants::held_by_user(&mut reader, user).await?;
        Ok(held.into_iter().map(|held| held.role).collect())
    }

    /// Whether somebody is a super administrator of the deployment now.
    ///
    /// # Errors
    /// As the database says.
    pub async fn is_administrator(&self, user: UserId) -> Result<bool, Internal> {
        let mut reader = &self.store;
        let now = self.now();
        let held = role_grants::held_by_user(&mut reader, user).await?;
        Ok(held.iter().any(|held| {
            held.tenant == Tenant::Deployment
                && held.role.as_str() == RoleName::SUPER_ADMINISTRATOR
                && held.is_valid(now)
        }))
    }

    /// Everybody who was made a super administrator of the deployment by themselves.
    ///
    /// # Errors
    /// As the database says.
    pub async fn administrators(&self) -> Result<BTreeSet<UserId>, Internal> {
        let mut reader = &self.store;
        Ok(role_grants::super_administrators(&mut reader).await?)
    }

    /// Gives somebody the role that may do everything.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn make_administrator(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        actor: Actor,
        origin: &Origin,
    ) -> Result<(), Internal> {
        let grant = RoleGrant {
            id: RoleGrantId::new(self.now(), &self.entropy),
            role: RoleName::super_administrator(),
            holder: Holder::User(user),
            tenant: Tenant::Deployment,
            valid_from: None,
            valid_until: None,
            created_at: self.now(),
        };
        self.insert_grant(tx, &grant, actor, origin).await
    }

    /// Writes a grant, with its record.
    pub(super) async fn insert_grant(
        &self,
        tx: &mut Tx<'_>,
        grant: &RoleGrant,
        actor: Actor,
        origin: &Origin,
    ) -> Result<(), Internal> {
        role_grants::insert(tx, grant).await?;
        let event = of_grant(Kind::RoleGranted, actor, grant);
        self.record(tx, &event, origin);
        Ok(())
    }

    /// Whether nobody would be left to administer the deployment without this person. Holds up everybody
    /// else who changes roles until the transaction ends: two who leave at once would both see the other.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn is_last_administrator(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<bool, Internal> {
        roles::lock(tx).await?;
        let now = self.now();
        let some = role_grants::has_super_administrator(tx, None, now).await?;
        let besides = role_grants::Besides::User(user);
        let other = role_grants::has_super_administrator(tx, Some(besides), now).await?;
        Ok(some && !other)
    }
}

/// The record of a grant that was made or taken back.
pub(super) fn of_grant(kind: Kind, actor: Actor, grant: &RoleGrant) -> Event {
    let (user, group, client) = match &grant.holder {
        Holder::User(id) => (Some(*id), None, None),
        Holder::Group(id) => (None, Some(*id), None),
        Holder::Client(id) => (None, None, Some(id.clone())),
    };
    let organisation = match grant.tenant {
        Tenant::Deployment => None,
        Tenant::Organisation(id) => Some(id),
    };
    Event::new(kind, actor)
        .with("role", grant.role.as_str())
        .with("role_grant_id", grant.id)
        .with("user_id", user)
        .with("group_id", group)
        .with("client_id", client)
        .with("organisation_id", organisation)
        .with("valid_from", grant.valid_from.map(Timestamp::rfc3339))
        .with("valid_until", grant.valid_until.map(Timestamp::rfc3339))
}

/// The record of a role that was defined, changed or removed.
pub(super) fn of_role(actor: Actor, role: &Role, change: &'static str) -> Event {
    Event::new(Kind::RoleChanged, actor)
        .with("role", role.name.as_str())
        .with("change", change)
        .with("permissions", &role.permissions)
        .with("inherits", &role.inherits)
}
