//! From proofs to a session: whoever proves something is let in when it is enough, and is asked for
//! more when it is not. Every way to sign in ends here.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::devices::Met;
use super::notices::NoticeKind;
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::{SessionId, UserId};
use crate::base::{Digest, Secret, Timestamp};
use crate::protocol::assurance::{Assessment, Method, Proof, Proofs};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::Tx;
use crate::storage::sessions::{self, Session};
use crate::storage::users::User;

/// What a browser brings along.
#[derive(Debug)]
pub struct Visit {
    /// The cookie of a device that signed in before.
    pub device: Option<Secret<String>>,
    /// How the browser names itself.
    pub user_agent: String,
    /// The sessions that this browser has already.
    pub here: Vec<SessionId>,
    /// The language of its pages.
    pub lang: String,
}

/// Somebody who proved a part of what signing in takes. It opens nothing; it lives in the browser's own
/// row and never in its hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entering {
    user: UserId,
    proofs: Proofs,
    /// Of the password hash: changed meanwhile, nothing of it counts.
    password: Option<String>,
    began: Timestamp,
    /// The recovery by which they come back, who lost every second factor.
    #[serde(default)]
    recovery: Option<Uuid>,
}

impl Entering {
    /// Who it would be.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// What was proven.
    #[must_use]
    pub const fn proofs(&self) -> &Proofs {
        &self.proofs
    }

    /// With the password, and the link of a recovery that is ready.
    pub(super) fn recovering(user: &User, proof: Proof, recovery: Uuid) -> Self {
        Self {
            user: user.id,
            proofs: Proofs::of(proof),
            password: mark(user),
            began: proof.at,
            recovery: Some(recovery),
        }
    }

    /// The recovery by which they come back.
    pub(super) const fn recovery(&self) -> Option<Uuid> {
        self.recovery
    }

    /// When it began: tells it from another one of the same person.
    pub(super) const fn began(&self) -> Timestamp {
        self.began
    }

    /// Whether it is still of this account as it is now.
    pub(super) fn holds(&self, user: &User, now: Timestamp, limit: Duration) -> bool {
        let in_time = now.since(self.began) < limit;
        in_time && !user.disabled && self.user == user.id && self.password == mark(user)
    }
}

fn mark(user: &User) -> Option<String> {
    let hash = user.password_hash.as_deref()?;
    Some(format!("{:?}", Digest::of(hash.as_bytes()).as_bytes()))
}

/// Who stands at the door.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// What was proven just now.
    pub proof: Proof,
    /// What was proven before.
    pub before: Option<&'a Entering>,
    /// What the browser brought along.
    pub visit: &'a Visit,
    /// The browser can be given a cookie by which it is known. Somebody who is signed in has it already.
    pub meets: bool,
}

/// What came of a proof.
#[derive(Debug)]
pub enum Admission {
    /// It is enough. With the next cookie of the device, where it changes.
    SignedIn(Box<SignedIn>, Option<Secret<String>>),
    /// One of these is missing, the one to offer first at the front.
    More(Entering, Vec<Method>),
    /// This person has no way to prove enough.
    NoWay(Entering),
}

impl Tessera {
    /// Adds a proof to what somebody proved before, and lets them in if it is enough. Under the lock of the
    /// account, after what the proof rests on was looked at again.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn admit(
        &self,
        tx: &mut Tx<'_>,
        user: User,
        candidate: Candidate<'_>,
        origin: &Origin,
    ) -> Result<Admission, Internal> {
        let Candidate {
            proof,
            before,
            visit,
            meets,
        } = candidate;
        let now = self.now();
        let mut proofs = before.map_or_else(Proofs::default, |before| before.proofs.clone());
        proofs.add(proof);
        // The owner has what was said to be lost, whatever they proved last.
        let has_factor = proofs.iter().any(|proof| {
            let method = proof.of.method;
            method.is_second_factor() || method == Method::RecoveryCode
        });
        let renewed = self.renew_here(tx, &user, &proofs, visit, now).await?;
        self.end_streaks(tx, user.id, proof.of.method, visit)
            .await?;
        let is_renewed = renewed.is_some();
        let session = if let Some(session) = renewed {
            session
        } else {
            let available = self.capabilities(tx, &user).await?;
            let entering = || Entering {
                user: user.id,
                proofs: proofs.clone(),
                password: mark(&user),
                began: before.map_or(now, |before| before.began),
                recovery: None,
            };
            let begun = |offer: &[Method]| {
                let offer: Vec<&str> = offer.iter().map(|method| method.as_str()).collect();
                Event::new(Kind::SignInBegun, Actor::User(user.id))
                    .with("method", proof.of.method.as_str())
                    .with("offer", offer)
            };
            match self.assess_entering(&proofs, &available, None) {
                Assessment::Met(_) => {}
                Assessment::Missing { offer, .. } => {
                    self.record(tx, &begun(&offer), origin);
                    return Ok(Admission::More(entering(), offer));
                }
                Assessment::Unreachable => {
                    self.record(tx, &begun(&[]), origin);
                    return Ok(Admission::NoWay(entering()));
                }
            }
            let session = self.new_session(&user, proofs, visit, origin, now);
            sessions::insert(tx, &session).await?;
            session
        };
        if has_factor {
            self.end_recovery(tx, user.id, "signed_in", origin).await?;
        }
        let mut met = Met::default();
        if meets {
            let before = sessions::signed_in_before(tx, user.id, session.id).await?;
            met = self
                .meet_device(tx, user.id, (visit, is_renewed), origin)
                .await?;
            // Who signs in for the first time knows that they do.
            if met.new && before {
                let kind = NoticeKind::NewDevice;
                self.queue_notice(tx, &user, kind, &visit.lang).await?;
            }
        }
        let event = Event::new(Kind::SignIn, Actor::User(user.id))
            .with("session_id", session.id)
            .with("amr", Proofs::amr(session.proofs.iter()))
            .with("new_device", met.new);
        self.record(tx, &event, origin);
        let signed_in = Box::new(SignedIn::new(user, session));
        Ok(Admission::SignedIn(signed_in, met.cookie))
    }

    /// The session that this person has in this browser already: they proved it again, or proved more.
    /// Those of others here stay as they are.
    async fn renew_here(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        proofs: &Proofs,
        visit: &Visit,
        now: Timestamp,
    ) -> Result<Option<Session>, Internal> {
        let idle = now + self.config.sessions.idle_lifetime;
        for id in visit.here.iter().copied() {
            let Some(mut current) = sessions::find_live(tx, id, now).await? else {
                continue;
            };
            if current.user_id != user.id {
                continue;
            }
            current.proofs.extend(proofs);
            if sessions::prove(tx, id, &current.proofs, now, idle).await? {
                return Ok(Some(Session {
                    last_seen_at: now,
                    idle_expires_at: idle,
                    ..current
                }));
            }
        }
        Ok(None)
    }

    fn new_session(
        &self,
        user: &User,
        proofs: Proofs,
        visit: &Visit,
        origin: &Origin,
        now: Timestamp,
    ) -> Session {
        let settings = &self.config.sessions;
        Session {
            id: SessionId::new(now, &self.entropy),
            user_id: user.id,
            proofs,
            user_agent: visit.user_agent.clone(),
            address: origin.address.map(|a| a.to_string()).unwrap_or_default(),
            created_at: now,
            last_seen_at: now,
            idle_expires_at: now + settings.idle_lifetime,
            expires_at: now + settings.absolute_lifetime,
        }
    }
}
