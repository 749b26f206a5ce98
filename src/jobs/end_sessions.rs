//! Ends sessions that have come to their limit, so that their clients hear of it.

use std::time::Duration;

use super::Stop;
use crate::flows::Tessera;

/// A session that is over opens nothing from that instant on; its clients may learn it a little later.
const EVERY: Duration = Duration::from_secs(10);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    while !stop.or_after(EVERY).await {
        match tessera.end_expired_sessions().await {
            Ok(0) => {}
            Ok(sessions) => tracing::debug!(sessions, "came to their limit"),
            Err(error) => tracing::warn!(%error, "cannot end expired sessions; trying again"),
        }
    }
}
