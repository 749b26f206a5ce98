//! An axum handler that does nothing: the floor under every request of `bench/run`.
//!
//! `cargo run --release --example empty -- 127.0.0.1:8099`

use std::error::Error;

use axum::Router;
use axum::routing::{get, post};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("give an address")?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    let router = Router::new()
        .route("/", get(async || "ok"))
        // With the form read, as any token endpoint must.
        .route("/form", post(async |_: axum::body::Bytes| "ok"));
    axum_server::from_tcp(listener.into_std()?)?
        .serve(router.into_make_service())
        .await?;
    Ok(())
}
