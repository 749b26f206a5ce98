//! Another e-mail address: it takes effect when it has said yes and, unless the deployment does not want
//! that, when the present one has too. The old one is told, and can take it back for a while.

use std::time::Duration;

use super::assurance::RecentlyAuthenticated;
use super::letters::{LetterKind, LetterRequest};
use super::notices::{Locked, Notice, NoticeKind};
use super::reset_password::void_ways_in;
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::uuid_v7;
use crate::base::{Digest, Secret};
use crate::protocol::account_rules::{AccountProblem, check_email};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::email_changes::{self, EmailChange};
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User, comparable};
use crate::storage::{StorageError, Tx, sessions};

/// Who reads mail once a day can still answer both letters.
const LIFETIME: Duration = Duration::from_hours(24);

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub enum EmailChangeAsked {
    /// Letters are on their way. The same whether the address is somebody else's or not.
    LettersSent,
    /// The address will not do.
    Refused(AccountProblem),
    /// Too many letters before.
    Slowed(Duration),
    /// The account has changed since.
    Stale,
}

/// What a link asks about.
#[derive(Debug)]
pub struct EmailQuestion {
    /// Whose account.
    pub user: User,
    /// The link went to the address that the account has.
    pub by_old: bool,
    /// The address that it would have.
    pub new_email: String,
}

/// What came of an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum EmailAnswer {
    /// The new address is the account's.
    Done,
    /// The other address has to say yes too.
    Waiting,
    /// "It was not me."
    Locked(Locked),
    /// The link is spent or too old, or the address was taken meanwhile.
    Expired,
}

/// The tokens of the two letters.
struct Tokens {
    old: Secret<String>,
    new: Secret<String>,
}

