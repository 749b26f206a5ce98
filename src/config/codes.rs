//! `[codes]`: one-time codes.

use super::section::section;

section! {
    /// One-time codes, of hardware tokens and sent.
    CodesConfig {
        /// Whether a code by e-mail may stand in for the second factor of somebody whose address is
        /// confirmed. Default false: a mailbox that also resets the password is then enough for both
        /// steps (NIST SP 800-63B-4 §3.1.3.1 rules it out).
        email: bool = false;
        /// Whether people may have a code sent to their telephone as a second factor of last resort.
        /// Default false: text messages are redirected, read along and charged for (NIST SP 800-63B-4
        /// §3.1.3.3 restricts them). Needs `sms.url`.
        sms: bool = false;
        /// Whether a link by e-mail may take the place of the password at sign-in. Default false: whoever
        /// reads the mailbox is in, as far as no second factor is asked for.
        magic_link: bool = false;
        /// How many codes of a hardware token are tried from the one that is due (RFC 4226 §7.2). Default
        /// 10: a button is pressed by accident a few times, and each further one makes a guess that much
        /// likelier (§7.3). Who is further ahead enters two codes in a row.
        hotp_look_ahead: u32 = 10;
    }
}
