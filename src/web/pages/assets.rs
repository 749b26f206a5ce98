//! `/assets/*`: compiled-in files under names that change with their content.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::web::App;
use crate::web::oauth::discovery::cached;

/// A year: the name changes when the bytes do.
const FOREVER: u64 = 31_536_000;

/// `GET`
pub async fn asset(
    State(app): State<App>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    match app.brand.asset(&path) {
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
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Browsers ask for it whatever the page says.
pub async fn favicon(State(app): State<App>, headers: HeaderMap) -> Response {
    asset(State(app), Path("favicon.svg".to_owned()), headers).await
}
