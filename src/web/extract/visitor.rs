//! The person (or stranger) in front of a page: language, anti-forgery token, session, device.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use tower_sessions::Session;

use super::cookies::{append, cookie_value, cookie_within};
use super::wanted::WANTED;
use crate::base::ids::SessionId;
use crate::base::{Digest, Secret};
use crate::flows::accounts::Present;
use crate::flows::admission::Visit;
use crate::flows::session::SignedIn;
use crate::flows::ticket::Arrival;
use crate::flows::{Internal, Tessera};
use crate::protocol::accounts::Accounts;
use crate::protocol::audit::Origin;
use crate::web::App;
use crate::web::layers::headers::{FormTarget, FrameSources};
use crate::web::messages::{Lang, negotiate};
use crate::web::respond;
use crate::web::views::Page;

/// Where the browser session keeps which signed-in sessions it points at.
pub(super) const POINTER: &str = "accounts";

/// The cookie that scripts read (Session Management §3.2); it opens nothing.
pub const STATE: &str = "tessera-session-state";

/// Who looks at a page.
pub struct Visitor {
    pub(super) app: App,
    lang: Lang,
    accept_language: String,
    csrf_cookie: Secret<String>,
    csrf_is_new: bool,
    browser_cookie: Secret<String>,
    browser_is_new: bool,
    pub(super) session: Option<Session>,
    pub(super) accounts: Accounts,
    pub(super) signed_in: Option<SignedIn>,
    /// Another account of this browser, whom the pending request is about.
    meant: Option<SignedIn>,
    /// The session cookie came along.
    pub(super) sent_session: bool,
    /// What the state cookie says.
    pub(super) state_cookie: Option<String>,
    /// What the cookie says of the page that was asked for.
    pub(super) wanted: Option<String>,
    /// From where.
    pub origin: Origin,
    /// How the browser names itself; at most 256 characters.
    pub user_agent: String,
    /// The cookie of a device that signed in before.
    pub device: Option<Secret<String>>,
}

impl Visitor {
    /// Somebody of whom nothing is known, for pages without a session.
    #[must_use]
    pub fn stranger(app: &App, parts: &Parts) -> Self {
        let headers = &parts.headers;
        let accept_language = text(headers, header::ACCEPT_LANGUAGE.as_str(), 256);
        let known = cookie_value(headers, &app.cookie_name("tessera-csrf"));
        let csrf_is_new = known.is_none();
        let browser = cookie_value(headers, &app.cookie_name("tessera-browser"));
        let browser_is_new = browser.is_none();
        Self {
            lang: language(app, &accept_language, parts.uri.query()),
            accept_language,
            csrf_cookie: known.map_or_else(|| app.entropy.token(), Secret::new),
            csrf_is_new,
            browser_cookie: browser.map_or_else(|| app.entropy.token(), Secret::new),
            browser_is_new,
            session: None,
            accounts: Accounts::default(),
            signed_in: None,
            meant: None,
            sent_session: cookie_value(headers, &app.cookie_name("tessera")).is_some(),
            state_cookie: cookie_value(headers, &app.cookie_name(STATE)),
            wanted: cookie_within(headers, &app.cookie_name(WANTED), 2048),
            origin: parts
                .extensions
                .get::<Origin>()
                .cloned()
                .unwrap_or_default(),
            user_agent: text(headers, header::USER_AGENT.as_str(), 256),
            device: cookie_value(headers, &app.cookie_name("tessera-device")).map(Secret::new),
            app: app.clone(),
        }
    }

    /// The use cases.
    #[must_use]
    pub fn tessera(&self) -> &Tessera {
        &self.app.tessera
    }

    /// What this browser brings along to a sign-in.
    #[must_use]
    pub fn visit(&self) -> Visit {
        Visit {
            device: self.device.clone(),
            user_agent: self.user_agent.clone(),
            here: self.accounts.all().to_vec(),
            lang: self.lang.tag().to_owned(),
        }
    }

