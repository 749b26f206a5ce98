//! `[passwords]`: the cost of a hash, and what a password must be.

use std::path::PathBuf;

use super::section::section;

/// The longest password that is hashed, in bytes: long enough for any passphrase (NIST SP
/// 800-63B-4 §3.1.1.2 asks for at least 64 characters), short enough that a stranger cannot make
/// us hash megabytes. Not a setting: lowering it would lock people out.
pub const MAX_PASSWORD_BYTES: usize = 1_024;

/// The least parameters that are accepted, as (KiB of memory, iterations): the equal choices of
/// the OWASP Password Storage Cheat Sheet for Argon2id.
pub const OWASP_FLOOR: [(u32, u32); 5] = [
    (47_104, 1),
    (19_456, 2),
    (12_288, 3),
    (9_216, 4),
    (7_168, 5),
];

section! {
    /// Argon2id and the rules for new passwords.
    PasswordsConfig {
        /// Argon2id memory per hash, in KiB. Default 19456 (19 MiB): OWASP's choice for two
        /// iterations; about 16 ms per login, and 100 at once fit into 2 GB.
        memory_kib: u32 = 19_456;
        /// Argon2id iterations. Default 2: see `memory_kib`.
        iterations: u32 = 2;
        /// Argon2id lanes. Default 1: more lanes only help an attacker with idle cores, while a
        /// busy server has none.
        parallelism: u32 = 1;
        /// Threads that hash. Default 0, which means one per core: more would only fight for them.
        workers: usize = 0;
        /// Logins that may wait for a thread before the next gets 503 with `Retry-After`. Default
        /// 64: at 16 ms each, on one core, the last one waits about a second.
        queue: usize = 64;
        /// The least characters of a new password. Default 8: the floor of NIST SP 800-63B-4
        /// §3.1.1.2 for a password beside a second factor, and of OWASP ASVS 5.0 6.2.1. Choose 15,
        /// which both ask for or recommend, where a password is all that stands in the way.
        min_length: usize = 8;
        /// How hard to guess a new password must be, from 0 (anything) to 4, as zxcvbn estimates it.
        /// Default 3: from 10^8 guesses on, which at the price of Argon2id keeps whoever stole the
        /// hashes busy for weeks per password; 2 stops who guesses at the sign-in page. There are no
        /// rules of composition: NIST SP 800-63B-4 §3.1.1.2 forbids them.
        min_strength: u32 = 3;
        /// A file of leaked passwords that nobody may choose, made by `tessera password-filter build`
        /// and held in memory (about 2.3 bytes for each). Default none: a list is large, and who runs
        /// Tessera chooses it.
        leaked_filter: Option<PathBuf> = None;
    }
}

impl PasswordsConfig {
    /// Whether the parameters cost an attacker at least what OWASP's choices do.
    #[must_use]
    pub fn meets_owasp_floor(&self) -> bool {
        OWASP_FLOOR.iter().any(|(memory, iterations)| {
            self.memory_kib >= *memory && self.iterations >= *iterations
        })
    }
}
