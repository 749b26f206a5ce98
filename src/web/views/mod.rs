//! What the pages show: one struct per page, filled by the handlers and drawn by askama.
//!
//! A view holds no rules. It is given what it shows as plain values, and every sentence comes from
//! the message catalogue ([`crate::web::messages`]).

use std::sync::Arc;

use crate::base::Timestamp;
use crate::web::assets;
use crate::web::messages::{self, Html, Lang, Message, Value};

pub mod account;
pub mod admin;
pub mod ask;
pub mod brand;
pub mod consent;
pub mod email;
pub mod error;
pub mod factors;
pub mod form;
pub mod join;
pub mod lost;
pub mod passkeys;
pub mod phone;
pub mod recover;
pub mod select_account;
pub mod sign_in;
pub mod sign_in_link;
pub mod sign_out;

pub use account::Home;
pub use ask::{Answer, Ask, Told};
pub use brand::Brand;
pub use consent::{ConfirmReturn, Consent, FormPost, ScopeLine};
pub use error::{ErrorKind, ErrorPage};
pub use factors::{
    AppOffer, AuthenticatorPage, CodeDevice, FactorSection, RecoveryCodesShown, RecoveryLeft,
    RecoveryPage, SetUpFactor,
};
pub use form::{Alert, Field, Form, Notice, PasskeyAlert, Problem};
pub use join::{
    AlreadySetUp, CheckYourMail, ConfirmEmail, EmailVerified, MailPurpose, SetupAdmin, SignUp,
};
pub use lost::{ComeBack, Lost};
pub use passkeys::{PasskeyLine, PasskeyNew, PasskeyPage, PasskeyPrompt};
pub use phone::{PhoneLine, PhonePage, PhoneSection};
pub use recover::{ForgotPassword, LinkExpired, PasswordChanged, ResetPassword};
pub use select_account::{AccountChoice, SelectAccount};
pub use sign_in::{Puzzle, SignIn, Step, StepMethod, Unmet};
pub use sign_in_link::{AskForLink, LinkUnusable, UseLink};
pub use sign_out::{CheckSession, Continue, SignOut, SignedOut};

/// What every page is given.
#[derive(Clone)]
pub struct Page {
    /// Whose pages these are.
    pub brand: Arc<Brand>,
    /// The language of the page: [`messages::negotiate`].
    pub lang: Lang,
    /// The present, for "3 hours ago".
    pub now: Timestamp,
    /// Names this request in the logs; shown on error pages.
    pub request_id: String,
    /// The anti-forgery token of every form on the page. Empty where there is no form.
    pub csrf: String,
    /// The name of the person who is signed in.
    pub user: Option<String>,
}

impl Page {
    /// A page for somebody who is not known to be signed in, without a form.
    #[must_use]
    pub fn new(
        brand: Arc<Brand>,
        lang: Lang,
        now: Timestamp,
        request_id: impl Into<String>,
    ) -> Self {
        Self {
            brand,
            lang,
            now,
            request_id: request_id.into(),
            csrf: String::new(),
            user: None,
        }
    }

    /// With the anti-forgery token for its forms.
    #[must_use]
    pub fn with_csrf(mut self, token: impl Into<String>) -> Self {
        self.csrf = token.into();
        self
    }

    /// With the name of the person who is signed in.
    #[must_use]
    pub fn signed_in_as(mut self, name: impl Into<String>) -> Self {
        self.user = Some(name.into());
        self
    }

