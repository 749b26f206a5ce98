//! Errors of the API: problem details (RFC 9457) with a code that stays. A handler says which; the layer
//! [`finish`] writes it, with the name of the request.

use std::borrow::Cow;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Internal;
use crate::flows::administration::{Refused, TokenProblem};
use crate::protocol::audit::Origin;
use crate::web::{App, respond};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $status:literal;)*) => {
        /// What went wrong, in a word that stays the same.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])+ $name,)* }

        impl Code {
            /// Every code, with its status and what it means.
            pub const ALL: &'static [(&'static str, u16, &'static str)] =
                &[$(($text, $status, concat!($($doc),+)),)*];

            const fn parts(self) -> (&'static str, u16) {
                match self { $(Self::$name => ($text, $status),)* }
            }
        }
    };
}

codes! {
    /// There is no access token in the Authorization header.
    TokenMissing = "TOKEN_MISSING", 401;
    /// The access token has expired: get another one.
    TokenExpired = "TOKEN_EXPIRED", 401;
    /// The access token is none of ours, was revoked, or is for another audience.
    TokenInvalid = "TOKEN_INVALID", 401;
    /// The roles of the caller, or the scopes of the token, do not allow it.
    InsufficientPermissions = "INSUFFICIENT_PERMISSIONS", 403;
    /// It would give, take or touch more than the caller may do.
    BeyondOwnPermissions = "BEYOND_OWN_PERMISSIONS", 403;
    /// Only who administers the whole deployment may do that.
    DeploymentOnly = "DEPLOYMENT_ONLY", 403;
    /// There is no such client, or none that the caller may see.
    ClientNotFound = "CLIENT_NOT_FOUND", 404;
    /// There is no such person, or none that the caller may see.
    UserNotFound = "USER_NOT_FOUND", 404;
    /// There is no such group, or none that the caller may see.
    GroupNotFound = "GROUP_NOT_FOUND", 404;
    /// There is no such role.
    RoleNotFound = "ROLE_NOT_FOUND", 404;
    /// There is no such organisation, or none that the caller may see.
    OrganisationNotFound = "ORGANISATION_NOT_FOUND", 404;
    /// There is nothing here, or nothing that the caller may see.
    NotFound = "NOT_FOUND", 404;
    /// The resource does not have this method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// The name is taken.
    Taken = "TAKEN", 409;
    /// Something else needs it.
    InUse = "IN_USE", 409;
    /// Nobody would be left to administer the deployment.
    LastAdministrator = "LAST_ADMINISTRATOR", 409;
    /// A request with this Idempotency-Key is on its way.
    RequestInProgress = "REQUEST_IN_PROGRESS", 409;
    /// Somebody else changed it meanwhile: read it again.
    VersionMismatch = "VERSION_MISMATCH", 412;
    /// The body is too large.
    BodyTooLarge = "BODY_TOO_LARGE", 413;
    /// The body must be application/json.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415;
    /// The request cannot be read.
    InvalidRequest = "INVALID_REQUEST", 400;
    /// The cursor is none of ours, or of another list.
    InvalidCursor = "INVALID_CURSOR", 400;
    /// What was sent will not do; `errors` says why.
    ValidationFailed = "VALIDATION_FAILED", 422;
    /// The Idempotency-Key was used for another request.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", 422;
    /// If-Match is missing: say which version is changed.
    PreconditionRequired = "PRECONDITION_REQUIRED", 428;
    /// Something went wrong on our side.
    InternalError = "INTERNAL_ERROR", 500;
    /// Try again in a moment.
    TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE", 503;
}

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDetails<'a> {
    /// Where the code is explained.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What went wrong, in a word that stays the same.
    code: &'static str,
    /// What went wrong this time.
    detail: &'a str,
    /// All that is wrong with what was sent.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Option<Vec<String>>)]
    errors: &'a [String],
    /// Names this request in the logs.
    request_id: &'a str,
}

/// Why a request was not served.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<String>,
    challenge: Option<String>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// With a sentence for the developer of the caller.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            challenge: None,
            retry_after: None,
        }
    }

    /// The code alone says it.
    pub fn of(code: Code) -> Self {
        let (text, ..) = code.parts();
        let meaning = Code::ALL.iter().find(|(name, ..)| *name == text);
        Self::new(code, meaning.map_or("", |(_, _, meaning)| meaning.trim()))
    }

    /// With the challenge that goes into `WWW-Authenticate`.
    #[must_use]
    pub fn challenging(mut self, challenge: String) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// Why an administrator's wish was not fulfilled; `absent` is the code where there is nothing.
    pub fn refused(refused: Refused, absent: Code) -> Self {
        match refused {
            Refused::Absent => Self::of(absent),
            Refused::Stale => Self::of(Code::VersionMismatch),
            Refused::Beyond => Self::of(Code::BeyondOwnPermissions),
            Refused::NotHere => Self::of(Code::DeploymentOnly),
            Refused::Taken(what) => Self::new(Code::Taken, format!("{what} is taken")),
            Refused::InUse(why) => Self::new(Code::InUse, why),
            Refused::LastAdministrator => Self::of(Code::LastAdministrator),
            Refused::Wrong(errors) => {
                let mut problem = Self::new(Code::ValidationFailed, errors.join("; "));
                problem.errors = errors;
                problem
            }
        }
    }

    fn respond(&self, issuer_docs: &str, request_id: &str) -> Response {
        let (code, status) = self.code.parts();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = ProblemDetails {
            kind: format!("{issuer_docs}#{code}"),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code,
            detail: &self.detail,
            errors: &self.errors,
            request_id,
        };
        let mut response = respond::json_no_store(status, &body);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(challenge) = &self.challenge
            && let Ok(value) = HeaderValue::from_str(challenge)
        {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        respond::come_again(response, self.retry_after)
    }
}

impl From<Internal> for Problem {
    fn from(error: Internal) -> Self {
        respond::log(&error);
        if error.is_passing() {
            let mut problem = Self::of(Code::TemporarilyUnavailable);
            problem.retry_after = Some(respond::RETRY_AFTER);
            return problem;
        }
        Self::of(Code::InternalError)
    }
}

impl From<TokenProblem> for Problem {
    fn from(problem: TokenProblem) -> Self {
        match problem {
            TokenProblem::Expired => Self::of(Code::TokenExpired),
            TokenProblem::Invalid => Self::of(Code::TokenInvalid),
            TokenProblem::Audience => Self::new(
                Code::TokenInvalid,
                "the access token is not for this API, and for nothing else: ask for one with its identifier as the only resource",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem that a handler met.
pub async fn finish(State(app): State<App>, request: Request, next: Next) -> Response {
    let origin = request.extensions().get::<Origin>().cloned();
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    let docs = format!("{}/docs", app.api());
    let mut written = problem.respond(&docs, &origin.unwrap_or_default().request_id);
    // axum adds it to the answer for a method that is not there.
    if let Some(allow) = response.headers().get(header::ALLOW) {
        written.headers_mut().insert(header::ALLOW, allow.clone());
    }
    written
}

/// The resource exists, the method does not.
pub async fn method_not_allowed() -> Problem {
    Problem::of(Code::MethodNotAllowed)
}
