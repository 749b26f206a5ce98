//! Floor 5: what happens by the clock. Each job calls a flow, and none of them ends by an error:
//! it is logged, and the next turn tries again. One that panics begins anew.

mod end_sessions;
mod index_audit;
mod logout;
mod purge;
mod recoveries;
mod rotate_keys;
mod seal_audit;
mod statistics;
mod stream_audit;
mod watch;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
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
    let mut spawn = |job: Job| {
        let (tessera, stopped) = (tessera.clone(), stopped.clone());
        running.spawn(outlive_panics(stopped.clone(), AFTER_PANIC, move || {
            job(tessera.clone(), stopped.clone())
        }));
    };
    spawn(|tessera, stop| Box::pin(watch::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(rotate_keys::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(purge::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(end_sessions::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(recoveries::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(logout::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(statistics::run(tessera, stop)));
    spawn(|tessera, stop| Box::pin(index_audit::run(tessera, stop)));
    if tessera.syslog.is_some() {
        spawn(|tessera, stop| Box::pin(stream_audit::run(tessera, stop)));
    }
    // The one writer of SQLite seals as it writes.
    if tessera.config.database.url.engine() == Engine::Postgres {
        spawn(|tessera, stop| Box::pin(seal_audit::run(tessera, stop)));
    }
    Jobs { running, stop }
}

type Job = fn(Tessera, Stop) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Between a panic and the next start: a defect that shows at once must not spin.
const AFTER_PANIC: Duration = Duration::from_secs(1);

/// Runs what `start` begins until it ends by itself. Keys that are not rotated and sessions that are
/// not purged are noticed months later; so a panic is told at once and the job goes on.
async fn outlive_panics<F, T>(mut stop: Stop, pause: Duration, start: F)
where
    F: Fn() -> T,
    T: Future<Output = ()>,
{
    loop {
        if AssertUnwindSafe(start()).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!("a job panicked and begins anew; please report what the log says above");
        metrics::counter!("tessera_job_panics_total").increment(1);
        if stop.or_after(pause).await {
            return;
        }
    }
}

impl Jobs {
    /// Adds a job that repeats `turn` with a pause between, until the stop.
    pub fn repeat<F, T>(&mut self, pause: Duration, turn: F)
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send,
    {
        let stop = Stop(self.stop.subscribe());
        let turn = Arc::new(turn);
        self.running
            .spawn(outlive_panics(stop.clone(), AFTER_PANIC, move || {
                let (turn, mut stop) = (Arc::clone(&turn), stop.clone());
                async move {
                    loop {
                        turn().await;
                        if stop.or_after(pause).await {
                            return;
                        }
                    }
                }
            }));
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_begins_anew_until_it_ends_or_is_stopped() {
        let (stop, stopped) = signal::channel(false);
        let starts = AtomicU32::new(0);
        outlive_panics(Stop(stopped.clone()), Duration::ZERO, || async {
            assert!(starts.fetch_add(1, Ordering::SeqCst) == 2, "on purpose");
        })
        .await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);
        stop.send_replace(true);
        outlive_panics(Stop(stopped), Duration::MAX, || async {
            panic!("on purpose")
        })
        .await;
    }
}
