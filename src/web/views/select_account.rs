//! Which of the accounts of this browser?

use askama::Template;
use askama_web::WebTemplate;

use super::Page;

/// `GET /select-account`. Posts `csrf`, `request` and either `account` (one of the sessions) or
/// `decision` (`logout_all`) to `/select-account`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/select_account.html")]
pub struct SelectAccount {
    /// What every page is given.
    pub page: Page,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// The accounts, the latest added first.
    pub accounts: Vec<AccountChoice>,
}

/// One account of this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChoice {
    /// The session's public id.
    pub session_id: String,
    /// The person's name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Whether the session lives.
    pub is_live: bool,
    /// Whether it is the active one.
    pub current: bool,
}
