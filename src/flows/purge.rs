//! Deletes what has ended.

use std::time::Duration;

use super::{Internal, Tessera};
use crate::storage::purge;

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
            return Ok(total);
        }
        tokio::time::sleep(BREATH).await;
    }
}