    /// The person, if one is signed in: the active account, or whom the pending request is about.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.meant.as_ref().or(self.signed_in.as_ref())
    }

    /// The accounts of this browser.
    #[must_use]
    pub const fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The person and the accounts of this browser.
    #[must_use]
    pub fn present(&self) -> Present<'_> {
        Present {
            active: self.signed_in(),
            accounts: &self.accounts,
        }
    }

    /// The pending request is about this account of the browser, not about the active one.
    pub fn speak_as(&mut self, meant: SignedIn) {
        self.meant = Some(meant);
    }

    /// Where somebody who has to sign in begins: with the accounts of this browser, if there are more
    /// than the one that was active.
    #[must_use]
    pub fn way_in(&self) -> &'static str {
        if self.has_others() {
            "/select-account"
        } else {
            "/sign-in"
        }
    }

    /// Whether this browser knows accounts beside the one that speaks.
    #[must_use]
    pub fn has_others(&self) -> bool {
        let person = self.signed_in().map(|person| person.session().id);
        let person = person.or(self.accounts.active());
        !self.accounts.others(person).is_empty()
    }

    /// What tells this browser from others: tickets are bound to it.
    #[must_use]
    pub fn browser(&self) -> Digest {
        self.browser_cookie.digest()
    }

    /// A request that arrives now, in this browser.
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        Arrival {
            asked_at: self.app.now(),
            browser: self.browser(),
            signed: false,
        }
    }

    /// The language of the pages.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Speaks the language that the application asked for (`ui_locales`), where we speak it.
    pub fn prefer(&mut self, ui_locales: &str) {
        self.lang = negotiate(
            &self.app.brand().languages,
            &self.accept_language,
            ui_locales,
        );
    }

    /// What every page is given.
    #[must_use]
    pub fn page(&self) -> Page {
        let page = Page::new(
            self.app.brand(),
            self.lang,
            self.app.now(),
            self.origin.request_id.clone(),
        )
        .with_csrf(self.csrf_token());
        match self.signed_in() {
            Some(signed_in) => page.signed_in_as(signed_in.user().display_name()),
            None => page,
        }
    }

    /// The token that goes into forms: a MAC of the cookie. Who can plant a cookie still cannot
    /// make the token.
    fn csrf_token(&self) -> String {
        let cookie = self.csrf_cookie.expose().as_bytes();
        self.app
            .master
            .mac("csrf", &[cookie])
            .map(|mac| URL_SAFE_NO_PAD.encode(mac))
            .unwrap_or_default()
    }

    /// Whether `token` is the one that our pages in this browser carry.
    pub(super) fn sent_csrf(&self, token: &str) -> bool {
        let Ok(mac) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        let cookie = self.csrf_cookie.expose().as_bytes();
        !self.csrf_is_new
            && self
                .app
                .master
                .mac_is("csrf", &[cookie], &mac)
                .unwrap_or(false)
    }

    /// Shows a page.
    pub fn show(&self, status: StatusCode, page: impl IntoResponse) -> Response {
        let mut response = (status, page).into_response();
        if self.csrf_is_new {
            self.set_csrf(&mut response, self.csrf_cookie.expose());
        }
        self.has_arrived(&mut response);
        self.mark(&mut response);
        response
    }

    /// Shows a page whose form may end, by redirects, at `target` (CSP `form-action`).
    pub fn show_towards(&self, target: Option<&str>, page: impl IntoResponse) -> Response {
        let mut response = self.show(StatusCode::OK, page);
        if let Some(target) = target.and_then(FormTarget::new) {
            response.extensions_mut().insert(target);
        }
        response
    }

    /// Shows a page that loads `frames` (CSP `frame-src`).
    pub fn show_with_frames(&self, frames: &[String], page: impl IntoResponse) -> Response {
        let mut response = self.show(StatusCode::OK, page);
        response.extensions_mut().insert(FrameSources::new(frames));
        response
    }

    /// Goes to one of our own pages with 303.
    pub fn go(&self, path: &str) -> Response {
        let mut response = Redirect::to(path).into_response();
        self.mark(&mut response);
        response
    }

    /// Goes to a client with 303: an answer that no cache keeps.
    pub fn go_away(&self, location: &str) -> Response {
        let mut response = Redirect::to(location).into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.show_state(&mut response);
        response
    }

    /// Lets a browser that is new here be told from others.
    fn mark(&self, response: &mut Response) {
        if self.browser_is_new {
            append(
                response,
                &self.cookie("tessera-browser", self.browser_cookie.expose()),
            );
        }
        self.show_state(response);
    }

    pub(super) fn set_csrf(&self, response: &mut Response, value: &str) {
        append(response, &self.cookie("tessera-csrf", value));
    }

    pub(super) fn cookie<'a>(&self, name: &str, value: &'a str) -> Cookie<'a> {
        Cookie::build((self.app.cookie_name(name), value))
            .path("/")
            .http_only(true)
            .secure(self.app.is_https())
            .same_site(SameSite::Lax)
            .build()
    }
}

impl AsMut<Self> for Visitor {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl AsRef<Self> for Visitor {
    fn as_ref(&self) -> &Self {
        self
    }
}

pub(super) fn unavailable(error: tower_sessions::session::Error) -> Internal {
    crate::storage::StorageError::Unavailable(error.to_string()).into()
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let mut visitor = Self::stranger(app, parts);
        let Ok(session) = Session::from_request_parts(parts, app).await else {
            return Ok(visitor);
        };
        // Of two session cookies a neighbouring host planted one, perhaps its owner's: none counts.
        let cookie = cookie_value(&parts.headers, &app.cookie_name("tessera"));
        let signed_in = match session.get::<Accounts>(POINTER).await {
            Ok(accounts) => {
                visitor.accounts = accounts.filter(|_| cookie.is_some()).unwrap_or_default();
                resolve(app, visitor.accounts.active()).await
            }
            Err(error) => Err(unavailable(error)),
        };
        visitor.session = Some(session);
        match signed_in {
            Ok(signed_in) => visitor.signed_in = signed_in,
            Err(error) => return Err(respond::internal_page(&visitor, &error)),
        }
        Ok(visitor)
    }
}

async fn resolve(app: &App, active: Option<SessionId>) -> Result<Option<SignedIn>, Internal> {
    match active {
        Some(id) => app.resolve_session(id).await,
        None => Ok(None),
    }
}

fn language(app: &App, accept_language: &str, query: Option<&str>) -> Lang {
    let asked = query
        .and_then(|query| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "ui_locales")
                .map(|(_, value)| value.into_owned())
        })
        .unwrap_or_default();
    negotiate(&app.brand().languages, accept_language, &asked)
}

fn text(headers: &HeaderMap, name: &str, limit: usize) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.chars().take(limit).collect())
        .unwrap_or_default()
}
