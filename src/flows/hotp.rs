//! Hardware tokens that count (RFC 4226): an operator hands them out, the person proves the code.

use uuid::Uuid;

use super::factors::{By, Change, FactorChange};
use super::otp::{MAX_DEVICES, SEED};
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::{UserId, uuid_v7};
use crate::crypto::otp;
use crate::protocol::account_rules::check_name;
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Origin};
use crate::storage::otp::{self as devices, OtpDevice};
use crate::storage::{Tx, users};

/// How far ahead a token may be that is found by two codes in a row. A guess at both of them is right once
/// in 10^12 / 1000 tries, which are counted like any other.
const RESYNC_WINDOW: i64 = 1000;

/// A token to be handed out.
#[derive(Debug)]
pub struct NewToken {
    /// As its maker says.
    pub seed: Secret<Vec<u8>>,
    /// What it is called: perhaps its serial number.
    pub name: String,
    /// The length of its codes: 6 to 8 (RFC 4226 §5.3).
    pub digits: u8,
    /// The counter of its next code.
    pub counter: i64,
}

/// Why a token was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// Nobody.
    #[error("there is no such account")]
    Unknown,
    /// As many as one can have.
    #[error("this person has as many devices as one can have; remove one first")]
    TooMany,
    /// Each of its codes would open two doors.
    #[error("this person has a device with this seed already")]
    Twice,
    /// Not a name.
    #[error("the name is too long or has control characters")]
    BadName,
    /// RFC 4226 §5.3.
    #[error("codes have 6 to 8 digits, and a counter is not negative")]
    BadShape,
}

impl Tessera {
    /// Gives a person a hardware token. It counts at once: whoever hands it out has checked it.
    ///
    /// # Errors
    /// Inner: why not.
    pub async fn add_token(
        &self,
        user: UserId,
        token: NewToken,
        origin: Origin,
    ) -> Result<Result<OtpDevice, TokenRefused>, Internal> {
        if check_name(&token.name).is_err() {
            return Ok(Err(TokenRefused::BadName));
        }
        if !(6..=8).contains(&token.digits) || token.counter < 0 {
            return Ok(Err(TokenRefused::BadShape));
        }
        let now = self.now();
        let device = OtpDevice {
            id: uuid_v7(now, &self.entropy),
            user_id: user,
            kind: Method::Hotp,
            name: token.name.trim().to_owned(),
            sealed: self.master.seal(SEED, token.seed.expose())?,
            digits: token.digits.into(),
            position: token.counter,
            created_at: now,
            last_used_at: None,
        };
        let (tessera, seed) = (self.clone(), token.seed);
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = users::lock(tx, user).await? else {
                        return Ok(Err(TokenRefused::Unknown));
                    };
                    let mine = devices::of_user(tx, user.id).await?;
                    if mine.len() >= MAX_DEVICES {
                        return Ok(Err(TokenRefused::TooMany));
                    }
                    for known in &mine {
                        if tessera.master.open(SEED, &known.sealed)?.is(seed.expose()) {
                            return Ok(Err(TokenRefused::Twice));
                        }
                    }
                    devices::insert(tx, &device).await?;
                    let changed = FactorChange {
                        method: Method::Hotp,
                        change: Change::Added,
                        factor: Some(device.id),
                        at: device.created_at,
                    };
                    let by = By::other(Actor::Operator, &user, &origin);
                    tessera
                        .notice_factor_changed(tx, &user, by, changed)
                        .await?;
                    Ok(Ok(device))
                })
            })
            .await
    }

    /// The devices of a person that make codes, apps and tokens.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn code_devices(&self, user: UserId) -> Result<Vec<OtpDevice>, Internal> {
        let mut reader = &self.store;
        Ok(devices::of_user(&mut reader, user).await?)
    }

    /// Takes a token or an app away, for an operator: a telephone was lost and so were the codes. False if
    /// it is none of this person's.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn take_device(
        &self,
        user: UserId,
        id: Uuid,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = users::lock(tx, user).await? else {
                        return Ok(false);
                    };
                    let mine = devices::of_user(tx, user.id).await?;
                    let Some(device) = mine.iter().find(|device| device.id == id) else {
                        return Ok(false);
                    };
                    let by = By::other(Actor::Operator, &user, &origin);
                    tessera.remove_device(tx, &user, device, by).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Spends a code of one of this person's tokens; false if it is none of those that come next.
    pub(super) async fn spend_hotp(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        code: &str,
    ) -> Result<bool, Internal> {
        let window = i64::from(self.config.codes.hotp_look_ahead);
        self.spend_counted(tx, user, |seed, digits, next| {
            otp::hotp_counter(seed, digits, code, next, window)
        })
        .await
    }

    /// Spends two codes in a row of a token that ran ahead (RFC 4226 §7.4).
    pub(super) async fn spend_hotp_pair(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        codes: (&str, &str),
    ) -> Result<bool, Internal> {
        self.spend_counted(tx, user, |seed, digits, next| {
            // The second of them is the last that was used.
            otp::hotp_pair(seed, digits, codes, next, RESYNC_WINDOW).map(|first| first + 1)
        })
        .await
    }

    /// Moves the first token for which `find` knows a counter behind that counter.
    async fn spend_counted(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        find: impl Fn(&Secret<Vec<u8>>, u8, i64) -> Option<i64>,
    ) -> Result<bool, Internal> {
        let now = self.now();
        for device in devices::of_user(tx, user).await? {
            if device.kind != Method::Hotp {
                continue;
            }
            let seed = self.master.open(SEED, &device.sealed)?;
            let digits = u8::try_from(device.digits).map_err(Internal::other)?;
            if let Some(used) = find(&seed, digits, device.position)
                && devices::advance(tx, device.id, used + 1, now).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
