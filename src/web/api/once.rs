//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): what is created is created once, however often
//! the request comes.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use tracing::Instrument as _;

use super::caller::asking;
use super::problem::{Code, Problem};
use crate::base::Digest;
use crate::flows::Internal;
use crate::flows::administration::{Kept, Repeated};
use crate::web::App;

/// The header.
pub const KEY: &str = "idempotency-key";

/// Answers that tell of what was made are a few KiB.
const MAX_ANSWER: usize = 1024 * 1024;

/// What of an answer is told again.
const TOLD: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::LOCATION,
    header::ETAG,
    header::CACHE_CONTROL,
    header::PRAGMA,
];

/// Serves a POST with a key once; everything else passes.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match begin(&app, request).await {
        Ok(Begun::First(key, request)) => {
            // To its end also where the caller hangs up: what was made must be known under its key.
            let work = async move {
                let response = next.run(*request).await;
                keep(&app, key, response).await
            };
            match tokio::spawn(work.in_current_span()).await {
                Ok(kept) => kept.unwrap_or_else(Problem::into_response),
                Err(error) => Problem::from(Internal::other(error)).into_response(),
            }
        }
        Ok(Begun::Again(kept)) => again(kept),
        Err(problem) => problem.into_response(),
    }
}

enum Begun {
    First(Digest, Box<Request>),
    Again(Kept),
}

async fn begin(app: &App, request: Request) -> Result<Begun, Problem> {
    let (parts, body) = request.into_parts();
    let key = key(&parts.headers)?.to_owned();
    let asking = asking(app, &parts).await?;
    let most = app.config.server.max_body.bytes();
    let body = to_bytes(body, most)
        .await
        .map_err(|_| Problem::of(Code::BodyTooLarge))?;
    let target = parts.uri.to_string();
    let request = [target.as_bytes(), &body];
    match app.begin_once(&asking, &key, &request).await? {
        Repeated::First(key) => {
            let request = Request::from_parts(parts, Body::from(body));
            Ok(Begun::First(key, Box::new(request)))
        }
        Repeated::Done(kept) => Ok(Begun::Again(kept)),
        Repeated::OnItsWay => Err(Problem::of(Code::RequestInProgress)),
        Repeated::Another => Err(Problem::of(Code::IdempotencyKeyReused)),
    }
}

fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let wrong = || {
        let words = "Idempotency-Key must be one text of 1 to 255 printable ASCII characters";
        Problem::new(Code::InvalidRequest, words)
    };
    match (values.next(), values.next()) {
        (Some(value), None) if (1..=255).contains(&value.len()) => {
            value.to_str().map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

/// What created something is kept; what did not may be tried again.
async fn keep(app: &App, key: Digest, response: Response) -> Result<Response, Problem> {
    if !response.status().is_success() {
        app.forget_request(key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ANSWER).await.map_err(Internal::other)?;
    let told = TOLD.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let kept = Kept {
        status: parts.status.as_u16(),
        headers: told.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    // It was made: that must be answered, also where the answer cannot be kept.
    if let Err(error) = app.keep_answer(key, &kept).await {
        tracing::error!(%error, "an answer could not be kept for its Idempotency-Key");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(kept: Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Bytes::from(kept.body)).into_response();
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::from_str(&value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    let replayed = HeaderValue::from_static("true");
    response
        .headers_mut()
        .insert(HeaderName::from_static("idempotency-replayed"), replayed);
    response
}
