//! `/healthz`: the process answers. `/readyz`: it can do its work.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::web::App;

/// Alive.
pub async fn healthz() -> Response {
    (
        StatusCode::OK,
        [(header::CACHE_CONTROL, "no-store")],
        "ok\n",
    )
        .into_response()
}

/// Ready: the database answers on a real connection, and there are keys to sign with.
pub async fn readyz(State(app): State<App>) -> Response {
    let database = app.store.ping().await;
    let keys = app
        .keys
        .current()
        .is_ok_and(|keys| !keys.algorithms().is_empty());
    let word = |well: bool| if well { "ok" } else { "failing" };
    let ready = database.is_ok() && keys;
    if let Err(error) = &database {
        tracing::warn!(%error, "not ready: the database does not answer");
    }
    let body = format!(
        "database: {}\nkeys: {}\n",
        word(database.is_ok()),
        word(keys)
    );
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
    if !ready {
        response.headers_mut().insert(
            header::RETRY_AFTER,
            axum::http::HeaderValue::from_static("2"),
        );
    }
    response
}
