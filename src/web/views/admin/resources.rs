//! Resource servers: APIs that take our access tokens.

use askama::Template;
use askama_web::WebTemplate;

use super::Frame;
use crate::protocol::resource_server::ResourceServer;
use crate::web::views::Page;

/// `GET /admin/resources`
#[derive(Template, WebTemplate)]
#[template(path = "admin/resources.html")]
pub struct ResourceList {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The resource servers, each with its name in addresses.
    pub resources: Vec<(String, ResourceServer)>,
    /// The page after this one.
    pub next: Option<String>,
    /// What is looked for.
    pub sought: String,
}

/// `GET /admin/resources/new`, `/admin/resources/{name}/edit`
#[derive(Template, WebTemplate)]
#[template(path = "admin/edit_resource.html")]
pub struct EditResource {
    /// What every page is given.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The version that was seen; none for a new one.
    pub version: Option<i64>,
    /// As it was typed: the identifier,
    pub identifier: String,
    /// the name,
    pub name: String,
    /// a scope and its sentence on each line,
    pub scopes: String,
    /// seconds,
    pub lifetime: String,
    /// the algorithm,
    pub signing: String,
    /// the format,
    pub format: String,
    /// and whether discovery lists its scopes.
    pub published: bool,
}

impl EditResource {
    const fn heading(&self) -> &'static str {
        match self.version {
            Some(_) => "resource-edit",
            None => "resource-new",
        }
    }

    fn choices(&self, of: &'static str) -> Vec<(&'static str, bool)> {
        let (all, chosen): (&[&'static str], &str) = match of {
            "signing" => (&["", "RS256", "ES256", "PS256", "EdDSA"], &self.signing),
            _ => (&["", "jwt", "opaque"], &self.format),
        };
        all.iter().map(|one| (*one, *one == chosen)).collect()
    }
}
