//! The e-mail address.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{Form, Page};

/// The section of the page.
#[derive(Clone, Debug)]
pub struct EmailSection {
    /// The address.
    pub address: String,
    /// Whether it was confirmed.
    pub verified: bool,
    /// The address that waits to take its place.
    pub pending: Option<String>,
    /// Letters can be sent, so that another one can be confirmed.
    pub can_change: bool,
}

/// `GET /account/email`: posts `email`.
#[derive(Template, WebTemplate)]
#[template(path = "account/change_email.html")]
pub struct ChangeEmail {
    /// What every page is given.
    pub page: Page,
    /// What went wrong.
    pub form: Form,
    /// The present address.
    pub address: String,
    /// What was typed.
    pub typed: String,
    /// The present address has to agree.
    pub both: bool,
}
