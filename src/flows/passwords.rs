//! What a new password must be, at the one door through which every new password comes.

use std::fs::File;
use std::io::BufReader;
use std::time::Duration;

use super::{Internal, Tessera};
use crate::base::Secret;
use crate::config::PasswordsConfig;
use crate::crypto::leaked::LeakedPasswords;
use crate::protocol::account_rules::AccountProblem;
use crate::protocol::audit::Origin;
use crate::protocol::password_rules::{PasswordRules, check_password, strength};

/// Who types, pauses: one estimate for each pause. More only load the server.
const RATINGS: u32 = 60;

/// How good a password is that nobody has sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// From 0 to 4.
    pub strength: u8,
    /// Why it would be refused, if it would.
    pub problem: Option<AccountProblem>,
}

/// The list of leaked passwords that is configured, if one is.
///
/// # Errors
/// In words for an operator, why it cannot be used.
pub fn leaked(config: &PasswordsConfig) -> Result<Option<LeakedPasswords>, Internal> {
    let Some(path) = &config.leaked_filter else {
        return Ok(None);
    };
    let wrong = |why: String| {
        let path = path.display();
        Internal::other(format!("passwords.leaked_filter {path}: {why}"))
    };
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    LeakedPasswords::read(BufReader::new(file))
        .map(Some)
        .map_err(|error| wrong(error.to_string()))
}

impl Tessera {
    /// Whether a password may be chosen by somebody of whom `about` is known.
    ///
    /// # Errors
    /// Why not.
    pub fn check_new_password(
        &self,
        password: &Secret<String>,
        about: &[&str],
    ) -> Result<(), AccountProblem> {
        let settings = &self.config.passwords;
        let rules = PasswordRules {
            min_length: settings.min_length,
            min_strength: u8::try_from(settings.min_strength).unwrap_or(u8::MAX),
        };
        let looks = self.looks();
        let mut about = about.to_vec();
        about.push(&looks.name);
        check_password(password.expose(), rules, &about)?;
        match &self.leaked {
            Some(leaked) if leaked.contains(password) => Err(AccountProblem::Leaked),
            _ => Ok(()),
        }
    }

    /// Rates a password while it is typed. `Err` is how long to wait: too many from this address.
    ///
    /// # Errors
    /// Inner: the wait.
    pub fn rate_password(
        &self,
        password: &Secret<String>,
        about: &[&str],
        origin: &Origin,
    ) -> Result<Rating, Duration> {
        let who = origin
            .address
            .map_or_else(String::new, super::throttle::network);
        if !self.ratings.admit(&who, self.now()) {
            return Err(super::refusals::WINDOW);
        }
        Ok(Rating {
            strength: strength(password.expose(), about),
            problem: self.check_new_password(password, about).err(),
        })
    }
}

/// How many ratings each address has had in this minute, on this node.
pub struct Ratings(super::refusals::Refusals);

impl Default for Ratings {
    fn default() -> Self {
        Self(super::refusals::Refusals::of(RATINGS))
    }
}

impl Ratings {
    fn admit(&self, who: &str, now: crate::base::Timestamp) -> bool {
        self.0.admit(who, now).is_some()
    }
}
