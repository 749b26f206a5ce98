//! How guessing is slowed: pure arithmetic over a count of tries.

use std::time::Duration;

/// The limits of one kind of bucket.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// So many tries in a window cost nothing.
    pub free: i64,
    /// The wait after the first try beyond them; doubles with each further one.
    pub first_delay: Duration,
    /// The wait never exceeds this: nobody is locked out for good.
    pub max_delay: Duration,
}

/// The wait that begins with the `tries`-th try, if it failed. `None` within the free ones.
#[must_use]
pub fn delay(tries: i64, budget: &Budget) -> Option<Duration> {
    let beyond = tries
        .checked_sub(budget.free)
        .filter(|beyond| *beyond >= 0)?;
    let doublings = u32::try_from(beyond).unwrap_or(u32::MAX).min(31);
    let factor = 1_u32 << doublings;
    Some(
        budget
            .first_delay
            .checked_mul(factor)
            .map_or(budget.max_delay, |delay| delay.min(budget.max_delay)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_begins_after_the_free_tries_doubles_and_is_capped() {
        let budget = Budget {
            free: 5,
            first_delay: Duration::from_secs(30),
            max_delay: Duration::from_mins(15),
        };
        let waits = [1, 4, 5, 6, 7, 10, 60, i64::MAX].map(|tries| delay(tries, &budget));
        let seconds = |wait| Some(Duration::from_secs(wait));
        assert_eq!(waits[..2], [None, None]);
        assert_eq!(waits[2..5], [seconds(30), seconds(60), seconds(120)]);
        assert_eq!(waits[5..], [seconds(900); 3]);
    }
}
