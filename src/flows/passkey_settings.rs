//! Passkeys: set up, renamed and removed by their owner.

use uuid::Uuid;

use super::admission::{Admission, Candidate, Entering, Visit};
use super::assurance::RecentlyAuthenticated;
use super::enrol::{Enroller, FactorSetUp};
use super::factors::{By, Change, FactorChange};
use super::notices::{Notice, NoticeKind};
use super::passkeys::{Doing, Once, PasskeyAnswer, PasskeyPrompt, PasskeyRefusal};
use super::recovery::RecoveryCodes;
use super::session::{Ending, SignedIn};
use super::{Internal, Tessera};
use crate::base::ids::{SessionId, UserId, uuid_v7};
use crate::base::{Digest, Secret};
use crate::crypto::webauthn::{Person, Refused, Registered, Registering};
use crate::protocol::account_rules::{AccountProblem, check_name};
use crate::protocol::assurance::{Capability, Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::passkey_models::model_name;
use crate::storage::endings::Which;
use crate::storage::passkeys::{self, Passkey};
use crate::storage::users::User;
use crate::storage::{Tx, sessions};

/// A person has a telephone, a computer, a key and a spare one, and their successors.
pub const MAX_PASSKEYS: usize = 20;

/// What came of setting one up.
#[derive(Debug)]
pub enum PasskeyAdded {
    /// It counts from now on, and making it has proved it.
    Done(FactorSetUp),
    /// It is registered already, here or with somebody else.
    Known,
    /// There are as many as one can have.
    TooMany,
    /// The page was open for too long, or it was sent twice.
    Expired,
    /// It was not right.
    Refused(Refused),
}

/// Who made one.
struct Proven<'a> {
    user: User,
    before: Option<&'a Entering>,
}

/// What came of removing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRemoved {
    /// It opens nothing any more.
    Done,
    /// There is none like it.
    Unknown,
    /// There is no password and no other passkey: nobody could sign in any more.
    LastWay,
}

