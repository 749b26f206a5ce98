//! One-time codes of an authenticator app: set up, and spent.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::admission::Visit;
use super::enrol::{Enroller, FactorSetUp};
use super::factors::{Change, NewFactor};
use super::{Internal, Tessera};
use crate::base::ids::{UserId, uuid_v7};
use crate::base::{Secret, Timestamp};
use crate::crypto::otp::{self, Provisioning, SEED_BYTES};
use crate::protocol::account_rules::check_name;
use crate::protocol::assurance::{MAX_CODE_DEVICES, Method};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::Tx;
use crate::storage::otp::{self as devices, OtpDevice};
use crate::storage::users::User;

pub(super) const SEED: &str = "otp-seed";
const ENROLMENT: &str = "otp-enrolment";
/// RFC 4226 §5.3: "Implementations MUST extract a 6-digit code at a minimum".
const DIGITS: u8 = 6;
/// Enough for a telephone to be found.
const ENROLMENT_LIFETIME: Duration = Duration::from_mins(15);
/// See [`MAX_CODE_DEVICES`].
pub const MAX_DEVICES: usize = MAX_CODE_DEVICES;

/// A device that is being set up. It lives, sealed, in the page: nothing counts before it is confirmed,
/// and nothing is left of what is not.
#[derive(Serialize, Deserialize)]
struct Enrolment {
    /// Of the device that it becomes: a page that is sent twice does not set up one seed twice, whose
    /// codes would then open two doors each.
    id: Uuid,
    user: UserId,
    seed: Vec<u8>,
    until: Timestamp,
}

/// What the page shows.
#[derive(Debug)]
pub struct Offered {
    /// For the app.
    pub provisioning: Provisioning,
    /// Comes back with the first code.
    pub state: String,
}

/// What comes back from the page.
#[derive(Clone, Debug)]
pub struct FirstCode {
    /// [`Offered::state`].
    pub state: String,
    /// What the app shows.
    pub code: String,
    /// What the person calls it; may be empty.
    pub name: String,
}

/// What came of it.
#[derive(Debug)]
pub enum Enrolled {
    /// It counts from now on, and the person has proved it.
    Done(FactorSetUp),
    /// This very page was sent before, and that did it.
    Already,
    /// Not the code of now.
    WrongCode,
    /// Not a name for people.
    BadName,
    /// The page was open for too long, or is somebody else's; or the account has changed meanwhile.
    Expired,
    /// There are as many as one can have.
    TooMany,
}

impl Enrolled {
    /// For the audit.
    const fn refusal(&self) -> Option<&'static str> {
        Some(match self {
            // A name that is too long says nothing about who types it.
            Self::Done(_) | Self::BadName => return None,
            Self::Already => "set_up_already",
            Self::WrongCode => "wrong_credentials",
            Self::Expired => "expired",
            Self::TooMany => "too_many",
        })
    }
}

