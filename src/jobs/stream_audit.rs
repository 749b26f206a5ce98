//! Streams the audit log to a syslog receiver.

use std::time::Duration;

use super::Stop;
use crate::flows::Tessera;
use crate::flows::audit_stream::Streamed;

/// How long an event may lie before it is sent.
const EVERY: Duration = Duration::from_millis(500);

/// The first wait after a failure; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// A receiver that was away for a night is found again within a minute.
const LONGEST: Duration = Duration::from_mins(1);

pub(super) async fn run(tessera: Tessera, mut stop: Stop) {
    let mut stream = tessera.stream();
    let (mut pause, mut wait) = (EVERY, FIRST);
    while !stop.or_after(pause).await {
        match tessera.stream_events(&mut stream).await {
            Ok(streamed) => {
                wait = FIRST;
                pause = match streamed {
                    Streamed::Nothing | Streamed::All => EVERY,
                    Streamed::More => Duration::ZERO,
                };
            }
            Err(error) => {
                tracing::warn!(%error, ?wait, "the syslog receiver does not take the audit log; trying again");
                metrics::counter!("tessera_audit_syslog_failures_total").increment(1);
                pause = wait;
                wait = (wait * 2).min(LONGEST);
            }
        }
        if let Err(error) = tessera.measure_syslog().await {
            tracing::warn!(%error, "the events that wait for the syslog receiver cannot be counted");
        }
    }
}
