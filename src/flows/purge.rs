//! Deletes what has ended.

use std::time::Duration;

use super::{Internal, Tessera};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::{purge, registrations};

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
    Ok(total + unused_clients(tessera).await? + tessera.delete_due_accounts().await?)
}

/// Deletes clients that registered themselves and that nobody has used for long.
async fn unused_clients(tessera: &Tessera) -> Result<u64, Internal> {
    let Some(patience) = tessera.config.registration.purge_unused_after else {
        return Ok(0);
    };
    let now = tessera.now();
    let since = now - patience;
    let mut reader = &tessera.store;
    let mut gone = 0;
    for id in registrations::unused(&mut reader, since, now, BATCH).await? {
        let event = Event::new(Kind::ClientDeleted, Actor::System)
            .with("client_id", &id)
            .with("why", "unused");
        let node = tessera.clone();
        // One transaction each: two clients under one lock of the registry could wait for somebody who
        // holds the one and waits for the other.
        let deleted: bool = tessera
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let deleted = registrations::delete_unused(tx, &id, since, now).await?;
                    if deleted {
                        node.record(tx, &event, &Origin::default());
                    }
                    Ok::<_, Internal>(deleted)
                })
            })
            .await?;
        gone += u64::from(deleted);
    }
    if gone > 0 {
        tessera.clients.invalidate();
    }
    Ok(gone)
}
