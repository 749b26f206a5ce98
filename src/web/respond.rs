//! The single place where errors become HTTP. Nothing of the inside ever leaks.

use std::any::Any;
use std::borrow::Cow;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::App;
use super::extract::Visitor;
use super::views::{ErrorKind, ErrorPage};
use crate::flows::Internal;
use crate::protocol::client_auth::ClaimError;
use crate::protocol::error::{ErrorCode, OAuthError};

/// Seconds after which a request that met a busy or absent database is worth repeating.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// JSON that no cache may keep (RFC 6749 §5.1: "The authorization server MUST include the HTTP
/// "Cache-Control" response header field with a value of "no-store"").
pub fn json_no_store(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (
            status,
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
                (header::PRAGMA, "no-cache"),
            ],
            bytes,
        )
            .into_response(),
        Err(error) => internal(&Internal::other(error)),
    }
}

/// A JWT that no cache may keep.
pub fn jwt_no_store(mime: &'static str, jwt: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (StatusCode::OK, headers, jwt).into_response()
}

fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// An error of the token, introspection and revocation endpoints (RFC 6749 §5.2): 400, but for the
/// codes that say otherwise.
pub fn oauth_error(error: &OAuthError) -> Response {
    let status = StatusCode::from_u16(error.code.status_at_token());
    json_no_store(status.unwrap_or(StatusCode::BAD_REQUEST), &error.to_json())
}

/// A client that could not be made out or did not prove itself. Introspection challenges whoever
/// comes without credentials too (RFC 7662 §2.3: "the authorization server responds with an HTTP
/// 401").
pub fn client_error(refused: &ClaimError, realm: &str, always_challenge: bool) -> Response {
    let challenged = refused.tried_http_auth || always_challenge;
    if refused.error.code != ErrorCode::InvalidClient || !challenged {
        return oauth_error(&refused.error);
    }
    // RFC 6749 §5.2: "the authorization server MUST respond with an HTTP 401 (Unauthorized) status
    // code and include the "WWW-Authenticate" response header field matching the authentication
    // scheme used by the client."
    let mut response = json_no_store(StatusCode::UNAUTHORIZED, &refused.error.to_json());
    let challenge = format!("Basic realm=\"{realm}\", charset=\"UTF-8\"");
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// An error of a protected resource of ours (RFC 6750 §3).
pub fn bearer_error(error: Option<&OAuthError>, realm: &str) -> Response {
    let (status, challenge, body) = match error {
        // RFC 6750 §3.1: "If the request lacks any authentication information [...] the resource
        // server SHOULD NOT include an error code".
        None => (
            StatusCode::UNAUTHORIZED,
            format!("Bearer realm=\"{realm}\""),
            json!({ "error": "invalid_token", "error_description": "an access token is required" }),
        ),
        Some(error) => {
            let code = error.code.as_str();
            let description = error.description();
            let scope = match error.code {
                ErrorCode::InsufficientScope => ", scope=\"openid\"",
                _ => "",
            };
            (
                status(error.code),
                format!(
                    "Bearer realm=\"{realm}\", error=\"{code}\", error_description=\"{description}\"{scope}"
                ),
                error.to_json(),
            )
        }
    };
    let mut response = json_no_store(status, &body);
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// Too many requests from one address (RFC 6585 §4), at an endpoint that machines call.
pub fn slowed(wait: Duration) -> Response {
    let error = OAuthError::new(
        ErrorCode::TemporarilyUnavailable,
        "too many requests from this address",
    );
    let mut response = json_no_store(StatusCode::TOO_MANY_REQUESTS, &error.to_json());
    let seconds = wait.as_secs().max(1);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A failure of ours, at an endpoint that machines call.
pub fn internal(error: &Internal) -> Response {
    log(error);
    let (code, text) = describe(error);
    let response = (
        status(code),
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        json!({ "error": code.as_str(), "error_description": text }).to_string(),
    )
        .into_response();
    come_again(response, error.is_passing().then_some(RETRY_AFTER))
}

pub(super) fn log(error: &Internal) {
    if error.is_passing() {
        tracing::warn!(%error, "a request had to be put off");
    } else {
        tracing::error!(%error, "a request failed");
    }
}

const fn describe(error: &Internal) -> (ErrorCode, &'static str) {
    if error.is_passing() {
        (ErrorCode::TemporarilyUnavailable, "try again in a moment")
    } else {
        (ErrorCode::ServerError, "something went wrong on our side")
    }
}

/// A failure of ours, on a page.
pub fn internal_page(visitor: &Visitor, error: &Internal) -> Response {
    log(error);
    if error.is_passing() {
        let mut page = ErrorPage::new(visitor.page(), ErrorKind::Unavailable);
        page.retry_after = Some(RETRY_AFTER);
        let response = visitor.show(StatusCode::SERVICE_UNAVAILABLE, page);
        return come_again(response, Some(RETRY_AFTER));
    }
    error_page(visitor, ErrorKind::Internal, None)
}

/// An error page. `code` is for the makers of the application.
pub fn error_page(visitor: &Visitor, kind: ErrorKind, code: Option<Cow<'static, str>>) -> Response {
    let mut page = ErrorPage::new(visitor.page(), kind);
    page.code = code.map(Cow::into_owned);
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    visitor.show(status, page)
}

/// When to come again (RFC 9110 §10.2.3), in whole seconds and never too early.
#[must_use]
pub fn come_again(mut response: Response, wait: Option<Duration>) -> Response {
    if let Some(wait) = wait {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let seconds = HeaderValue::from(seconds.max(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// No such URL: a page for a person, JSON for a machine.
pub async fn not_found(
    axum::extract::State(app): axum::extract::State<App>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    simple(&app, &headers, request, ErrorKind::NotFound)
}

/// The URL exists, the method does not. axum adds `Allow`.
pub async fn method_not_allowed(
    axum::extract::State(app): axum::extract::State<App>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    simple(&app, &headers, request, ErrorKind::MethodNotAllowed)
}

fn simple(app: &App, headers: &HeaderMap, request: Request, kind: ErrorKind) -> Response {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    if wants_page(headers) {
        let (parts, _) = request.into_parts();
        let page = ErrorPage::new(Visitor::stranger(app, &parts).page(), kind);
        return (status, page).into_response();
    }
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
    });
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

/// A handler panicked: a defect. The answer is a 500 without a word about it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that tower-http asks for"
)]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text");
    internal(&Internal::other(format!("a handler panicked: {text}")))
}
