//! A person signs in with a password.

use std::time::Duration;

use super::session::SignedIn;
use super::throttle::Bucket;
use super::{Internal, Tessera};
use crate::base::ids::SessionId;
use crate::base::{Secret, Timestamp};
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::sessions::{self, Session};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Tx, grants};

/// What a password proves: NIST SP 800-63B-4 AAL1.
pub const ACR_PASSWORD: &str = "urn:tessera:acr:aal1";

/// RFC 8176 §2: "pwd: Password-based authentication".
const AMR_PASSWORD: &str = "pwd";

/// A device is known for as long as its cookie can live.
const DEVICE_LIFETIME: Duration = Duration::from_hours(9600);

/// What came from the sign-in page.
#[derive(Debug)]
pub struct SignInAttempt {
    /// User name or e-mail address.
    pub login: String,
    /// As it was typed.
    pub password: Secret<String>,
    /// The cookie of a device that signed in before.
    pub device: Option<Secret<String>>,
    /// How the browser names itself.
    pub user_agent: String,
    /// The session that this browser has already.
    pub current: Option<SessionId>,
}

/// What came of it.
#[derive(Debug)]
pub enum SignInOutcome {
    /// It is them.
    SignedIn {
        /// The proof.
        signed_in: Box<SignedIn>,
        /// A cookie for a device that was new.
        device: Option<Secret<String>>,
    },
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
        let mut reader = &self.store;
        let user = users::find_by_login(&mut reader, &attempt.login).await?;
        let known = self
            .known_device(user.as_ref(), attempt.device.as_ref())
            .await?;
        let buckets = self.buckets(user.as_ref(), &attempt, known, &origin)?;
        if let Err(retry_after) = self.reserve_try(buckets.clone()).await? {
            let event = named(
                Event::new(Kind::SignInSlowed, Actor::Anonymous),
                user.as_ref(),
            )
            .failed("too_many_tries");
            self.record_alone(event, origin).await?;
            return Ok(SignInOutcome::Slowed { retry_after });
        }
        let usable = user.as_ref().filter(|user| !user.disabled);
        let stored = usable
            .and_then(|user| user.password_hash.clone())
            .and_then(|phc| PasswordHash::from_phc(phc).ok());
        let verdict = self
            .passwords
            .verify(attempt.password.clone(), stored)
            .await?;
        let (Verdict::Right { needs_rehash }, Some(user)) = (verdict, user.clone()) else {
            let event = named(Event::new(Kind::SignIn, Actor::Anonymous), user.as_ref())
                .failed("wrong_credentials");
            self.record_alone(event, origin).await?;
            metrics::counter!("tessera_sign_ins_total", "outcome" => "wrong").increment(1);
            return Ok(SignInOutcome::Wrong);
        };
        let rehashed = if needs_rehash {
            let salt = self.entropy.bytes();
            self.passwords
                .hash(attempt.password.clone(), salt)
                .await
                .ok()
        } else {
            None
        };
        metrics::counter!("tessera_sign_ins_total", "outcome" => "right").increment(1);
        self.begin_session(user, attempt, buckets, known, rehashed, origin)
            .await
    }

    async fn known_device(
        &self,
        user: Option<&User>,
        device: Option<&Secret<String>>,
    ) -> Result<bool, Internal> {
        let (Some(user), Some(device)) = (user, device) else {
            return Ok(false);
        };
        let mut reader = &self.store;
        Ok(sessions::knows_device(&mut reader, device.digest(), user.id, self.now()).await?)
    }

    /// A known device spends its own budget instead of the account's, which strangers can empty.
    fn buckets(
        &self,
        user: Option<&User>,
        attempt: &SignInAttempt,
        known_device: bool,
        origin: &Origin,
    ) -> Result<Vec<Bucket>, Internal> {
        let first = match (&attempt.device, known_device) {
            (Some(device), true) => self.device_bucket(device.digest())?,
            // One budget, whichever of its names is typed.
            _ => match user {
                Some(user) => self.account_bucket(&user.id.to_string())?,
                None => self.account_bucket(&comparable(&attempt.login))?,
            },
        };
        let mut buckets = vec![first];
        buckets.extend(self.address_bucket(origin.address)?);
        Ok(buckets)
    }

    async fn begin_session(
        &self,
        user: User,
        attempt: SignInAttempt,
        buckets: Vec<Bucket>,
        known_device: bool,
        rehashed: Option<PasswordHash>,
        origin: Origin,
    ) -> Result<SignInOutcome, Internal> {
        let now = self.now();
        let device = (!known_device).then(|| self.entropy.token());
        let device_hash = device.as_ref().map(Secret::digest);
        let tessera = self.clone();
        let begun = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // The password was checked outside of this transaction: changed, reset or
                    // disabled meanwhile, it proves nothing any more.
                    let now_known = users::lock(tx, user.id).await?;
                    if !now_known.is_some_and(|known| {
                        !known.disabled && known.password_hash == user.password_hash
                    }) {
                        return Ok(None);
                    }
                    // The address keeps its count: one right password must not buy an attacker
                    // with an account of his own a fresh budget for the accounts of others.
                    tessera.forgive(tx, &buckets[..1]).await?;
                    if let Some(hash) = &rehashed {
                        users::set_password(tx, user.id, hash.as_phc(), now).await?;
                    }
                    if let Some(hash) = device_hash {
                        let until = now + DEVICE_LIFETIME;
                        sessions::remember_device(tx, hash, user.id, now, until).await?;
                    }
                    let session = tessera
                        .session_for(tx, &user, &attempt, &origin, now)
                        .await?;
                    let event = Event::new(Kind::SignIn, Actor::User(user.id))
                        .with("session_id", session.id)
                        .with("amr", &session.amr)
                        .with("new_device", device_hash.is_some());
                    tessera.record(tx, &event, &origin);
                    Ok(Some(SignedIn::new(user, session)))
                })
            })
            .await?;
        Ok(
            begun.map_or(SignInOutcome::Wrong, |signed_in| SignInOutcome::SignedIn {
                signed_in: Box::new(signed_in),
                device,
            }),
        )
    }

    /// The session that this browser has, if it is the same person's: they proved it again. Else a
    /// new one, and what another person left behind here ends.
    async fn session_for(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        attempt: &SignInAttempt,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Session, Internal> {
        let settings = &self.config.sessions;
        let idle = now + settings.idle_lifetime;
        if let Some(id) = attempt.current
            && let Some(current) = sessions::find_live(tx, id, now).await?
        {
            if current.user_id == user.id && sessions::reauthenticate(tx, id, now, idle).await? {
                return Ok(Session {
                    auth_time: now,
                    last_seen_at: now,
                    idle_expires_at: idle,
                    ..current
                });
            }
            sessions::end(tx, id, current.user_id, now).await?;
            grants::end_for_session(tx, id, now).await?;
        }
        let session = Session {
            id: SessionId::new(now, &self.entropy),
            user_id: user.id,
            auth_time: now,
            acr: ACR_PASSWORD.to_owned(),
            amr: vec![AMR_PASSWORD.to_owned()],
            user_agent: attempt.user_agent.clone(),
            address: origin.address.map(|a| a.to_string()).unwrap_or_default(),
            created_at: now,
            last_seen_at: now,
            idle_expires_at: idle,
            expires_at: now + settings.absolute_lifetime,
        };
        sessions::insert(tx, &session).await?;
        Ok(session)
    }
}

/// Names the account, if there is one. What a stranger typed is not recorded: people type passwords
/// into the wrong field.
fn named(event: Event, user: Option<&User>) -> Event {
    event.with("user_id", user.map(|user| user.id))
}
