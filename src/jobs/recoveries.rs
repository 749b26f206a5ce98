//! Tells people of recoveries of their accounts, and ends those that nobody finished.

use std::time::Duration;

use super::Stop;
use crate::flows::Tessera;

/// A letter a minute late is soon enough after a wait of days.
const EVERY: Duration = Duration::from_mins(1);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    while !stop.or_after(EVERY).await {
        match tessera.turn_recoveries().await {
            Ok(0) => {}
            Ok(turns) => tracing::debug!(turns, "recoveries of accounts"),
            Err(error) => tracing::warn!(%error, "cannot tell of recoveries; trying again"),
        }
    }
}
