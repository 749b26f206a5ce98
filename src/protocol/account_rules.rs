//! What an account needs: a name, an address and a password that will do. Pure.

/// A field of the forms that make accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountField {
    /// The user name.
    Username,
    /// The e-mail address.
    Email,
    /// The name for people.
    Name,
    /// The password.
    Password,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// Nothing was typed.
    Missing,
    /// Fewer characters than this.
    TooShort(usize),
    /// More characters than this.
    TooLong(usize),
    /// Not an address.
    NotAnEmail,
    /// Characters that would mislead or break.
    BadCharacters,
    /// Somebody has it.
    Taken,
    /// Everybody guesses it first.
    TooCommon,
    /// It says the name or the address.
    TooSimilar,
}

impl std::fmt::Display for AccountProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::TooShort(least) => write!(f, "must have at least {least} characters"),
            Self::TooLong(most) => write!(f, "must have at most {most} characters"),
            Self::NotAnEmail => f.write_str("is not an e-mail address"),
            Self::BadCharacters => f.write_str("has characters that are not allowed"),
            Self::Taken => f.write_str("is taken"),
            Self::TooCommon => f.write_str("is one of the passwords that are guessed first"),
            Self::TooSimilar => f.write_str("is too close to the name or the address"),
        }
    }
}

/// RFC 5321 §4.5.3.1.3: a path of 256 octets with its two brackets.
const MAX_EMAIL: usize = 254;
const MAX_USERNAME: usize = 64;
const MAX_NAME: usize = 200;
/// The limit of what is hashed, in bytes.
const MAX_PASSWORD: usize = 1024;

/// The passwords that every list of leaked ones begins with, of eight characters or more. A loadable
/// list of millions is a later step.
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

/// Checks an address by its shape; only a letter that arrives proves it.
///
/// # Errors
/// What is wrong.
pub fn check_email(email: &str) -> Result<(), AccountProblem> {
    if email.is_empty() {
        return Err(AccountProblem::Missing);
    }
    if email.len() > MAX_EMAIL {
        return Err(AccountProblem::TooLong(MAX_EMAIL));
    }
    let shaped = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains("..")
            && domain.contains('.')
    });
    let clean = !email
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'));
    if shaped && clean {
        Ok(())
    } else {
        Err(AccountProblem::NotAnEmail)
    }
}

/// Checks a user name. One with an `@` must be the account's own address: it would be taken for
/// somebody else's.
///
/// # Errors
/// What is wrong.
pub fn check_username(username: &str, email: &str) -> Result<(), AccountProblem> {
    if username.is_empty() {
        return Err(AccountProblem::Missing);
    }
    if username == email {
        return Ok(());
    }
    if username.chars().count() > MAX_USERNAME {
        return Err(AccountProblem::TooLong(MAX_USERNAME));
    }
    if username.contains('@') || username.chars().any(|c| c.is_whitespace() || is_unsafe(c)) {
        return Err(AccountProblem::BadCharacters);
    }
    Ok(())
}

/// Checks a name for people. It may be absent.
///
/// # Errors
/// What is wrong.
pub fn check_name(name: &str) -> Result<(), AccountProblem> {
    if name.chars().count() > MAX_NAME {
        return Err(AccountProblem::TooLong(MAX_NAME));
    }
    if name.chars().any(is_unsafe) {
        return Err(AccountProblem::BadCharacters);
    }
    Ok(())
}

/// Controls, and marks that turn the direction of text around them.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks a new password. NIST SP 800-63B-4 §3.1.1.2: a minimum length, a list of what is commonly
/// used, the name of the person; and "verifiers [...] SHALL NOT impose other composition rules".
///
/// # Errors
/// What is wrong.
pub fn check_password(password: &str, least: usize, about: &[&str]) -> Result<(), AccountProblem> {
    if password.is_empty() {
        return Err(AccountProblem::Missing);
    }
    if password.chars().count() < least {
        return Err(AccountProblem::TooShort(least));
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nist_800_63b_3_1_1_2_length_and_lists_but_no_composition() {
        let check = |password| check_password(password, 8, &["alice", "alice@example.org"]);
        assert_eq!(check(""), Err(AccountProblem::Missing));
        assert_eq!(check("short"), Err(AccountProblem::TooShort(8)));
        assert_eq!(check("Password123"), Err(AccountProblem::TooCommon));
        assert_eq!(check("aaaaaaaaaa"), Err(AccountProblem::TooCommon));
        assert_eq!(check("alice@example.org"), Err(AccountProblem::TooSimilar));
        assert_eq!(check("alice123"), Err(AccountProblem::TooSimilar));
        assert_eq!(check("correct horse battery"), Ok(()));
        assert_eq!(check(&"x1".repeat(600)), Err(AccountProblem::TooLong(1024)));
    }

    #[test]
    fn a_user_name_cannot_be_somebody_elses_address() {
        assert_eq!(
            check_username("bob@example.org", "alice@example.org"),
            Err(AccountProblem::BadCharacters)
        );
        assert_eq!(check_username("a@b.example", "a@b.example"), Ok(()));
        assert_eq!(
            check_username("ali\u{202e}ce", "a@b.example"),
            Err(AccountProblem::BadCharacters)
        );
    }

    #[test]
    fn addresses_are_checked_by_shape() {
        for good in ["a@b.example", "a+b@sub.b.example", "\u{fc}@b.example"] {
            assert_eq!(check_email(good), Ok(()), "{good}");
        }
        for bad in [
            "", "a", "a@", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@b@c.d", "a@b.c\n", "<a@b.c>",
        ] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }
}
