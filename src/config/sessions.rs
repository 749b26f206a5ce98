//! `[sessions]`: how long a browser stays signed in.

use std::time::Duration;

use super::DAY;
use super::section::section;

section! {
    /// Limits of a browser's session.
    SessionsConfig {
        /// Without a request for so long, the session ends. Default 8 h: a working day; longer
        /// breaks mean that somebody may have left the machine.
        idle_lifetime: Duration = Duration::from_hours(8);
        /// The session ends after so long whatever happens. Default 7 d: well inside the 30 days
        /// of NIST SP 800-63B-4 §2.1.3 (AAL1); clients that need fresher ask with `max_age`.
        absolute_lifetime: Duration = 7 * DAY;
        /// How often "last seen" is written. Default 60 s: a write per request would make every
        /// page view a transaction; the idle limit is then exact to a minute.
        touch_interval: Duration = Duration::from_mins(1);
    }
}
