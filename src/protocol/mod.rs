//! Floor 2: the rules, pure. No async, no SQL, no HTTP.

pub mod key_lifecycle;
