//! `[audit]`: how long the audit log is kept, and where else it goes.

use std::time::Duration;

use super::section::section;
use super::syslog::SyslogConfig;

section! {
    /// The audit log.
    AuditConfig {
        /// Events older than that are removed, oldest first, and a checkpoint under the master key takes their
        /// place, so that the rest can still be proved. `""` keeps everything, which is the default: what
        /// must be kept for how long is for your law and your auditors to say.
        retention: Option<Duration> = None;
        /// A syslog receiver that gets every event as well.
        syslog: SyslogConfig = SyslogConfig::default();
    }
}
