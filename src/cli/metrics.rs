//! Prometheus numbers on a listener of their own.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use super::{Failure, listen};
use crate::jobs::Jobs;

/// How often old samples are folded: the exporter keeps each one until then.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count and to serve `/metrics`, if a listener is configured.
pub(super) fn start(listen: Option<SocketAddr>, jobs: &mut Jobs) -> Result<(), Failure> {
    let Some(address) = listen else {
        return Ok(());
    };
    let listener = listen::bind("server.metrics_listen", address)?;
    let listener = TcpListener::from_std(listener).map_err(Failure::new)?;
    let numbers = PrometheusBuilder::new()
        .set_buckets(&[
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
        ])
        .map_err(Failure::new)?
        .build_recorder();
    let handle = numbers.handle();
    metrics::set_global_recorder(numbers).map_err(Failure::new)?;
    let upkeep = handle.clone();
    jobs.repeat(UPKEEP, move || {
        let upkeep = upkeep.clone();
        async move { upkeep.run_upkeep() }
    });
    let app = Router::new().route("/metrics", get(move || std::future::ready(render(&handle))));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the metrics listener ended");
        }
    });
    Ok(())
}

fn render(handle: &PrometheusHandle) -> ([(axum::http::HeaderName, &'static str); 1], String) {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        handle.render(),
    )
}
