//! One-time codes of an authenticator app: set up, and spent.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::assurance::RecentlyAuthenticated;
use super::{Internal, Tessera};
use crate::base::ids::{UserId, uuid_v7};
use crate::base::{Secret, Timestamp};
use crate::crypto::otp::{self, Provisioning, SEED_BYTES};
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::Tx;
use crate::storage::otp::{self as devices, OtpDevice};
use crate::storage::users::{self, User};

const SEED: &str = "otp-seed";
const ENROLMENT: &str = "otp-enrolment";
/// RFC 4226 §5.3: "Implementations MUST extract a 6-digit code at a minimum".
const DIGITS: u8 = 6;
/// Enough for a telephone to be found.
const ENROLMENT_LIFETIME: Duration = Duration::from_mins(15);
/// A person has a telephone, a tablet, and their successors.
pub const MAX_DEVICES: usize = 5;

/// A device that is being set up. It lives, sealed, in the page: nothing counts before it is confirmed,
/// and nothing is left of what is not.
#[derive(Serialize, Deserialize)]
struct Enrolment {
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

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// It counts from now on.
    Done,
    /// Not the code of now.
    WrongCode,
    /// The page was open for too long, or is somebody else's.
    Expired,
    /// There are as many as one can have.
    TooMany,
}

impl Tessera {
    /// A new seed for an authenticator app.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn offer_totp(&self, recent: &RecentlyAuthenticated) -> Result<Offered, Internal> {
        let user = recent.person().user();
        let enrolment = Enrolment {
            user: user.id,
            seed: self.entropy.bytes::<SEED_BYTES>().to_vec(),
            until: self.now() + ENROLMENT_LIFETIME,
        };
        self.offered(user, &enrolment)
    }

    fn offered(&self, user: &User, enrolment: &Enrolment) -> Result<Offered, Internal> {
        let seed = Secret::new(enrolment.seed.clone());
        let brand = &self.config.branding.name;
        let plain = serde_json::to_vec(enrolment).map_err(Internal::other)?;
        Ok(Offered {
            provisioning: otp::provisioning(&seed, brand, &user.username)?,
            state: self.master.seal(ENROLMENT, &plain)?,
        })
    }

    fn enrolment(&self, state: &str, user: UserId) -> Option<Enrolment> {
        let plain = self.master.open(ENROLMENT, state).ok()?;
        let enrolment: Enrolment = serde_json::from_slice(plain.expose()).ok()?;
        (enrolment.user == user && enrolment.until > self.now()).then_some(enrolment)
    }

    /// The same seed again, after a code that was wrong.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn offer_totp_again(
        &self,
        recent: &RecentlyAuthenticated,
        state: &str,
    ) -> Result<Option<Offered>, Internal> {
        let user = recent.person().user();
        let enrolment = self.enrolment(state, user.id);
        enrolment
            .map(|known| self.offered(user, &known))
            .transpose()
    }

    /// Confirms an authenticator app by its first code, which is spent with it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn confirm_totp(
        &self,
        recent: &RecentlyAuthenticated,
        state: &str,
        code: &str,
        name: String,
        origin: Origin,
    ) -> Result<Enrolled, Internal> {
        let (user, now) = (recent.person().user().id, self.now());
        let Some(enrolment) = self.enrolment(state, user) else {
            return Ok(Enrolled::Expired);
        };
        let seed = Secret::new(enrolment.seed);
        let Some(step) = otp::totp_step(&seed, DIGITS, &digits_of(code), now) else {
            return Ok(Enrolled::WrongCode);
        };
        let device = OtpDevice {
            id: uuid_v7(now, &self.entropy),
            user_id: user,
            kind: Method::Totp,
            name,
            sealed: self.master.seal(SEED, seed.expose())?,
            digits: DIGITS.into(),
            position: step,
            created_at: now,
            last_used_at: None,
        };
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    users::lock(tx, user).await?;
                    if devices::of_user(tx, user).await?.len() >= MAX_DEVICES {
                        return Ok(Enrolled::TooMany);
                    }
                    devices::insert(tx, &device).await?;
                    let event = Event::new(Kind::FactorChanged, Actor::User(user))
                        .with("method", Method::Totp.as_str())
                        .with("change", "added")
                        .with("name", device.name.as_str());
                    tessera.record(tx, &event, &origin);
                    Ok(Enrolled::Done)
                })
            })
            .await
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
