//! What comes in, strictly, and what goes out, with its version.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::caller::ORGANISATION;
use super::problem::{Code, Problem};
use crate::web::App;
use crate::web::extract::form::{FormRefused, has_type, read_body};
use crate::web::respond;

/// A JSON body as bytes, for whoever reads it by rules of its own.
pub struct Raw(pub Bytes);

impl FromRequest<App> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        // No form of another site can send this type, and no page without being asked for its origin.
        if !has_type(request.headers(), "application/json") {
            return Err(Problem::of(Code::UnsupportedMediaType));
        }
        let read = read_body(app, request).await;
        read.map(Self).map_err(|refused| match refused {
            FormRefused::TooLarge => Problem::of(Code::BodyTooLarge),
            FormRefused::Bad(error) => {
                Problem::new(Code::InvalidRequest, error.description().to_owned())
            }
        })
    }
}

/// A JSON body with the members of `T` and no others.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let Raw(bytes) = Raw::from_request(request, app).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::new(
                Code::InvalidRequest,
                format!("the body cannot be read: {error}"),
            )
        })
    }
}

/// The query with the members of `T` and no others, but for the organisation, which [`Allowed`] reads.
///
/// [`Allowed`]: super::caller::Allowed
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs =
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != ORGANISATION);
        let rest = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let wrong = |error: String| {
            Problem::new(
                Code::InvalidRequest,
                format!("the query cannot be read: {error}"),
            )
        };
        let uri: Uri = format!("/?{rest}")
            .parse()
            .map_err(|_| wrong("it is too long".to_owned()))?;
        let read = axum::extract::Query::try_from_uri(&uri);
        read.map(|axum::extract::Query(query)| Self(query))
            .map_err(|error| wrong(error.body_text()))
    }
}

/// The identifiers in the path. What cannot be one names nothing: [`Problem::of`] not found.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        read.map(|axum::extract::Path(path)| Self(path))
            .map_err(|_| Problem::of(Code::NotFound))
    }
}

/// An identifier that is a UUID; anything else is nobody's.
pub fn id(text: &str, absent: Code) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::of(absent))
}

/// The version from which a change is made (RFC 9110 §13.1.1); `None` is `*`: whichever there is.
pub struct IfMatch(pub Option<i64>);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(header::IF_MATCH).iter();
        let value = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().unwrap_or_default().trim(),
            // RFC 6585 §3.
            (None, _) => return Err(Problem::of(Code::PreconditionRequired)),
            _ => return Err(Problem::new(Code::InvalidRequest, "If-Match is repeated")),
        };
        if value == "*" {
            return Ok(Self(None));
        }
        // "A strong comparison": what is weak, a list or no tag of ours is no version that there could be.
        let tag = value
            .strip_prefix('"')
            .and_then(|tag| tag.strip_suffix('"'));
        Ok(Self(Some(
            tag.and_then(|tag| tag.parse().ok()).unwrap_or(-1),
        )))
    }
}

/// An answer without a version.
pub fn answer(body: &impl Serialize) -> Response {
    respond::json_no_store(StatusCode::OK, body)
}

/// A thing at a version.
pub fn tagged(version: i64, body: &impl Serialize) -> Response {
    with_tag(answer(body), version)
}

/// A thing that was made, and where it is.
pub fn created(location: &str, version: Option<i64>, body: &impl Serialize) -> Response {
    let mut response = respond::json_no_store(StatusCode::CREATED, body);
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    match version {
        Some(version) => with_tag(response, version),
        None => response,
    }
}

/// Nothing to say but that it is done.
pub fn done() -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::NO_CONTENT, no_store).into_response()
}

fn with_tag(mut response: Response, version: i64) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
