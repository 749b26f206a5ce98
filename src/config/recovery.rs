//! `[recovery]`: what helps somebody who has lost every second factor, recovery codes included.

use std::time::Duration;

use super::DAY;
use super::section::section;
use super::value::words;

words! {
    /// What proves who somebody is who has only the password left.
    RecoveryProof {
        /// Nothing: recovery codes, or the account stays shut.
        None = "none",
        /// An operator who has looked at them (`tessera user recover`).
        Operator = "operator",
        /// The password, the mailbox, and time in which the owner can say no; or an operator.
        Email = "email",
    }
}

section! {
    /// The way back for people who have lost every second factor.
    RecoveryConfig {
        /// What proves such a person. Default `operator`: somebody looks at them first (`tessera user
        /// recover`), which a bank wants and a small team can do across the table. `email` lets people help
        /// themselves: password, then `wait`, then a link by mail (NIST SP 800-63B-4 §4.2.2: a recovery code
        /// sent to a validated address, with a single-factor authenticator). `none` leaves recovery codes
        /// alone.
        proof: RecoveryProof = RecoveryProof::Operator;
        /// How long it waits where `proof` is `email`. Default 72 h: a weekend and a working day in which
        /// the owner reads one of the daily letters, or signs in, and ends it.
        wait: Duration = 3 * DAY;
        /// How long it can be finished after that. Default 7 d: who is away for a week still gets in; a
        /// door that is left open for longer is found by others. An operator's link works for a day.
        window: Duration = 7 * DAY;
    }
}
