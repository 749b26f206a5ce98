//! Who is signed in, proven by a live row; and the one way in which sessions end.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use uuid::Uuid;

use super::{Internal, Tessera};
use crate::base::ids::{SessionId, UserId};
use crate::base::{Secret, Timestamp};
use crate::protocol::access::power::WriteSessions;
use crate::protocol::access::{Permit, Roles};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::{self, EndedSession, Which};
use crate::storage::sessions::{self, Session};
use crate::storage::users::{self, User};
use crate::storage::{Tx, devices, live_sessions, role_grants};

/// A logout token that could not be delivered for a day is given up: the tokens that the client had
/// of this session are over by then, unless it refreshed them and found out that way.
const DELIVER_FOR: Duration = Duration::from_hours(24);

/// How many sessions that are to end are looked for at once.
const BATCH: i64 = 200;

/// How many end at once where all do: SQLite commits them together, and most connections to PostgreSQL are left to
/// everybody else.
const AT_ONCE: usize = 4;

/// So often in a row the end of all sessions tries again while the database is away: some ten minutes.
const TRIES: u64 = 60;

/// A person in a browser whose session lives right now. Made only by [`Tessera::resolve_session`]
/// and by a sign-in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    session: Session,
}

impl SignedIn {
    pub(super) const fn new(user: User, session: Session) -> Self {
        Self { user, session }
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// In which session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }
}

/// Why a session ends, for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The person signed out.
    SignedOut,
    /// The person ended it on their account page.
    EndedByOwner,
    /// The password was changed in another session.
    PasswordChanged,
    /// The password was reset.
    PasswordReset,
    /// The passkey that it rested on was removed.
    FactorRemoved,
    /// The owner lost every second factor and has a new one.
    Recovered,
    /// The account was disabled.
    UserDisabled,
    /// The person was moved to another organisation.
    Moved,
    /// The organisation that the person belongs to was closed.
    OrganisationClosed,
    /// Its browser holds as many accounts as it can, and another was added.
    MadeRoom,
    /// The owner of the account said "it was not me".
    NotMe,
    /// The owner asked for the deletion of the account.
    DeletionRequested,
    /// An administrator ended it.
    EndedByOperator,
    /// It came to its limit.
    Expired,
}

/// How far the end of all sessions has come.
struct Sweeping {
    /// The roles as they were when it began.
    known: Roles,
    /// What began later stays.
    until: Timestamp,
    after: SessionId,
    ended: usize,
    /// Of people who may do more than who ends them.
    spared: usize,
}

/// Whose sessions an operator ends.
#[derive(Clone, Debug)]
pub enum Whose {
    /// This one.
    One(SessionId),
    /// All of a person's.
    Of(UserId),
    /// All that this permits.
    Everybody(Permit<WriteSessions>),
}

impl Ending {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedByOwner => "ended_by_owner",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::UserDisabled => "user_disabled",
            Self::Moved => "moved",
            Self::OrganisationClosed => "organisation_closed",
            Self::MadeRoom => "made_room",
            Self::NotMe => "not_me",
            Self::DeletionRequested => "deletion_requested",
            Self::FactorRemoved => "factor_removed",
            Self::EndedByOperator => "ended_by_operator",
            Self::Recovered => "recovered",
            Self::Expired => "expired",
        }
    }
}

