//! The way back for somebody who lost every second factor: it waits, so that the owner of an account whose
//! password was stolen has time to say no. Pure.

use std::time::Duration;

use uuid::Uuid;

use crate::base::Timestamp;

/// Between two letters: who reads mail once a day hears of it each time.
const EVERY: Duration = Duration::from_hours(24);

/// One recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Its id.
    pub id: Uuid,
    /// An operator vouched for the person.
    pub by_operator: bool,
    /// When it was asked for.
    pub began_at: Timestamp,
    /// Nothing opens before then.
    pub ready_at: Timestamp,
    /// Nor from then on.
    pub expires_at: Timestamp,
}

/// What can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The owner can end it.
    Waiting,
    /// It opens the account to whoever has the password and the link.
    Ready,
    /// It came to nothing.
    Over,
}

impl Recovery {
    /// One that begins now.
    #[must_use]
    pub fn begun(id: Uuid, now: Timestamp, wait: Duration, window: Duration) -> Self {
        let ready_at = now + wait;
        Self {
            id,
            by_operator: false,
            began_at: now,
            ready_at,
            expires_at: ready_at + window,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> Stage {
        if now >= self.expires_at {
            Stage::Over
        } else if now >= self.ready_at {
            Stage::Ready
        } else {
            Stage::Waiting
        }
    }

    /// When there is something to do again, after what was done now: a letter each day, one when it is
    /// ready, and the end.
    #[must_use]
    pub fn next_turn(&self, now: Timestamp) -> Timestamp {
        match self.stage(now) {
            Stage::Waiting => self.ready_at.min(now + EVERY),
            Stage::Ready | Stage::Over => self.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_is_ready_for_a_while_and_is_over_and_the_owner_hears_of_it_daily() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let hours = Duration::from_hours;
        let recovery = Recovery::begun(Uuid::nil(), now, hours(60), hours(24));
        let second = Duration::from_secs(1);
        for (at, stage) in [
            (now, Stage::Waiting),
            (now + hours(60) - second, Stage::Waiting),
            (now + hours(60), Stage::Ready),
            (now + hours(84) - second, Stage::Ready),
            (now + hours(84), Stage::Over),
        ] {
            assert_eq!(recovery.stage(at), stage);
        }
        let mut turns = vec![now];
        while recovery.stage(turns[turns.len() - 1]) != Stage::Over {
            turns.push(recovery.next_turn(turns[turns.len() - 1]));
        }
        let after: Vec<u64> = turns
            .iter()
            .map(|at| at.since(now).as_secs() / 3600)
            .collect();
        assert_eq!(after, [0, 24, 48, 60, 84]);
    }
}
