//! The administration: one file per section.

pub mod audit;
pub mod client_form;
pub mod clients;
pub mod confirm;
pub mod groups;
mod json;
pub mod keys;
pub mod organisations;
pub mod overview;
pub mod resources;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod snippets;
pub mod trials;
pub mod users;

use crate::flows::access::Administrator;
use crate::protocol::access::power::{
    ReadAudit, ReadClients, ReadGroups, ReadKeys, ReadOrganisations, ReadResources, ReadRoles,
    ReadSessions, ReadSettings, ReadUsers,
};
use crate::protocol::access::{Permission, Power};
use crate::protocol::assurance::Method;
use crate::web::extract::Chosen;
use crate::web::messages::Message;

/// A part of the administration, in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// How things are.
    Overview,
    /// Applications.
    Clients,
    /// APIs that take our tokens.
    Resources,
    /// People.
    Users,
    /// Who is signed in.
    Sessions,
    /// Sets of people.
    Groups,
    /// Who may do what.
    Roles,
    /// Tenants.
    Organisations,
    /// Signing keys.
    Keys,
    /// What happened.
    Audit,
    /// How it is set up.
    Settings,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Clients,
        Self::Resources,
        Self::Users,
        Self::Sessions,
        Self::Groups,
        Self::Roles,
        Self::Organisations,
        Self::Keys,
        Self::Audit,
        Self::Settings,
    ];

    /// Where it is.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Clients => "/admin/clients",
            Self::Resources => "/admin/resources",
            Self::Users => "/admin/users",
            Self::Sessions => "/admin/sessions",
            Self::Groups => "/admin/groups",
            Self::Roles => "/admin/roles",
            Self::Organisations => "/admin/organisations",
            Self::Keys => "/admin/keys",
            Self::Audit => "/admin/audit",
            Self::Settings => "/admin/settings",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self) -> Message {
        match self {
            Self::Overview => Message::new("admin-overview"),
            Self::Clients => Message::new("admin-clients"),
            Self::Resources => Message::new("admin-resources"),
            Self::Users => Message::new("admin-users"),
            Self::Sessions => Message::new("admin-sessions"),
            Self::Groups => Message::new("admin-groups"),
            Self::Roles => Message::new("admin-roles"),
            Self::Organisations => Message::new("admin-organisations"),
            Self::Keys => Message::new("admin-keys"),
            Self::Audit => Message::new("admin-audit"),
            Self::Settings => Message::new("admin-settings"),
        }
    }

    /// What it takes to see it; the overview is for whoever may see anything.
    #[must_use]
    pub const fn permission(self) -> Option<Permission> {
        match self {
            Self::Overview => None,
            Self::Clients => Some(ReadClients::PERMISSION),
            Self::Resources => Some(ReadResources::PERMISSION),
            Self::Users => Some(ReadUsers::PERMISSION),
            Self::Sessions => Some(ReadSessions::PERMISSION),
            Self::Groups => Some(ReadGroups::PERMISSION),
            Self::Roles => Some(ReadRoles::PERMISSION),
            Self::Organisations => Some(ReadOrganisations::PERMISSION),
            Self::Keys => Some(ReadKeys::PERMISSION),
            Self::Audit => Some(ReadAudit::PERMISSION),
            Self::Settings => Some(ReadSettings::PERMISSION),
        }
    }
}

/// The sentence that names a way to sign in.
#[must_use]
pub fn method_key(method: Method) -> String {
    format!("method-{}", method.as_str().replace('_', "-"))
}

/// What stands around every page of the administration.
pub struct Frame {
    /// Where we are.
    pub here: Section,
    /// Who looks at it: nothing is shown that they may not do.
    who: Administrator,
    /// The organisation that was named, and those that could be.
    pub chosen: Chosen,
    /// Good news.
    pub notice: Option<Message>,
    /// Why nothing was changed, in words.
    pub problems: Vec<Message>,
    /// What the form carries that was opened with a recent proof.
    pub opened: String,
}

impl Frame {
    /// Around a page of `here`.
    #[must_use]
    pub const fn new(here: Section, who: Administrator, chosen: Chosen) -> Self {
        Self {
            here,
            who,
            chosen,
            notice: None,
            problems: Vec::new(),
            opened: String::new(),
        }
    }

    /// The sections that they may see.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        let mut all = Section::ALL.to_vec();
        all.retain(|section| {
            section.permission().is_none_or(|of| match section {
                Section::Resources | Section::Keys | Section::Settings => {
                    // Of the whole deployment.
                    self.chosen.wanted.is_none() && self.who.may_everywhere(of)
                }
                _ => self.who.may_in(of, self.chosen.wanted),
            })
        });
        all
    }

    /// Whether they may do this somewhere: whether a button is shown.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        let all = crate::protocol::access::power::ALL;
        all.iter()
            .any(|of| of.to_string() == permission && self.who.may_in(*of, self.chosen.wanted))
    }

    /// Whether they may do this to the whole deployment, and look at all of it.
    #[must_use]
    pub fn may_everywhere(&self, permission: &str) -> bool {
        let all = crate::protocol::access::power::ALL;
        let found = all.iter().find(|of| of.to_string() == permission);
        self.chosen.wanted.is_none() && found.is_some_and(|of| self.who.may_everywhere(*of))
    }

    /// What there is to choose from, for who administers more than one place: the value, its name (none: everywhere)
    /// and whether it is chosen.
    #[must_use]
    pub fn places(&self) -> Vec<(String, Option<&str>, bool)> {
        let Chosen { wanted, places } = &self.chosen;
        let all = places.organisations.iter();
        let all =
            all.map(|(id, title)| (id.to_string(), Some(title.as_str()), *wanted == Some(*id)));
        let everywhere = places
            .everywhere
            .then(|| (String::new(), None, wanted.is_none()));
        let all: Vec<_> = everywhere.into_iter().chain(all).collect();
        if all.len() > 1 { all } else { Vec::new() }
    }

    /// Whether something went wrong.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        !self.problems.is_empty()
    }
}
