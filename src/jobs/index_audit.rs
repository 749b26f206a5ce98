//! Keeps the index of the audit log.

use std::time::Duration;

use super::Stop;
use crate::flows::Tessera;

/// What is not in the index is read as it is: a second of events is quickly read.
const EVERY: Duration = Duration::from_secs(1);

/// Between two turns while there is more, so that whoever waits to write comes in between.
const BREATH: Duration = Duration::from_millis(20);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    let mut pause = EVERY;
    while !stop.or_after(pause).await {
        pause = match tessera.index_events().await {
            Ok(true) => BREATH,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "cannot index the audit log; trying again");
                EVERY
            }
        };
    }
}
