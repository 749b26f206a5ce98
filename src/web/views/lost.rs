//! The way back for somebody who lost every second factor.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Page};
use crate::web::messages::{Html, rich};

/// `GET /sign-in/recover`: what somebody can do who has only the password. Posts `csrf`, `request`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/lost.html")]
pub struct Lost {
    /// What every page is given.
    pub page: Page,
    /// What went wrong.
    pub form: Form,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// What it says.
    pub text: &'static str,
    /// The names in it.
    pub names: Vec<(&'static str, String)>,
    /// It can be begun here.
    pub begin: bool,
}

/// `GET /recover`: behind the link, when it is ready. Posts `csrf`, `token`, `password` and `decision`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/recover.html")]
pub struct ComeBack {
    /// What every page is given.
    pub page: Page,
    /// What went wrong.
    pub form: Form,
    /// The link.
    pub token: String,
    /// Whose account it is.
    pub username: String,
}

impl Lost {
    fn sentence(&self) -> Html {
        let names: Vec<(&'static str, &str)> =
            self.names.iter().map(|(n, v)| (*n, v.as_str())).collect();
        rich(self.page.lang, self.text, &names)
    }
}
