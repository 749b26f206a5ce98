//! `[accounts]`: what people may do with their own accounts, and how it is undone.

use std::time::Duration;

use super::DAY;
use super::section::section;

section! {
    /// What people do with their own accounts.
    AccountsConfig {
        /// Whether a change of the e-mail address waits for a yes from the present one too. Default
        /// true: who sits down at an open session cannot take the account away. Turn it off where people
        /// lose mailboxes more often than they leave screens open; the present address is then told,
        /// and can still undo it.
        confirm_old_email: bool = true;
        /// How long the old address can take a change back. Default 7 d: who is on holiday still finds
        /// the letter. Longer only helps whoever has got into the old mailbox.
        email_undo: Duration = 7 * DAY;
        /// How long an account whose owner asked for its deletion is kept, disabled, in case of a change
        /// of mind. Default 14 d: two weeks away do not cost an account; GDPR Art. 17 asks for a
        /// deletion "without undue delay", which is a month at most (Art. 12).
        deletion_grace: Duration = 14 * DAY;
    }
}
