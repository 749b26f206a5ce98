//! What a form says when it comes back: what went wrong, field by field, in plain words.

use std::time::Duration;

use crate::web::messages::{Lang, Message, duration};

/// A field of a form, by the name it is posted under; its `id` is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `name`
    Name,
    /// `password`: the one to sign in with, or the new one.
    Password,
    /// `current_password`
    CurrentPassword,
    /// `code`: a one-time code.
    Code,
    /// `given_name`
    GivenName,
    /// `family_name`
    FamilyName,
    /// `nickname`
    Nickname,
    /// `birthdate`
    Birthdate,
    /// `gender`
    Gender,
    /// `locale`
    Locale,
    /// `zoneinfo`
    Zoneinfo,
    /// `website`
    Website,
    /// `picture`
    Picture,
    /// `phone`: a telephone number.
    Phone,
    /// `first`: of two codes in a row.
    First,
    /// `identifier`: a username or an e-mail address.
    Identifier,
}

impl Field {
    /// The name in the form and the id in the page.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::Name => "name",
            Self::Password => "password",
            Self::CurrentPassword => "current_password",
            Self::Code => "code",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Nickname => "nickname",
            Self::Birthdate => "birthdate",
            Self::Gender => "gender",
            Self::Locale => "locale",
            Self::Zoneinfo => "zoneinfo",
            Self::Website => "website",
            Self::Picture => "picture",
            Self::Phone => "phone",
            Self::First => "first",
            Self::Identifier => "identifier",
        }
    }

    /// What the field is called on the page.
    #[must_use]
    pub const fn label(self) -> Message {
        match self {
            Self::Username => Message::new("field-username"),
            Self::Email => Message::new("field-email"),
            Self::Name => Message::new("field-name"),
            Self::Password => Message::new("field-password"),
            Self::CurrentPassword => Message::new("field-current-password"),
            Self::Code => Message::new("field-code"),
            Self::GivenName => Message::new("field-given-name"),
            Self::FamilyName => Message::new("field-family-name"),
            Self::Nickname => Message::new("field-nickname"),
            Self::Birthdate => Message::new("field-birthdate"),
            Self::Gender => Message::new("field-gender"),
            Self::Locale => Message::new("field-locale"),
            Self::Zoneinfo => Message::new("field-zoneinfo"),
            Self::Website => Message::new("field-website"),
            Self::Picture => Message::new("field-picture"),
            Self::Phone => Message::new("field-phone"),
            Self::First => Message::new("field-first-code"),
            Self::Identifier => Message::new("field-identifier"),
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was typed.
    Missing,
    /// Fewer characters than `min`.
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// More characters than `max`.
    TooLong {
        /// The greatest number of characters.
        max: usize,
    },
    /// Not an e-mail address.
    NotAnEmail,
    /// Characters that a username cannot have.
    BadCharacters,
    /// Somebody else has it.
    Taken,
    /// A password that attackers try first, or that has leaked.
    TooCommon,
    /// The new password is the old one, or contains the username.
    TooSimilar,
    /// A password that would be guessed soon.
    TooWeak,
    /// What it was before.
    Unchanged,
    /// Not written as its hint says.
    NotRight,
    /// A password from a list of leaked ones.
    Leaked,
    /// The current password is not right.
    WrongPassword,
    /// Not a telephone number, or not one that is sent to from here.
    NotAPhone,
    /// The code is not right, or not any more.
    WrongCode,
    /// They are not two codes in a row.
    WrongPair,
}

impl Problem {
    /// The sentence that says so.
    #[must_use]
    pub fn message(self) -> Message {
        let count =
            |message: Message, n: usize| message.with("n", u64::try_from(n).unwrap_or(u64::MAX));
        match self {
            Self::Missing => Message::new("problem-missing"),
            Self::TooShort { min } => count(Message::new("problem-too-short"), min),
            Self::TooLong { max } => count(Message::new("problem-too-long"), max),
            Self::NotAnEmail => Message::new("problem-not-an-email"),
            Self::BadCharacters => Message::new("problem-bad-characters"),
            Self::Taken => Message::new("problem-taken"),
            Self::TooCommon => Message::new("problem-too-common"),
            Self::TooSimilar => Message::new("problem-too-similar"),
            Self::TooWeak => Message::new("problem-too-weak"),
            Self::NotRight => Message::new("problem-not-right"),
            Self::Unchanged => Message::new("problem-unchanged"),
            Self::Leaked => Message::new("problem-leaked"),
            Self::WrongPassword => Message::new("problem-wrong-password"),
            Self::NotAPhone => Message::new("problem-not-a-phone"),
            Self::WrongCode => Message::new("problem-wrong-code"),
            Self::WrongPair => Message::new("problem-wrong-pair"),
        }
    }
}

/// What is wrong with the form as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// No such account or not its password: one sentence for both, so that it tells nothing.
    WrongCredentials,
    /// Too many attempts.
    SlowDown {
        /// How long until the next one is heard.
        wait: Duration,
    },
    /// The puzzle was not solved.
    Puzzle,
    /// The form lay open too long, or its anti-forgery token is not ours.
    Expired,
    /// The only administrator cannot go.
    LastAdmin,
    /// The server has no room for another password check right now.
    Busy,
    /// A passkey did not do what it should.
    Passkey(PasskeyAlert),
}

