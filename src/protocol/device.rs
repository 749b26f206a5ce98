//! Whether the cookie of a device is still the one that it was given last. Pure.

use std::time::Duration;

use crate::base::Timestamp;

/// Two tabs that sign in at once send the same value, and the second must not look like a thief; a minute
/// is more than a slow sign-in of theirs takes.
pub const GRACE: Duration = Duration::from_mins(1);

/// What is remembered of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Counts the values that its cookie has had.
    pub generation: i64,
    /// Since when the newest one is out.
    pub rotated_at: Timestamp,
}

/// What the value of a cookie says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the newest one.
    Newest,
    /// The newest one is on its way to the other tab.
    JustReplaced,
    /// It was replaced before: there are two of them, and one is not the owner's.
    Replayed,
}

/// Judges a value that is certainly ours. One that is newer than what is remembered was given out before a
/// backup was restored: no thief can make it.
#[must_use]
pub fn standing(shown: i64, known: Rotation, now: Timestamp) -> Standing {
    if shown >= known.generation {
        Standing::Newest
    } else if shown == known.generation - 1 && now.since(known.rotated_at) < GRACE {
        Standing::JustReplaced
    } else {
        Standing::Replayed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_value_counts_and_for_a_minute_the_one_before() {
        let rotated_at = Timestamp::from_seconds(1_700_000_000);
        let known = Rotation {
            generation: 5,
            rotated_at,
        };
        let at = |shown, later| standing(shown, known, rotated_at + Duration::from_secs(later));
        assert_eq!(at(5, 1_000_000), Standing::Newest);
        assert_eq!(at(4, 59), Standing::JustReplaced);
        assert_eq!(at(4, 60), Standing::Replayed);
        assert_eq!(at(3, 0), Standing::Replayed);
        assert_eq!(at(9, 0), Standing::Newest, "an older backup was restored");
    }
}
