//! `GET /account/data`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::web::App;
use crate::web::extract::{Recent, Visitor};
use crate::web::respond;

/// Everything that is kept about the person, as a file.
pub async fn download(State(app): State<App>, recent: Recent<Visitor>) -> Response {
    let visitor = recent.visitor();
    match app.export(recent.proof(), visitor.origin.clone()).await {
        Ok(document) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"account.json\"",
                ),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, format!("{document:#}")).into_response()
        }
        Err(error) => respond::internal_page(visitor, &error),
    }
}
