//! `[retention]`: the broom.

use std::time::Duration;

use super::section::section;

section! {
    /// Deletion of what has ended.
    RetentionConfig {
        /// How often rows that have ended are deleted, in small batches. Default 60 s: little at a
        /// time, so that the size of the database follows what is live and no sweep is ever felt.
        purge_interval: Duration = Duration::from_mins(1);
    }
}
