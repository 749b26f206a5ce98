//! Whether what a file says fits together, and with what is there.

use std::collections::BTreeSet;

use super::{Declared, Given, Problem, Section};
use crate::protocol::access::{Role, RoleName, RoleProblem, Roles};

/// Every name in `wanted` that would lead nowhere, and every role that cannot be one. `prune`: what is there and
/// not in the file will be gone.
#[must_use]
pub fn check(wanted: &Declared, present: &Declared, prune: bool) -> Vec<Problem> {
    let then = Then::of(wanted, present, prune);
    let mut problems = Vec::new();
    for (name, role) in wanted.roles.iter().flatten() {
        if let Err(problem) = then.roles.check(role) {
            let member = match problem {
                RoleProblem::BuiltIn(_) => "name",
                RoleProblem::UnknownParent(_) | RoleProblem::Circular(_) => "inherits",
                RoleProblem::Unseen | RoleProblem::TooLong(_) => "description",
            };
            problems.push(Problem::of(
                Section::Roles,
                name,
                format!("{member}: {problem}"),
            ));
        }
    }
    for group in wanted.groups.iter().flatten().map(|(_, group)| group) {
        let wrong = then.wrong(group.organisation.as_ref(), &group.roles);
        let name = group.shown();
        problems.extend(wrong.map(|what| Problem::of(Section::Groups, &name, what)));
    }
    for (name, client) in wanted.clients.iter().flatten() {
        let wrong = then.wrong(client.organisation.as_ref(), &client.roles);
        problems.extend(wrong.map(|what| Problem::of(Section::Clients, name, what)));
    }
    problems
}

/// What there will be.
struct Then {
    organisations: BTreeSet<String>,
    roles: Roles,
}

impl Then {
    fn of(wanted: &Declared, present: &Declared, prune: bool) -> Self {
        let stay = |is_listed: bool| !(prune && is_listed);
        let mut organisations: BTreeSet<String> = names(wanted.organisations.as_ref());
        if stay(wanted.organisations.is_some()) {
            organisations.extend(names(present.organisations.as_ref()));
        }
        let listed = wanted.roles.iter().flatten().map(|(_, role)| role);
        let others = present
            .roles
            .iter()
            .flatten()
            .filter(|(name, _)| {
                stay(wanted.roles.is_some())
                    && wanted
                        .roles
                        .as_ref()
                        .is_none_or(|roles| !roles.contains_key(*name))
            })
            .map(|(_, role)| role);
        let roles: Vec<Role> = listed.chain(others).cloned().collect();
        Self {
            organisations,
            roles: Roles::new(roles),
        }
    }

    fn wrong<'a>(
        &'a self,
        owner: Option<&'a String>,
        roles: &'a BTreeSet<Given>,
    ) -> impl Iterator<Item = String> + 'a {
        let unknown = |name: &&String| !self.organisations.contains(*name);
        let owner = owner
            .filter(unknown)
            .map(|name| format!("organisation: there is no organisation {name:?}"));
        let places = roles
            .iter()
            .filter_map(|given| given.organisation.as_ref())
            .filter(move |name| !self.organisations.contains(*name))
            .map(|name| format!("roles: there is no organisation {name:?}"));
        let is_none = |name: &RoleName| self.roles.find(name).is_none();
        let missing = roles
            .iter()
            .filter(move |given| is_none(&given.role))
            .map(|given| format!("roles: there is no role {}", given.role));
        owner.into_iter().chain(places).chain(missing)
    }
}

fn names<T>(entries: Option<&std::collections::BTreeMap<String, T>>) -> BTreeSet<String> {
    entries
        .into_iter()
        .flat_map(|all| all.keys().cloned())
        .collect()
}
