//! Organisations.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::storage::organisations::Organisation;
use crate::web::views::Page;

/// `GET /admin/organisations`
#[derive(Template, WebTemplate)]
#[template(path = "admin/organisations.html")]
pub struct OrganisationList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The organisations.
    pub organisations: Vec<Organisation>,
    /// The page after this one.
    pub next: Option<String>,
    /// What is looked for.
    pub sought: String,
}

/// `GET /admin/organisations/new`, `/admin/organisations/{name}/edit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_organisation.html")]
pub struct EditOrganisation {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The version that was seen; none for a new one.
    pub version: Option<i64>,
    /// As it was typed: the short name,
    pub name: String,
    /// the name for people,
    pub title: String,
    /// and whether it is closed.
    pub closed: bool,
}

impl EditOrganisation {
    const fn heading(&self) -> &'static str {
        match self.version {
            Some(_) => "admin-organisation-edit",
            None => "admin-organisation-new",
        }
    }
}
