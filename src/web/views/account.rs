//! The front door, and what a person sees of their own account.

use askama::Template;
use askama_web::WebTemplate;

use super::{FactorSection, Form, Notice, Page, PasskeyLine};
use crate::base::Timestamp;
use crate::web::messages::{Message, calm};

/// `GET /` for somebody who is signed out.
#[derive(Template, WebTemplate)]
#[template(path = "pages/home.html")]
pub struct Home {
    /// What every page is given.
    pub page: Page,
    /// Strangers may sign up.
    pub sign_up: bool,
}

/// The command that registers a first application; the README goes on with this one.
pub const FIRST_CLIENT: &str = r#"tessera client create --file - <<'JSON'
{
  "client_name": "My application",
  "redirect_uris": ["http://localhost:9000/cb"],
  "grant_types": ["authorization_code", "refresh_token"],
  "scope": "openid profile email offline_access"
}
JSON"#;

/// `GET /account`. Its forms post to `/account/applications/revoke` (`client_id`),
/// `/account/sessions/end` (`session_id`) and `/account/password` (`current_password`,
/// `password`), each with `csrf`.
#[derive(Template, WebTemplate)]
#[template(path = "account/account.html")]
pub struct Account {
    /// What every page is given.
    pub page: Page,
    /// For an administrator of a server without applications: [`FIRST_CLIENT`].
    pub first_steps: Option<&'static str>,
    /// Good news on top.
    pub notice: Option<Notice>,
    /// What went wrong with the change of password.
    pub form: Form,
    /// The username.
    pub username: String,
    /// The name to show; the username if the person gave none.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether that address was confirmed.
    pub email_verified: bool,
    /// The applications that have access.
    pub applications: Vec<Application>,
    /// Second factors.
    pub factors: FactorSection,
    /// The sessions, this one first.
    pub sessions: Vec<AccountSession>,
    /// The passkeys, where there can be any.
    pub passkeys: Option<Vec<PasskeyLine>>,
    /// The least number of characters of a password.
    pub password_min: usize,
}

/// An application that has access to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Where it begins a login.
    pub open: Option<String>,
    /// What it may do: the scopes.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

/// A device on which the person is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSession {
    /// The session's public id.
    pub session_id: String,
    /// The `User-Agent` it was opened with.
    pub user_agent: String,
    /// The address it was last seen at.
    pub address: String,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Application {
    /// The scopes in a few words, one after the other.
    #[must_use]
    pub fn scope_words(&self, page: &Page) -> String {
        let words: Vec<String> = self
            .scopes
            .iter()
            .map(|scope| {
                let known = match scope.as_str() {
                    "openid" => "account-scope-openid",
                    "profile" => "account-scope-profile",
                    "email" => "account-scope-email",
                    "address" => "account-scope-address",
                    "phone" => "account-scope-phone",
                    "offline_access" => "account-scope-offline-access",
                    other => return calm(other),
                };
                page.t(known)
            })
            .collect();
        words.join(", ")
    }
}

impl AccountSession {
    /// The device in simple words.
    #[must_use]
    pub fn device(&self) -> Message {
        device(&self.user_agent)
    }

    /// Whether it is held in the hand.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        ["Mobile", "Android", "iPhone", "iPad"]
            .iter()
            .any(|sign| self.user_agent.contains(sign))
    }
}

/// A device in simple words, from how its browser names itself.
#[must_use]
pub fn device(user_agent: &str) -> Message {
    match (browser(user_agent), system(user_agent)) {
        (Some(browser), Some(system)) => Message::new("device-browser-on-system")
            .with("browser", browser)
            .with("system", system),
        (Some(only), None) | (None, Some(only)) => Message::new("device-one").with("device", only),
        (None, None) => Message::new("device-unknown"),
    }
}

/// The browser. The order matters: nearly all of them claim to be all of the others.
fn browser(user_agent: &str) -> Option<&'static str> {
    [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi", "Vivaldi"),
        ("SamsungBrowser", "Samsung Internet"),
        ("DuckDuckGo/", "DuckDuckGo"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]
    .into_iter()
    .find_map(|(sign, name)| user_agent.contains(sign).then_some(name))
}

fn system(user_agent: &str) -> Option<&'static str> {
    [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find_map(|(sign, name)| user_agent.contains(sign).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::messages::Lang;

    fn device(user_agent: &str) -> String {
        AccountSession {
            session_id: String::new(),
            user_agent: user_agent.to_owned(),
            address: String::new(),
            last_seen: Timestamp::from_seconds(0),
            current: false,
        }
        .device()
        .text(Lang::En)
    }

    #[test]
    fn a_user_agent_becomes_a_device_in_simple_words() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                "Firefox on Linux",
            ),
            ("curl/8.0", "curl"),
            ("", "Unknown device"),
            ("<script>", "Unknown device"),
        ] {
            assert_eq!(device(user_agent), expected);
        }
    }
}
