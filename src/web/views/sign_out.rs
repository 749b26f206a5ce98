//! The way out.

use askama::Template;
use askama_web::WebTemplate;

use super::Page;

/// `GET /sign-out`: are you sure? Posts `csrf`, `request` and `decision` (`logout` or `stay`) to
/// `/sign-out`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_out.html")]
pub struct SignOut {
    /// What every page is given; [`Page::user`] names who would be signed out.
    pub page: Page,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The ticket of the pending logout request.
    pub request: Option<String>,
}

/// The session is over.
#[derive(Template, WebTemplate)]
#[template(path = "pages/signed_out.html")]
pub struct SignedOut {
    /// What every page is given.
    pub page: Page,
    /// This browser knows other accounts.
    pub others: bool,
}
