//! When a puzzle is asked for before a password is looked at, and what its answer is worth. Known devices never
//! meet one.

use super::admission::Visit;
use super::login::SignInAttempt;
use super::streaks::Guards;
use super::throttle::ADDRESS_FACTOR;
use super::{Internal, Tessera};
use crate::outside::captcha::Judgement;
use crate::protocol::audit::Origin;
use crate::storage::attempts;

/// An answer is a token of a few kilobytes at most.
const MAX_ANSWER: usize = 8192;

impl Tessera {
    /// Whether the sign-in page shows the puzzle to whoever tries this.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn asks_for_captcha(
        &self,
        login: &str,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<bool, Internal> {
        if !self.captcha.is_on() {
            return Ok(false);
        }
        let user = self.named_by(login).await?;
        let guards = self.guards(user.as_ref(), (login, visit), origin).await?;
        self.captcha_is_due(&guards).await
    }

    /// Whether this try may go on: no puzzle is due, or it was solved. A service that cannot be reached stops
    /// nobody: the waits and the count of wrong answers hold guessing back without it, and an outage of
    /// somebody else's must not lock everybody out.
    pub(super) async fn passes_captcha(
        &self,
        guards: &Guards,
        attempt: &SignInAttempt,
        origin: &Origin,
    ) -> Result<bool, Internal> {
        if !self.captcha.is_on() || !self.captcha_is_due(guards).await? {
            return Ok(true);
        }
        let answer = attempt.captcha.as_deref().unwrap_or_default();
        if answer.is_empty() || answer.len() > MAX_ANSWER {
            return Ok(false);
        }
        let judgement = self.captcha.judge(answer, origin.address).await;
        let word = match judgement {
            Judgement::Passed => "passed",
            Judgement::Refused => "refused",
            Judgement::Unreachable => "unreachable",
        };
        metrics::counter!("tessera_captchas_total", "outcome" => word).increment(1);
        Ok(judgement != Judgement::Refused)
    }

    async fn captcha_is_due(&self, guards: &Guards) -> Result<bool, Internal> {
        if guards.streak.device.is_some() {
            return Ok(false);
        }
        let (mut reader, now) = (&self.store, self.now());
        let after = i64::from(self.config.captcha.after);
        let counters = [
            (Some(guards.own), after),
            (guards.address, after * ADDRESS_FACTOR),
        ];
        for (bucket, limit) in counters {
            let Some(bucket) = bucket else { continue };
            let known = attempts::find(&mut reader, bucket.key(), now).await?;
            if known.is_some_and(|known| known.failures >= limit) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
