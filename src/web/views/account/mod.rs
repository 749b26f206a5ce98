//! The front door, and what a person sees of their own account: one file per section of the page.

mod applications;
mod delete;
mod email;
pub mod events;
mod password;
mod profile;
mod sessions;

use askama::Template;
use askama_web::WebTemplate;

use super::{FactorSection, Form, Notice, Page, PasskeyLine};
use crate::base::Timestamp;
use crate::web::messages::Message;

pub use applications::Application;
pub use delete::ConfirmDelete;
pub use email::{ChangeEmail, EmailSection};
pub use events::{AccountEvent, AllEvents};
pub use password::PasswordSection;
pub use profile::{EditProfile, ProfileField, ProfileSection};
pub use sessions::{AccountSession, device};

/// The command that registers a first application; the README goes on with this one.
pub const FIRST_CLIENT: &str = r#"tessera client create --file - <<'JSON'
{
  "client_name": "My application",
  "redirect_uris": ["http://localhost:9000/cb"],
  "grant_types": ["authorization_code", "refresh_token"],
  "scope": "openid profile email offline_access"
}
JSON"#;

/// `GET /` for somebody who is signed out.
#[derive(Template, WebTemplate)]
#[template(path = "pages/home.html")]
pub struct Home {
    /// What every page is given.
    pub page: Page,
    /// Strangers may sign up.
    pub sign_up: bool,
}

/// A section of the account page, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Name and other claims.
    Profile,
    /// The address.
    Email,
    /// The password.
    Password,
    /// Keys that sign in alone.
    Passkeys,
    /// Second factors.
    Factors,
    /// Signed-in browsers.
    Sessions,
    /// What applications may do.
    Applications,
    /// What happened.
    Events,
    /// A copy of everything.
    Data,
    /// The end of it.
    Delete,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 10] = [
        Self::Profile,
        Self::Email,
        Self::Password,
        Self::Passkeys,
        Self::Factors,
        Self::Sessions,
        Self::Applications,
        Self::Events,
        Self::Data,
        Self::Delete,
    ];

    /// The id of its heading: where the navigation leads.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Email => "email-address",
            Self::Password => "change-password",
            Self::Passkeys => "passkeys",
            Self::Factors => "second-factors",
            Self::Sessions => "sessions",
            Self::Applications => "applications",
            Self::Events => "events",
            Self::Data => "data",
            Self::Delete => "delete-account",
        }
    }

    /// Its heading.
    #[must_use]
    pub const fn title(self) -> Message {
        match self {
            Self::Profile => Message::new("account-profile"),
            Self::Email => Message::new("account-email"),
            Self::Password => Message::new("account-password"),
            Self::Passkeys => Message::new("passkeys-title"),
            Self::Factors => Message::new("factors-title"),
            Self::Sessions => Message::new("account-sessions"),
            Self::Applications => Message::new("account-applications"),
            Self::Events => Message::new("account-events"),
            Self::Data => Message::new("account-data"),
            Self::Delete => Message::new("account-delete"),
        }
    }
}

/// `GET /account`: a section each for what its template below `account/` shows. What their forms are
/// called stands in `docs/automation.md`.
#[derive(Template, WebTemplate)]
#[template(path = "account/account.html")]
pub struct Account {
    /// What every page is given.
    pub page: Page,
    /// For an administrator of a server without applications: [`FIRST_CLIENT`].
    pub first_steps: Option<&'static str>,
    /// They may see something of the administration.
    pub administers: bool,
    /// When a recovery of this account is ready, if one is under way.
    pub recovery: Option<Timestamp>,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// The form that was refused, and in which section it stands.
    pub refused: Option<(Section, Form)>,
    /// Who it is.
    pub profile: ProfileSection,
    /// The address.
    pub email: EmailSection,
    /// The password.
    pub password: PasswordSection,
    /// The passkeys, where there can be any.
    pub passkeys: Option<Vec<PasskeyLine>>,
    /// Second factors.
    pub factors: FactorSection,
    /// The sessions, this one first.
    pub sessions: Vec<AccountSession>,
    /// The applications that have access.
    pub applications: Vec<Application>,
    /// The newest events.
    pub events: Vec<AccountEvent>,
    /// How long an account is kept after its owner asked for its deletion, in words.
    pub grace: String,
}

impl Account {
    /// The sections of this page.
    fn sections(&self) -> Vec<Section> {
        let mut sections = Section::ALL.to_vec();
        sections.retain(|section| *section != Section::Passkeys || self.passkeys.is_some());
        sections
    }

    /// What went wrong with the form of this section.
    #[must_use]
    pub fn form(&self, section: Section) -> Form {
        self.refused
            .as_ref()
            .filter(|(place, _)| *place == section)
            .map(|(_, form)| form.clone())
            .unwrap_or_default()
    }

    /// Whether any form was refused.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.refused.as_ref().is_some_and(|(_, form)| form.is_bad())
    }
}
