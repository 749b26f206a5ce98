//! `/assets/*`: compiled-in files under names that change with their content.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::web::App;
use crate::web::oauth::discovery::cached;
use crate::web::respond;

/// A year: the name changes when the bytes do.
const FOREVER: u64 = 31_536_000;

/// `GET`
pub async fn asset(State(app): State<App>, headers: HeaderMap, request: Request) -> Response {
    // Not decoded: our names need no escapes, and a path that cannot be decoded names nothing.
    let name = request.uri().path().strip_prefix("/assets/");
    serve(app, name.unwrap_or_default().to_owned(), headers, request).await
}

/// Browsers ask for it whatever the page says.
pub async fn favicon(State(app): State<App>, headers: HeaderMap, request: Request) -> Response {
    serve(app, "favicon.svg".to_owned(), headers, request).await
}

async fn serve(app: App, name: String, headers: HeaderMap, request: Request) -> Response {
    match app.brand().asset(&name) {
        Some(asset) => {
            let max_age = if asset.immutable { FOREVER } else { 300 };
            cached(
                &headers,
                &asset.etag,
                asset.mime,
                max_age,
                asset.bytes.into_owned(),
            )
        }
        None => respond::not_found(State(app), headers, request).await,
    }
}
