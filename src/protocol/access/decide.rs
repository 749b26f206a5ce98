//! The one decision: may this caller do that, here, now? Pages, the API, the command line and tokens
//! all ask here. An attribute rule or an outside decision point would be one more [`Reason`] beside those
//! of roles, in [`decide`].

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use super::{Pattern, Permission, Power, RoleName, Roles, power};
use crate::base::Timestamp;
use crate::base::ids::OrganisationId;
use crate::protocol::audit::Actor;
use crate::protocol::scope::Scope;

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tenant {
    /// Everywhere.
    Deployment,
    /// In one organisation.
    Organisation(OrganisationId),
}

/// A role that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The role.
    pub role: RoleName,
    /// Where.
    pub tenant: Tenant,
    /// Not before.
    pub valid_from: Option<Timestamp>,
    /// Not from then on.
    pub valid_until: Option<Timestamp>,
    /// The group that has it; `None` if it is their own.
    pub group: Option<String>,
}

impl Held {
    /// Whether it counts at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now)
            && self.valid_until.is_none_or(|until| now < until)
    }
}

/// Who asks, and what of them counts.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// The roles that they hold, valid or not.
    pub held: Vec<Held>,
    /// The scopes of the token that they call with; `None` where there is none (a page).
    pub scopes: Option<Scope>,
}

/// Why, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A role gives it.
    Role {
        /// The one that is held.
        held: Held,
        /// From it to the one that has the permission.
        way: Vec<RoleName>,
    },
    /// A role would give it, but not now.
    NotNow(Held),
    /// A role gives it, but elsewhere.
    Elsewhere(Held),
    /// No role gives it.
    NoRole,
    /// The token has not this scope.
    NoScope(Permission),
    /// It is held in several organisations, and none was named.
    WhichOrganisation,
    /// Whoever is at the machine itself holds its master key.
    Operator,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |held: &Held| match &held.group {
            Some(group) => format!("{} (by the group {group})", held.role),
            None => held.role.to_string(),
        };
        match self {
            Self::Role { held, way } => {
                write!(f, "allowed by the role {}", by(held))?;
                way.iter()
                    .skip(1)
                    .try_for_each(|role| write!(f, ", which is also {role}"))
            }
            Self::NotNow(held) => write!(f, "the role {} is not valid at this time", by(held)),
            Self::Elsewhere(held) => {
                write!(f, "the role {} is held in another organisation", by(held))
            }
            Self::NoRole => f.write_str("no role gives it"),
            Self::NoScope(permission) => {
                write!(f, "the access token has not the scope {permission}")
            }
            Self::WhichOrganisation => {
                f.write_str("held in several organisations: say in which one")
            }
            Self::Operator => f.write_str("at the command line of the machine"),
        }
    }
}

/// What storage lets a caller see and touch. Made only together with a [`Permit`]: a query that asks for
/// it cannot forget the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within(Tenant);

impl Within {
    /// The one organisation; `None`: everything.
    #[must_use]
    pub const fn organisation(self) -> Option<OrganisationId> {
        match self.0 {
            Tenant::Deployment => None,
            Tenant::Organisation(id) => Some(id),
        }
    }

    /// Whether something that belongs to this organisation (`None`: to no one) is inside.
    #[must_use]
    pub fn holds(self, owner: Option<OrganisationId>) -> bool {
        match self.0 {
            Tenant::Deployment => true,
            Tenant::Organisation(id) => owner == Some(id),
        }
    }
}

/// The proof of a decision: this caller may do `P`, within this.
#[derive(Clone, Debug)]
pub struct Permit<P> {
    actor: Actor,
    within: Within,
    /// Everything that the caller may do there, to measure whom and what they may raise.
    powers: BTreeSet<Pattern>,
    /// The scopes of the token, where there is one: it measures as well.
    scopes: Option<Scope>,
    power: PhantomData<P>,
}

