//! Looks once a minute whether a signing key is due.

use std::time::Duration;

use super::Stop;
use crate::flows::{Tessera, rotate_keys};

/// Publish-ahead is at least ten minutes: a minute late is early.
const EVERY: Duration = Duration::from_mins(1);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    while !stop.or_after(EVERY).await {
        match rotate_keys::tick(&tessera).await {
            Ok(actions) if actions.is_empty() => {}
            Ok(actions) => tracing::info!(?actions, "the signing keys moved on"),
            Err(error) => tracing::error!(%error, "cannot rotate the signing keys; trying again"),
        }
    }
}
