//! Guessing is slowed by the name that is typed *and* by address. A device that signed in before has a
//! budget of its own, so that a stranger cannot lock the owner out.

use std::net::IpAddr;
use std::time::Duration;

use super::streaks::{Guards, Reserved, Streak};
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Digest, Secret, Timestamp};
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::assurance::Method;
use crate::protocol::throttle::{Budget, delay};
use crate::storage::users::comparable;
use crate::storage::{Tx, attempts};
use uuid::Uuid;

/// Many people share an address (an office, a mobile network): it may try this many times as often
/// as one account.
pub(super) const ADDRESS_FACTOR: i64 = 10;

/// One counter.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    key: Digest,
    budget: Budget,
}

impl Bucket {
    /// Its name in the table.
    pub(super) const fn key(&self) -> Digest {
        self.key
    }
}

/// A streak is forgotten when nobody was wrong for so long: every row ends.
const STREAK_LIFETIME: Duration = Duration::from_hours(9600);

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

    /// The counter of wrong second factors of an account. A kind of its own: only who got past the first
    /// one reaches it.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn factor_bucket(&self, user: UserId, method: Method) -> Result<Bucket, Internal> {
        self.bucket("factor", &format!("{user} {}", method.as_str()), 1)
    }

    /// The counter of a name as it is typed, whether it belongs to somebody or to nobody. One for all
    /// names of an account would tell a stranger which of them belong together: the e-mail address
    /// would be slowed by guesses at the user name. Whoever knows both has both budgets.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn name_bucket(&self, login: &str) -> Result<Bucket, Internal> {
        self.bucket("account", &comparable(login), 1)
    }

    /// The counter of wrong current passwords in one account's settings. A kind of its own: what is
    /// typed as a name at sign-in must never reach it.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn settings_bucket(&self, user: UserId) -> Result<Bucket, Internal> {
        self.bucket("settings", &user.to_string(), 1)
    }

    /// The counters of letters: by what was typed, and by where it was typed. Apart from those of
    /// sign-in, so that letters asked for in an office do not keep its people out.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn letter_buckets(
        &self,
        kind: &str,
        comparable_login: &str,
        address: Option<IpAddr>,
    ) -> Result<Vec<Bucket>, Internal> {
        let mut buckets = vec![self.bucket(&format!("letter/{kind}"), comparable_login, 1)?];
        if let Some(address) = address {
            buckets.push(self.bucket("letter-address", &network(address), ADDRESS_FACTOR)?);
        }
        Ok(buckets)
    }

    /// The counter of registrations from an address.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn registration_bucket(&self, address: Option<IpAddr>) -> Result<Option<Bucket>, Internal> {
        let Some(address) = address else {
            return Ok(None);
        };
        let mut bucket = self.bucket("register", &network(address), 1)?;
        bucket.budget.free = i64::from(self.config.registration.per_address);
        Ok(Some(bucket))
    }

    /// The counter of one method of an account on a device where it signed in before: a right answer to one
    /// gives nobody more guesses at another, and an account of the guesser's own none at all.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn device_bucket(
        &self,
        device: Uuid,
        user: UserId,
        method: Method,
    ) -> Result<Bucket, Internal> {
        self.bucket("device", &format!("{device} {user} {}", method.as_str()), 1)
    }

    /// The counter of wrong answers in a row. It knows no window and no wait.
    pub(super) fn streak_bucket(&self, name: &str) -> Result<Bucket, Internal> {
        self.bucket("streak", name, 1)
    }

    /// The counter of an address; of its /64 for IPv6, which one subscriber has whole.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub fn address_bucket(&self, address: Option<IpAddr>) -> Result<Option<Bucket>, Internal> {
        address
            .map(|address| self.bucket("address", &network(address), ADDRESS_FACTOR))
            .transpose()
    }

    /// Counts a try in every bucket *before* it is checked: a hundred guesses at once get no more
    /// checks than five in a row. `Err` is how long to wait; nothing is counted then.
    ///
    /// `watched` is only looked at: see [`Self::count_failure`].
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn reserve_try(
        &self,
        buckets: Vec<Bucket>,
        watched: Option<Bucket>,
    ) -> Result<Result<(), Duration>, Internal> {
        let tessera = self.clone();
        self.store
            .write(move |tx| Box::pin(async move { tessera.reserve(tx, &buckets, watched).await }))
            .await
    }

    /// As [`Self::reserve_try`], of an answer; counted among those in a row too.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn reserve_guess(
        &self,
        guards: Guards,
    ) -> Result<Result<Reserved, Duration>, Internal> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let reserved = tessera.reserve(tx, &[guards.own], guards.address).await?;
                    if let Err(wait) = reserved {
                        return Ok(Err(wait));
                    }
                    let in_a_row = tessera.lengthen(tx, guards.streak).await?;
                    Ok(Ok(Reserved { in_a_row }))
                })
            })
            .await
    }

    async fn lengthen(&self, tx: &mut Tx<'_>, streak: Streak) -> Result<i64, Internal> {
        let (now, key) = (self.now(), streak.bucket.key);
        if streak.counts {
            let begin = Timestamp::from_micros(0);
            Ok(attempts::count(tx, key, now, begin, now + STREAK_LIFETIME).await?)
        } else {
            attempts::clear(tx, key).await?;
            Ok(0)
        }
    }

    async fn reserve(
        &self,
        tx: &mut Tx<'_>,
        buckets: &[Bucket],
        watched: Option<Bucket>,
    ) -> Result<Result<(), Duration>, Internal> {
        let (now, window) = (self.now(), self.config.throttle.window);
        let keep = window.max(self.config.throttle.max_delay);
        let mut wait = Duration::ZERO;
        // First: who is blocked by it must not make a row for each name that he makes up.
        if let Some(watched) = watched
            && let Some(known) = attempts::find(tx, watched.key, now).await?
            && known.blocked_until > now
        {
            return Ok(Err(known.blocked_until.since(now)));
        }
        for bucket in buckets {
            // Before it is read, or guesses at once all see it unblocked.
            attempts::lock(tx, bucket.key, now, now + keep).await?;
            if let Some(known) = attempts::find(tx, bucket.key, now).await? {
                wait = wait.max(known.blocked_until.since(now));
            }
        }
        if wait > Duration::ZERO {
            return Ok(Err(wait));
        }
        for bucket in buckets {
            count(tx, bucket, now, window, keep).await?;
        }
        Ok(Ok(()))
    }

    /// Counts a guess that was wrong, in the counter of its address.
    ///
    /// Not before the check, as with an account: an address is shared, and a morning's two hundred
    /// right passwords must not slow the next one. Guesses at once may overshoot by what the
    /// password pool admits, no more; each account still has its own, exact count.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn count_failure(&self, tx: &mut Tx<'_>, bucket: &Bucket) -> Result<(), Internal> {
        let throttle = &self.config.throttle;
        let keep = throttle.window.max(throttle.max_delay);
        count(tx, bucket, self.now(), throttle.window, keep).await
    }

    /// Checks a password for which a try was reserved. Where the pool is too busy to check it, the
    /// try is given back: nobody is slowed by a guess that was not looked at.
    ///
    /// # Errors
    /// [`Internal::Busy`], or the database.
    pub(super) async fn verify_or_give_back(
        &self,
        guards: Guards,
        password: Secret<String>,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, Internal> {
        if let Ok(verdict) = self.passwords.verify(password, stored).await {
            return Ok(verdict);
        }
        self.give_back(guards).await?;
        Err(Internal::Busy)
    }

    /// Takes a reserved try back.
    pub(super) async fn give_back(&self, guards: Guards) -> Result<(), Internal> {
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    attempts::give_back(tx, guards.own.key).await?;
                    Ok(attempts::give_back(tx, guards.streak.bucket.key).await?)
                })
            })
            .await
    }

    /// The guess was right: these counters begin anew.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn forgive(&self, tx: &mut Tx<'_>, buckets: &[Bucket]) -> Result<(), Internal> {
        for bucket in buckets {
            attempts::clear(tx, bucket.key).await?;
        }
        Ok(())
    }
}

/// Of IPv6 the /64, which one subscriber has whole: else he would have 2^64 budgets.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:?}", &address.segments()[..4]),
    }
}

async fn count(
    tx: &mut Tx<'_>,
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

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_subscriber_of_ipv6_has_one_budget_and_a_mapped_address_is_the_ipv4_one() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
