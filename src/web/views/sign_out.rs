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
    /// The parameter of its request that is wrong: the person will not be sent back.
    pub flaw: Option<&'static str>,
    /// The ticket of the pending logout request.
    pub request: Option<String>,
    /// The session that would end.
    pub person: String,
}

/// The session is over.
#[derive(Template, WebTemplate)]
#[template(path = "pages/signed_out.html")]
pub struct SignedOut {
    /// What every page is given.
    pub page: Page,
    /// This browser knows other accounts.
    pub others: bool,
    /// The parameter of the application's request that is wrong.
    pub flaw: Option<&'static str>,
    /// Pages of applications that sign out there (Front-Channel Logout). They are not seen.
    pub frames: Vec<String>,
    /// The way back to the application that asked.
    pub next: Option<Continue>,
}

/// The way back to an application.
pub struct Continue {
    /// Its name.
    pub client: String,
    /// Where.
    pub url: String,
    /// Without being asked, as soon as the frames have loaded.
    pub at_once: bool,
}

/// A frame in other sites' pages that answers whether the login here is still the same (Session
/// Management §3.3).
#[derive(Template, WebTemplate)]
#[template(path = "pages/check_session.html")]
pub struct CheckSession {
    /// The script.
    pub script: &'static str,
    /// The name of the cookie that it reads.
    pub cookie: String,
}
