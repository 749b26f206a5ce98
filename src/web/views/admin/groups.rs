//! Groups and who is in them.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::storage::groups::Group;
use crate::web::views::Page;

/// `GET /admin/groups`
#[derive(Template, WebTemplate)]
#[template(path = "admin/groups.html")]
pub struct GroupList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The groups.
    pub groups: Vec<Group>,
    /// The page after this one.
    pub next: Option<String>,
    /// What is looked for.
    pub sought: String,
}

/// `GET /admin/groups/new`
#[derive(Template, WebTemplate)]
#[template(path = "admin/new_group.html")]
pub struct NewGroup {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// As it was typed.
    pub name: String,
}

/// `GET /admin/groups/{id}`
#[derive(Template, WebTemplate)]
#[template(path = "admin/group.html")]
pub struct GroupPage {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The group.
    pub group: Group,
    /// Who is in it: id, user name, display name.
    pub members: Vec<(String, String, String)>,
    /// The page after this one.
    pub next: Option<String>,
    /// The roles that everybody in it holds.
    pub roles: Vec<String>,
}

/// `GET /admin/groups/{id}/edit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_group.html")]
pub struct EditGroup {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Where its page is.
    pub path: String,
    /// The version that was seen.
    pub version: i64,
    /// As it was typed: the name,
    pub name: String,
    /// and who is to be in it.
    pub member: String,
    /// Who is in it: id, user name, display name; the first of them.
    pub members: Vec<(String, String, String)>,
}
