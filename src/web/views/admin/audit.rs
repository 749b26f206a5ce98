//! The audit log.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::protocol::audit::Kind;
use crate::web::views::Page;

/// An event.
pub struct EventLine {
    /// Its id.
    pub id: String,
    /// When, as it is written in the log.
    pub at: String,
    /// What.
    pub kind: String,
    /// Who, as people know them.
    pub actor: String,
    /// Whether it failed, and why.
    pub failed: Option<String>,
    /// From where.
    pub address: String,
    /// Further facts: name, value.
    pub facts: Vec<(String, String)>,
}

/// `GET /admin/audit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/audit.html")]
pub struct AuditLog {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What was asked for: name, value.
    pub asked: Vec<(&'static str, String)>,
    /// The events.
    pub events: Vec<EventLine>,
    /// The page after this one.
    pub next: Option<String>,
    /// The newest page.
    pub first: String,
    /// The same, to take away.
    pub export: String,
}

impl AuditLog {
    fn asked(&self, name: &str) -> &str {
        let found = self.asked.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    fn kinds(&self) -> Vec<(&'static str, bool)> {
        let all = Kind::ALL.iter().map(|kind| kind.as_str());
        all.map(|kind| (kind, self.asked("kind") == kind)).collect()
    }

    fn outcomes(&self) -> [(&'static str, &'static str, bool); 3] {
        let is = |one: &str| self.asked("outcome") == one;
        [
            ("", "admin-any", is("")),
            ("success", "audit-success", is("success")),
            ("failure", "audit-failure", is("failure")),
        ]
    }

    fn more_is_asked(&self) -> bool {
        ["actor", "about", "address", "request_id", "since", "until"]
            .iter()
            .any(|name| !self.asked(name).is_empty())
    }
}