/// What went wrong with a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAlert {
    /// The page was open for too long, or was sent twice.
    Expired,
    /// Nobody's, or not any more, or not one that may sign in.
    Unknown,
    /// The authenticator did not check who holds it.
    NotVerified,
    /// There may be a copy of it.
    Suspended,
    /// It is registered already.
    Known,
    /// There are as many as one can have.
    TooMany,
    /// Of a model that is not allowed here.
    Model,
    /// The browser made none that can be used.
    NotMade,
    /// Without it, nobody could sign in any more.
    LastWay,
}

impl PasskeyAlert {
    const fn message(self) -> Message {
        Message::new(match self {
            Self::Expired => "alert-passkey-expired",
            Self::Unknown => "alert-passkey-unknown",
            Self::NotVerified => "alert-passkey-not-verified",
            Self::Suspended => "alert-passkey-suspended",
            Self::Known => "passkey-known",
            Self::TooMany => "alert-passkey-too-many",
            Self::Model => "alert-passkey-model",
            Self::NotMade => "alert-passkey-not-made",
            Self::LastWay => "alert-passkey-last-way",
        })
    }
}

/// A password check takes a fraction of a second: a queue of them is short after this.
const BUSY: Duration = Duration::from_secs(2);

impl Alert {
    /// How long until it is worth trying again, where time helps.
    #[must_use]
    pub const fn wait(self) -> Option<Duration> {
        match self {
            Self::SlowDown { wait } => Some(wait),
            Self::Busy => Some(BUSY),
            Self::WrongCredentials
            | Self::Puzzle
            | Self::Expired
            | Self::LastAdmin
            | Self::Passkey(_) => None,
        }
    }

    /// The sentence that says so, in `lang`.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match self {
            Self::WrongCredentials => Message::new("alert-wrong-credentials"),
            Self::Puzzle => Message::new("alert-puzzle"),
            Self::SlowDown { wait } => {
                Message::new("alert-slow-down").with("wait", duration(lang, wait).as_str())
            }
            Self::Expired => Message::new("alert-expired"),
            Self::LastAdmin => Message::new("alert-last-admin"),
            Self::Busy => Message::new("alert-busy"),
            Self::Passkey(why) => why.message(),
        }
        .text(lang)
    }
}