impl Tessera {
    /// Asks both addresses. Nothing changes yet.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn request_email_change(
        &self,
        recent: &RecentlyAuthenticated,
        new_email: &str,
        lang: &str,
        origin: Origin,
    ) -> Result<EmailChangeAsked, Internal> {
        let user = recent.person().user().clone();
        let (user, new_email) = (user, new_email.trim().to_owned());
        if let Err(problem) = check_email(&new_email) {
            return Ok(EmailChangeAsked::Refused(problem));
        }
        if comparable(&new_email) == comparable(&user.email) {
            return Ok(EmailChangeAsked::Refused(AccountProblem::Unchanged));
        }
        if let Some(wait) = self.email_change_wait(&user, &new_email, &origin).await? {
            return Ok(EmailChangeAsked::Slowed(wait));
        }
        let mut reader = &self.store;
        let holder = users::find_by_login(&mut reader, &new_email).await?;
        let now = self.now();
        let tokens = Tokens {
            old: self.entropy.token(),
            new: self.entropy.token(),
        };
        let change = EmailChange {
            id: uuid_v7(now, &self.entropy),
            user_id: user.id,
            old_email: user.email.clone(),
            new_email,
            old_confirmed: false,
            new_confirmed: false,
            is_done: false,
            expires_at: now + LIFETIME,
        };
        let letters = self.email_letters(&user, holder.as_ref(), &change, &tokens, lang);
        let (tessera, recent) = (self.clone(), recent.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let known = tessera.lock_recent(tx, &recent).await?;
                    if known.is_none_or(|known| known.email != user.email) {
                        return Ok(EmailChangeAsked::Stale);
                    }
                    tessera.begin_email_change(tx, &change, &tokens).await?;
                    for letter in &letters {
                        tessera.queue_letter(tx, letter).await?;
                    }
                    let event = Event::new(Kind::EmailChangeRequested, Actor::User(user.id));
                    tessera.record(tx, &event, &origin);
                    Ok(EmailChangeAsked::LettersSent)
                })
            })
            .await
    }

    /// Letters to strangers are slowed by address, by network, and by who lets them be sent.
    async fn email_change_wait(
        &self,
        user: &User,
        new_email: &str,
        origin: &Origin,
    ) -> Result<Option<Duration>, Internal> {
        let (kind, to) = ("email-change", comparable(new_email));
        let mut buckets = self.letter_buckets(kind, &to, origin.address)?;
        buckets.extend(self.letter_buckets("email-change-of", &user.id.to_string(), None)?);
        Ok(self.reserve_try(buckets, None).await?.err())
    }

    /// In place of what waited before.
    async fn begin_email_change(
        &self,
        tx: &mut Tx<'_>,
        change: &EmailChange,
        tokens: &Tokens,
    ) -> Result<(), Internal> {
        let now = self.now();
        email_changes::cancel(tx, change.user_id).await?;
        email_changes::insert(tx, change, now).await?;
        for (purpose, token, to) in [
            (Purpose::OldEmail, &tokens.old, &change.old_email),
            (Purpose::NewEmail, &tokens.new, &change.new_email),
        ] {
            links::void(tx, purpose, Some(change.user_id), now).await?;
            let link = Link {
                user_id: Some(change.user_id),
                payload: Some(self.seal_told(to, self.now(), Some(change.id))?),
            };
            links::insert(tx, token.digest(), purpose, &link, now, now + LIFETIME).await?;
        }
        Ok(())
    }

    /// To the present address, and to the new one or to whom it belongs: the pages tell neither from the
    /// other, so that nobody learns whose addresses are known here.
    fn email_letters(
        &self,
        user: &User,
        holder: Option<&User>,
        change: &EmailChange,
        tokens: &Tokens,
        lang: &str,
    ) -> [LetterRequest; 2] {
        let page =
            |token: &Secret<String>| self.url(&format!("/email-change?token={}", token.expose()));
        let letter = |kind, to: &str, name: &str, link, valid_for| LetterRequest {
            kind,
            to: to.to_owned(),
            name: name.to_owned(),
            link: Some(link),
            lang: lang.to_owned(),
            valid_for,
        };
        let name = user.display_name();
        let old = (LetterKind::EmailChangeAsked, page(&tokens.old));
        let new = match holder {
            // Not the name: it would be a stranger's text in our letter to somebody.
            None => {
                let (to, link) = (&change.new_email, page(&tokens.new));
                letter(LetterKind::ConfirmNewEmail, to, to, link, Some(LIFETIME))
            }
            Some(holder) => {
                let (to, link) = (&holder.email, self.url("/sign-in"));
                letter(
                    LetterKind::AddressInUse,
                    to,
                    holder.display_name(),
                    link,
                    None,
                )
            }
        };
        [
            letter(old.0, &change.old_email, name, old.1, Some(LIFETIME)),
            new,
        ]
    }

    /// The change that waits for the person, if one does: the new address.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn pending_email(&self, signed_in: &SignedIn) -> Result<Option<String>, Internal> {
        let mut reader = &self.store;
        let changes = email_changes::of_user(&mut reader, signed_in.user().id, self.now()).await?;
        Ok(changes
            .into_iter()
            .find(|change| !change.is_done)
            .map(|change| change.new_email))
    }

    /// What a link asks, if it works.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_email_change(
        &self,
        token: &Secret<String>,
    ) -> Result<Option<EmailQuestion>, Internal> {
        let mut reader = &self.store;
        for purpose in [Purpose::OldEmail, Purpose::NewEmail] {
            let link = links::find(&mut reader, token.digest(), purpose, self.now()).await?;
            let Some(payload) = link.and_then(|link| link.payload) else {
                continue;
            };
            let Some(id) = self.open_told(&payload)?.change else {
                continue;
            };
            let Some(change) = email_changes::find(&mut reader, id, self.now()).await? else {
                continue;
            };
            let user = users::find(&mut reader, change.user_id).await?;
            return Ok(user.map(|user| EmailQuestion {
                user,
                by_old: purpose == Purpose::OldEmail,
                new_email: change.new_email,
            }));
        }
        Ok(None)
    }

    /// Spends a link with a yes. That of the new address counts only from the account's owner
    /// (`signed_in`): mail to a mistyped address reaches a stranger.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn confirm_email_change(
        &self,
        token: &Secret<String>,
        signed_in: Option<&SignedIn>,
        lang: &str,
        origin: Origin,
    ) -> Result<EmailAnswer, Internal> {
        let Some(question) = self.peek_email_change(token).await? else {
            return Ok(EmailAnswer::Expired);
        };
        let owner = signed_in.filter(|person| person.user().id == question.user.id);
        let owner = owner.map(|person| person.session().id);
        let (tessera, hash, lang) = (self.clone(), token.digest(), lang.to_owned());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // Looked at under the lock: the session may have ended since the visitor was resolved.
                    let user = users::lock(tx, question.user.id).await?;
                    let is_owner = match owner {
                        Some(id) => sessions::find_live(tx, id, tessera.now()).await?.is_some(),
                        None => false,
                    };
                    let Some(user) = user.filter(|_| question.by_old || is_owner) else {
                        return Ok(EmailAnswer::Expired);
                    };
                    let link = (hash, question.by_old);
                    tessera.say_yes(tx, user, link, &lang, &origin).await
                })
            })
            .await;
        match written {
            // Somebody else has it by now.
            Err(Internal::Storage(StorageError::Conflict)) => Ok(EmailAnswer::Expired),
            written => written,
        }
    }

    /// Under the account's lock.
    async fn say_yes(
        &self,
        tx: &mut Tx<'_>,
        mut user: User,
        (hash, by_old): (Digest, bool),
        lang: &str,
        origin: &Origin,
    ) -> Result<EmailAnswer, Internal> {
        let now = self.now();
        let purpose = if by_old {
            Purpose::OldEmail
        } else {
            Purpose::NewEmail
        };
        if user.disabled || !links::spend(tx, hash, purpose, now).await? {
            return Ok(EmailAnswer::Expired);
        }
        let changes = email_changes::of_user(tx, user.id, now).await?;
        let waiting = changes.into_iter().find(|change| !change.is_done);
        let Some(change) = waiting.filter(|change| change.old_email == user.email) else {
            return Ok(EmailAnswer::Expired);
        };
        email_changes::confirm(tx, change.id, by_old, now).await?;
        let old_agrees = by_old || change.old_confirmed || !self.config.accounts.confirm_old_email;
        let new_agrees = !by_old || change.new_confirmed;
        if !(old_agrees && new_agrees) {
            return Ok(EmailAnswer::Waiting);
        }
        user.take_email(&change.new_email);
        users::update(tx, &user, now).await?;
        let undo_until = now + self.config.accounts.email_undo;
        email_changes::finish(tx, change.id, now, undo_until).await?;
        // A link in the old mailbox must not open the account any more.
        void_ways_in(tx, user.id, now).await?;
        links::void(tx, Purpose::OldEmail, Some(user.id), now).await?;
        let (old, kind) = (&change.old_email, NoticeKind::EmailChanged);
        let notice = Notice {
            to: old,
            ..self.notice(&user, kind)
        };
        self.queue_told(tx, &user, &notice, lang).await?;
        let event = Event::new(Kind::EmailChanged, Actor::User(user.id));
        self.record(tx, &event, origin);
        Ok(EmailAnswer::Done)
    }

    /// The present address says that it was not its owner who asked.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn deny_email_change(
        &self,
        token: &Secret<String>,
        lang: &str,
        origin: Origin,
    ) -> Result<EmailAnswer, Internal> {
        let locked = self.lock_by(token, Purpose::OldEmail, lang, origin).await?;
        Ok(locked.map_or(EmailAnswer::Expired, EmailAnswer::Locked))
    }
}
