//! Refusals that a stranger can cause at will. Each is counted, and recorded as an audit event only
//! so many times a minute and subject (a client, an account, nobody): a log that strangers can fill is one that nobody reads.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::audit::{Event, Origin};
use crate::protocol::client::ClientId;

/// As many as somebody needs who looks for the reason of a broken deployment.
const RECORDED: u32 = 20;
pub(super) const WINDOW: Duration = Duration::from_mins(1);

struct Window {
    began: Timestamp,
    recorded: u32,
    left_out: u64,
}

/// What was recorded lately, on this node.
pub struct Refusals {
    windows: Cache<String, Arc<Mutex<Window>>>,
    recorded: u32,
}

impl Default for Refusals {
    fn default() -> Self {
        Self::of(RECORDED)
    }
}

impl Refusals {
    /// So many a minute and subject.
    pub(super) fn of(recorded: u32) -> Self {
        Self {
            windows: Cache::builder().max_capacity(10_000).build(),
            recorded,
        }
    }

    /// Whether to record another one; and how many were left out before it.
    pub(super) fn admit(&self, subject: &str, now: Timestamp) -> Option<u64> {
        let window = self.windows.get_with_by_ref(subject, || {
            Arc::new(Mutex::new(Window {
                began: now,
                recorded: 0,
                left_out: 0,
            }))
        });
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.since(window.began) >= WINDOW {
            (window.began, window.recorded) = (now, 0);
        }
        if window.recorded >= self.recorded {
            window.left_out += 1;
            return None;
        }
        window.recorded += 1;
        Some(std::mem::take(&mut window.left_out))
    }
}

impl Tessera {
    /// Records a refusal that concerns a client which exists, unless there were many just now: then
    /// the next one that is recorded says how many were `left_out`.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn record_refusal(
        &self,
        client: &ClientId,
        event: Event,
        origin: Origin,
    ) -> Result<(), Internal> {
        self.record_some(&format!("client {client}"), event, origin)
            .await
    }

    /// As [`Tessera::record_refusal`], where it concerns a person, or nobody that we know.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn record_some_of(
        &self,
        user: Option<UserId>,
        event: Event,
        origin: Origin,
    ) -> Result<(), Internal> {
        let subject = user.map_or_else(|| "nobody".to_owned(), |user| format!("user {user}"));
        self.record_some(&subject, event, origin).await
    }

    async fn record_some(
        &self,
        subject: &str,
        event: Event,
        origin: Origin,
    ) -> Result<(), Internal> {
        match self.refusals.admit(subject, self.now()) {
            None => Ok(()),
            Some(0) => self.record_alone(event, origin).await,
            Some(left_out) => {
                self.record_alone(event.with("left_out", left_out), origin)
                    .await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_recorded_in_part_and_the_rest_is_counted() {
        let (refusals, client) = (Refusals::default(), "client victim");
        let second = |s| Timestamp::from_seconds(1_800_000_000_i64 + s);
        let admitted = (0..1_000)
            .filter(|_| refusals.admit(client, second(0)).is_some())
            .count();
        assert_eq!(admitted, 20);
        assert_eq!(refusals.admit("client other", second(1)), Some(0));
        assert_eq!(refusals.admit(client, second(59)), None);
        assert_eq!(refusals.admit(client, second(60)), Some(981));
        assert_eq!(refusals.admit(client, second(60)), Some(0));
    }
}
