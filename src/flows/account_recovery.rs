//! The way back for somebody who lost every second factor. Never at once for who has only the password:
//! it waits, the owner hears of it, and any sign-in with a real factor ends it.

use std::time::Duration;

use super::admission::{Entering, Visit};
use super::letters::{LetterKind, LetterRequest};
use super::notices::NoticeKind;
use super::session::{Ending, SignedIn};
use super::{Internal, Tessera};
use crate::base::ids::{UserId, uuid_v7};
use crate::base::{Secret, Timestamp};
use crate::config::RecoveryProof;
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::account_recovery::{Recovery, Stage};
use crate::protocol::assurance::{Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::Which;
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Reader, Tx, account_recoveries, devices, factors, grants};

/// An operator's link is used while they stand there, or on the same day.
const OPERATOR_WINDOW: Duration = Duration::from_hours(24);

/// What somebody who proved the password can do who has nothing else left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// Nothing here.
    None,
    /// Ask those who run this.
    AskOperator,
    /// Begin, and wait so long.
    Begin(Duration),
    /// It was begun, and is ready then.
    Begun(Timestamp),
}

/// What came of asking for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It waits until then. Also if it did before.
    Until(Timestamp),
    /// Too often.
    Slowed(Duration),
    /// Not here, not for this person, or too late.
    Refused,
}

/// What came of coming back with the link.
#[derive(Debug)]
pub enum Opened {
    /// Half a sign-in, which may set up a factor in the place of those that are lost.
    Entering(Entering),
    /// Not the password.
    Wrong,
    /// Too many tries before.
    Slowed(Duration),
    /// The link works no more, or not yet.
    Refused,
}

