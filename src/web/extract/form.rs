//! Form bodies: of the right type, bounded, without repetitions; and, for pages, not forged.

use std::ops::Deref;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Visitor;
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::web::App;
use crate::web::respond;
use crate::web::views::ErrorKind;

/// Why a body was not read.
pub enum FormRefused {
    /// 413
    TooLarge,
    /// 415, 400
    Bad(OAuthError),
}

impl FormRefused {
    /// As a page.
    pub fn page(&self, visitor: &Visitor) -> Response {
        let kind = match self {
            Self::TooLarge => ErrorKind::TooLarge,
            Self::Bad(_) => ErrorKind::BadRequest,
        };
        respond::error_page(visitor, kind, None)
    }
}

/// Whether the body says that it is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    has_type(headers, "application/x-www-form-urlencoded")
}

/// Whether the body says that it is of this type.
pub fn has_type(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|mime| mime.trim().eq_ignore_ascii_case(expected))
}

/// Reads a body within `server.max_body`.
///
/// # Errors
/// For a body that is too large (at once, where its length was announced) or breaks off.
pub async fn read_body(app: &App, request: Request) -> Result<Bytes, FormRefused> {
    let limit = u64::try_from(app.config.server.max_body.bytes()).unwrap_or(u64::MAX);
    if request.body().size_hint().lower() > limit {
        return Err(FormRefused::TooLarge);
    }
    Bytes::from_request(request, app)
        .await
        .map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => FormRefused::TooLarge,
            _ => FormRefused::Bad(OAuthError::invalid_request("the body could not be read")),
        })
}

/// Reads the bytes of a form.
///
/// # Errors
/// For a body that is too large or of another type.
pub async fn read_bytes(app: &App, request: Request) -> Result<Bytes, FormRefused> {
    let form = is_form(request.headers());
    let bytes = read_body(app, request).await?;
    if !form {
        return Err(FormRefused::Bad(OAuthError::invalid_request(
            "the body must be application/x-www-form-urlencoded",
        )));
    }
    Ok(bytes)
}

/// Reads the form of a request, strictly.
///
/// # Errors
/// As [`read_bytes`], and for a repeated parameter.
pub async fn read_form(app: &App, request: Request) -> Result<Params, FormRefused> {
    Params::parse(&read_bytes(app, request).await?).map_err(FormRefused::Bad)
}

/// What was typed into a form of ours.
pub trait Fields: AsRef<Visitor> {
    /// A field as it was typed, or nothing.
    fn text(&self, name: &str) -> String;
}

/// The form of one of our own pages: it came from our page, in this browser.
pub struct Form {
    /// Who sent it.
    pub visitor: Visitor,
    params: Params,
}

impl Form {
    /// A field as it was typed, or nothing.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.params.get(name).unwrap_or_default().to_owned()
    }

    /// The ticket of the pending authorization request.
    #[must_use]
    pub fn ticket(&self) -> Option<String> {
        self.params.get("request").map(str::to_owned)
    }
}

impl Fields for Form {
    fn text(&self, name: &str) -> String {
        self.text(name)
    }
}

impl AsMut<Visitor> for Form {
    fn as_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}

impl AsRef<Visitor> for Form {
    fn as_ref(&self) -> &Visitor {
        &self.visitor
    }
}

impl Deref for Form {
    type Target = Params;

    fn deref(&self) -> &Params {
        &self.params
    }
}

impl FromRequest<App> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let posted = Posted::read(request, app).await?;
        posted.ours().map_err(|refused| *refused)
    }
}

/// A form that other sites may post here too: an application's logout request.
pub struct Posted {
    /// Who sent it. From another site without the session: its cookie is `SameSite=Lax`.
    pub visitor: Visitor,
    /// What was sent.
    pub params: Params,
    foreign: bool,
}

impl Posted {
    /// From a body that was read elsewhere.
    pub(super) const fn new(visitor: Visitor, params: Params, foreign: bool) -> Self {
        Self {
            visitor,
            params,
            foreign,
        }
    }

    async fn read(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let foreign = is_foreign(app, &parts.headers);
        let request = Request::from_parts(parts, body);
        match read_form(app, request).await {
            Ok(params) => Ok(Self {
                visitor,
                params,
                foreign,
            }),
            Err(why) => Err(why.page(&visitor)),
        }
    }

    /// The form, if one of our own pages in this browser sent it.
    ///
    /// # Errors
    /// The page that says that it was forged.
    pub fn ours(self) -> Result<Form, Box<Response>> {
        let token = self.params.get("csrf").unwrap_or_default();
        if self.foreign || !self.visitor.sent_csrf(token) {
            let page = respond::error_page(&self.visitor, ErrorKind::Forged, None);
            return Err(Box::new(page));
        }
        Ok(Form {
            visitor: self.visitor,
            params: self.params,
        })
    }
}

impl FromRequest<App> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        Self::read(request, app).await
    }
}

/// Whether the browser says that another site sent this. A second wall behind the token: it also
/// stops a forged sign-in, where there is no session yet.
pub fn is_foreign(app: &App, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site == b"cross-site" || site == b"same-site") {
        return true;
    }
    let ours = app
        .config
        .server
        .issuer
        .url()
        .origin()
        .ascii_serialization();
    headers
        .get(header::ORIGIN)
        .is_some_and(|origin| origin.as_bytes() != ours.as_bytes())
}
