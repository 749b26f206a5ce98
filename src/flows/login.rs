//! A person signs in with a password.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::admission::{Admission, Candidate, Entering, Visit};
use super::session::SignedIn;
use super::streaks::{Guards, Place};
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::assurance::{Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::users::{self, User};

/// What came from the sign-in page.
#[derive(Debug)]
pub struct SignInAttempt {
    /// User name or e-mail address.
    pub login: String,
    /// As it was typed.
    pub password: Secret<String>,
    /// What the browser brings along.
    pub visit: Visit,
    /// What it says of the puzzle, where one was asked for.
    pub captcha: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum SignInOutcome {
    /// It is them.
    SignedIn {
        /// The proof.
        signed_in: Box<SignedIn>,
        /// The next cookie of the device.
        device: Option<Secret<String>>,
    },
    /// It is right, and not enough for this person.
    More(Entering),
    /// Nothing was checked: a puzzle comes first.
    Puzzle,
    /// Not that name with that password. The same words and the same time whatever it was.
    Wrong,
    /// Nothing was checked: too many tries before.
    Slowed {
        /// How long to wait.
        retry_after: Duration,
    },
}

impl Tessera {
    /// Checks a password and begins (or renews) a session.
    ///
    /// # Errors
    /// [`Internal::Busy`] when too many passwords are being checked; or the database.
    pub async fn sign_in(
        &self,
        attempt: SignInAttempt,
        origin: Origin,
    ) -> Result<SignInOutcome, Internal> {
        let attempt = Arc::new(attempt);
        let mut user = self.named_by(&attempt.login).await?;
        let tried = (attempt.login.as_str(), &attempt.visit);
        let guards = self.guards(user.as_ref(), tried, &origin).await?;
        if !self.passes_captcha(&guards, &attempt, &origin).await? {
            let event = Event::new(Kind::SignInSlowed, Actor::Anonymous).failed("captcha");
            let who = user.as_ref().map(|user| user.id);
            self.record_some_of(who, named(event, user.as_ref()), origin)
                .await?;
            return Ok(SignInOutcome::Puzzle);
        }
        let reserved = match self.reserve_guess(guards).await? {
            Ok(reserved) => reserved,
            Err(retry_after) => {
                self.record_slowed(user.as_ref(), origin).await?;
                return Ok(SignInOutcome::Slowed { retry_after });
            }
        };
        // A second time only if the account changed while the password was being checked: by a
        // reset (then it is wrong now), or by the rehash of a sign-in beside this one.
        for _ in 0..2 {
            let heard = user.as_ref().filter(|_| self.is_listened_to(reserved));
            let checked = self.check(guards, heard, &attempt.password).await?;
            let Some(rehashed) = checked else {
                break;
            };
            let Some(proven) = user else { break };
            let begun = self
                .begin_session(proven, &attempt, guards, rehashed, origin.clone())
                .await?;
            if let Some(outcome) = begun {
                metrics::counter!("tessera_sign_ins_total", "outcome" => "right").increment(1);
                return Ok(outcome);
            }
            user = self.named_by(&attempt.login).await?;
        }
        metrics::counter!("tessera_sign_ins_total", "outcome" => "wrong").increment(1);
        let event = named(Event::new(Kind::SignIn, Actor::Anonymous), user.as_ref())
            .failed("wrong_credentials");
        let (tessera, lang) = (self.clone(), attempt.visit.lang.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if let Some(address) = &guards.address {
                        tessera.count_failure(tx, address).await?;
                    }
                    tessera.record(tx, &event, &origin);
                    let Some(user) = user else { return Ok(()) };
                    let counted = (Method::Password, guards.streak, reserved);
                    tessera
                        .count_streak(tx, &user, counted, (&lang, &origin))
                        .await
                })
            })
            .await?;
        Ok(SignInOutcome::Wrong)
    }

    async fn record_slowed(&self, user: Option<&User>, origin: Origin) -> Result<(), Internal> {
        let event = Event::new(Kind::SignInSlowed, Actor::Anonymous).failed("too_many_tries");
        let who = user.map(|user| user.id);
        self.record_some_of(who, named(event, user), origin).await
    }

    pub(super) async fn named_by(&self, login: &str) -> Result<Option<User>, Internal> {
        let mut reader = &self.store;
        Ok(users::find_by_login(&mut reader, login).await?)
    }

    /// Checks the password, in the same time whether there is such an account or not. `Some` if it
    /// is right, with a new hash if the old one has another cost than the configured one.
    async fn check(
        &self,
        guards: Guards,
        user: Option<&User>,
        password: &Secret<String>,
    ) -> Result<Option<Option<PasswordHash>>, Internal> {
        let stored = user
            .filter(|user| !user.disabled)
            .and_then(|user| user.password_hash.clone())
            .and_then(|phc| PasswordHash::from_phc(phc).ok());
        let verdict = self
            .verify_or_give_back(guards, password.clone(), stored)
            .await?;
        let Verdict::Right { needs_rehash } = verdict else {
            return Ok(None);
        };
        if !needs_rehash {
            return Ok(Some(None));
        }
        let salt = self.entropy.bytes();
        // A busy pool puts it off to the next sign-in.
        Ok(Some(self.passwords.hash(password.clone(), salt).await.ok()))
    }

    /// A known device spends its own budget instead of the account's, which strangers can empty.
    pub(super) async fn guards(
        &self,
        user: Option<&User>,
        (login, visit): (&str, &Visit),
        origin: &Origin,
    ) -> Result<Guards, Internal> {
        let id = user.map(|user| user.id);
        let device = self.known_device(id, visit, origin).await?;
        if let (Some(id), Some(device)) = (id, device) {
            return self.guards_of_device(id, device, Method::Password);
        }
        let streak = match user.filter(|user| !user.disabled && user.password_hash.is_some()) {
            Some(user) => self.streak(user.id, Method::Password, Place::Elsewhere)?,
            None => self.nobodys_streak()?,
        };
        Ok(Guards {
            own: self.name_bucket(login)?,
            address: self.address_bucket(origin.address)?,
            streak,
        })
    }

    /// Those of a device on which this person signed in before.
    pub(super) fn guards_of_device(
        &self,
        user: UserId,
        device: Uuid,
        method: Method,
    ) -> Result<Guards, Internal> {
        Ok(Guards {
            own: self.device_bucket(device, user, method)?,
            address: None,
            streak: self.streak(user, method, Place::Device(device))?,
        })
    }

    /// `None` if the password or the account changed since they were checked.
    async fn begin_session(
        &self,
        proven: User,
        attempt: &Arc<SignInAttempt>,
        guards: Guards,
        rehashed: Option<PasswordHash>,
        origin: Origin,
    ) -> Result<Option<SignInOutcome>, Internal> {
        let now = self.now();
        let (tessera, attempt) = (self.clone(), Arc::clone(attempt));
        let admitted = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // The password was checked outside of this transaction: changed, reset or
                    // disabled meanwhile, it proves nothing any more.
                    let Some(mut user) = users::lock(tx, proven.id).await?.filter(|user| {
                        !user.disabled && user.password_hash == proven.password_hash
                    }) else {
                        return Ok(None);
                    };
                    tessera.forgive(tx, &[guards.own]).await?;
                    if let Some(hash) = &rehashed {
                        users::set_password(tx, user.id, hash.as_phc(), now).await?;
                        user.password_hash = Some(hash.as_phc().to_owned());
                    }
                    let candidate = Candidate {
                        proof: Proof {
                            of: Method::Password.into(),
                            at: now,
                        },
                        before: None,
                        visit: &attempt.visit,
                        meets: true,
                    };
                    tessera.admit(tx, user, candidate, &origin).await.map(Some)
                })
            })
            .await?;
        Ok(admitted.map(|admitted| match admitted {
            Admission::SignedIn(signed_in, device) => SignInOutcome::SignedIn { signed_in, device },
            Admission::More(entering, _) | Admission::NoWay(entering) => {
                SignInOutcome::More(entering)
            }
        }))
    }
}

/// Names the account, if there is one. What a stranger typed is not recorded: people type passwords
/// into the wrong field.
fn named(event: Event, user: Option<&User>) -> Event {
    event.with("user_id", user.map(|user| user.id))
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
