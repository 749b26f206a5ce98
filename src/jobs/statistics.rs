//! Counts what happened, for the dashboard.

use std::time::Duration;

use super::Stop;
use crate::flows::Tessera;

/// A chart that is a quarter of a minute old is young enough.
const EVERY: Duration = Duration::from_secs(15);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    let mut pause = EVERY;
    while !stop.or_after(pause).await {
        pause = match tessera.count_events().await {
            Ok(true) => Duration::ZERO,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "cannot count events; trying again");
                EVERY
            }
        };
    }
}
