//! Numbers and chains audit events on PostgreSQL, where commits do not queue for one another.

use std::time::Duration;

use super::Stop;
use crate::flows::Tessera;
use crate::storage::{StorageError, audit};

/// How long an event may lie unsealed.
const EVERY: Duration = Duration::from_millis(250);

/// After a failure; the database may be away.
const RETRY: Duration = Duration::from_secs(2);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    let mut pause = EVERY;
    while !stop.or_after(pause).await {
        pause = match seal(&tessera).await {
            // More may wait than fits into one turn.
            Ok(sealed) if sealed > 0 => Duration::ZERO,
            Ok(_) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "cannot seal the audit log; trying again");
                RETRY
            }
        };
    }
}

async fn seal(tessera: &Tessera) -> Result<u64, StorageError> {
    let mut reader = &tessera.store;
    if !audit::any_unsealed(&mut reader).await? {
        return Ok(0);
    }
    tessera.store.seal_audit().await
}
