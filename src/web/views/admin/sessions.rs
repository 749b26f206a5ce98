//! Who is signed in.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::base::Timestamp;
use crate::web::views::Page;
use crate::web::views::account::AccountSession;

/// A session, as administrators see it.
pub struct SessionLine {
    /// Whose it is.
    pub user: String,
    /// Their name for people,
    pub name: String,
    /// and what they type.
    pub username: String,
    /// How they proved who they are: keys of the catalogue.
    pub methods: Vec<String>,
    /// The clients that they signed in to, with their names.
    pub clients: Vec<(String, String)>,
    /// When it began.
    pub began: Timestamp,
    /// When it ends, unless it is used.
    pub ends: Timestamp,
    /// The browser, and where it was.
    pub browser: AccountSession,
}

/// More applications than that are a number.
const SHOWN: usize = 3;

impl SessionLine {
    fn first_clients(&self) -> &[(String, String)] {
        &self.clients[..self.clients.len().min(SHOWN)]
    }

    fn more_clients(&self) -> usize {
        self.clients.len().saturating_sub(SHOWN)
    }

    fn methods(&self, page: &Page) -> String {
        let all: Vec<String> = self.methods.iter().map(|key| page.t(key)).collect();
        all.join(", ")
    }

    /// When it ends, to the minute.
    fn until(&self) -> String {
        let at = self.ends.rfc3339();
        let minute = at.split_at_checked(16).map_or(&*at, |(minute, _)| minute);
        format!("{} UTC", minute.replace('T', " "))
    }

    /// The list with what has this value of a filter.
    fn only(name: &str, value: &str) -> String {
        let mut link = form_urlencoded::Serializer::new("/admin/sessions?".to_owned());
        link.append_pair(name, value);
        link.finish()
    }
}

/// `GET /admin/sessions`
#[derive(Template, WebTemplate)]
#[template(path = "admin/sessions.html")]
pub struct SessionList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What was typed: words of a person,
    pub sought: String,
    /// an address,
    pub address: String,
    /// the identifier of a client.
    pub client: String,
    /// The one person whose sessions are shown,
    pub user: String,
    /// and their name.
    pub whose: String,
    /// The sessions.
    pub lines: Vec<SessionLine>,
    /// The page after this one.
    pub next: Option<String>,
}

impl SessionList {
    fn is_filtered(&self) -> bool {
        let all = [&self.sought, &self.address, &self.client, &self.user];
        all.iter().any(|one| !one.is_empty())
    }
}

/// `GET /admin/sessions/{id}/end`
#[derive(Template, WebTemplate)]
#[template(path = "admin/end_session.html")]
pub struct EndSession {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What ends.
    pub line: SessionLine,
}
