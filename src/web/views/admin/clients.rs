//! Clients.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use super::client_form::Field;
use super::overview::Chart;
use crate::protocol::client::Client;
use crate::protocol::client_grade::{Finding, Grade, Weight};
use crate::web::views::Page;

/// A client in the list.
pub struct ClientLine {
    /// Its identifier.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Machine, public or confidential: a key of the catalogue.
    pub kind: &'static str,
    /// Refused.
    pub disabled: bool,
    /// The letter.
    pub grade: &'static str,
}

/// `GET /admin/clients`
#[derive(Template, WebTemplate)]
#[template(path = "admin/clients.html")]
pub struct ClientList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What was typed.
    pub sought: String,
    /// The kind that is chosen, and the state.
    pub kind: String,
    /// `disabled`, `enabled` or nothing.
    pub state: String,
    /// The clients.
    pub clients: Vec<ClientLine>,
    /// The page after this one.
    pub next: Option<String>,
}

impl ClientList {
    fn kinds(&self) -> [(&'static str, &'static str, bool); 4] {
        let is = |kind: &str| self.kind == kind;
        [
            ("", "admin-any", is("")),
            (
                "confidential",
                "client-kind-confidential",
                is("confidential"),
            ),
            ("public", "client-kind-public", is("public")),
            ("machine", "client-kind-machine", is("machine")),
        ]
    }

    fn states(&self) -> [(&'static str, &'static str, bool); 3] {
        let is = |state: &str| self.state == state;
        [
            ("", "admin-any", is("")),
            ("enabled", "admin-enabled", is("enabled")),
            ("disabled", "admin-disabled", is("disabled")),
        ]
    }

    fn is_filtered(&self) -> bool {
        !(self.sought.is_empty() && self.kind.is_empty() && self.state.is_empty())
    }
}

/// A kind of application, for who registers one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guide {
    /// Runs on a server.
    Web,
    /// Runs in a browser.
    SinglePage,
    /// Runs on a device.
    Native,
    /// Nobody signs in.
    Machine,
}

impl Guide {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Web, Self::SinglePage, Self::Native, Self::Machine];

    /// Its name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::SinglePage => "spa",
            Self::Native => "native",
            Self::Machine => "machine",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The keys of its name and of what it is.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Web => ("guide-web", "guide-web-text"),
            Self::SinglePage => ("guide-spa", "guide-spa-text"),
            Self::Native => ("guide-native", "guide-native-text"),
            Self::Machine => ("guide-machine", "guide-machine-text"),
        }
    }
}

/// `GET /admin/clients/new`
#[derive(Template, WebTemplate)]
#[template(path = "admin/new_client.html")]
pub struct NewClient {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What is registered; `None`: not said yet.
    pub guide: Option<Guide>,
    /// As it was typed: the name,
    pub name: String,
    /// the addresses,
    pub redirect_uris: String,
    /// and the scopes.
    pub scope: String,
    /// People of it are not asked for consent.
    pub skip_consent: bool,
}

/// A secret that works.
pub struct SecretLine {
    /// Its id.
    pub id: String,
    /// When it ends.
    pub expires: Option<crate::base::Timestamp>,
}

/// A command or a file for a stack.
pub struct Snippet {
    /// The stack.
    pub name: &'static str,
    /// What to paste.
    pub text: String,
}

/// `GET /admin/clients/{id}`
#[derive(Template, WebTemplate)]
#[template(path = "admin/client.html")]
pub struct ClientPage {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The client.
    pub client: Client,
    /// The key of its kind.
    pub kind: &'static str,
    /// The grade.
    pub grade: Grade,
    /// Why.
    pub findings: Vec<Finding>,
    /// Its secrets.
    pub secrets: Vec<SecretLine>,
    /// What it did in the last seven days.
    pub week: Vec<Chart>,
    /// For copying.
    pub snippets: Vec<Snippet>,
    /// The whole of its metadata.
    pub json: String,
}

impl ClientPage {
    /// The colour of a finding.
    fn tone(finding: &Finding) -> &'static str {
        match finding.weight {
            Weight::High => "bad",
            Weight::Medium => "warn",
            Weight::Low => "",
        }
    }

    /// The key of its weight.
    fn weight(finding: &Finding) -> &'static str {
        match finding.weight {
            Weight::High => "finding-high",
            Weight::Medium => "finding-medium",
            Weight::Low => "finding-low",
        }
    }

    fn title(&self, finding: &Finding) -> String {
        self.page.t(&format!("finding-{}", finding.name))
    }

    fn text(&self, finding: &Finding) -> String {
        self.page.t(&format!("finding-{}-text", finding.name))
    }

    fn path(&self) -> String {
        format!("/admin/clients/{}", self.client.id)
    }
}

/// A part of the form, with its fields.
pub struct FilledPart {
    /// The key of its heading.
    pub title: &'static str,
    /// The fields.
    pub fields: Vec<Field>,
}

/// `GET /admin/clients/{id}/edit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_client.html")]
pub struct EditClient {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The client.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version that was seen.
    pub version: i64,
    /// The form.
    pub parts: Vec<FilledPart>,
}

/// A secret, shown this once.
#[derive(Template, WebTemplate)]
#[template(path = "admin/secret.html")]
pub struct SecretShown {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The client.
    pub id: String,
    /// Its name.
    pub name: String,
    /// In clear.
    pub secret: String,
}

/// `GET /admin/clients/{id}/secret`
#[derive(Template, WebTemplate)]
#[template(path = "admin/renew_secret.html")]
pub struct RenewSecret {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The client.
    pub id: String,
    /// Its name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use crate::protocol::client_grade::all_findings;
    use crate::web::messages::{Lang, lookup};

    #[test]
    fn every_finding_is_explained_in_every_language() {
        for lang in Lang::ALL {
            for finding in all_findings() {
                for key in [
                    format!("finding-{}", finding.name),
                    format!("finding-{}-text", finding.name),
                ] {
                    assert_ne!(lookup(lang, &key, &[]), key);
                }
            }
        }
    }
}
