//! Delivers logout tokens: one task for each client to whom something is due, so that a slow client
//! holds no other one up.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::MissedTickBehavior;

use super::Stop;
use crate::flows::Tessera;
use crate::protocol::client::ClientId;

/// How long a token may lie before it is noticed.
const EVERY: Duration = Duration::from_millis(500);

/// How often what waits is counted for the metrics.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    let mut measuring = tokio::time::interval(MEASURE_EVERY);
    measuring.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut tasks = JoinSet::new();
    let mut busy: HashMap<Id, ClientId> = HashMap::new();
    loop {
        tokio::select! {
            () = stop.requested() => break,
            Some(done) = tasks.join_next_with_id() => drop(busy.remove(&id_of(&done))),
            _ = measuring.tick() => measure(&tessera).await,
            () = tokio::time::sleep(EVERY) => {}
        }
        let taken: Vec<_> = busy.values().cloned().collect();
        match tessera.due_logouts(&taken).await {
            Ok(clients) => {
                for client in clients {
                    let task = tasks.spawn(deliver(tessera.clone(), client.clone()));
                    busy.insert(task.id(), client);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "logout tokens have to wait");
                tokio::time::sleep(EVERY).await;
            }
        }
    }
    // What is on its way arrives; what is not is somebody else's after the lease.
    while tasks.join_next().await.is_some() {}
}

async fn measure(tessera: &Tessera) {
    if let Err(error) = tessera.measure_logouts().await {
        tracing::warn!(%error, "waiting logout tokens cannot be counted");
    }
}

async fn deliver(tessera: Tessera, client: ClientId) {
    if let Err(error) = tessera.deliver_logouts(&client).await {
        tracing::warn!(%error, %client, "logout tokens have to wait");
        tokio::time::sleep(EVERY).await;
    }
}

fn id_of(done: &Result<(Id, ()), JoinError>) -> Id {
    match done {
        Ok((id, ())) => *id,
        Err(error) => error.id(),
    }
}
