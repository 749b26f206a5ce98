//! The page that asks once more.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::web::views::Page;

/// A page that asks once more before something is gone.
#[derive(Template, WebTemplate)]
#[template(path = "admin/confirm.html")]
pub struct Confirm {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The heading: a key of the catalogue, filled with `name`.
    pub title: &'static str,
    /// What will happen: a key of the catalogue.
    pub text: &'static str,
    /// What it is done to.
    pub name: String,
    /// The button: a key of the catalogue.
    pub button: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Where "no" leads.
    pub back: String,
}
