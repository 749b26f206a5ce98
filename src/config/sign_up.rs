//! `[sign_up]`: whether strangers may make accounts.

use super::section::section;
use super::value::words;

words! {
    /// Who may make an account.
    SignUpMode {
        /// Administrators only.
        Closed = "closed",
        /// Anybody with an address that they can read mail at.
        Open = "open",
    }
}

section! {
    /// Self-registration of people.
    SignUpConfig {
        /// Default closed: most installations know their people, and opening is easy to see.
        mode: SignUpMode = SignUpMode::Closed;
    }
}
