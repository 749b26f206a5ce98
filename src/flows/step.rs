//! One more proof: in the middle of signing in, or of a session that must be surer than it is.

use std::time::Duration;

use super::admission::{Admission, Candidate, Entering, Visit};
use super::otp::digits_of;
use super::passkeys::{CheckedUse, PasskeyAnswer, PasskeyRefusal};
use super::sent_codes::Slot;
use super::session::SignedIn;
use super::streaks::{Guards, Place, Reserved};
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::assurance::{Assessment, Capability, Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::Tx;
use crate::storage::users::{self, User};

/// Who proves more.
#[derive(Clone, Debug)]
pub enum Prover {
    /// Somebody who is not signed in yet.
    Entering(Entering),
    /// Somebody who is.
    SignedIn(Box<SignedIn>),
}

impl Prover {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        match self {
            Self::Entering(entering) => entering.user(),
            Self::SignedIn(signed_in) => signed_in.user().id,
        }
    }

    /// Tells this sign-in, or this session, from others of the same person: a code that was sent for one
    /// is worth nothing in another (OWASP ASVS 5.0 V6.6.2).
    pub(super) fn binding(&self) -> String {
        match self {
            Self::Entering(entering) => format!("entering {}", entering.began().micros()),
            Self::SignedIn(signed_in) => format!("session {}", signed_in.session().id),
        }
    }

    const fn entering(&self) -> Option<&Entering> {
        match self {
            Self::Entering(entering) => Some(entering),
            Self::SignedIn(_) => None,
        }
    }
}

/// What was answered.
#[derive(Debug)]
pub enum Answer {
    /// The password.
    Password(Secret<String>),
    /// A code of this method.
    Code(Method, Secret<String>),
    /// Two codes in a row of a hardware token that ran ahead.
    Pair(Secret<String>, Secret<String>),
    /// What the browser says of a passkey.
    Passkey(PasskeyAnswer),
}

impl Answer {
    const fn method(&self) -> Method {
        match self {
            Self::Password(_) => Method::Password,
            Self::Code(method, _) => *method,
            Self::Pair(..) => Method::Hotp,
            Self::Passkey(_) => Method::Passkey,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub enum StepOutcome {
    /// It is enough to be signed in, or the session is surer now.
    SignedIn {
        /// The proof.
        signed_in: Box<SignedIn>,
        /// The next cookie of the device.
        device: Option<Secret<String>>,
    },
    /// Still more is asked for.
    More(Entering),
    /// It was not right.
    Wrong,
    /// The passkey was not, and why.
    Refused(PasskeyRefusal),
    /// Nothing was checked: too many tries before.
    Slowed {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too late, or the account changed meanwhile: begin anew.
    Expired,
}

/// Why an answer proves nothing.
#[derive(Clone, Copy)]
enum Refusal {
    Wrong,
    Passkey(PasskeyRefusal),
}

impl Refusal {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong_credentials",
            Self::Passkey(why) => why.as_str(),
        }
    }
}

impl From<Refusal> for StepOutcome {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Wrong => Self::Wrong,
            Refusal::Passkey(why) => Self::Refused(why),
        }
    }
}

/// What was found out before the transaction.
enum Found {
    /// The password is this one.
    Password(Option<String>),
    /// To be spent in the transaction.
    Code(Method, String),
    /// So are these.
    Pair(String, String),
    /// The signature is right, or why it is not.
    Passkey(Result<CheckedUse, PasskeyRefusal>),
    Nothing,
}

