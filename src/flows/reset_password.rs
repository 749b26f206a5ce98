//! A forgotten password. The answer is the same whether the account exists or not.

use std::time::Duration;

use super::account::about;
use super::letters::{LetterKind, LetterRequest};
use super::notices::NoticeKind;
use super::session::Ending;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Secret, Timestamp};
use crate::protocol::account_rules::AccountProblem;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::endings::Which;
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User};
use crate::storage::{Tx, devices, factors, grants, sent_codes};

/// How long the letter's link works.
const LIFETIME: Duration = Duration::from_mins(30);

/// What came of choosing a new password.
#[derive(Debug)]
pub enum Reset {
    /// Done. Every session and everything that was allowed has ended. With the cookie of a device that
    /// is known from now on.
    Changed(Option<Secret<String>>),
    /// The link is spent, too old or void.
    Expired,
    /// The new password will not do.
    Refused(AccountProblem),
}

impl Tessera {
    /// Sends a letter to the owner, if there is one. `Some` is how long to wait first.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn request_reset(
        &self,
        identifier: &str,
        lang: &str,
        origin: Origin,
    ) -> Result<Option<Duration>, Internal> {
        if let Some(wait) = self.letter_wait("reset", identifier, &origin).await? {
            return Ok(Some(wait));
        }
        let mut reader = &self.store;
        let user = users::find_by_login(&mut reader, identifier)
            .await?
            .filter(|user| !user.disabled);
        let full = self.mailbox_is_full("reset", user.as_ref(), identifier);
        let full = full.await?;
        let user = user.filter(|_| !full);
        let token = self.entropy.token();
        let (tessera, hash, now, lang) =
            (self.clone(), token.digest(), self.now(), lang.to_owned());
        let link = self.url(&format!("/reset-password?token={}", token.expose()));
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let event = Event::new(Kind::PasswordResetRequested, Actor::Anonymous);
                    // The same statements in either case, so that the time tells nothing. A link
                    // of nobody opens nothing, and nobody is sent its token.
                    let row = Link {
                        user_id: user.as_ref().map(|user| user.id),
                        payload: None,
                    };
                    let until = now + LIFETIME;
                    links::insert(tx, hash, Purpose::ResetPassword, &row, now, until).await?;
                    let event = if let Some(user) = &user {
                        let letter = letter(&user.email, user.display_name(), link, lang);
                        tessera.queue_letter(tx, &letter).await?;
                        event.with("user_id", user.id)
                    } else {
                        let letter = letter("nobody@example.com", "nobody", link, lang);
                        tessera.queue_decoy(tx, &letter).await?;
                        event.failed(if full {
                            "too_many_letters"
                        } else {
                            "unknown_account"
                        })
                    };
                    tessera.record(tx, &event, &origin);
                    Ok(())
                })
            })
            .await?;
        Ok(None)
    }

    /// Sends a person a link to choose a password with, in the language of their profile.
    pub(super) async fn send_reset_link(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        valid_for: Duration,
    ) -> Result<(), Internal> {
        let (token, now) = (self.entropy.token(), self.now());
        let link = self.url(&format!("/reset-password?token={}", token.expose()));
        let row = Link {
            user_id: Some(user.id),
            payload: None,
        };
        let (hash, purpose) = (token.digest(), Purpose::ResetPassword);
        links::insert(tx, hash, purpose, &row, now, now + valid_for).await?;
        let locale = user
            .profile
            .0
            .get("locale")
            .and_then(|locale| locale.as_str());
        let lang = locale.unwrap_or("en").to_owned();
        let mut letter = letter(&user.email, user.display_name(), link, lang);
        letter.valid_for = Some(valid_for);
        self.queue_letter(tx, &letter).await
    }

    /// Whose password a link would change, if it works.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_reset(&self, token: &Secret<String>) -> Result<Option<User>, Internal> {
        let mut reader = &self.store;
        let hash = token.digest();
        let link = links::find(&mut reader, hash, Purpose::ResetPassword, self.now()).await?;
        match link.and_then(|link| link.user_id) {
            Some(id) => Ok(users::find(&mut reader, id)
                .await?
                .filter(|user| !user.disabled)),
            None => Ok(None),
        }
    }

    /// Spends the link and sets the password. Whoever knew the old one is out: sessions, devices and
    /// everything that was allowed end.
    ///
    /// # Errors
    /// If it could not be written, or too many passwords are being hashed.
    pub async fn reset_password(
        &self,
        token: &Secret<String>,
        password: Secret<String>,
        lang: &str,
        origin: Origin,
    ) -> Result<Reset, Internal> {
        let Some(user) = self.peek_reset(token).await? else {
            return Ok(Reset::Expired);
        };
        if let Err(problem) = self.check_new_password(&password, &about(&user)) {
            return Ok(Reset::Refused(problem));
        }
        let hash = self.hash_password(password).await?;
        let buckets = [
            self.name_bucket(&user.username)?,
            self.name_bucket(&user.email)?,
        ];
        let lang = lang.to_owned();
        let (tessera, spent, now, id) = (self.clone(), token.digest(), self.now(), user.id);
        let changed = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // First of all: a sign-in that is about to commit is waited for, and its session
                    // ends below; and two links of one account cannot wait for each other.
                    users::lock(tx, id).await?;
                    if !links::spend(tx, spent, Purpose::ResetPassword, now).await? {
                        return Ok(None);
                    }
                    users::set_password(tx, id, hash.as_phc(), now).await?;
                    users::note_password_by_mail(tx, id, true).await?;
                    void_ways_in(tx, id, now).await?;
                    // The letter arrived: the address is theirs.
                    users::verify_email(tx, id, now).await?;
                    let (which, actor) = (Which::AllOf(id), Actor::User(id));
                    tessera
                        .end_sessions(tx, which, Ending::PasswordReset, &actor, &origin)
                        .await?;
                    grants::end_for_user(tx, id, now, "password_reset").await?;
                    devices::forget_all(tx, id, None).await?;
                    let device = tessera.know_device(tx, id).await?;
                    tessera.forgive(tx, &buckets).await?;
                    tessera.begin_password_streaks(tx, id).await?;
                    tessera
                        .end_own_recovery(tx, id, "password_changed", &origin)
                        .await?;
                    let kind = NoticeKind::PasswordChanged;
                    tessera.queue_notice(tx, &user, kind, &lang).await?;
                    let event =
                        Event::new(Kind::PasswordChanged, Actor::User(id)).with("how", "reset");
                    tessera.record(tx, &event, &origin);
                    Ok(Some(device))
                })
            })
            .await?;
        Ok(match changed {
            Some(device) => Reset::Changed(device),
            None => Reset::Expired,
        })
    }

    /// Whoever reads the mailbox is no stranger, and must get in though a stranger empties the budgets of
    /// the account's names again. But not where a second factor is: a known device has a budget for
    /// that too, and who has taken the mailbox over would get a new one with every letter.
    async fn know_device(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<Option<Secret<String>>, Internal> {
        let known = factors::of_user(tx, user).await?;
        if known.has_second_factor() || !known.usable.is_empty() {
            return Ok(None);
        }
        self.introduce_device(tx, user).await.map(Some)
    }
}

/// What is on its way to somebody, or lies in a mailbox, and would take its reader a step further: void once
/// the password or the address is another.
pub(in crate::flows) async fn void_ways_in(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<(), Internal> {
    for purpose in [Purpose::SignIn, Purpose::ResetPassword] {
        links::void(tx, purpose, Some(user), now).await?;
    }
    Ok(sent_codes::void_all(tx, user).await?)
}

fn letter(to: &str, name: &str, link: String, lang: String) -> LetterRequest {
    LetterRequest {
        kind: LetterKind::ResetPassword,
        to: to.to_owned(),
        name: name.to_owned(),
        link: Some(link),
        lang,
        valid_for: Some(LIFETIME),
    }
}
