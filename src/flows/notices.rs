//! Letters about what was done to an account, to its owner; and what happens when the owner says "it
//! was not me". One link in each, good once, which locks the account: whoever did it is out.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::letters::{LetterKind, LetterRequest};
use super::session::Ending;
use super::{Internal, Tessera};
use crate::base::{Digest, Secret, Timestamp};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::Which;
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Tx, deletions, devices, email_changes, factors, grants};

/// Who is away for a week still finds a letter that helps. Whoever reads the mailbox can lock the
/// account with it, which is no more than a reset of the password does.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Links of letters are sealed for this.
const PURPOSE: &str = "not-me";

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The password was changed or reset.
    PasswordChanged,
    /// Somebody signed in on a device that was not known.
    NewDevice,
    /// A way to sign in was added.
    FactorAdded,
    /// A way to sign in was removed.
    FactorRemoved,
    /// The e-mail address was changed: to the old one.
    EmailChanged,
    /// A passkey is blocked: there may be a copy of it.
    PasskeySuspended,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// An operator lets the owner set up a new second factor in the place of those that are lost.
    RecoveryAllowed,
}

impl NoticeKind {
    const fn letter(self) -> LetterKind {
        match self {
            Self::PasswordChanged => LetterKind::PasswordChanged,
            Self::NewDevice => LetterKind::NewDevice,
            Self::FactorAdded => LetterKind::FactorAdded,
            Self::FactorRemoved => LetterKind::FactorRemoved,
            Self::EmailChanged => LetterKind::EmailChanged,
            Self::PasskeySuspended => LetterKind::PasskeySuspended,
            Self::RecoveryCodeUsed => LetterKind::RecoveryCodeUsed,
            Self::RecoveryAllowed => LetterKind::RecoveryAllowed,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::EmailChanged => "email_changed",
            Self::PasskeySuspended => "passkey_suspended",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryAllowed => "recovery_allowed",
        }
    }
}

/// A letter about what was done.
#[derive(Clone, Debug)]
pub(super) struct Notice<'a> {
    /// What was done.
    pub kind: NoticeKind,
    /// Where the letter goes: the account's address, or one that it had.
    pub to: &'a str,
    /// Since when: "it was not me" takes away what was added then or later.
    pub since: Timestamp,
}

/// What a link remembers.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    /// The address that the letter went to.
    pub(super) to: String,
    /// When, in microseconds: what was added since is taken away.
    at: i64,
    /// The change of address that it asks about.
    pub(super) change: Option<Uuid>,
}

/// What locking an account did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The address that the account has now, where a new password can be sent.
    pub email: String,
    /// It is the old one again.
    pub email_restored: bool,
}

impl Tessera {
    /// Tells the owner of an account what was done to it, in the transaction that does it: a letter with
    /// a way to say "it was not me".
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn queue_notice(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        kind: NoticeKind,
        lang: &str,
    ) -> Result<(), Internal> {
        self.queue_told(tx, user, &self.notice(user, kind), lang)
            .await
    }

