//! `[throttle]`: how failed attempts slow down.

use std::time::Duration;

use super::section::section;

section! {
    /// Failed logins, by account and by address.
    ThrottleConfig {
        /// Failures within `window` that cost nothing. Default 5: people mistype, and NIST SP
        /// 800-63B-4 §3.2.2 allows up to 100 in a row; five keep guessing hopeless.
        attempts: u32 = 5;
        /// How long a failure counts. Default 15 min: with five attempts in each, a guesser gets 480
        /// a day before any wait is added, and a person's bad morning is soon forgotten.
        window: Duration = Duration::from_mins(15);
        /// The wait after the first failure too many; it doubles with each further one. Default
        /// 30 s: a nuisance to a person, the end of the line for a dictionary.
        first_delay: Duration = Duration::from_secs(30);
        /// The longest wait. Default 15 min: a stranger who keeps failing on purpose must not be
        /// able to lock the owner out for a day.
        max_delay: Duration = Duration::from_mins(15);
        /// So many wrong answers in a row with one authenticator of an account, and only devices on
        /// which its owner signed in before are listened to, until the owner signs in on one or sets a
        /// new password. Default 100, the most that NIST SP 800-63B-4 §3.2.2 allows: with the waits it
        /// takes a stranger half a day, and the owner is told by letter.
        max_failures: u32 = 100;
    }
}