impl<P: Power> Permit<P> {
    /// Whoever is at the machine: they have the database and the master key.
    #[must_use]
    pub fn of_operator() -> Self {
        Self {
            actor: Actor::Operator,
            within: Within(Tenant::Deployment),
            powers: BTreeSet::from([Pattern::everything()]),
            scopes: None,
            power: PhantomData,
        }
    }

    /// The same in one organisation alone, if this one reaches there.
    #[must_use]
    pub fn inside(&self, organisation: OrganisationId) -> Option<Self> {
        self.within.holds(Some(organisation)).then(|| Self {
            actor: self.actor.clone(),
            within: Within(Tenant::Organisation(organisation)),
            powers: self.powers.clone(),
            scopes: self.scopes.clone(),
            power: PhantomData,
        })
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where.
    #[must_use]
    pub const fn within(&self) -> Within {
        self.within
    }

    /// Whether the caller has everything that these roles give, where they give it: then they may give and
    /// take them, and change the account of who holds them. Nobody gives what they have not, and nobody
    /// takes over who has more: else a manager of users would be a super administrator after one reset of a
    /// password. What will be valid later counts as if it were now.
    #[must_use]
    pub fn covers(&self, roles: &Roles, held: &[Held], now: Timestamp) -> bool {
        held.iter()
            .filter(|held| held.valid_until.is_none_or(|until| now < until))
            .all(|held| {
                let inside = match held.tenant {
                    Tenant::Deployment => self.within.organisation().is_none(),
                    Tenant::Organisation(id) => self.within.holds(Some(id)),
                };
                inside && self.has_all(&roles.permissions(&held.role))
            })
    }

    /// Whether the caller has all of these, by their roles and by the scopes of their token: an application
    /// that was only trusted with groups must not put its friends into the one that administers everything.
    #[must_use]
    pub fn has_all(&self, wanted: &BTreeSet<Pattern>) -> bool {
        let scoped = |wanted: &Pattern| {
            let Some(scopes) = &self.scopes else {
                return true;
            };
            let mut given = power::ALL.iter().filter(|one| wanted.gives(**one));
            given.all(|one| scopes.contains(&one.to_string()))
        };
        let held = |wanted: &Pattern| self.powers.iter().any(|mine| mine.covers(wanted));
        wanted.iter().all(|wanted| held(wanted) && scoped(wanted))
    }
}

/// A decision with its reasons.
#[derive(Clone, Debug)]
pub struct Decision<P> {
    /// The proof, if it may be.
    pub permit: Option<Permit<P>>,
    /// Why, or why not: for pages that explain, and for the log.
    pub reasons: Vec<Reason>,
}

/// May the caller do `P`, in the organisation that they name or wherever they may?
#[must_use]
pub fn decide<P: Power>(
    roles: &Roles,
    caller: &Caller,
    wanted: Option<OrganisationId>,
    now: Timestamp,
) -> Decision<P> {
    let (tenant, reasons) = explain(roles, caller, P::PERMISSION, wanted, now);
    let Some(tenant) = tenant else {
        return Decision {
            permit: None,
            reasons,
        };
    };
    let mut powers = powers(roles, &caller.held, tenant, now);
    if let Some(scopes) = &caller.scopes {
        powers = named(&powers, scopes);
    }
    Decision {
        permit: Some(Permit {
            actor: caller.actor.clone(),
            within: Within(tenant),
            powers,
            scopes: caller.scopes.clone(),
            power: PhantomData,
        }),
        reasons,
    }
}

/// The same decision, for a permission that is known only as a value: where the caller has it, if anywhere
/// that was asked for, and why. It permits nothing.
#[must_use]
pub fn explain(
    roles: &Roles,
    caller: &Caller,
    permission: Permission,
    wanted: Option<OrganisationId>,
    now: Timestamp,
) -> (Option<Tenant>, Vec<Reason>) {
    let scoped = caller.scopes.as_ref();
    if scoped.is_some_and(|scope| !scope.contains(&permission.to_string())) {
        return (None, vec![Reason::NoScope(permission)]);
    }
    let (mut allowed, mut against) = (Vec::new(), Vec::new());
    for held in &caller.held {
        let Some(way) = roles.way(&held.role, permission) else {
            continue;
        };
        let here = match (held.tenant, wanted) {
            (Tenant::Organisation(mine), Some(wanted)) => mine == wanted,
            _ => true,
        };
        if !here {
            against.push(Reason::Elsewhere(held.clone()));
        } else if !held.is_valid(now) {
            against.push(Reason::NotNow(held.clone()));
        } else {
            allowed.push((
                held.tenant,
                Reason::Role {
                    held: held.clone(),
                    way,
                },
            ));
        }
    }
    let tenants: BTreeSet<Tenant> = allowed.iter().map(|(tenant, _)| *tenant).collect();
    let reasons = allowed.into_iter().map(|(_, reason)| reason).collect();
    match (wanted, tenants.first(), tenants.len()) {
        (_, None, _) if against.is_empty() => (None, vec![Reason::NoRole]),
        (_, None, _) => (None, against),
        (Some(wanted), ..) => (Some(Tenant::Organisation(wanted)), reasons),
        // The first: `Deployment` sorts before every organisation, and holds them all.
        (None, Some(Tenant::Deployment), _) => (Some(Tenant::Deployment), reasons),
        (None, Some(tenant), 1) => (Some(*tenant), reasons),
        (None, ..) => (None, vec![Reason::WhichOrganisation]),
    }
}

/// Of these powers those that the scopes of a token name, one by one: the token of a super administrator that
/// is for roles alone is no super administrator, and makes none. A scope itself leaves nothing open; `*:read` is
/// named by the scopes for everything that can be read here.
fn named(powers: &BTreeSet<Pattern>, scopes: &Scope) -> BTreeSet<Pattern> {
    let all = super::power::ALL;
    let has = |of: &Permission| scopes.contains(&of.to_string());
    let open = all
        .iter()
        .flat_map(|of| {
            [
                Pattern::all_of(of.resource()),
                Pattern::every(of.action()),
                Pattern::everything(),
            ]
        })
        .filter(|open| all.iter().filter(|of| open.gives(**of)).all(has));
    let plain = scopes.iter().filter_map(|scope| Pattern::parse(scope).ok());
    plain
        .filter(|plain| !plain.is_open())
        .chain(open)
        .filter(|asked| powers.iter().any(|mine| mine.covers(asked)))
        .collect()
}

/// Everything that these roles give in a place at `now`.
#[must_use]
pub fn powers(roles: &Roles, held: &[Held], tenant: Tenant, now: Timestamp) -> BTreeSet<Pattern> {
    held.iter()
        .filter(|held| {
            held.is_valid(now) && (held.tenant == Tenant::Deployment || held.tenant == tenant)
        })
        .flat_map(|held| roles.permissions(&held.role))
        .collect()
}

/// Every role that somebody has at `now`, inherited ones too, in a place: what tokens say.
#[must_use]
pub fn effective_roles(
    roles: &Roles,
    held: &[Held],
    tenant: Tenant,
    now: Timestamp,
) -> BTreeSet<RoleName> {
    held.iter()
        .filter(|held| {
            held.is_valid(now) && (held.tenant == Tenant::Deployment || held.tenant == tenant)
        })
        .flat_map(|held| roles.paths(&held.role))
        .filter_map(|mut path| path.pop())
        .collect()
}

/// Those of the asked-for scopes that a token for the administration may carry: one that names a permission of
/// it only if its holder has that somewhere.
#[must_use]
pub fn scopes_allowed(roles: &Roles, held: &[Held], asked: &Scope, now: Timestamp) -> Scope {
    let may = |permission: Permission| {
        held.iter()
            .any(|held| held.is_valid(now) && roles.way(&held.role, permission).is_some())
    };
    asked.filter(|scope| {
        let named = power::ALL.iter().find(|of| of.to_string() == scope);
        named.is_none_or(|permission| may(*permission))
    })
}