impl Tessera {
    /// A new seed for an authenticator app.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn offer_totp(&self, enroller: &Enroller) -> Result<Offered, Internal> {
        let (user, now) = (enroller.user(), self.now());
        let enrolment = Enrolment {
            id: uuid_v7(now, &self.entropy),
            user: user.id,
            seed: self.entropy.bytes::<SEED_BYTES>().to_vec(),
            until: now + ENROLMENT_LIFETIME,
        };
        self.offered(user, &enrolment)
    }

    fn offered(&self, user: &User, enrolment: &Enrolment) -> Result<Offered, Internal> {
        let seed = Secret::new(enrolment.seed.clone());
        let looks = self.looks();
        let plain = serde_json::to_vec(enrolment).map_err(Internal::other)?;
        Ok(Offered {
            provisioning: otp::provisioning(&seed, &looks.name, &user.username)?,
            state: self.master.seal(ENROLMENT, &plain)?,
        })
    }

    fn enrolment(&self, state: &str, user: UserId) -> Option<Enrolment> {
        let plain = self.master.open(ENROLMENT, state).ok()?;
        let enrolment: Enrolment = serde_json::from_slice(plain.expose()).ok()?;
        (enrolment.user == user && enrolment.until > self.now()).then_some(enrolment)
    }

    /// The same seed again, after a code that was wrong; a new one where that page is too old.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn offer_totp_again(&self, enroller: &Enroller, state: &str) -> Result<Offered, Internal> {
        match self.enrolment(state, enroller.user().id) {
            Some(known) => self.offered(enroller.user(), &known),
            None => self.offer_totp(enroller),
        }
    }

    /// Confirms an authenticator app by its first code, which is spent with it: it is a proof like any
    /// later one.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn confirm_totp(
        &self,
        enroller: &Enroller,
        first: FirstCode,
        visit: Visit,
        origin: Origin,
    ) -> Result<Enrolled, Internal> {
        let user = enroller.user().id;
        let done = self
            .try_totp(enroller, first, visit, origin.clone())
            .await?;
        if let Some(why) = done.refusal() {
            let event = Event::new(Kind::FactorChanged, Actor::User(user))
                .with("method", Method::Totp.as_str())
                .with("change", Change::Added.as_str())
                .failed(why);
            self.record_some_of(Some(user), event, origin).await?;
        }
        Ok(done)
    }

    async fn try_totp(
        &self,
        enroller: &Enroller,
        first: FirstCode,
        visit: Visit,
        origin: Origin,
    ) -> Result<Enrolled, Internal> {
        let (user, now) = (enroller.user().id, self.now());
        let Some(enrolment) = self.enrolment(&first.state, user) else {
            return Ok(Enrolled::Expired);
        };
        let name = first.name.trim().to_owned();
        if check_name(&name).is_err() {
            return Ok(Enrolled::BadName);
        }
        let seed = Secret::new(enrolment.seed);
        let Some(step) = otp::totp_step(&seed, DIGITS, &digits_of(&first.code), now) else {
            return Ok(Enrolled::WrongCode);
        };
        let added = OtpDevice {
            id: enrolment.id,
            user_id: user,
            kind: Method::Totp,
            name,
            sealed: self.master.seal(SEED, seed.expose())?,
            digits: DIGITS.into(),
            position: step,
            created_at: now,
            last_used_at: None,
        };
        let (tessera, enroller) = (self.clone(), enroller.clone());
        let done = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .add_app(tx, &enroller, &added, &visit, &origin)
                        .await
                })
            })
            .await?;
        Ok(match done {
            Err(refused) => refused,
            Ok(done) => Enrolled::Done(done),
        })
    }

    /// The transaction of it.
    async fn add_app(
        &self,
        tx: &mut Tx<'_>,
        enroller: &Enroller,
        added: &OtpDevice,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<Result<FactorSetUp, Enrolled>, Internal> {
        let Some(user) = self.lock_enroller(tx, enroller).await? else {
            return Ok(Err(Enrolled::Expired));
        };
        let mine = devices::of_user(tx, user.id).await?;
        if mine.iter().any(|known| known.id == added.id) {
            return Ok(Err(Enrolled::Already));
        }
        if enroller.is_recovering() {
            self.finish_recovery(tx, &user, &visit.lang, origin).await?;
        } else if mine.len() >= MAX_DEVICES {
            return Ok(Err(Enrolled::TooMany));
        }
        devices::insert(tx, added).await?;
        let new = NewFactor {
            method: added.kind,
            factor: Some(added.id),
            at: added.created_at,
            before: enroller.entering(),
            visit,
        };
        self.admit_with_new(tx, user, new, origin).await.map(Ok)
    }

    /// Spends a code of one of this person's apps; false if it is none, or not newer than the last.
    pub(super) async fn spend_totp(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        code: &str,
    ) -> Result<bool, Internal> {
        let now = self.now();
        for device in devices::of_user(tx, user).await? {
            if device.kind != Method::Totp {
                continue;
            }
            let seed = self.master.open(SEED, &device.sealed)?;
            let digits = u8::try_from(device.digits).unwrap_or(DIGITS);
            if let Some(step) = otp::totp_step(&seed, digits, code, now)
                && devices::advance(tx, device.id, step, now).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A code as people copy it: with spaces or a dash in it.
pub(super) fn digits_of(code: &str) -> String {
    code.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect()
}
