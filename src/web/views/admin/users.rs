//! People.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::base::Timestamp;
use crate::flows::administration::Credentials;
use crate::storage::users::User;
use crate::web::views::Page;
use crate::web::views::account::{AccountSession, Application};

/// `GET /admin/users`
#[derive(Template, WebTemplate)]
#[template(path = "admin/users.html")]
pub struct UserList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What was typed.
    pub sought: String,
    /// `disabled`, `enabled` or nothing.
    pub state: String,
    /// The people.
    pub users: Vec<User>,
    /// The page after this one.
    pub next: Option<String>,
}

impl UserList {
    fn states(&self) -> [(&'static str, &'static str, bool); 3] {
        let is = |state: &str| self.state == state;
        [
            ("", "admin-any", is("")),
            ("enabled", "admin-enabled", is("enabled")),
            ("disabled", "admin-disabled", is("disabled")),
        ]
    }

    fn is_filtered(&self) -> bool {
        !(self.sought.is_empty() && self.state.is_empty())
    }
}

/// `GET /admin/users/new`
#[derive(Template, WebTemplate)]
#[template(path = "admin/new_user.html")]
pub struct NewUser {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// As it was typed: the user name,
    pub username: String,
    /// the address,
    pub email: String,
    /// the name for people,
    pub name: String,
    /// and whether the address is known to be theirs.
    pub email_verified: bool,
}

/// `GET /admin/users/{id}/edit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_user.html")]
pub struct EditUser {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The person.
    pub id: String,
    /// The user name.
    pub username: String,
    /// The version that was seen.
    pub version: i64,
    /// As it was typed: the address,
    pub email: String,
    /// and the profile, as JSON.
    pub profile: String,
}

/// A line of what a person set up.
pub struct CredentialLine {
    /// Its id.
    pub id: String,
    /// What it is: a key of the catalogue.
    pub method: String,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// `GET /admin/users/{id}`
#[derive(Template, WebTemplate)]
#[template(path = "admin/user.html")]
pub struct UserPage {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The person.
    pub user: User,
    /// The organisation; empty: none.
    pub organisation: String,
    /// The roles that they hold by themselves, for who may see roles.
    pub roles: Vec<String>,
    /// What they can sign in with.
    pub credentials: Credentials,
    /// The same, line by line.
    pub devices: Vec<CredentialLine>,
    /// Where they are signed in, for who may see that.
    pub sessions: Vec<AccountSession>,
    /// What they allowed.
    pub applications: Vec<Application>,
}

impl UserPage {
    fn path(&self) -> String {
        format!("/admin/users/{}", self.user.id)
    }

    fn profile(&self) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        self.user
            .profile
            .0
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }
}
