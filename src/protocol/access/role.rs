//! Roles: names for sets of permissions, which may rest on one another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Pattern, Permission};
use crate::protocol::account_rules::is_unsafe;

/// The longest name; it is in tokens.
const MAX_NAME: usize = 64;

/// The longest title and description, in characters.
const MAX_TEXT: usize = 500;

/// More than a role needs; bounds what one decision looks at.
const MAX_MEMBERS: usize = 256;

/// The name of a role: lower case, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName(String);

impl RoleName {
    /// The one that may do everything.
    pub const SUPER_ADMINISTRATOR: &'static str = "super-administrator";

    /// Reads a name.
    ///
    /// # Errors
    /// In words, what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let right = text.len() <= MAX_NAME
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if right {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "{text:?} is no name for a role: a-z, 0-9 and '-', at most {MAX_NAME}, a letter first"
            ))
        }
    }

    /// The super administrator's.
    #[must_use]
    pub fn super_administrator() -> Self {
        Self(Self::SUPER_ADMINISTRATOR.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RoleName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<RoleName> for String {
    fn from(name: RoleName) -> Self {
        name.0
    }
}

/// A role as it is defined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// What it is for, for people.
    #[serde(default)]
    pub description: String,
    /// What it gives by itself. Of the administration, or of the deployment's own applications.
    #[serde(default)]
    pub permissions: Vec<Pattern>,
    /// The roles that it also is.
    #[serde(default)]
    pub inherits: Vec<RoleName>,
}

/// Why a role cannot be defined so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleProblem {
    /// The name belongs to one that is built in.
    #[error("{0} is built in and cannot be changed")]
    BuiltIn(RoleName),
    /// It inherits from what is none.
    #[error("there is no role {0} to inherit from")]
    UnknownParent(RoleName),
    /// It would inherit from itself.
    #[error("{0} would inherit from itself")]
    Circular(RoleName),
    /// What would turn the text around it, or break its line.
    #[error("the description has characters that cannot be seen")]
    Unseen,
    /// Too much of something.
    #[error("{0}")]
    TooLong(&'static str),
}

/// All roles of a deployment: those that are built in and its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(BTreeMap<RoleName, Role>);

fn built_in() -> impl Iterator<Item = Role> {
    let role = |name: &str, description: &str, permissions: Vec<Pattern>| Role {
        name: RoleName(name.to_owned()),
        description: description.to_owned(),
        permissions,
        inherits: Vec::new(),
    };
    [
        role(
            RoleName::SUPER_ADMINISTRATOR,
            "Everything, everywhere it is given",
            vec![Pattern::everything()],
        ),
        role(
            "client-manager",
            "Clients and resource servers",
            vec![Pattern::all_of("clients"), Pattern::all_of("resources")],
        ),
        role(
            "user-manager",
            "People, their sessions and groups; sees roles, gives none",
            [
                Pattern::all_of("users"),
                Pattern::all_of("sessions"),
                Pattern::all_of("groups"),
                super::power::ReadRoles::pattern(),
            ]
            .to_vec(),
        ),
        role(
            "auditor",
            "Sees everything, changes nothing",
            vec![Pattern::every("read")],
        ),
    ]
    .into_iter()
}

impl super::power::ReadRoles {
    fn pattern() -> Pattern {
        <Self as super::Power>::PERMISSION.into()
    }
}

impl Roles {
    /// Those that are built in, and `own`.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = Role>) -> Self {
        // Built in last: whatever a table holds, `auditor` stays what it is.
        let all = own.into_iter().chain(built_in());
        Self(all.map(|role| (role.name.clone(), role)).collect())
    }

    /// The role of this name.
    #[must_use]
    pub fn find(&self, name: &RoleName) -> Option<&Role> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.values()
    }

    /// Whether it comes with Tessera.
    #[must_use]
    pub fn is_built_in(name: &RoleName) -> bool {
        built_in().any(|role| role.name == *name)
    }

    /// The ways from a role to all that it is: each role with the path to it, itself first. A circle in
    /// a table that somebody edited by hand ends where it began.
    #[must_use]
    pub fn paths(&self, from: &RoleName) -> Vec<Vec<RoleName>> {
        let mut seen = BTreeSet::from([from.clone()]);
        let mut paths = vec![vec![from.clone()]];
        let mut next = 0;
        while let Some(path) = paths.get(next).cloned() {
            next += 1;
            let last = path.last().and_then(|name| self.0.get(name));
            for parent in last.map_or(&[][..], |role| &role.inherits) {
                if seen.insert(parent.clone()) {
                    let mut longer = path.clone();
                    longer.push(parent.clone());
                    paths.push(longer);
                }
            }
        }
        paths
    }

    /// Everything that a role gives, by itself and by what it inherits.
    #[must_use]
    pub fn permissions(&self, of: &RoleName) -> BTreeSet<Pattern> {
        self.paths(of)
            .iter()
            .filter_map(|path| self.0.get(path.last()?))
            .flat_map(|role| role.permissions.iter().cloned())
            .collect()
    }

    /// The path by which a role gives a permission, if it does: the shortest.
    #[must_use]
    pub fn way(&self, from: &RoleName, permission: Permission) -> Option<Vec<RoleName>> {
        self.paths(from).into_iter().find(|path| {
            let role = path.last().and_then(|name| self.0.get(name));
            role.is_some_and(|role| role.permissions.iter().any(|p| p.gives(permission)))
        })
    }

    /// Whether `role` may be defined so, anew or in the place of what has its name.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, role: &Role) -> Result<(), RoleProblem> {
        if Self::is_built_in(&role.name) {
            return Err(RoleProblem::BuiltIn(role.name.clone()));
        }
        if role.description.chars().count() > MAX_TEXT {
            return Err(RoleProblem::TooLong(
                "the description has more than 500 characters",
            ));
        }
        if role.description.chars().any(is_unsafe) {
            return Err(RoleProblem::Unseen);
        }
        if role.permissions.len() > MAX_MEMBERS || role.inherits.len() > MAX_MEMBERS {
            return Err(RoleProblem::TooLong(
                "a role has at most 256 permissions and 256 roles to inherit from",
            ));
        }
        for parent in &role.inherits {
            if *parent == role.name || self.paths(parent).iter().any(|p| p.contains(&role.name)) {
                return Err(RoleProblem::Circular(role.name.clone()));
            }
            if !self.0.contains_key(parent) {
                return Err(RoleProblem::UnknownParent(parent.clone()));
            }
        }
        Ok(())
    }

    /// The roles that inherit from this one: it cannot go while there are any.
    #[must_use]
    pub fn heirs(&self, of: &RoleName) -> Vec<&RoleName> {
        let heirs = self.0.values().filter(|role| role.inherits.contains(of));
        heirs.map(|role| &role.name).collect()
    }
}
