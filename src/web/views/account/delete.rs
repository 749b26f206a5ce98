//! The end of an account.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::views::{Form, Page};

/// `GET /account/delete`.
#[derive(Template, WebTemplate)]
#[template(path = "account/confirm_delete.html")]
pub struct ConfirmDelete {
    /// What every page is given.
    pub page: Page,
    /// What went wrong.
    pub form: Form,
    /// Whose account.
    pub username: String,
    /// How long it is kept, in words.
    pub grace: String,
    /// Letters can be sent: the owner can undo it.
    pub can_undo: bool,
}