impl Tessera {
    /// What somebody who is entering may prove next; `None` if it is too late for them.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn next_of(&self, entering: &Entering) -> Result<Option<Vec<Method>>, Internal> {
        let mut reader = &self.store;
        let Some(user) = users::find(&mut reader, entering.user()).await? else {
            return Ok(None);
        };
        if !entering.holds(&user, self.now(), self.config.assurance.entering) {
            return Ok(None);
        }
        let available = self.capabilities(&mut reader, &user).await?;
        Ok(
            match self.assess_entering(entering.proofs(), &available, None) {
                Assessment::Missing { offer, .. } => Some(offer),
                Assessment::Unreachable => Some(Vec::new()),
                // It became enough meanwhile: the other factor was removed.
                Assessment::Met(_) => None,
            },
        )
    }

    /// Checks one more proof.
    ///
    /// # Errors
    /// [`Internal::Busy`] when too many passwords are being checked; or the database.
    pub async fn step(
        &self,
        prover: Prover,
        answer: Answer,
        visit: Visit,
        origin: Origin,
    ) -> Result<StepOutcome, Internal> {
        let mut reader = &self.store;
        let user = users::find(&mut reader, prover.user()).await?;
        let Some(user) = user.filter(|user| self.still(&prover, user)) else {
            return Ok(StepOutcome::Expired);
        };
        let guards = self
            .step_guards(user.id, answer.method(), &visit, &origin)
            .await?;
        let method = answer.method();
        let reserved = match self.reserve_guess(guards).await? {
            Ok(reserved) => reserved,
            Err(retry_after) => {
                let event = Event::new(Kind::SignInSlowed, Actor::User(user.id))
                    .with("method", method.as_str())
                    .failed("too_many_tries");
                self.record_some_of(Some(user.id), event, origin).await?;
                return Ok(StepOutcome::Slowed { retry_after });
            }
        };
        let found = self.examine(answer, &user, guards, reserved).await?;
        let tessera = self.clone();
        let outcome = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let user = users::lock(tx, user.id).await?;
                    let Some(user) = user.filter(|user| tessera.still(&prover, user)) else {
                        return Ok(None);
                    };
                    let by = (visit.lang.as_str(), &origin);
                    let of = match tessera.spent(tx, &user, found, &prover, by).await? {
                        Ok(of) => of,
                        Err(why) => {
                            let tried = (guards, reserved);
                            tessera
                                .refuse_step(tx, &user, (method, why), &tried, by)
                                .await?;
                            return Ok(Some(Err(why)));
                        }
                    };
                    tessera.forgive(tx, &[guards.own]).await?;
                    let candidate = Candidate {
                        proof: Proof {
                            of,
                            at: tessera.now(),
                        },
                        before: prover.entering(),
                        visit: &visit,
                        meets: true,
                    };
                    let admitted = tessera.admit(tx, user, candidate, &origin).await?;
                    Ok(Some(Ok(admitted)))
                })
            })
            .await?;
        Ok(match outcome {
            None => StepOutcome::Expired,
            Some(Err(why)) => why.into(),
            Some(Ok(Admission::SignedIn(signed_in, device))) => {
                StepOutcome::SignedIn { signed_in, device }
            }
            Some(Ok(Admission::More(entering, _) | Admission::NoWay(entering))) => {
                StepOutcome::More(entering)
            }
        })
    }

    pub(super) fn still(&self, prover: &Prover, user: &User) -> bool {
        match prover {
            Prover::Entering(entering) => {
                entering.holds(user, self.now(), self.config.assurance.entering)
            }
            Prover::SignedIn(_) => !user.disabled,
        }
    }

    /// Whoever comes here knows the password: the account's own counter is not theirs to empty, and each
    /// method has its own, so that a right answer to one gives back no guesses at another.
    pub(super) async fn step_guards(
        &self,
        user: UserId,
        method: Method,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<Guards, Internal> {
        if let Some(device) = self.known_device(Some(user), visit, origin).await? {
            return self.guards_of_device(user, device, method);
        }
        Ok(Guards {
            own: self.factor_bucket(user, method)?,
            address: self.address_bucket(origin.address)?,
            streak: self.streak(user, method, Place::Elsewhere)?,
        })
    }

    /// What costs time is done outside of the transaction.
    async fn examine(
        &self,
        answer: Answer,
        user: &User,
        guards: Guards,
        reserved: Reserved,
    ) -> Result<Found, Internal> {
        Ok(match answer {
            Answer::Code(..) | Answer::Pair(..) if !self.is_listened_to(reserved) => Found::Nothing,
            Answer::Passkey(answer) => {
                Found::Passkey(self.examine_passkey(&answer, Some(user.id)).await?)
            }
            Answer::Code(method, code) => Found::Code(method, digits_of(code.expose())),
            Answer::Pair(first, next) => {
                Found::Pair(digits_of(first.expose()), digits_of(next.expose()))
            }
            Answer::Password(password) => {
                let heard = self.is_listened_to(reserved);
                let stored = user.password_hash.clone().filter(|_| heard);
                let hash = stored
                    .clone()
                    .and_then(|phc| PasswordHash::from_phc(phc).ok());
                let verdict = self.verify_or_give_back(guards, password, hash).await?;
                match verdict {
                    Verdict::Right { .. } => Found::Password(stored),
                    Verdict::Wrong => Found::Nothing,
                }
            }
        })
    }

    /// What the answer proves, or why it proves nothing.
    async fn spent(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        found: Found,
        prover: &Prover,
        by: (&str, &Origin),
    ) -> Result<Result<Capability, Refusal>, Internal> {
        let spent = match found {
            Found::Passkey(Ok(checked)) => self.spend_passkey(tx, user, checked, by).await?,
            Found::Passkey(Err(refusal)) => Err(refusal),
            found => {
                let of = self.spend(tx, user, found, prover, by).await?;
                return Ok(of.ok_or(Refusal::Wrong));
            }
        };
        Ok(spent.map_err(Refusal::Passkey))
    }

    /// What the answer proves, spent so that it proves it once.
    async fn spend(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        found: Found,
        prover: &Prover,
        by: (&str, &Origin),
    ) -> Result<Option<Capability>, Internal> {
        Ok(match found {
            Found::Nothing | Found::Passkey(_) => None,
            // Changed meanwhile, it proves nothing any more.
            Found::Password(hash) => {
                (user.password_hash == hash).then_some(Method::Password.into())
            }
            Found::Pair(first, next) => {
                let right = self.spend_hotp_pair(tx, user.id, (&first, &next)).await?;
                right.then_some(Method::Hotp.into())
            }
            Found::Code(method, code) => {
                let right = match method {
                    Method::Totp => self.spend_totp(tx, user.id, &code).await?,
                    Method::EmailCode | Method::SmsCode => {
                        let slot = Slot::of(prover, method);
                        self.spend_sent_code(tx, &slot, &code).await?.is_some()
                    }
                    Method::Hotp => self.spend_hotp(tx, user.id, &code).await?,
                    Method::RecoveryCode => self.spend_recovery_code(tx, user, &code, by).await?,
                    _ => false,
                };
                right.then_some(method.into())
            }
        })
    }

    async fn refuse_step(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        (method, why): (Method, Refusal),
        (guards, reserved): &(Guards, Reserved),
        (lang, origin): (&str, &Origin),
    ) -> Result<(), Internal> {
        if let Some(address) = &guards.address {
            self.count_failure(tx, address).await?;
        }
        let event = Event::new(Kind::StepUp, Actor::User(user.id))
            .with("method", method.as_str())
            .failed(why.as_str());
        self.record(tx, &event, origin);
        let counted = (method, guards.streak, *reserved);
        self.count_streak(tx, user, counted, (lang, origin)).await
    }
}