impl Tessera {
    /// The person behind a session id, if the session lives and the person is not disabled. Notes
    /// that the session was used, at most once in `sessions.touch_interval`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn resolve_session(&self, id: SessionId) -> Result<Option<SignedIn>, Internal> {
        let now = self.now();
        let mut reader = &self.store;
        let Some(session) = sessions::find_live(&mut reader, id, now).await? else {
            return Ok(None);
        };
        let user = users::find(&mut reader, session.user_id).await?;
        let Some(user) = user.filter(|user| !user.disabled) else {
            return Ok(None);
        };
        let settings = &self.config.sessions;
        if now.since(session.last_seen_at) >= settings.touch_interval {
            let idle = now + settings.idle_lifetime;
            self.store
                .write::<_, Internal, _>(move |tx| {
                    Box::pin(async move { Ok(sessions::touch(tx, id, now, idle).await?) })
                })
                .await?;
        }
        Ok(Some(SignedIn::new(user, session)))
    }

    /// Ends sessions, whatever the reason: with what they allowed without `offline_access`, with the
    /// logout tokens that are due for them, and with their record. There is no other way.
    pub(super) async fn end_sessions(
        &self,
        tx: &mut Tx<'_>,
        which: Which,
        ending: Ending,
        actor: &Actor,
        origin: &Origin,
    ) -> Result<Vec<EndedSession>, Internal> {
        let now = self.now();
        let ended = endings::end(tx, which, &self.entropy, now, now + DELIVER_FOR).await?;
        for session in &ended {
            let event = Event::new(Kind::SessionEnded, actor.clone())
                .with("session_id", session.id())
                .with("user_id", session.user_id())
                .with("organisation_id", session.organisation())
                .with("how", ending.as_str());
            self.record(tx, &event, origin);
            metrics::counter!("tessera_backchannel_logouts_total", "outcome" => "queued")
                .increment(session.queued() as u64);
        }
        Ok(ended)
    }

    /// Ends one session of the person who asks; `None` if it is none of theirs.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn end_session(
        &self,
        signed_in: &SignedIn,
        session: SessionId,
        ending: Ending,
        origin: Origin,
    ) -> Result<Option<EndedSession>, Internal> {
        let user = signed_in.user.id;
        let (which, actor) = (Which::One(session, user), Actor::User(user));
        let mut ended = self.end_alone(which, ending, actor, origin).await?;
        Ok(ended.pop())
    }

    /// Ends sessions in a transaction of their own.
    async fn end_alone(
        &self,
        which: Which,
        ending: Ending,
        actor: Actor,
        origin: Origin,
    ) -> Result<Vec<EndedSession>, Internal> {
        self.end_but_at(None, which, (ending, actor), origin).await
    }

    /// Ends sessions. Where all of a person's end, their devices are not known any more, but the one that
    /// they sit at: who has lost a telephone does not want it to guess in peace.
    async fn end_but_at(
        &self,
        here: Option<Uuid>,
        which: Which,
        (ending, actor): (Ending, Actor),
        origin: Origin,
    ) -> Result<Vec<EndedSession>, Internal> {
        let tessera = self.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let ended = tessera
                        .end_sessions(tx, which, ending, &actor, &origin)
                        .await?;
                    if let Which::AllOf(user) | Which::AllBut(user, _) = which {
                        devices::forget_all(tx, user, here).await?;
                    }
                    Ok(ended)
                })
            })
            .await
    }

    /// Ends every session of the person but this one; how many those were.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn end_other_sessions(
        &self,
        signed_in: &SignedIn,
        device: Option<&Secret<String>>,
        origin: Origin,
    ) -> Result<usize, Internal> {
        let (user, here) = (signed_in.user.id, signed_in.session.id);
        let (which, actor) = (Which::AllBut(user, here), Actor::User(user));
        let at = self.named_device(device)?;
        let ended = self.end_but_at(at, which, (Ending::EndedByOwner, actor), origin);
        Ok(ended.await?.len())
    }

    /// The live sessions of a person, the latest used first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, Internal> {
        let mut reader = &self.store;
        Ok(sessions::of_user(&mut reader, user, self.now()).await?)
    }

    /// Ends sessions because an operator says so; how many those were. Who signs in meanwhile stays.
    ///
    /// # Errors
    /// If it could not be written; those that were reached have ended.
    pub async fn end_as_operator(&self, whose: Whose, origin: Origin) -> Result<usize, Internal> {
        let end =
            |which, origin| self.end_alone(which, Ending::EndedByOperator, Actor::Operator, origin);
        let (now, mut reader) = (self.now(), &self.store);
        match whose {
            Whose::One(id) => match sessions::find_live(&mut reader, id, now).await? {
                Some(session) => Ok(end(Which::One(id, session.user_id), origin).await?.len()),
                None => Ok(0),
            },
            Whose::Of(user) => Ok(end(Which::AllOf(user), origin).await?.len()),
            Whose::Everybody(permit) => self.end_all_within(&permit, None, origin).await,
        }
    }

    /// Ends every session that the caller may end and that began by now, but for `kept`; how many those were.
    ///
    /// # Errors
    /// If it could not be written; those that were reached have ended.
    pub(super) async fn end_all_within(
        &self,
        permit: &Permit<WriteSessions>,
        kept: Option<SessionId>,
        origin: Origin,
    ) -> Result<usize, Internal> {
        let mut sweep = Sweeping {
            known: self.roles(&mut &self.store).await?,
            until: self.now(),
            after: SessionId(Uuid::nil()),
            ended: 0,
            spared: 0,
        };
        let mut failures = 0;
        let done = loop {
            match self.sweep_on(&mut sweep, permit, kept, &origin).await {
                Ok(true) => failures = 0,
                Ok(false) => break Ok(()),
                // What was reached is not met again.
                Err(error) if error.is_passing() && failures < TRIES => {
                    failures += 1;
                    tokio::time::sleep(Duration::from_secs(failures.min(10))).await;
                }
                Err(error) => break Err(error),
            }
        };
        let mut event = Event::new(Kind::SessionsEnded, permit.actor().clone())
            .with("count", sweep.ended)
            .with("organisation_id", permit.within().organisation());
        if sweep.spared > 0 {
            event = event.with("spared", sweep.spared);
        }
        if done.is_err() {
            event = event.failed("not_everybody");
        }
        self.record_alone(event, origin).await?;
        done.map(|()| sweep.ended)
    }

    /// The next sessions, one transaction each, as for those that expire: whoever writes meanwhile comes in between.
    async fn sweep_on(
        &self,
        sweep: &mut Sweeping,
        permit: &Permit<WriteSessions>,
        kept: Option<SessionId>,
        origin: &Origin,
    ) -> Result<bool, Internal> {
        let mut reader = &self.store;
        let within = permit.within();
        let (until, after) = (sweep.until, sweep.after);
        let found = live_sessions::begun_by(&mut reader, within, until, after, BATCH).await?;
        let Some((last, _)) = found.last().copied() else {
            return Ok(false);
        };
        let (mut ends, mut spared) = (Vec::new(), 0);
        for (id, user) in found.into_iter().filter(|(id, _)| Some(*id) != kept) {
            let held = role_grants::held_by_user(&mut reader, user).await?;
            // Nobody keeps those out who could take their roles.
            if !permit.covers(&sweep.known, &held, until) {
                spared += 1;
                continue;
            }
            let (which, ending) = (Which::One(id, user), Ending::EndedByOperator);
            ends.push(self.end_alone(which, ending, permit.actor().clone(), origin.clone()));
        }
        let mut ends = stream::iter(ends).buffer_unordered(AT_ONCE);
        while let Some(ended) = ends.try_next().await? {
            sweep.ended += ended.len();
        }
        (sweep.after, sweep.spared) = (last, sweep.spared + spared);
        Ok(true)
    }

    /// Ends the sessions that have come to their limit; how many those were.
    ///
    /// # Errors
    /// If the database does not answer; what is left ends the next time.
    pub async fn end_expired_sessions(&self) -> Result<usize, Internal> {
        let mut total = 0;
        loop {
            let mut reader = &self.store;
            let found = sessions::expired(&mut reader, self.now(), BATCH).await?;
            if found.is_empty() {
                return Ok(total);
            }
            for id in found {
                // One transaction each: two of them never wait for each other's rows.
                total += usize::from(self.end_expired(id).await?);
            }
        }
    }

    async fn end_expired(&self, id: SessionId) -> Result<bool, Internal> {
        let (which, origin) = (Which::Expired(id), Origin::default());
        let ended = self.end_alone(which, Ending::Expired, Actor::System, origin);
        Ok(!ended.await?.is_empty())
    }
}
