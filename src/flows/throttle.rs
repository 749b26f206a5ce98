//! Guessing is slowed by account *and* by address. A device that signed in before has a budget of
//! its own, so that a stranger cannot lock the owner out.

use std::net::IpAddr;
use std::time::Duration;

use super::{Internal, Tessera};
use crate::base::{Digest, Timestamp};
use crate::protocol::throttle::{Budget, delay};
use crate::storage::attempts;

/// Many people share an address (an office, a mobile network): it may try this many times as often
/// as one account.
const ADDRESS_FACTOR: i64 = 10;

/// One counter.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    key: Digest,
    budget: Budget,
}

impl Tessera {
    fn budget(&self, factor: i64) -> Budget {
        let throttle = &self.config.throttle;
        Budget {
            free: i64::from(throttle.attempts) * factor,
            first_delay: throttle.first_delay,
            max_delay: throttle.max_delay,
        }
    }

    /// The name of a counter: a MAC, so that the table tells nobody who is being guessed at.
    fn bucket(&self, kind: &str, name: &str, factor: i64) -> Result<Bucket, Internal> {
        let mac = self
            .master
            .mac("throttle", &[kind.as_bytes(), name.as_bytes()])?;
        Ok(Bucket {
            key: Digest::of(&mac),
            budget: self.budget(factor),
        })
    }

    /// The counter of whatever was typed as a name: an account or not, it is slowed alike.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn account_bucket(&self, comparable_login: &str) -> Result<Bucket, Internal> {
        self.bucket("account", comparable_login, 1)
    }

    /// The counter of a device that signed in before.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn device_bucket(&self, device: Digest) -> Result<Bucket, Internal> {
        self.bucket("device", &format!("{:?}", device.as_bytes()), 1)
    }

    /// The counter of an address; of its /64 for IPv6, which one subscriber has whole.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn address_bucket(&self, address: Option<IpAddr>) -> Result<Option<Bucket>, Internal> {
        let name = match address {
            None => return Ok(None),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(mapped) => mapped.to_string(),
                None => format!("{:?}", &address.segments()[..4]),
            },
        };
        self.bucket("address", &name, ADDRESS_FACTOR).map(Some)
    }

    /// Counts a try in every bucket *before* it is checked: a hundred guesses at once get no more
    /// checks than five in a row. `Err` is how long to wait; nothing is counted then.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn reserve_try(
        &self,
        buckets: Vec<Bucket>,
    ) -> Result<Result<(), Duration>, Internal> {
        let now = self.now();
        let window = self.config.throttle.window;
        let keep = window.max(self.config.throttle.max_delay);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let mut wait = Duration::ZERO;
                    for bucket in &buckets {
                        // Before it is read, or guesses at once all see it unblocked.
                        attempts::lock(tx, bucket.key, now, now + keep).await?;
                        if let Some(known) = attempts::find(tx, bucket.key, now).await? {
                            wait = wait.max(known.blocked_until.since(now));
                        }
                    }
                    if wait > Duration::ZERO {
                        return Ok(Err(wait));
                    }
                    for bucket in &buckets {
                        count(tx, bucket, now, window, keep).await?;
                    }
                    Ok(Ok(()))
                })
            })
            .await
    }

    /// The guess was right: these counters begin anew.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn forgive(
        &self,
        tx: &mut crate::storage::Tx<'_>,
        buckets: &[Bucket],
    ) -> Result<(), Internal> {
        for bucket in buckets {
            attempts::clear(tx, bucket.key).await?;
        }
        Ok(())
    }
}

async fn count(
    tx: &mut crate::storage::Tx<'_>,
    bucket: &Bucket,
    now: Timestamp,
    window: Duration,
    keep: Duration,
) -> Result<(), Internal> {
    let tries = attempts::count(tx, bucket.key, now, now - window, now + keep).await?;
    if let Some(wait) = delay(tries, &bucket.budget) {
        attempts::block(tx, bucket.key, now + wait, now + wait + keep).await?;
    }
    Ok(())
}
