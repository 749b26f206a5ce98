//! `[codes]`: one-time codes.

use super::section::section;

section! {
    /// One-time codes of hardware tokens.
    CodesConfig {
        /// How many codes of a hardware token are tried from the one that is due (RFC 4226 §7.2). Default
        /// 10: a button is pressed by accident a few times, and each further one makes a guess that much
        /// likelier (§7.3). Who is further ahead enters two codes in a row.
        hotp_look_ahead: u32 = 10;
    }
}
