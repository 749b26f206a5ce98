//! Deletes what has ended.

use std::time::Duration;

use super::{Internal, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::{clients, purge, registrations};

/// Rows of each table in one transaction: a few milliseconds, so that no request feels the sweep.
const BATCH: i64 = 500;

/// Between two batches, so that whoever waits to write comes in between.
const BREATH: Duration = Duration::from_millis(20);

/// Deletes everything that has ended by now, batch after batch. Returns how many rows went.
///
/// # Errors
/// If the database does not answer; what is left goes the next time.
pub async fn run(tessera: &Tessera) -> Result<u64, Internal> {
    let now = tessera.now();
    let mut total = 0;
    loop {
        let gone: u64 = tessera
            .store
            .write(move |tx| {
                Box::pin(async move { Ok::<_, Internal>(purge::purge(tx, now, BATCH).await?) })
            })
            .await?;
        total += gone;
        if gone == 0 {
            break;
        }
        tokio::time::sleep(BREATH).await;
    }
    Ok(total + unused_clients(tessera).await?)
}

/// Deletes clients that registered themselves and that nobody has used for long.
async fn unused_clients(tessera: &Tessera) -> Result<u64, Internal> {
    let Some(patience) = tessera.config.registration.purge_unused_after else {
        return Ok(0);
    };
    let now = tessera.now();
    let since = now - patience;
    let node = tessera.clone();
    let gone: u64 = tessera
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut gone = 0;
                for id in registrations::unused(tx, since, now, BATCH).await? {
                    let event = Event::new(Kind::ClientDeleted, Actor::System)
                        .with("client_id", &id)
                        .with("why", "unused");
                    if clients::delete(tx, &id).await? {
                        node.record(tx, &event, &Origin::default());
                        gone += 1;
                    }
                }
                Ok::<_, Internal>(gone)
            })
        })
        .await?;
    if gone > 0 {
        tessera.clients.invalidate();
    }
    Ok(gone)
}
