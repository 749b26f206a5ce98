//! Passkeys on pages.

use askama::Template;
use askama_web::WebTemplate;

use super::{Form, Page};
use crate::base::Timestamp;

/// What the script of a page hands to the browser; the answer goes into the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyPrompt {
    /// `publicKey`, as JSON.
    pub options: String,
    /// Posted as `state`.
    pub state: String,
    /// The page to open anew when the challenge is too old.
    pub fresh: String,
}

/// A passkey in the list of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyLine {
    /// Names it in addresses.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What its model is called, if that is known and not its name.
    pub model: Option<String>,
    /// It is kept in more than one place.
    pub synced: bool,
    /// The authenticator checks who holds it.
    pub verified: bool,
    /// Since when.
    pub created: Timestamp,
    /// When it last opened a door.
    pub last_used: Option<Timestamp>,
    /// There may be a copy of it.
    pub suspended: bool,
}

/// `GET /account/passkeys/new`. Posts `csrf`, `state` and `credential`.
#[derive(Template, WebTemplate)]
#[template(path = "account/passkey_new.html")]
pub struct PasskeyNew {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// What the browser is asked to make.
    pub prompt: PasskeyPrompt,
}

/// `GET /account/passkeys/{id}`. Posts `csrf`, `change` (`rename`, `remove`) and `name`.
#[derive(Template, WebTemplate)]
#[template(path = "account/passkey.html")]
pub struct PasskeyPage {
    /// What every page is given.
    pub page: Page,
    /// What went wrong the last time.
    pub form: Form,
    /// Which.
    pub passkey: PasskeyLine,
    /// What was typed.
    pub name: String,
}
