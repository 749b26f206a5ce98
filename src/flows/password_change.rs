//! Somebody who is signed in changes the password.

use uuid::Uuid;

use super::account::about;
use super::admission::Visit;
use super::notices::NoticeKind;
use super::session::{Ending, SignedIn};
use super::streaks::{Guards, Place, Reserved, Streak};
use super::throttle::Bucket;
use super::{Internal, Tessera};
use crate::base::ids::SessionId;
use crate::base::{Secret, Timestamp};
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::account_rules::AccountProblem;
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::Which;
use crate::storage::links::{self, Purpose};
use crate::storage::users::User;
use crate::storage::{Tx, devices, grants, sessions, users};

/// What came of a change of password.
#[derive(Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// Done; every other session is ended.
    Changed,
    /// The current password was wrong.
    WrongPassword,
    /// The new one will not do.
    Refused(AccountProblem),
    /// Too many wrong ones before.
    Slowed(std::time::Duration),
}

impl Tessera {
    /// Changes the password of who is signed in and knows the current one.
    ///
    /// # Errors
    /// If it could not be written, or too many passwords are being checked.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        current: Secret<String>,
        new: Secret<String>,
        visit: &Visit,
        origin: Origin,
    ) -> Result<PasswordChange, Internal> {
        let user = signed_in.user().clone();
        // Before anything is counted: who chooses a weak password five times has not guessed.
        if let Err(problem) = self.check_new_password(&new, &about(&user)) {
            return Ok(PasswordChange::Refused(problem));
        }
        // A stolen session must not become a way to guess the password.
        let guards = Guards {
            own: self.settings_bucket(user.id)?,
            address: None,
            streak: self.streak(user.id, Method::Password, Place::Settings)?,
        };
        let failed = |kind, why| Event::new(kind, Actor::User(user.id)).failed(why);
        let reserved = match self.reserve_guess(guards).await? {
            Ok(reserved) => reserved,
            Err(wait) => {
                let event = failed(Kind::SignInSlowed, "too_many_tries");
                self.record_some_of(Some(user.id), event, origin).await?;
                return Ok(PasswordChange::Slowed(wait));
            }
        };
        let stored = user
            .password_hash
            .clone()
            .filter(|_| self.is_listened_to(reserved))
            .and_then(|phc| PasswordHash::from_phc(phc).ok());
        let verdict = self.verify_or_give_back(guards, current, stored).await?;
        if verdict == Verdict::Wrong {
            let event = failed(Kind::PasswordChanged, "wrong_password");
            let counted = (Method::Password, guards.streak, reserved);
            self.refuse_change(user, counted, event, (&visit.lang, &origin))
                .await?;
            return Ok(PasswordChange::WrongPassword);
        }
        let hash = self.hash_password(new).await?;
        let proven = Proven {
            user,
            session: signed_in.session().id,
            device: self.named_device(visit.device.as_ref())?,
        };
        self.replace_password(proven, hash, guards.own, &visit.lang, origin)
            .await
    }

    async fn refuse_change(
        &self,
        user: User,
        counted: (Method, Streak, Reserved),
        event: Event,
        (lang, origin): (&str, &Origin),
    ) -> Result<(), Internal> {
        let (tessera, lang, origin) = (self.clone(), lang.to_owned(), origin.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera.record(tx, &event, &origin);
                    tessera
                        .count_streak(tx, &user, counted, (&lang, &origin))
                        .await
                })
            })
            .await
    }

    /// The transaction of a change of password.
    async fn replace_password(
        &self,
        proven: Proven,
        hash: PasswordHash,
        bucket: Bucket,
        lang: &str,
        origin: Origin,
    ) -> Result<PasswordChange, Internal> {
        let (tessera, now, lang) = (self.clone(), self.now(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let id = proven.user.id;
                    if !proven.still_holds(tx, now).await? {
                        return Ok(PasswordChange::WrongPassword);
                    }
                    tessera.forgive(tx, &[bucket]).await?;
                    tessera.begin_password_streaks(tx, id).await?;
                    users::set_password(tx, id, hash.as_phc(), now).await?;
                    links::void(tx, Purpose::ResetPassword, Some(id), now).await?;
                    // Offline access too: who changes a password because it leaked wants everybody
                    // out. What this very session allowed stays.
                    let (which, actor) = (Which::AllBut(id, proven.session), Actor::User(id));
                    tessera
                        .end_sessions(tx, which, Ending::PasswordChanged, &actor, &origin)
                        .await?;
                    grants::end_for_user_but(tx, id, proven.session, now).await?;
                    devices::forget_all(tx, id, proven.device).await?;
                    tessera.end_recovery_by_password(tx, id, &origin).await?;
                    let (user, kind) = (&proven.user, NoticeKind::PasswordChanged);
                    tessera.queue_notice(tx, user, kind, &lang).await?;
                    let event = Event::new(Kind::PasswordChanged, Actor::User(id));
                    tessera.record(tx, &event, &origin);
                    Ok(PasswordChange::Changed)
                })
            })
            .await
    }
}

/// A person as they were when they proved their password, a moment before the transaction.
struct Proven {
    user: User,
    session: SessionId,
    /// Where they sit: it stays known.
    device: Option<Uuid>,
}

impl Proven {
    /// It must still be the password, and the session must still live, or a thief could race the
    /// owner. Locks the account.
    async fn still_holds(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, Internal> {
        let known = users::lock(tx, self.user.id).await?;
        let same = known
            .is_some_and(|known| !known.disabled && known.password_hash == self.user.password_hash);
        Ok(same && sessions::find_live(tx, self.session, now).await?.is_some())
    }
}
