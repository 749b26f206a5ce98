//! CORS: public documents for anybody; token endpoints for registered origins. Never with cookies.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::{App, respond};

/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// Public bytes: any page may read them.
pub async fn anybody(request: Request, next: Next) -> Response {
    if is_preflight(&request) {
        return preflight("*");
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

/// Only pages of origins that a client registered.
pub async fn registered(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let known = match origin.to_str() {
        Ok(text) => app.is_registered_origin(text).await,
        Err(_) => Ok(false),
    };
    let allowed = match known {
        Ok(allowed) => allowed,
        Err(error) => return respond::internal(&error),
    };
    let mut response = match (is_preflight(&request), allowed) {
        (true, true) => preflight(origin.to_str().unwrap_or_default()),
        (true, false) => StatusCode::NO_CONTENT.into_response(),
        (false, _) => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("WWW-Authenticate, Retry-After"),
        );
    }
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(origin: &str) -> Response {
    (
        StatusCode::NO_CONTENT,
        [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET, POST, PUT, DELETE",
            ),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "Authorization, Content-Type",
            ),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ],
    )
        .into_response()
}
