//! Roles and who holds them.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::base::Timestamp;
use crate::protocol::access::{Role, Roles};
use crate::web::views::Page;

/// `GET /admin/roles`
#[derive(Template, WebTemplate)]
#[template(path = "admin/roles.html")]
pub struct RoleList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The roles.
    pub roles: Vec<Role>,
}

/// Somebody who holds a role.
pub struct HolderLine {
    /// The grant.
    pub id: String,
    /// What kind of holder: a key of the catalogue.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The organisation; empty: everywhere.
    pub organisation: String,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not from then on.
    pub until: Option<Timestamp>,
}

/// `GET /admin/roles/{name}`
#[derive(Template, WebTemplate)]
#[template(path = "admin/role.html")]
pub struct RolePage {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The role.
    pub role: Role,
    /// Who holds it.
    pub holders: Vec<HolderLine>,
    /// The page after this one.
    pub next: Option<String>,
}

impl RolePage {
    /// What it gives, with what it inherits.
    fn is_built_in(&self) -> bool {
        Roles::is_built_in(&self.role.name)
    }
}

/// `GET /admin/roles/new`, `/admin/roles/{name}/edit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_role.html")]
pub struct EditRole {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The version that was seen; none for a new one.
    pub version: Option<i64>,
    /// As it was typed: the name,
    pub name: String,
    /// what it is for,
    pub description: String,
    /// and one permission on each line.
    pub permissions: String,
    /// The other roles, and whether it inherits from them.
    pub others: Vec<(String, String, bool)>,
    /// The permissions of the administration.
    pub known: String,
}

impl EditRole {
    const fn heading(&self) -> &'static str {
        match self.version {
            Some(_) => "admin-role-edit",
            None => "admin-role-new",
        }
    }
}

/// `GET /admin/roles/{name}/grant`
#[derive(Template, WebTemplate)]
#[template(path = "admin/grant_role.html")]
pub struct GrantRole {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The role.
    pub role: String,
    /// As it was typed: `user`, `group` or `client`,
    pub kind: String,
    /// whom,
    pub holder: String,
    /// in which organisation,
    pub place: String,
    /// from when,
    pub from: String,
    /// until when.
    pub until: String,
    /// The organisations: short name and title.
    pub organisations: Vec<(String, String)>,
}
