//! Floor 5: what happens by the clock. Each job calls a flow, and none of them ends by an error:
//! it is logged, and the next turn tries again.

mod end_sessions;
mod logout;
mod purge;
mod rotate_keys;
mod seal_audit;
mod watch;

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch as signal;
use tokio::task::JoinSet;

use crate::config::Engine;
use crate::flows::Tessera;

/// The running jobs.
pub struct Jobs {
    running: JoinSet<()>,
    stop: signal::Sender<bool>,
}

/// How a job learns that it should end.
#[derive(Clone)]
struct Stop(signal::Receiver<bool>);

impl Stop {
    /// Sleeps; true if the time has come to end instead.
    async fn or_after(&mut self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.requested()).await.is_ok()
    }

    /// Returns when the job should end.
    async fn requested(&mut self) {
        // An error means that `Jobs` is gone: also an end.
        drop(self.0.wait_for(|stop| *stop).await);
    }
}

/// Starts every job.
#[must_use]
pub fn spawn_all(tessera: &Tessera) -> Jobs {
    let (stop, stopped) = signal::channel(false);
    let stopped = Stop(stopped);
    let mut running = JoinSet::new();
    running.spawn(watch::run(tessera.clone(), stopped.clone()));
    running.spawn(rotate_keys::run(tessera.clone(), stopped.clone()));
    running.spawn(purge::run(tessera.clone(), stopped.clone()));
    running.spawn(end_sessions::run(tessera.clone(), stopped.clone()));
    running.spawn(logout::run(tessera.clone(), stopped.clone()));
    // The one writer of SQLite seals as it writes.
    if tessera.config.database.url.engine() == Engine::Postgres {
        running.spawn(seal_audit::run(tessera.clone(), stopped));
    }
    Jobs { running, stop }
}

impl Jobs {
    /// Adds a job that repeats `turn` with a pause between, until the stop.
    pub fn repeat<F, T>(&mut self, pause: Duration, turn: F)
    where
        F: Fn() -> T + Send + 'static,
        T: Future<Output = ()> + Send,
    {
        let mut stop = Stop(self.stop.subscribe());
        self.running.spawn(async move {
            loop {
                turn().await;
                if stop.or_after(pause).await {
                    return;
                }
            }
        });
    }

    /// Asks every job to end and waits, but not for longer than `patience`.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let all = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!("a job did not end in time");
        }
    }
}
