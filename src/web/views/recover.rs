//! Forgotten passwords and links that have had their day.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Page};

/// `GET /forgot-password`. Posts `csrf`, `request`, `identifier` to `/forgot-password`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/forgot_password.html")]
pub struct ForgotPassword {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// What was typed before.
    pub identifier: String,
}

/// `GET /reset-password?token=...`. Posts `csrf`, `token`, `password` to `/reset-password`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/reset_password.html")]
pub struct ResetPassword {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The token of the link.
    pub token: String,
    /// Whose password it is, for password managers.
    pub username: String,
    /// The least number of characters of a password.
    pub password_min: usize,
}

/// The password is changed.
#[derive(Template, WebTemplate)]
#[template(path = "pages/password_changed.html")]
pub struct PasswordChanged {
    /// What every page is given.
    pub page: Page,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
}

/// A link that was used before, or is too old, or never was one.
#[derive(Template, WebTemplate)]
#[template(path = "pages/link_expired.html")]
pub struct LinkExpired {
    /// What every page is given.
    pub page: Page,
    /// The link was the one that makes the first administrator.
    pub setup: bool,
}
