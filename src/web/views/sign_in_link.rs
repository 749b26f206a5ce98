//! Signing in by a link.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Page};

/// `GET /sign-in/email-link`. Posts `csrf`, `request`, `identifier` to `/sign-in/email-link`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/ask_for_link.html")]
pub struct AskForLink {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// What was typed before.
    pub identifier: String,
}

/// `GET /sign-in/link?token=...`. Posts `csrf`, `request`, `token` to `/sign-in/link`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/use_link.html")]
pub struct UseLink {
    /// What every page is given.
    pub page: Page,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// The token of the link.
    pub token: String,
    /// Whom it signs in.
    pub username: String,
}

/// A link that signs nobody in here.
#[derive(Template, WebTemplate)]
#[template(path = "pages/link_unusable.html")]
pub struct LinkUnusable {
    /// What every page is given.
    pub page: Page,
    /// Another browser asked for it, where it works still.
    pub elsewhere: bool,
}

impl LinkUnusable {
    const fn title_key(&self) -> &'static str {
        if self.elsewhere {
            "link-elsewhere-title"
        } else {
            "link-expired-title"
        }
    }

    const fn text_key(&self) -> &'static str {
        if self.elsewhere {
            "link-elsewhere-text"
        } else {
            "link-expired-text"
        }
    }
}
