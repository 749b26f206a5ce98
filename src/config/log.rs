//! `[log]`: what is written, and for whom.

use super::section::section;
use super::value::words;

words! {
    /// How a log line looks.
    LogFormat {
        /// For a terminal.
        Human = "human",
        /// One JSON object a line, for a log collector.
        Json = "json",
    }
}

section! {
    /// The log on standard error.
    LogConfig {
        /// Default human: the first to read it is the person who has just started Tessera.
        format: LogFormat = LogFormat::Human;
        /// Levels by target, like `info,tessera=debug`. Default info: what an operator acts on,
        /// and a line per request but for static files and health checks.
        filter: String = "info".to_owned();
    }
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl LogConfig {
    /// Whether the filter can be used. A bare word that is no level counts as a mistake: it would
    /// be taken for a target, and "inof" would silence everything else.
    pub(super) fn filter_is_known(&self) -> bool {
        let named = |part: &str| part.contains(['=', '[']);
        let level = |part: &str| LEVELS.iter().any(|level| part.eq_ignore_ascii_case(level));
        self.filter
            .split(',')
            .map(str::trim)
            .all(|part| named(part) || level(part))
            && tracing_subscriber::EnvFilter::builder()
                .parse(&self.filter)
                .is_ok()
    }
}
