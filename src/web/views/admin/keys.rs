//! The signing keys.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::base::Timestamp;
use crate::protocol::key_lifecycle::KeyState;
use crate::web::messages::Message;
use crate::web::views::Page;

/// A key.
pub struct KeyLine {
    /// Its name in tokens.
    pub kid: String,
    /// What it is for.
    pub alg: &'static str,
    /// It opens what is sent to us; the others sign what we send.
    pub opens: bool,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created: Timestamp,
    /// When its next step is due.
    pub next: Option<Timestamp>,
}

impl KeyLine {
    /// Its state in a word.
    #[must_use]
    pub const fn word(&self) -> Message {
        match self.state {
            KeyState::Pending => Message::new("admin-key-pending"),
            KeyState::Active | KeyState::Retired if self.opens => Message::new("admin-key-opens"),
            KeyState::Active => Message::new("admin-key-active"),
            KeyState::Retired => Message::new("admin-key-retired"),
            KeyState::Revoked => Message::new("admin-key-revoked"),
        }
    }

    /// What comes next.
    #[must_use]
    pub const fn then(&self) -> &'static str {
        match self.state {
            KeyState::Pending if self.opens => "admin-key-begins",
            KeyState::Pending => "admin-key-signs",
            KeyState::Active => "admin-key-rotates",
            KeyState::Retired | KeyState::Revoked => "admin-key-goes",
        }
    }

    /// The colour of its tag.
    #[must_use]
    pub const fn tone(&self) -> &'static str {
        match self.state {
            KeyState::Active => "good",
            KeyState::Revoked => "bad",
            KeyState::Pending | KeyState::Retired => "",
        }
    }

    /// Whether it can be revoked.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        self.state.is_published()
    }
}

/// `GET /admin/keys`
#[derive(Template, WebTemplate)]
#[template(path = "admin/keys.html")]
pub struct Keys {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The keys: those that sign first.
    pub keys: Vec<KeyLine>,
}

/// `GET /admin/keys/rotate`
#[derive(Template, WebTemplate)]
#[template(path = "admin/rotate_keys.html")]
pub struct RotateKeys {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What there are keys for.
    pub algorithms: Vec<&'static str>,
}
