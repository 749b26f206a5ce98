//! Wrong answers in a row, for each authenticator of an account: after so many, only devices that are known
//! are listened to (NIST SP 800-63B-4 §3.2.2). `docs/decisions/0006-guessing.md` says why it is done so.

use uuid::Uuid;

use super::admission::Visit;
use super::letters::{LetterKind, LetterRequest};
use super::throttle::Bucket;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::users::User;
use crate::storage::{Tx, attempts, devices};

/// The counters that a try spends.
#[derive(Clone, Copy)]
pub(super) struct Guards {
    /// Of the name or, if it is known, of the device.
    pub own: Bucket,
    /// Of the address. A known device answers only for itself: a stranger behind the same address
    /// must not lock the owner out either.
    pub address: Option<Bucket>,
    /// Of all wrong answers since the last right one.
    pub streak: Streak,
}

/// Wrong answers in a row.
#[derive(Clone, Copy)]
pub(super) struct Streak {
    pub bucket: Bucket,
    /// Somebody's, and worth guessing at. Of others nothing is written, with as many statements.
    pub counts: bool,
    /// The device that is known and has a count of its own.
    pub device: Option<Uuid>,
}

/// A try that was counted before it is checked.
#[derive(Clone, Copy)]
pub(super) struct Reserved {
    /// With it, how many since the last right answer.
    pub in_a_row: i64,
}

/// Where answers come from: each has a count of its own.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Any device that is not known.
    Elsewhere,
    /// One that is.
    Device(Uuid),
    /// The page of a person who is signed in.
    Settings,
}

impl Place {
    fn name(self) -> String {
        match self {
            Self::Elsewhere => "elsewhere".to_owned(),
            Self::Device(id) => id.to_string(),
            Self::Settings => "settings".to_owned(),
        }
    }
}

/// Whether a machine could hit it: a passkey signs, a recovery code has 80 bits and is a way back.
const fn can_be_guessed(method: Method) -> bool {
    !matches!(
        method,
        Method::Passkey | Method::RecoveryCode | Method::MagicLink
    )
}

impl Tessera {
    /// The count of one authenticator of an account, at one place.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub(super) fn streak(
        &self,
        user: UserId,
        method: Method,
        place: Place,
    ) -> Result<Streak, Internal> {
        Ok(Streak {
            bucket: self.streak_bucket(&format!("{user} {} {}", method.as_str(), place.name()))?,
            counts: can_be_guessed(method),
            device: match place {
                Place::Device(id) => Some(id),
                Place::Elsewhere | Place::Settings => None,
            },
        })
    }

    /// Of a name that is nobody's.
    ///
    /// # Errors
    /// If the MAC cannot be computed.
    pub(super) fn nobodys_streak(&self) -> Result<Streak, Internal> {
        Ok(Streak {
            bucket: self.streak_bucket("nobody")?,
            counts: false,
            device: None,
        })
    }

    /// Whether the answer is looked at at all. One that is not is wrong, in the same words and the same time: who
    /// guesses on must not learn that it is in vain, nor that there is such an account.
    pub(super) fn is_listened_to(&self, reserved: Reserved) -> bool {
        reserved.in_a_row <= i64::from(self.config.throttle.max_failures)
    }

    /// The answer was wrong. If it was the last one that was looked at: the owner hears of it, and a device
    /// that was known is known no more.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn count_streak(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        (method, streak, reserved): (Method, Streak, Reserved),
        (lang, origin): (&str, &Origin),
    ) -> Result<(), Internal> {
        if reserved.in_a_row != i64::from(self.config.throttle.max_failures) {
            return Ok(());
        }
        if let Some(device) = streak.device {
            devices::forget(tx, device, user.id).await?;
        }
        let event = Event::new(Kind::GuessingStopped, Actor::Anonymous)
            .with("user_id", user.id)
            .with("method", method.as_str())
            .with("failures", reserved.in_a_row)
            .with("known_device", streak.device.is_some());
        self.record(tx, &event, origin);
        let kind = if method == Method::Password {
            LetterKind::PasswordGuessed
        } else {
            LetterKind::CodeGuessed
        };
        let letter = LetterRequest {
            kind,
            to: user.email.clone(),
            name: user.display_name().to_owned(),
            link: Some(self.url("/forgot-password")),
            lang: lang.to_owned(),
            valid_for: None,
        };
        self.queue_letter(tx, &letter).await
    }

    /// The answer was right: whoever gave it is the owner, and counts begin anew, also that of strangers.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn end_streaks(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        method: Method,
        visit: &Visit,
    ) -> Result<(), Internal> {
        if !can_be_guessed(method) {
            return Ok(());
        }
        let device = self.named_device(visit.device.as_ref())?;
        let here = device.map(Place::Device);
        for place in here.into_iter().chain([Place::Elsewhere, Place::Settings]) {
            let streak = self.streak(user, method, place)?;
            attempts::clear(tx, streak.bucket.key()).await?;
        }
        Ok(())
    }

    /// There is another password: nobody has guessed at that one yet.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn begin_password_streaks(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<(), Internal> {
        for place in [Place::Elsewhere, Place::Settings] {
            let streak = self.streak(user, Method::Password, place)?;
            attempts::clear(tx, streak.bucket.key()).await?;
        }
        Ok(())
    }
}
