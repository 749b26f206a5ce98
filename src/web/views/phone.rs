//! The telephone that codes are sent to.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Notice, Page};
use crate::base::Timestamp;

/// What the account page says about it.
#[derive(Clone, Debug, Default)]
pub struct PhoneSection {
    /// The number, if there is one.
    pub number: Option<String>,
}

impl PhoneSection {
    /// What the link to its page says.
    #[must_use]
    pub const fn act_key(&self) -> &'static str {
        if self.number.is_some() {
            "factors-manage"
        } else {
            "factors-set-up"
        }
    }
}

/// A confirmed telephone.
#[derive(Clone, Debug)]
pub struct PhoneLine {
    /// Its number.
    pub number: String,
    /// Since when.
    pub since: Timestamp,
}

/// `GET /account/phone`. Posts `csrf` and `change`: `add` (`phone`), `confirm` (`code`) or `remove`.
#[derive(Template, WebTemplate)]
#[template(path = "account/phone_page.html")]
pub struct PhonePage {
    /// What every page is given.
    pub page: Page,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// What went wrong.
    pub form: Form,
    /// The telephone that they have.
    pub known: Option<PhoneLine>,
    /// The number that a code was sent to.
    pub pending: Option<String>,
    /// What was typed as a number before.
    pub typed: String,
}
