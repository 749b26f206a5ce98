//! The broom.

use super::Stop;
use crate::flows::{Tessera, purge};

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    while !stop.or_after(tessera.config.retention.purge_interval).await {
        match purge::run(&tessera).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "deleted what has ended"),
            Err(error) => tracing::warn!(%error, "cannot delete what has ended; trying again"),
        }
        match tessera.prune_audit().await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "removed the oldest events of the audit log"),
            Err(error) => tracing::error!(%error, "nothing is removed from the audit log"),
        }
    }
}
