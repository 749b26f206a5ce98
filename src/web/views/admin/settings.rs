//! How the deployment is set up.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::web::views::Page;

/// The values of one section of the configuration.
pub struct SettingGroup {
    /// Its name.
    pub name: String,
    /// Key, value as in TOML, where it comes from.
    pub entries: Vec<(String, String, String)>,
}

/// `GET /admin/settings`
#[derive(Template, WebTemplate)]
#[template(path = "admin/settings.html")]
pub struct Settings {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Every value; no secret.
    pub groups: Vec<SettingGroup>,
}