    /// The sentence `key`.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        messages::lookup(self.lang, key, &[])
    }

    /// The sentence `key` with one name filled in, as plain text.
    #[must_use]
    pub fn with(&self, key: &str, name: &'static str, value: &str) -> String {
        messages::lookup(self.lang, key, &[(name, Value::from(value))])
    }

    /// The sentence `key` with the count `$n` filled in.
    #[must_use]
    pub fn count(&self, key: &str, n: usize) -> String {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        messages::lookup(self.lang, key, &[("n", Value::from(n))])
    }

    /// The sentence `key` with one name set in as markup.
    #[must_use]
    pub fn rich(&self, key: &str, name: &'static str, value: &str) -> Html {
        messages::rich(self.lang, key, &[(name, value)])
    }

    /// What the browser's tab says; a form that came back says so first, for those who only hear it.
    #[must_use]
    pub fn title(&self, key: &str, bad: bool) -> String {
        self.titled(&self.t(key), bad)
    }

    /// Like [`Page::title`], for a heading that is text already.
    #[must_use]
    pub fn titled(&self, title: &str, bad: bool) -> String {
        let key = if bad {
            "page-title-error"
        } else {
            "page-title"
        };
        let brand = self.brand.name.as_str();
        messages::lookup(
            self.lang,
            key,
            &[("title", Value::from(title)), ("brand", Value::from(brand))],
        )
    }

    /// A sentence that was chosen in code.
    #[must_use]
    pub fn say(&self, message: &Message) -> String {
        message.text(self.lang)
    }

    /// How long ago `then` was.
    #[must_use]
    pub fn ago(&self, then: &Timestamp) -> String {
        messages::ago(self.lang, self.now, *then)
    }

    /// The day of `at`.
    #[must_use]
    pub fn date(&self, at: &Timestamp) -> String {
        messages::date(self.lang, *at)
    }

    /// The URL of a compiled-in file.
    #[must_use]
    pub fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    /// `path`, with the ticket of the pending authorization request if there is one.
    #[must_use]
    pub fn link(&self, path: &str, request: &Option<String>) -> String {
        match request {
            Some(ticket) => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("request", ticket);
                format!("{path}?{}", query.finish())
            }
            None => path.to_owned(),
        }
    }

    /// The letter that stands for `name` where there is no picture.
    #[must_use]
    pub fn initial(&self, name: &str) -> String {
        name.chars()
            .find(|c| c.is_alphanumeric())
            .map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use askama::Template as _;

    use super::*;

    fn page() -> Page {
        let brand = Arc::new(Brand::new("Aurora", "#635bff"));
        Page::new(brand, Lang::En, Timestamp::from_seconds(0), "request-1").with_csrf("c\"srf")
    }

    #[test]
    fn a_page_asks_for_nothing_that_a_strict_content_security_policy_refuses() {
        for folder in [
            "templates",
            "templates/pages",
            "templates/account",
            "templates/admin",
            "templates/partials",
        ] {
            for entry in std::fs::read_dir(Path::new(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let text = std::fs::read_to_string(&path).unwrap();
                    // No address, whatever its name says.
                    let text = text.replace("http-equiv=\"refresh\"", "");
                    for banned in [
                        "style=",
                        "<style",
                        "<script>",
                        "onclick",
                        "javascript:",
                        "http",
                    ] {
                        assert!(!text.contains(banned), "{}: {banned}", path.display());
                    }
                }
            }
        }
    }

    #[test]
    fn a_form_that_comes_back_keeps_what_was_typed_and_escapes_it() {
        let html = SignIn {
            puzzle: None,
            page: page(),
            form: Form::failed(Alert::WrongCredentials),
            notice: None,
            client: Some("<i>Eve</i>".to_owned()),
            request: Some("a b&c".to_owned()),
            username: "\"><script>".to_owned(),
            again: false,
            sign_up: true,
            forgot_password: true,
            magic_link: true,
            passkey: None,
        }
        .render()
        .unwrap();
        assert!(
            !html.contains("\"><script>") && !html.contains("<i>"),
            "{html}"
        );
        assert!(html.contains("href=\"/sign-up?request=a+b%26c\""), "{html}");
        for part in [
            "id=\"login\"",
            "id=\"problems\"",
            "name=\"csrf\"",
            "name=\"request\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains("<title>Error: "), "{html}");
    }

    #[test]
    fn every_error_has_a_page() {
        for kind in ErrorKind::ALL {
            let html = ErrorPage::new(page(), kind).render().unwrap();
            assert!(html.contains("request-1"), "{kind:?}");
            assert!((400..600).contains(&kind.status()), "{kind:?}");
        }
    }
}
