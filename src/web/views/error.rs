//! The page for when something went wrong: what, whose doing it probably is, what to do next.

use std::time::Duration;

use askama::Template;
use askama_web::WebTemplate;

use super::Page;
use crate::web::messages::{Message, duration};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The `client_id` is not registered, or disabled.
    UnknownClient,
    /// The `redirect_uri` is missing or not the client's (RFC 6749 §4.1.2.1: never redirect).
    BadRedirectUri,
    /// The pending authorization request is gone.
    ExpiredRequest,
    /// The anti-forgery token is missing or not ours.
    Forged,
    /// The request makes no sense.
    BadRequest,
    /// Signed in, but not allowed.
    Forbidden,
    /// There is nothing here.
    NotFound,
    /// There is something here, but not for this method.
    MethodNotAllowed,
    /// The body is too large.
    TooLarge,
    /// Too many requests.
    TooMany,
    /// Overloaded, or the database is away.
    Unavailable,
    /// A bug.
    Internal,
}

/// Whose doing it probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The application that sent the person here.
    Application,
    /// This server.
    Us,
    /// Nobody: time passed, a link was old, a page was left open.
    Nobody,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::UnknownClient,
        Self::BadRedirectUri,
        Self::ExpiredRequest,
        Self::Forged,
        Self::BadRequest,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::TooMany,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The HTTP status (RFC 9110 §15, RFC 6585 §4).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownClient
            | Self::BadRedirectUri
            | Self::ExpiredRequest
            | Self::BadRequest => 400,
            Self::Forged | Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Whose doing it probably is.
    #[must_use]
    pub const fn blame(self) -> Blame {
        match self {
            Self::UnknownClient | Self::BadRedirectUri | Self::BadRequest => Blame::Application,
            Self::Unavailable | Self::Internal => Blame::Us,
            Self::ExpiredRequest
            | Self::Forged
            | Self::Forbidden
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::TooLarge
            | Self::TooMany => Blame::Nobody,
        }
    }

    /// The heading.
    #[must_use]
    pub const fn title(self) -> Message {
        match self {
            Self::UnknownClient => Message::new("error-unknown-client-title"),
            Self::BadRedirectUri => Message::new("error-bad-redirect-uri-title"),
            Self::ExpiredRequest => Message::new("error-expired-request-title"),
            Self::Forged => Message::new("error-forged-title"),
            Self::BadRequest => Message::new("error-bad-request-title"),
            Self::Forbidden => Message::new("error-forbidden-title"),
            Self::NotFound => Message::new("error-not-found-title"),
            Self::MethodNotAllowed => Message::new("error-method-not-allowed-title"),
            Self::TooLarge => Message::new("error-too-large-title"),
            Self::TooMany => Message::new("error-too-many-title"),
            Self::Unavailable => Message::new("error-unavailable-title"),
            Self::Internal => Message::new("error-internal-title"),
        }
    }

    /// What happened.
    #[must_use]
    pub const fn what(self) -> Message {
        match self {
            Self::UnknownClient => Message::new("error-unknown-client-what"),
            Self::BadRedirectUri => Message::new("error-bad-redirect-uri-what"),
            Self::ExpiredRequest => Message::new("error-expired-request-what"),
            Self::Forged => Message::new("error-forged-what"),
            Self::BadRequest => Message::new("error-bad-request-what"),
            Self::Forbidden => Message::new("error-forbidden-what"),
            Self::NotFound => Message::new("error-not-found-what"),
            Self::MethodNotAllowed => Message::new("error-method-not-allowed-what"),
            Self::TooLarge => Message::new("error-too-large-what"),
            Self::TooMany => Message::new("error-too-many-what"),
            Self::Unavailable => Message::new("error-unavailable-what"),
            Self::Internal => Message::new("error-internal-what"),
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn next(self) -> Message {
        match self {
            Self::UnknownClient | Self::BadRedirectUri | Self::BadRequest => {
                Message::new("error-next-tell-the-application")
            }
            Self::ExpiredRequest => Message::new("error-next-start-again"),
            Self::Forged => Message::new("error-next-go-back"),
            Self::Forbidden => Message::new("error-next-ask-administrator"),
            Self::NotFound | Self::MethodNotAllowed => Message::new("error-next-check-address"),
            Self::TooLarge => Message::new("error-next-send-less"),
            Self::TooMany => Message::new("error-next-wait"),
            Self::Unavailable => Message::new("error-next-soon"),
            Self::Internal => Message::new("error-next-report"),
        }
    }
}

impl Blame {
    /// The sentence that says whose doing it is.
    #[must_use]
    pub const fn message(self) -> Message {
        match self {
            Self::Application => Message::new("error-blame-application"),
            Self::Us => Message::new("error-blame-us"),
            Self::Nobody => Message::new("error-blame-nobody"),
        }
    }
}

/// Something went wrong, and there is nowhere safe to redirect to.
#[derive(Template, WebTemplate)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// What every page is given; [`Page::request_id`] is shown.
    pub page: Page,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The OAuth error code, for the application's makers.
    pub code: Option<String>,
    /// The short description that goes with the code.
    pub detail: Option<String>,
    /// How long to wait before the next attempt.
    pub retry_after: Option<Duration>,
}

impl ErrorPage {
    /// The page for `kind`, without details.
    #[must_use]
    pub const fn new(page: Page, kind: ErrorKind) -> Self {
        Self {
            page,
            kind,
            code: None,
            detail: None,
            retry_after: None,
        }
    }

    /// The wait in plain words.
    #[must_use]
    pub fn wait(&self) -> Option<String> {
        self.retry_after.map(|span| duration(self.page.lang, span))
    }
}
