//! What an application asks for, and how the answer travels back.

use askama::Template;
use askama_web::WebTemplate;

use super::Page;
use crate::web::messages::Message;

/// `GET /consent`. Posts `csrf`, `request`, `person` and `decision` (`allow` or `deny`) to `/consent`.
#[derive(Template, WebTemplate)]
#[template(path = "pages/consent.html")]
pub struct Consent {
    /// What every page is given; [`Page::user`] names who decides.
    pub page: Page,
    /// The ticket of the pending authorization request.
    pub request: Option<String>,
    /// Who decides: their session.
    pub person: String,
    /// The application's name.
    pub client: String,
    /// The URL of its logo, here, where there is one.
    pub logo: Option<String>,
    /// Its `client_uri`, http or https only, and the host of it.
    pub client_uri: Option<(String, String)>,
    /// Its `policy_uri`, http or https only.
    pub policy_uri: Option<String>,
    /// Its `tos_uri`, http or https only.
    pub tos_uri: Option<String>,
    /// The scopes it asks for.
    pub scopes: Vec<ScopeLine>,
    /// The APIs it wants to use (`resource`, RFC 8707).
    pub resources: Vec<String>,
    /// Where the browser goes next: the host of the redirect URI, or its scheme for an app.
    pub redirect_host: String,
    /// An administrator tries the application: it gets nothing, and nothing is remembered.
    pub trial: bool,
}

impl Consent {
    /// The application's home page on another host.
    fn elsewhere(&self) -> Option<(&str, &str)> {
        let (url, host) = self.client_uri.as_ref()?;
        (*host != self.redirect_host).then_some((url, host))
    }

    /// The application's home page, where it is on the host that gets the answer.
    fn home(&self) -> Option<&str> {
        let (url, host) = self.client_uri.as_ref()?;
        (*host == self.redirect_host).then_some(url.as_str())
    }
}

/// One scope, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// The scope's name, as it was asked for.
    pub name: String,
    /// A sentence of the operator's for a scope of their own.
    pub description: Option<String>,
}

impl ScopeLine {
    /// The scope `name`, described by the catalogue if it is one of OpenID Connect's.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
        }
    }

    /// The scope `name`, in the operator's words where there are any.
    #[must_use]
    pub fn described(name: &str, description: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            description: description.map(str::to_owned),
        }
    }

    /// The sentence of the catalogue for a scope of OpenID Connect (Core §5.4, §11).
    #[must_use]
    pub fn known(&self) -> Option<Message> {
        Some(Message::new(match self.name.as_str() {
            "openid" => "scope-openid",
            "profile" => "scope-profile",
            "email" => "scope-email",
            "address" => "scope-address",
            "phone" => "scope-phone",
            "offline_access" => "scope-offline-access",
            _ => return None,
        }))
    }

    /// The name of the icon that stands beside it.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self.name.as_str() {
            "openid" => "id",
            "profile" => "person",
            "email" => "mail",
            "address" => "pin",
            "phone" => "phone",
            "offline_access" => "clock",
            _ => "key",
        }
    }
}

/// The answer to `response_mode=form_post` (OAuth 2.0 Form Post Response Mode §2): a form that
/// sends itself, and a button for browsers that run no script.
#[derive(Template, WebTemplate)]
#[template(path = "pages/form_post.html")]
pub struct FormPost {
    /// What every page is given.
    pub page: Page,
    /// The client's redirect URI. The CSP's `form-action` must name it.
    pub action: String,
    /// The application's name.
    pub client: String,
    /// The parameters of the response.
    pub params: Vec<(String, String)>,
}

/// Before an error goes back to an application that nobody approved of.
#[derive(Template, WebTemplate)]
#[template(path = "pages/confirm_return.html")]
pub struct ConfirmReturn {
    /// What every page is given.
    pub page: Page,
    /// Where the browser would go: the host, or the scheme of an app.
    pub host: String,
    /// The error code that it would bring there.
    pub code: &'static str,
    /// The address.
    pub url: String,
    /// The fields of a form, where the answer is one. The CSP's `form-action` must name `url`.
    pub fields: Option<Vec<(String, String)>>,
}