impl Tessera {
    /// The passkeys of a person; `None` where there are none to have.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn passkeys_of(&self, person: &SignedIn) -> Result<Option<Vec<Passkey>>, Internal> {
        if self.relying_party.is_none() {
            return Ok(None);
        }
        let mut reader = &self.store;
        let all = passkeys::of_user(&mut reader, person.user().id).await?;
        Ok(Some(all))
    }

    /// What its model is called, here or by its maker.
    #[must_use]
    pub fn passkey_model(&self, aaguid: Uuid) -> Option<String> {
        let own = &self.config.passkeys.model_names;
        own.iter()
            .find(|own| own.model.0 == aaguid)
            .map(|own| own.name.clone())
            .or_else(|| model_name(aaguid).map(str::to_owned))
    }

    /// What the page asks the browser to make.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn offer_passkey(
        &self,
        enroller: &Enroller,
        browser: Digest,
    ) -> Result<Option<PasskeyPrompt>, Internal> {
        let Some(we) = self.relying_party.as_ref() else {
            return Ok(None);
        };
        let user = enroller.user();
        let mut reader = &self.store;
        // An authenticator that was found again may take its own place.
        let mut known = passkeys::of_user(&mut reader, user.id).await?;
        known.retain(|_| !enroller.is_recovering());
        let known = known.iter().map(|one| one.credential.id().to_vec());
        let person = Person {
            id: user.id,
            username: &user.username,
            display_name: user.display_name(),
        };
        let offer = we.offer_registration(person, known.collect())?;
        self.prompt(offer, Doing::Register, Some(user.id), browser)
            .map(Some)
    }

    /// Sets up the passkey that the browser made. `otherwise` is its name if its model has none.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn add_passkey(
        &self,
        enroller: &Enroller,
        answer: &PasskeyAnswer,
        otherwise: String,
        visit: Visit,
        origin: Origin,
    ) -> Result<PasskeyAdded, Internal> {
        let (user, now) = (enroller.user().id, self.now());
        let registered = self.registered(answer, user)?;
        let (registered, once) = match registered {
            Ok(registered) => registered,
            Err(refusal) => {
                let event = added(user).failed(refusal.as_str());
                self.record_some_of(Some(user), event, origin).await?;
                return Ok(match refusal {
                    PasskeyRefusal::Refused(why) => PasskeyAdded::Refused(why),
                    _ => PasskeyAdded::Expired,
                });
            }
        };
        let passkey = Passkey {
            id: uuid_v7(now, &self.entropy),
            user_id: user,
            name: self.passkey_model(registered.aaguid).unwrap_or(otherwise),
            aaguid: registered.aaguid,
            credential: registered.credential,
            created_at: now,
            last_used_at: None,
            suspended_at: None,
        };
        let (tessera, enroller) = (self.clone(), enroller.clone());
        let added = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = tessera.lock_enroller(tx, &enroller).await? else {
                        let event = added(enroller.user().id).failed("expired");
                        tessera.record(tx, &event, &origin);
                        return Ok(Err(PasskeyAdded::Expired));
                    };
                    let by = By::owner(&user, &visit.lang, &origin);
                    let inserted = tessera
                        .insert_passkey(tx, (&user, &enroller), &passkey, once, by)
                        .await?;
                    let codes = match inserted {
                        Ok(codes) => codes,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    let proven = Proven {
                        user,
                        before: enroller.entering(),
                    };
                    let (signed_in, device) = tessera
                        .prove_by_making(tx, proven, &passkey, &visit, &origin)
                        .await?;
                    Ok(Ok(FactorSetUp {
                        signed_in,
                        device,
                        codes,
                    }))
                })
            })
            .await?;
        Ok(match added {
            Err(refused) => refused,
            Ok(done) => PasskeyAdded::Done(done),
        })
    }

    fn registered(
        &self,
        answer: &PasskeyAnswer,
        user: UserId,
    ) -> Result<Result<(Registered, Once), PasskeyRefusal>, Internal> {
        let Some(we) = self.relying_party.as_ref() else {
            return Ok(Err(PasskeyRefusal::Unknown));
        };
        let resumed = self.resume::<Registering>(answer, Doing::Register, Some(user))?;
        Ok(resumed.and_then(|(state, once)| {
            let registered = we.register(&state, &answer.credential)?;
            Ok((registered, once))
        }))
    }

    /// Under the lock of the account. With the codes of somebody who had no second factor before.
    async fn insert_passkey(
        &self,
        tx: &mut Tx<'_>,
        (user, enroller): (&User, &Enroller),
        passkey: &Passkey,
        once: Once,
        by: By<'_>,
    ) -> Result<Result<Option<RecoveryCodes>, PasskeyAdded>, Internal> {
        let known = passkeys::of_user(tx, user.id).await?.len();
        let credential = &passkey.credential;
        let twin = passkeys::find_by_credential(tx, credential.id()).await?;
        let is_lost = |twin: &Passkey| enroller.is_recovering() && twin.user_id == user.id;
        let event = added(user.id)
            .with("factor_id", passkey.id)
            .with("aaguid", passkey.aaguid)
            .with("user_verified", credential.is_verified())
            .with("device_bound", !credential.is_backup_eligible());
        let refused = if !self.spend_challenge(tx, once).await? {
            let why = PasskeyRefusal::Expired.as_str();
            Some((PasskeyAdded::Expired, why))
        } else if twin.is_some_and(|twin| !is_lost(&twin)) {
            Some((PasskeyAdded::Known, "registered_already"))
        } else if known >= MAX_PASSKEYS && !enroller.is_recovering() {
            Some((PasskeyAdded::TooMany, "too_many"))
        } else {
            None
        };
        if let Some((refused, why)) = refused {
            self.record(tx, &event.failed(why), by.origin);
            return Ok(Err(refused));
        }
        if enroller.is_recovering() {
            self.finish_recovery(tx, user, by.lang, by.origin).await?;
        }
        if !passkeys::insert(tx, passkey).await? {
            // Somebody else registered it in this very moment. Nothing of this is written.
            return Err(Internal::other("a passkey was registered twice at once"));
        }
        let codes = self.first_recovery_codes(tx, user.id).await?;
        self.record(tx, &event, by.origin);
        let notice = Notice {
            since: passkey.created_at,
            ..self.notice(user, NoticeKind::FactorAdded)
        };
        self.queue_told(tx, user, &notice, by.lang).await?;
        Ok(Ok(codes))
    }

    /// Who makes a passkey has just shown that it is there. Else the account would ask for it at once: a second
    /// tab that is setting one up would be sent away after its authenticator put a new key in the place of
    /// the first, and neither would open anything.
    async fn prove_by_making(
        &self,
        tx: &mut Tx<'_>,
        proven: Proven<'_>,
        passkey: &Passkey,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<(Box<SignedIn>, Option<Secret<String>>), Internal> {
        let made = &passkey.credential;
        let candidate = Candidate {
            proof: Proof {
                of: Capability::passkey(made.is_verified(), !made.is_backup_eligible()),
                at: self.now(),
            },
            before: proven.before,
            visit,
            meets: proven.before.is_some(),
        };
        match self.admit(tx, proven.user, candidate, origin).await? {
            Admission::SignedIn(signed_in, device) => Ok((signed_in, device)),
            // Looked at before, under the same lock. Nothing of it is written.
            Admission::More(..) | Admission::NoWay(_) => Err(Internal::other(
                "a passkey was set up that does not suffice",
            )),
        }
    }

    /// Calls a passkey something else. The inner error says what is wrong with the name; `false` that there
    /// is no such passkey.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn rename_passkey(
        &self,
        recent: &RecentlyAuthenticated,
        id: Uuid,
        name: &str,
        origin: Origin,
    ) -> Result<Result<bool, AccountProblem>, Internal> {
        let name = name.trim().to_owned();
        let checked = if name.is_empty() {
            Err(AccountProblem::Missing)
        } else {
            check_name(&name)
        };
        if let Err(why) = checked {
            return Ok(Err(why));
        }
        let (tessera, recent) = (self.clone(), recent.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(Ok(false));
                    };
                    let done = passkeys::rename(tx, id, user.id, &name).await?;
                    if done {
                        let event = changed(user.id, "renamed").with("factor_id", id);
                        tessera.record(tx, &event, &origin);
                    }
                    Ok(Ok(done))
                })
            })
            .await
    }

    /// Removes a passkey, and with it what it proved: a session that rests on nothing else ends.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn remove_passkey(
        &self,
        recent: &RecentlyAuthenticated,
        id: Uuid,
        lang: &str,
        origin: Origin,
    ) -> Result<PasskeyRemoved, Internal> {
        let (tessera, recent, lang) = (self.clone(), recent.clone(), lang.to_owned());
        let user = recent.person().user().id;
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(owner) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(PasskeyRemoved::Unknown);
                    };
                    let all = passkeys::of_user(tx, user).await?;
                    let Some(gone) = all.iter().find(|one| one.id == id) else {
                        return Ok(PasskeyRemoved::Unknown);
                    };
                    let opens = |one: &&Passkey| one.id != id && one.suspended_at.is_none();
                    let ways = all.iter().filter(opens).count();
                    if owner.password_hash.is_none() && ways == 0 {
                        let event = changed(user, "removed").failed("last_way");
                        tessera.record(tx, &event, &origin);
                        return Ok(PasskeyRemoved::LastWay);
                    }
                    passkeys::delete(tx, id).await?;
                    tessera.drop_unneeded_codes(tx, &owner).await?;
                    let changed = FactorChange {
                        method: Method::Passkey,
                        change: Change::Removed,
                        factor: Some(gone.id),
                        at: tessera.now(),
                    };
                    let by = By::owner(&owner, &lang, &origin);
                    tessera
                        .notice_factor_changed(tx, &owner, by, changed)
                        .await?;
                    let kept = Some(recent.person().session().id);
                    tessera.forget_passkeys(tx, user, kept, &origin).await?;
                    Ok(PasskeyRemoved::Done)
                })
            })
            .await
    }

    /// Which passkey a session rests on, it does not know: what any of them proved is forgotten. Only the
    /// session that removes one keeps what it has if there is nothing else: its owner proved it just now.
    pub(super) async fn forget_passkeys(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        kept: Option<SessionId>,
        origin: &Origin,
    ) -> Result<(), Internal> {
        for session in sessions::of_user(tx, user, self.now()).await? {
            let mut rest = session.proofs.clone();
            rest.forget(Method::Passkey);
            if rest == session.proofs {
                continue;
            }
            if rest.latest().is_some() {
                let (seen, idle) = (session.last_seen_at, session.idle_expires_at);
                sessions::prove(tx, session.id, &rest, seen, idle).await?;
            } else if kept != Some(session.id) {
                let which = Which::One(session.id, user);
                self.end_sessions(tx, which, Ending::FactorRemoved, &Actor::User(user), origin)
                    .await?;
            }
        }
        Ok(())
    }
}

fn added(user: UserId) -> Event {
    changed(user, "added")
}

fn changed(user: UserId, change: &'static str) -> Event {
    Event::new(Kind::FactorChanged, Actor::User(user))
        .with("method", Method::Passkey.as_str())
        .with("change", change)
}
