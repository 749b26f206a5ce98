//! What a new password must be. Pure. NIST SP 800-63B-4 §3.1.1.2: a least length, a list of what is
//! commonly used or has leaked, and "verifiers [...] SHALL NOT impose other composition rules".

use zxcvbn::zxcvbn;

use super::account_rules::AccountProblem;

/// The limit of what is hashed, in bytes.
const MAX_PASSWORD: usize = 1024;

/// How many characters are rated: the estimate costs the square of them, and whoever typed so many
/// that are hard to guess needs no more.
const RATED: usize = 72;

/// How long a text about the person may be that the password is compared with.
const ABOUT: usize = 64;

/// What the deployment asks for.
#[derive(Clone, Copy, Debug)]
pub struct PasswordRules {
    /// The least number of characters.
    pub min_length: usize,
    /// The least [`strength`].
    pub min_strength: u8,
}

/// The passwords that every list of leaked ones begins with, of eight characters or more: what is
/// refused even where `passwords.min_strength` is 0 and no list is loaded.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "password12",
    "password123",
    "passw0rd",
    "p@ssw0rd",
    "12345678",
    "123456789",
    "1234567890",
    "123123123",
    "11111111",
    "00000000",
    "87654321",
    "987654321",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "qwerty12",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "zaq12wsx",
    "abcd1234",
    "abc12345",
    "abcdefgh",
    "asdfghjk",
    "asdfasdf",
    "letmein1",
    "letmein123",
    "iloveyou",
    "iloveyou1",
    "welcome1",
    "welcome123",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "dragon123",
    "monkey123",
    "admin123",
    "administrator",
    "changeme",
    "changeme1",
    "changeme123",
    "secret123",
    "master123",
    "whatever",
    "computer",
    "internet",
    "starwars",
    "michelle",
    "jennifer",
    "corvette",
    "jordan23",
    "liverpool",
    "passwort",
    "passwort1",
    "hallo123",
    "test1234",
    "testtest",
    "default1",
    "q1w2e3r4",
    "p@ssword",
    "password!",
];

/// How hard a password is to guess for somebody who knows `about` its owner, from 0 (at once) to 4: the
/// score of zxcvbn (Wheeler, USENIX Security 2016), which is the order of magnitude of the guesses: below
/// 10^3, 10^6, 10^8, 10^10, and above.
#[must_use]
pub fn strength(password: &str, about: &[&str]) -> u8 {
    let rated: String = password.chars().take(RATED).collect();
    // What stands before and after an @ or a space is guessed alone too.
    let about: Vec<String> = about
        .iter()
        .flat_map(|text| std::iter::once(*text).chain(text.split(['@', ' ', '.'])))
        .filter(|text| text.chars().count() > 2)
        .map(|text| text.chars().take(ABOUT).collect())
        .take(16)
        .collect();
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    zxcvbn(&rated, &about).score().into()
}

/// Checks a new password against everything but the list of leaked ones.
///
/// # Errors
/// What is wrong.
pub fn check_password(
    password: &str,
    rules: PasswordRules,
    about: &[&str],
) -> Result<(), AccountProblem> {
    if password.is_empty() {
        return Err(AccountProblem::Missing);
    }
    if password.chars().count() < rules.min_length {
        return Err(AccountProblem::TooShort(rules.min_length));
    }
    if password.len() > MAX_PASSWORD {
        return Err(AccountProblem::TooLong(MAX_PASSWORD));
    }
    let lower = password.to_lowercase();
    let same = lower.chars().all(|c| lower.starts_with(c));
    if same || COMMON.contains(&lower.as_str()) {
        return Err(AccountProblem::TooCommon);
    }
    let says_who = about.iter().any(|about| {
        let about = about.to_lowercase();
        let local = about.split('@').next().unwrap_or_default().to_owned();
        lower == about
            || (local.chars().count() >= 4
                && lower.contains(&local)
                && lower.len() < local.len() + 8)
    });
    if says_who {
        return Err(AccountProblem::TooSimilar);
    }
    if rules.min_strength > 0 && strength(password, about) < rules.min_strength {
        return Err(AccountProblem::TooWeak);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT_ALICE: [&str; 2] = ["alice", "alice@example.org"];

    fn check(password: &str, min_strength: u8) -> Result<(), AccountProblem> {
        let rules = PasswordRules {
            min_length: 8,
            min_strength,
        };
        check_password(password, rules, &ABOUT_ALICE)
    }

    #[test]
    fn nist_800_63b_3_1_1_2_length_and_lists_but_no_composition() {
        for strength in [0, 3] {
            let check = |password| check(password, strength);
            assert_eq!(check(""), Err(AccountProblem::Missing));
            assert_eq!(check("short"), Err(AccountProblem::TooShort(8)));
            assert_eq!(check("Password123"), Err(AccountProblem::TooCommon));
            assert_eq!(check("aaaaaaaaaa"), Err(AccountProblem::TooCommon));
            assert_eq!(check("alice@example.org"), Err(AccountProblem::TooSimilar));
            assert_eq!(check("alice123"), Err(AccountProblem::TooSimilar));
            // Lower case alone, and spaces.
            assert_eq!(check("correct horse battery"), Ok(()));
            assert_eq!(check(&"x1".repeat(600)), Err(AccountProblem::TooLong(1024)));
        }
    }

    #[test]
    fn what_is_guessed_soon_is_refused_whatever_characters_it_has() {
        for weak in ["Summer2024!", "P@ssw0rd!1", "qwertzuiop", "20.11.1987"] {
            assert_eq!(check(weak, 0), Ok(()), "{weak}");
            assert_eq!(check(weak, 3), Err(AccountProblem::TooWeak), "{weak}");
        }
        for strong in ["kvmtwqzjhdxs", "four quiet lamps walking", "Ğ鍵🗝ßæ§wqLö"] {
            assert_eq!(check(strong, 3), Ok(()), "{strong}");
        }
    }
}
