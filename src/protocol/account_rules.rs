//! What an account needs: a name and an address that will do. Pure. Passwords: `password_rules.rs`.

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
    /// It would be guessed soon.
    TooWeak,
    /// It stands in the list of leaked passwords.
    Leaked,
    /// It is what it was before.
    Unchanged,
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
            Self::TooWeak => f.write_str(
                "is too easy to guess: add unrelated words, or let a password manager make one",
            ),
            Self::Unchanged => f.write_str("is the same as before"),
            Self::Leaked => f.write_str(
                "stands in the list of leaked passwords (passwords.leaked_filter): choose one that \
                 is used nowhere else",
            ),
        }
    }
}

/// RFC 5321 §4.5.3.1.3: a path of 256 octets with its two brackets.
const MAX_EMAIL: usize = 254;
const MAX_USERNAME: usize = 64;
const MAX_NAME: usize = 200;

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
        .any(|c| c.is_whitespace() || is_unsafe(c) || matches!(c, '<' | '>' | ',' | ';' | '"'));
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
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.d",
            "a@b..c",
            "a@b@c.d",
            "a@b.c\n",
            "<a@b.c>",
            "a\u{202e}@b.c",
            "a@\u{2066}b.c",
            "\u{61c}a@b.c",
        ] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }
}
