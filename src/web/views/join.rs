//! New accounts: signing up, confirming an address, the first administrator.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Page};

/// `GET /sign-up`. Posts `csrf`, `request`, `username`, `email`, `name`, `password` to `/sign-up`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up.html")]
pub struct SignUp {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// What was typed before.
    pub email: String,
    /// What was typed before.
    pub name: String,
    /// The least number of characters of a password.
    pub password_min: usize,
}

/// What a message was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPurpose {
    /// A new account: its address is to be confirmed.
    SignUp,
    /// A forgotten password. Shown whether the account exists or not.
    ResetPassword,
    /// A link to sign in with.
    SignInLink,
}

/// A message is on its way, or so we say: the page is the same whether the account exists or not.
#[derive(Template, WebTemplate)]
#[template(path = "pages/check_your_mail.html")]
pub struct CheckYourMail {
    /// What every page is given.
    pub page: Page,
    /// What the message was sent for.
    pub purpose: MailPurpose,
    /// What was typed: an address or a username. Never what the account knows.
    pub sent_to: String,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
}

/// `GET /verify-email?token=...`: the button that confirms an address, so that a scanner that
/// opens links in mails does not. Posts `csrf`, `token` to `/verify-email`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/confirm_email.html")]
pub struct ConfirmEmail {
    /// What every page is given.
    pub page: Page,
    /// The token of the link.
    pub token: String,
    /// The address to confirm.
    pub email: String,
}

/// The address is confirmed.
#[derive(Template, WebTemplate)]
#[template(path = "pages/email_verified.html")]
pub struct EmailVerified {
    /// What every page is given.
    pub page: Page,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
}

/// The link to `/setup` when there is an administrator: nothing is left to do but sign in.
#[derive(Template, WebTemplate)]
#[template(path = "pages/already_set_up.html")]
pub struct AlreadySetUp {
    /// What every page is given.
    pub page: Page,
}

/// `GET /setup?token=...`: the first administrator. Posts `csrf`, `token`, `username`, `email`,
/// `password` to `/setup`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/setup_admin.html")]
pub struct SetupAdmin {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The token of the one-time link.
    pub token: String,
    /// What was typed before.
    pub username: String,
    /// What was typed before.
    pub email: String,
    /// The least number of characters of a password.
    pub password_min: usize,
}