    /// A letter to the account's address, about what is done now.
    pub(super) fn notice<'a>(&self, user: &'a User, kind: NoticeKind) -> Notice<'a> {
        Notice {
            kind,
            to: &user.email,
            since: self.now(),
        }
    }

    /// As [`Tessera::queue_notice`], with all that can be said of a letter.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) async fn queue_told(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        notice: &Notice<'_>,
        lang: &str,
    ) -> Result<(), Internal> {
        let &Notice { kind, to, since } = notice;
        let lifetime = match kind {
            NoticeKind::EmailChanged => self.config.accounts.email_undo.max(LIFETIME),
            _ => LIFETIME,
        };
        let (token, now) = (self.entropy.token(), self.now());
        let link = Link {
            user_id: Some(user.id),
            payload: Some(self.seal_told(to, since, None)?),
        };
        let until = now + lifetime;
        links::insert(tx, token.digest(), Purpose::NotMe, &link, now, until).await?;
        let letter = LetterRequest {
            kind: kind.letter(),
            to: to.to_owned(),
            name: user.display_name().to_owned(),
            link: Some(self.url(&format!("/not-me?token={}", token.expose()))),
            lang: lang.to_owned(),
            valid_for: Some(lifetime),
        };
        self.queue_letter(tx, &letter).await?;
        let event = Event::new(Kind::NoticeSent, Actor::System)
            .with("user_id", user.id)
            .with("notice", kind.as_str());
        self.record(tx, &event, &Origin::default());
        Ok(())
    }

    pub(super) fn seal_told(
        &self,
        to: &str,
        since: Timestamp,
        change: Option<Uuid>,
    ) -> Result<String, Internal> {
        let told = Told {
            to: to.to_owned(),
            at: since.micros(),
            change,
        };
        let told = serde_json::to_vec(&told).map_err(Internal::other)?;
        Ok(self.master.seal(PURPOSE, &told)?)
    }

    pub(super) fn open_told(&self, payload: &str) -> Result<Told, Internal> {
        let opened = self.master.open(PURPOSE, payload)?;
        serde_json::from_slice(opened.expose()).map_err(Internal::other)
    }

    /// Whose account the link would lock, if it works.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_not_me(&self, token: &Secret<String>) -> Result<Option<User>, Internal> {
        let mut reader = &self.store;
        let link = links::find(&mut reader, token.digest(), Purpose::NotMe, self.now()).await?;
        match link.and_then(|link| link.user_id) {
            Some(id) => Ok(users::find(&mut reader, id).await?),
            None => Ok(None),
        }
    }

    /// The owner says "it was not me": spends the link and locks the account. `None`: spent or too old.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn lock_account(
        &self,
        token: &Secret<String>,
        lang: &str,
        origin: Origin,
    ) -> Result<Option<Locked>, Internal> {
        self.lock_by(token, Purpose::NotMe, lang, origin).await
    }

    /// As [`Tessera::lock_account`], with the link of another letter that can say so.
    pub(super) async fn lock_by(
        &self,
        token: &Secret<String>,
        purpose: Purpose,
        lang: &str,
        origin: Origin,
    ) -> Result<Option<Locked>, Internal> {
        let (tessera, hash, lang) = (self.clone(), token.digest(), lang.to_owned());
        let mut reader = &self.store;
        let link = links::find(&mut reader, hash, purpose, self.now()).await?;
        let Some(id) = link.and_then(|link| link.user_id) else {
            return Ok(None);
        };
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = users::lock(tx, id).await? else {
                        return Ok(None);
                    };
                    tessera
                        .spend_and_lock(tx, user, (hash, purpose), &lang, &origin)
                        .await
                })
            })
            .await
    }

    /// Under the account's lock.
    async fn spend_and_lock(
        &self,
        tx: &mut Tx<'_>,
        user: User,
        (hash, purpose): (Digest, Purpose),
        lang: &str,
        origin: &Origin,
    ) -> Result<Option<Locked>, Internal> {
        let now = self.now();
        let payload = links::find(tx, hash, purpose, now)
            .await?
            .and_then(|link| link.payload);
        let Some(payload) = payload else {
            return Ok(None);
        };
        if !links::spend(tx, hash, purpose, now).await? {
            return Ok(None);
        }
        let told = self.open_told(&payload)?;
        let locked = self.lock_out(tx, user, &told, lang, origin).await?;
        Ok(Some(locked))
    }

    /// Whoever is in is out, whatever proved them; what waits to happen does not; and what was changed
    /// since is as it was.
    async fn lock_out(
        &self,
        tx: &mut Tx<'_>,
        mut user: User,
        told: &Told,
        lang: &str,
        origin: &Origin,
    ) -> Result<Locked, Internal> {
        let (now, id, actor) = (self.now(), user.id, Actor::Anonymous);
        self.end_sessions(tx, Which::AllOf(id), Ending::NotMe, &actor, origin)
            .await?;
        grants::end_for_user(tx, id, now, "not_me").await?;
        devices::forget_all(tx, id, None).await?;
        users::clear_password(tx, id, now).await?;
        self.end_recovery(tx, id, "not_me", origin).await?;
        for purpose in Purpose::OF_THE_OWNER {
            links::void(tx, purpose, Some(id), now).await?;
        }
        let since = Timestamp::from_micros(told.at);
        let had_one = self.capabilities(tx, &user).await?.has_second_factor();
        self.forget_number(tx, &mut user, Some(since)).await?;
        let factors_removed = factors::remove_since(tx, id, since).await?;
        // Whose factor that was, the owner's or a thief's, nobody can tell here: both have read the mailbox
        // or known the password. So who comes next by the mailbox alone does not get in at once: the way
        // back is that of somebody who lost every second factor.
        let factor_lost = had_one && !self.capabilities(tx, &user).await?.has_second_factor();
        if factor_lost {
            factors::lose(tx, id, now).await?;
        }
        email_changes::cancel(tx, id).await?;
        let kept = deletions::cancel_deletion(tx, id, now).await?;
        let email_restored = self.restore_email(tx, &mut user, &told.to).await?;
        let event = Event::new(Kind::AccountLocked, actor)
            .with("user_id", id)
            .with("email_restored", email_restored)
            .with("factors_removed", factors_removed)
            .with("second_factor_lost", factor_lost)
            .with("deletion_cancelled", kept);
        self.record(tx, &event, origin);
        let letter = LetterRequest {
            kind: LetterKind::AccountLocked,
            to: user.email.clone(),
            name: user.display_name().to_owned(),
            link: Some(self.url("/forgot-password")),
            lang: lang.to_owned(),
            valid_for: None,
        };
        self.queue_letter(tx, &letter).await?;
        Ok(Locked {
            email: user.email,
            email_restored,
        })
    }

    /// Gives the account the address back that the letter went to, if it was taken from it lately and
    /// nobody else has it by now.
    async fn restore_email(
        &self,
        tx: &mut Tx<'_>,
        user: &mut User,
        to: &str,
    ) -> Result<bool, Internal> {
        let (now, wanted) = (self.now(), comparable(to));
        if comparable(&user.email) == wanted {
            return Ok(false);
        }
        let changes = email_changes::of_user(tx, user.id, now).await?;
        let taken = changes
            .into_iter()
            .find(|change| change.is_done && comparable(&change.old_email) == wanted);
        let Some(change) = taken else {
            return Ok(false);
        };
        if users::find_by_login(tx, to)
            .await?
            .is_some_and(|holder| holder.id != user.id)
        {
            return Ok(false);
        }
        user.take_email(&change.old_email);
        users::update(tx, user, now).await?;
        email_changes::delete(tx, change.id).await?;
        Ok(true)
    }
}