impl Tessera {
    /// What this person can do; `None` for who has not proven the password, or has nothing to lose.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn way_back(&self, entering: &Entering) -> Result<Option<WayBack>, Internal> {
        let mut reader = &self.store;
        let Some(user) = users::find(&mut reader, entering.user()).await? else {
            return Ok(None);
        };
        self.way_back_of(&mut reader, entering, &user).await
    }

    async fn way_back_of(
        &self,
        reader: &mut impl Reader,
        entering: &Entering,
        user: &User,
    ) -> Result<Option<WayBack>, Internal> {
        let proven = entering
            .proofs()
            .iter()
            .any(|p| p.of.method == Method::Password);
        let holds = entering.holds(user, self.now(), self.config.assurance.entering);
        if !proven || !holds || !self.capabilities(reader, user).await?.has_second_factor() {
            return Ok(None);
        }
        if let Some(recovery) = self.recovery_of(reader, user.id).await? {
            return Ok(Some(WayBack::Begun(recovery.ready_at)));
        }
        let reaches = user.email_verified && self.mailer.can_send();
        Ok(Some(match self.config.recovery.proof {
            RecoveryProof::None => WayBack::None,
            RecoveryProof::Email if reaches => WayBack::Begin(self.config.recovery.wait),
            RecoveryProof::Email | RecoveryProof::Operator => WayBack::AskOperator,
        }))
    }

    async fn recovery_of(
        &self,
        reader: &mut impl Reader,
        user: UserId,
    ) -> Result<Option<Recovery>, Internal> {
        let found = account_recoveries::of_user(reader, user).await?;
        Ok(found.filter(|one| one.stage(self.now()) != Stage::Over))
    }

    /// The recovery of the account of somebody who is signed in: they can end it.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn recovery_under_way(
        &self,
        person: &SignedIn,
    ) -> Result<Option<Recovery>, Internal> {
        let mut reader = &self.store;
        self.recovery_of(&mut reader, person.user().id).await
    }

    /// Begins it, and tells the owner at once.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn begin_recovery(
        &self,
        entering: &Entering,
        lang: &str,
        origin: Origin,
    ) -> Result<Begun, Internal> {
        let user = entering.user();
        let buckets = self.letter_buckets("recovery", &user.to_string(), origin.address)?;
        if let Err(wait) = self.reserve_try(buckets, None).await? {
            return Ok(Begun::Slowed(wait));
        }
        let (tessera, entering, lang) = (self.clone(), entering.clone(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = users::lock(tx, user).await? else {
                        return Ok(Begun::Refused);
                    };
                    let wait = match tessera.way_back_of(tx, &entering, &user).await? {
                        Some(WayBack::Begin(wait)) => wait,
                        Some(WayBack::Begun(ready)) => return Ok(Begun::Until(ready)),
                        _ => return Ok(Begun::Refused),
                    };
                    let now = tessera.now();
                    let id = uuid_v7(now, &tessera.entropy);
                    let window = tessera.config.recovery.window;
                    let recovery = Recovery::begun(id, now, wait, window);
                    let next = recovery.next_turn(now);
                    account_recoveries::replace(tx, user.id, &recovery, &lang, next).await?;
                    tessera
                        .queue_recovery_letter(tx, &user, &recovery, &lang)
                        .await?;
                    let event = Event::new(Kind::RecoveryBegun, Actor::User(user.id))
                        .with("ready_at", recovery.ready_at.rfc3339());
                    tessera.record(tx, &event, &origin);
                    Ok(Begun::Until(recovery.ready_at))
                })
            })
            .await
    }

    pub(super) async fn queue_recovery_letter(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        recovery: &Recovery,
        lang: &str,
    ) -> Result<(), Internal> {
        let now = self.now();
        let token = self.recovery_link(tx, user, recovery).await?;
        let (kind, until) = match recovery.stage(now) {
            Stage::Waiting => (LetterKind::RecoveryBegun, recovery.ready_at),
            Stage::Ready | Stage::Over => (LetterKind::RecoveryReady, recovery.expires_at),
        };
        let letter = LetterRequest {
            kind,
            to: user.email.clone(),
            name: user.display_name().to_owned(),
            link: Some(self.url(&format!("/recover?token={}", token.expose()))),
            lang: lang.to_owned(),
            valid_for: Some(until.since(now)),
        };
        self.queue_letter(tx, &letter).await
    }

    /// A link that ends a recovery, and finishes it when it is ready.
    async fn recovery_link(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        recovery: &Recovery,
    ) -> Result<Secret<String>, Internal> {
        let token = self.entropy.token();
        let link = Link {
            user_id: Some(user.id),
            payload: Some(self.seal_told(&user.email, recovery.began_at, Some(recovery.id))?),
        };
        let (hash, until) = (token.digest(), recovery.expires_at);
        links::insert(tx, hash, Purpose::Recovery, &link, self.now(), until).await?;
        Ok(token)
    }

    /// An operator has looked at the person: a link for them, to be handed over. `Err` says why not.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn recover_by_operator(
        &self,
        user: UserId,
        origin: Origin,
    ) -> Result<Result<Secret<String>, &'static str>, Internal> {
        if self.config.recovery.proof == RecoveryProof::None {
            return Ok(Err(
                "recovery.proof is none: only recovery codes open an account",
            ));
        }
        let tessera = self.clone();
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let user = users::lock(tx, user).await?;
                    let Some(user) = user.filter(|user| !user.disabled) else {
                        return Ok(Err("the account is disabled"));
                    };
                    if !tessera.capabilities(tx, &user).await?.has_second_factor() {
                        return Ok(Err("this person has no second factor that could be lost"));
                    }
                    let now = tessera.now();
                    let id = uuid_v7(now, &tessera.entropy);
                    let recovery = Recovery {
                        by_operator: true,
                        ..Recovery::begun(id, now, Duration::ZERO, OPERATOR_WINDOW)
                    };
                    links::void(tx, Purpose::Recovery, Some(user.id), now).await?;
                    let end = recovery.expires_at;
                    account_recoveries::replace(tx, user.id, &recovery, "", end).await?;
                    let token = tessera.recovery_link(tx, &user, &recovery).await?;
                    // The letter has no link that opens: what the operator hands over is the proof.
                    let by = super::factors::By::other(Actor::Operator, &user, &origin);
                    let kind = NoticeKind::RecoveryAllowed;
                    tessera.queue_notice(tx, &user, kind, by.lang).await?;
                    let event = Event::new(Kind::RecoveryBegun, by.actor)
                        .with("user_id", user.id)
                        .with("ready_at", recovery.ready_at.rfc3339());
                    tessera.record(tx, &event, &origin);
                    let url = tessera.url(&format!("/recover?token={}", token.expose()));
                    Ok(Ok(Secret::new(url)))
                })
            })
            .await
    }

    /// Whose account a link is about, and where its recovery stands.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_recovery(
        &self,
        token: &Secret<String>,
    ) -> Result<Option<(User, Recovery)>, Internal> {
        let mut reader = &self.store;
        let hash = token.digest();
        let link = links::find(&mut reader, hash, Purpose::Recovery, self.now()).await?;
        let Some((id, payload)) = link.and_then(|link| Some((link.user_id?, link.payload?))) else {
            return Ok(None);
        };
        let told = self.open_told(&payload)?;
        let recovery = self.recovery_of(&mut reader, id).await?;
        let Some(recovery) = recovery.filter(|one| Some(one.id) == told.change) else {
            return Ok(None);
        };
        // The mailbox that it went to is one of its proofs, unless an operator handed it over.
        let reached = |user: &User| comparable(&told.to) == comparable(&user.email);
        let user = users::find(&mut reader, id).await?;
        Ok(user
            .filter(|user| !user.disabled && (recovery.by_operator || reached(user)))
            .map(|user| (user, recovery)))
    }

    /// Comes back with the link and the password, when it is ready.
    ///
    /// # Errors
    /// [`Internal::Busy`] when too many passwords are being checked; or the database.
    pub async fn open_recovery(
        &self,
        token: &Secret<String>,
        password: Secret<String>,
        visit: &Visit,
        origin: Origin,
    ) -> Result<Opened, Internal> {
        let found = self.peek_recovery(token).await?;
        let Some((user, recovery)) =
            found.filter(|(_, recovery)| recovery.stage(self.now()) == Stage::Ready)
        else {
            return Ok(Opened::Refused);
        };
        let guards = self
            .step_guards(user.id, Method::Password, visit, &origin)
            .await?;
        let reserved = match self.reserve_guess(guards).await? {
            Ok(reserved) => reserved,
            Err(wait) => return Ok(Opened::Slowed(wait)),
        };
        let heard = self.is_listened_to(reserved);
        let stored = user.password_hash.clone().filter(|_| heard);
        let stored = stored.and_then(|phc| PasswordHash::from_phc(phc).ok());
        let verdict = self.verify_or_give_back(guards, password, stored).await?;
        let right = matches!(verdict, Verdict::Right { .. });
        let event = Event::new(Kind::RecoveryOpened, Actor::Anonymous).with("user_id", user.id);
        let event = if right {
            event
        } else {
            event.failed("wrong_credentials")
        };
        let (tessera, guessed, lang) = (self.clone(), user.clone(), visit.lang.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    match &guards.address {
                        _ if right => tessera.forgive(tx, &[guards.own]).await?,
                        Some(address) => tessera.count_failure(tx, address).await?,
                        None => {}
                    }
                    tessera.record(tx, &event, &origin);
                    if right {
                        return tessera.begin_password_streaks(tx, guessed.id).await;
                    }
                    let counted = (Method::Password, guards.streak, reserved);
                    let by = (lang.as_str(), &origin);
                    tessera.count_streak(tx, &guessed, counted, by).await
                })
            })
            .await?;
        if !right {
            return Ok(Opened::Wrong);
        }
        let proof = Proof {
            of: Method::Password.into(),
            at: self.now(),
        };
        Ok(Opened::Entering(Entering::recovering(
            &user,
            proof,
            recovery.id,
        )))
    }

    /// Whether somebody who is entering comes back by a recovery that is ready.
    pub(super) async fn is_recovering(
        &self,
        reader: &mut impl Reader,
        entering: &Entering,
    ) -> Result<bool, Internal> {
        let Some(id) = entering.recovery() else {
            return Ok(false);
        };
        let found = account_recoveries::of_user(reader, entering.user()).await?;
        Ok(found.is_some_and(|one| one.id == id && one.stage(self.now()) == Stage::Ready))
    }

    /// What was lost is gone, and whoever is in is out: in the transaction that sets up what takes its place.
    pub(super) async fn finish_recovery(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        lang: &str,
        origin: &Origin,
    ) -> Result<(), Internal> {
        let (now, id, actor) = (self.now(), user.id, Actor::User(user.id));
        account_recoveries::delete(tx, id).await?;
        links::void(tx, Purpose::Recovery, Some(id), now).await?;
        self.forget_number(tx, &mut user.clone(), None).await?;
        let gone = factors::remove_since(tx, id, Timestamp::from_micros(0)).await?;
        self.end_sessions(tx, Which::AllOf(id), Ending::Recovered, &actor, origin)
            .await?;
        grants::end_for_user(tx, id, now, "recovered").await?;
        devices::forget_all(tx, id, None).await?;
        let event = Event::new(Kind::RecoveryFinished, actor).with("factors_removed", gone);
        self.record(tx, &event, origin);
        self.queue_notice(tx, user, NoticeKind::FactorRemoved, lang)
            .await
    }
}
