//! Somebody who is signed in changes the password.

use uuid::Uuid;

use super::account::about;
use super::admission::Visit;
use super::assurance::RecentlyAuthenticated;
use super::notices::NoticeKind;
use super::reset_password::void_ways_in;
use super::session::Ending;
use super::streaks::{Guards, Place, Reserved, Streak};
use super::throttle::Bucket;
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::crypto::password::{PasswordHash, Verdict};
use crate::protocol::account_rules::AccountProblem;
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::Which;
use crate::storage::users::User;
use crate::storage::{devices, grants, users};

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
        recent: &RecentlyAuthenticated,
        current: Secret<String>,
        new: Secret<String>,
        visit: &Visit,
        origin: Origin,
    ) -> Result<PasswordChange, Internal> {
        let user = recent.person().user().clone();
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
        // Where they sit: it stays known.
        let device = self.named_device(visit.device.as_ref())?;
        let by = (recent.clone(), device);
        self.replace_password(by, hash, guards.own, &visit.lang, origin)
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
        (recent, device): (RecentlyAuthenticated, Option<Uuid>),
        hash: PasswordHash,
        bucket: Bucket,
        lang: &str,
        origin: Origin,
    ) -> Result<PasswordChange, Internal> {
        let (tessera, now, lang) = (self.clone(), self.now(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // It must still be the password, and the session must still live, or a thief could
                    // race the owner.
                    let proven = recent.person();
                    let user = tessera.lock_recent(tx, &recent).await?;
                    let same = |user: &User| user.password_hash == proven.user().password_hash;
                    let Some(user) = user.filter(same) else {
                        return Ok(PasswordChange::WrongPassword);
                    };
                    let (id, session) = (user.id, proven.session().id);
                    tessera.forgive(tx, &[bucket]).await?;
                    tessera.begin_password_streaks(tx, id).await?;
                    users::set_password(tx, id, hash.as_phc(), now).await?;
                    users::note_password_by_mail(tx, id, false).await?;
                    void_ways_in(tx, id, now).await?;
                    // Offline access too: who changes a password because it leaked wants everybody
                    // out. What this very session allowed stays.
                    let (which, actor) = (Which::AllBut(id, session), Actor::User(id));
                    tessera
                        .end_sessions(tx, which, Ending::PasswordChanged, &actor, &origin)
                        .await?;
                    grants::end_for_user_but(tx, id, session, now).await?;
                    devices::forget_all(tx, id, device).await?;
                    tessera
                        .end_own_recovery(tx, id, "password_changed", &origin)
                        .await?;
                    let kind = NoticeKind::PasswordChanged;
                    tessera.queue_notice(tx, &user, kind, &lang).await?;
                    let event = Event::new(Kind::PasswordChanged, Actor::User(id));
                    tessera.record(tx, &event, &origin);
                    Ok(PasswordChange::Changed)
                })
            })
            .await
    }
}
