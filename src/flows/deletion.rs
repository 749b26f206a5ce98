//! The deletion of an account by its owner: disabled at once, kept for a while in case of a change of
//! mind, and then gone for good.

use super::assurance::RecentlyAuthenticated;
use super::letters::{LetterKind, LetterRequest};
use super::notices::Locked;
use super::session::Ending;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Secret, Timestamp};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::{self, Which};
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User};
use crate::storage::{deletions, devices, email_changes, grants};

/// How many accounts are looked for at once.
const BATCH: i64 = 100;

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub enum DeletionAsked {
    /// Disabled; gone at that time.
    Until(Timestamp),
    /// Nobody could administer this server any more.
    LastAdmin,
    /// The person is not recently authenticated any more, or the account was disabled. Nothing was done.
    Stale,
}

impl Tessera {
    /// Disables the account and ends everything that it allowed; in `accounts.deletion_grace`, it is gone.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn request_deletion(
        &self,
        recent: &RecentlyAuthenticated,
        lang: &str,
        origin: Origin,
    ) -> Result<DeletionAsked, Internal> {
        let (tessera, user) = (self.clone(), recent.person().user().clone());
        let recent = recent.clone();
        let (now, grace) = (self.now(), self.config.accounts.deletion_grace);
        let (token, delete_at) = (self.entropy.token(), now + grace);
        let letter = LetterRequest {
            kind: LetterKind::DeletionAsked,
            to: user.email.clone(),
            name: user.display_name().to_owned(),
            link: Some(self.url(&format!("/undo-deletion?token={}", token.expose()))),
            lang: lang.to_owned(),
            valid_for: Some(grace),
        };
        let link = Link {
            user_id: Some(user.id),
            payload: Some(self.seal_told(&user.email, self.now(), None)?),
        };
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let (id, actor) = (user.id, Actor::User(user.id));
                    if tessera.lock_recent(tx, &recent).await?.is_none() {
                        return Ok(DeletionAsked::Stale);
                    }
                    if tessera.is_last_administrator(tx, id).await? {
                        return Ok(DeletionAsked::LastAdmin);
                    }
                    if !deletions::ask_deletion(tx, id, delete_at, now).await? {
                        return Ok(DeletionAsked::Stale);
                    }
                    let ending = Ending::DeletionRequested;
                    tessera
                        .end_sessions(tx, Which::AllOf(id), ending, &actor, &origin)
                        .await?;
                    grants::end_for_user(tx, id, now, "deletion_requested").await?;
                    devices::forget_all(tx, id, None).await?;
                    email_changes::cancel(tx, id).await?;
                    let how = "deletion_requested";
                    tessera.end_recovery(tx, id, how, &origin).await?;
                    for purpose in Purpose::OF_THE_OWNER {
                        links::void(tx, purpose, Some(id), now).await?;
                    }
                    let (hash, purpose) = (token.digest(), Purpose::UndoDeletion);
                    links::insert(tx, hash, purpose, &link, now, delete_at).await?;
                    tessera.queue_letter(tx, &letter).await?;
                    let event = Event::new(Kind::DeletionRequested, actor)
                        .with("delete_at", delete_at.rfc3339());
                    tessera.record(tx, &event, &origin);
                    Ok(DeletionAsked::Until(delete_at))
                })
            })
            .await
    }

    /// Whose account a link would keep, if it works.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_undo_deletion(
        &self,
        token: &Secret<String>,
    ) -> Result<Option<User>, Internal> {
        let mut reader = &self.store;
        let (hash, purpose) = (token.digest(), Purpose::UndoDeletion);
        let link = links::find(&mut reader, hash, purpose, self.now()).await?;
        match link.and_then(|link| link.user_id) {
            Some(id) => Ok(users::find(&mut reader, id)
                .await?
                .filter(|user| user.delete_at.is_some())),
            None => Ok(None),
        }
    }

    /// Spends the link and keeps the account; false if the link does not work any more.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn undo_deletion(
        &self,
        token: &Secret<String>,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let Some(user) = self.peek_undo_deletion(token).await? else {
            return Ok(false);
        };
        let (tessera, hash, id, now) = (self.clone(), token.digest(), user.id, self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    users::lock(tx, id).await?;
                    if !links::spend(tx, hash, Purpose::UndoDeletion, now).await?
                        || !deletions::cancel_deletion(tx, id, now).await?
                    {
                        return Ok(false);
                    }
                    let event =
                        Event::new(Kind::DeletionCancelled, Actor::Anonymous).with("user_id", id);
                    tessera.record(tx, &event, &origin);
                    Ok(true)
                })
            })
            .await
    }

    /// Keeps the account, and locks it: "it was not me".
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn deny_deletion(
        &self,
        token: &Secret<String>,
        lang: &str,
        origin: Origin,
    ) -> Result<Option<Locked>, Internal> {
        self.lock_by(token, Purpose::UndoDeletion, lang, origin)
            .await
    }

    /// Deletes the accounts whose time has come; how many those were.
    ///
    /// # Errors
    /// If the database does not answer; what is left goes the next time.
    pub async fn delete_due_accounts(&self) -> Result<u64, Internal> {
        let mut gone = 0;
        let mut reader = &self.store;
        for id in deletions::due_for_deletion(&mut reader, self.now(), BATCH).await? {
            gone += u64::from(self.delete_account(id).await?);
        }
        Ok(gone)
    }

    async fn delete_account(&self, id: UserId) -> Result<bool, Internal> {
        let (tessera, now) = (self.clone(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let user = users::lock(tx, id).await?;
                    // Looked at again: it may have been kept since it was found.
                    let is_due = |user: &User| user.delete_at.is_some_and(|due| due <= now);
                    let Some(user) = user.filter(is_due) else {
                        return Ok(false);
                    };
                    let gone = endings::delete_user(tx, id, &tessera.entropy, now, now).await?;
                    let event = Event::new(Kind::UserDeleted, Actor::System)
                        .with("user_id", id)
                        .with("organisation_id", user.organisation);
                    tessera.record(tx, &event, &Origin::default());
                    Ok(gone)
                })
            })
            .await
    }
}