/// Good news on top of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The password was changed.
    PasswordChanged,
    /// An application has lost its access.
    AccessRevoked,
    /// A session was ended.
    SessionEnded,
    /// Every other session was ended.
    OthersEnded,
    /// The profile was changed.
    ProfileChanged,
    /// Letters about another address are on their way.
    EmailAsked,
    /// The e-mail address was confirmed.
    EmailVerified,
    /// The account was made.
    AccountCreated,
    /// A way to prove who one is was added.
    FactorAdded,
    /// It has another name.
    FactorRenamed,
    /// It is gone.
    FactorRemoved,
    /// Nobody comes back without a second factor.
    RecoveryStopped,
    /// The telephone is no second factor any more.
    PhoneRemoved,
    /// A passkey was set up.
    PasskeyAdded,
    /// A passkey is called something else.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
}

impl Notice {
    /// The sentence that says so.
    #[must_use]
    pub const fn message(self) -> Message {
        match self {
            Self::PasswordChanged => Message::new("notice-password-changed"),
            Self::AccessRevoked => Message::new("notice-access-revoked"),
            Self::OthersEnded => Message::new("notice-others-ended"),
            Self::ProfileChanged => Message::new("notice-profile-changed"),
            Self::EmailAsked => Message::new("notice-email-asked"),
            Self::SessionEnded => Message::new("notice-session-ended"),
            Self::EmailVerified => Message::new("notice-email-verified"),
            Self::AccountCreated => Message::new("notice-account-created"),
            Self::FactorAdded => Message::new("notice-factor-added"),
            Self::FactorRenamed => Message::new("notice-factor-renamed"),
            Self::FactorRemoved => Message::new("notice-factor-removed"),
            Self::RecoveryStopped => Message::new("notice-recovery-stopped"),
            Self::PhoneRemoved => Message::new("notice-phone-removed"),
            Self::PasskeyAdded => Message::new("notice-passkey-added"),
            Self::PasskeyRenamed => Message::new("notice-passkey-renamed"),
            Self::PasskeyRemoved => Message::new("notice-passkey-removed"),
        }
    }
}

/// What went wrong with a form that is shown again. Empty for one that is shown first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// What is wrong as a whole.
    pub alert: Option<Alert>,
    /// What is wrong with single fields, in the order of the page.
    pub problems: Vec<(Field, Problem)>,
}

impl Form {
    /// A form that failed as a whole.
    #[must_use]
    pub const fn failed(alert: Alert) -> Self {
        Self {
            alert: Some(alert),
            problems: Vec::new(),
        }
    }

    /// A form with problems in its fields.
    #[must_use]
    pub const fn with_problems(problems: Vec<(Field, Problem)>) -> Self {
        Self {
            alert: None,
            problems,
        }
    }

    /// How long until it is worth sending it again, where time helps.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.alert.and_then(Alert::wait)
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.alert.is_some() || !self.problems.is_empty()
    }

    /// What is wrong with the field whose id is `id`.
    #[must_use]
    pub fn problem(&self, id: &str) -> Option<Message> {
        self.problems
            .iter()
            .find(|(field, _)| field.id() == id)
            .map(|(_, problem)| problem.message())
    }

    /// The `aria-describedby` of the field whose id is `id`: its hint, if it has one, and its problem.
    #[must_use]
    pub fn described_by(&self, id: &str, hint: bool) -> String {
        let mut ids = Vec::new();
        if self.problem(id).is_some() {
            ids.push(format!("{id}-problem"));
        }
        if hint {
            ids.push(format!("{id}-hint"));
        }
        ids.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_plain_words() {
        let wait = Duration::from_secs(90);
        let text = Alert::SlowDown { wait }.text(Lang::En);
        assert!(text.contains("2 minutes"), "{text}");
    }

    #[test]
    fn a_field_points_at_its_problem_and_its_hint() {
        let form = Form::with_problems(vec![(Field::Email, Problem::NotAnEmail)]);
        assert_eq!(form.described_by("email", true), "email-problem email-hint");
        assert_eq!(form.described_by("name", false), "");
    }
}
