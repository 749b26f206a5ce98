//! The way in.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Notice, Page};

/// `GET /sign-in`. Posts `csrf`, `request`, `username`, `password` to `/sign-in`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in.html")]
pub struct SignIn {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// The name of the application that asks, if one does.
    pub client: Option<String>,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// What was typed before, or the `login_hint`.
    pub username: String,
    /// Somebody is signed in and has to prove it again (`prompt=login`, `max_age`).
    pub again: bool,
    /// Strangers may sign up.
    pub sign_up: bool,
    /// Mail can be sent, so that a forgotten password can be replaced.
    pub forgot_password: bool,
}

impl SignIn {
    /// The cursor waits where something has to be typed: nowhere else if there is an error to read.
    fn username_extra(&self) -> &'static str {
        if self.username.is_empty() && !self.form.is_bad() {
            "autocapitalize=\"none\" spellcheck=\"false\" autofocus"
        } else {
            "autocapitalize=\"none\" spellcheck=\"false\""
        }
    }

    fn password_extra(&self) -> &'static str {
        if self.username.is_empty() || self.form.is_bad() {
            ""
        } else {
            "autofocus"
        }
    }
}

/// `GET /sign-in/code`: the second factor. Posts `csrf`, `request`, `code` to `/sign-in/code`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/second_factor.html")]
pub struct SecondFactor {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
}
