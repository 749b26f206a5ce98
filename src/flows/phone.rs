//! The telephone of a person: a number that was shown to be theirs by a code, and nothing before that.

use std::time::Duration;

use super::admission::Visit;
use super::assurance::RecentlyAuthenticated;
use super::factors::{By, Change, NewFactor};
use super::letters::{TextKind, TextRequest};
use super::recovery::RecoveryCodes;
use super::sent_codes::{LIFETIME, Slot};
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Secret, Timestamp};
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::phone::PhoneNumber;
use crate::storage::users::{self, User};
use crate::storage::{Reader, Tx, phones, sent_codes};

const SEALED: &str = "phone";

/// Codes that confirm a number open nothing else.
const CONFIRM: &str = "confirm_phone";

const NUMBER: &str = "phone_number";
const VERIFIED: &str = "phone_number_verified";

/// What a person sees of their telephone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telephone {
    /// Its number.
    pub number: PhoneNumber,
    /// Since when.
    pub since: Timestamp,
}

/// What came of naming a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneAsked {
    /// A code is on its way to it.
    Sent,
    /// Not a number that can be used here.
    Refused,
    /// It is theirs already.
    Unchanged,
    /// Too many codes were asked for.
    Slowed(Duration),
    /// The person is not recently authenticated any more.
    Stale,
}

/// What came of typing the code.
#[derive(Debug)]
pub enum PhoneConfirmed {
    /// The number counts from now on, and the person has proved it.
    Done {
        /// The proof.
        signed_in: Box<SignedIn>,
        /// Of somebody who had no second factor before.
        codes: Option<RecoveryCodes>,
    },
    /// Not the code, or not any more.
    Wrong,
    /// The person is not recently authenticated any more.
    Stale,
}

fn slot(person: &SignedIn) -> Slot {
    Slot {
        user: person.user().id,
        purpose: CONFIRM,
        binding: format!("session {}", person.session().id),
    }
}

impl Tessera {
    /// Whether text messages are a second factor here.
    #[must_use]
    pub fn sends_texts(&self) -> bool {
        self.config.codes.sms && self.texter.can_send()
    }

    fn open_number(&self, sealed: &str) -> Result<PhoneNumber, Internal> {
        let opened = self.master.open(SEALED, sealed)?;
        std::str::from_utf8(opened.expose())
            .ok()
            .and_then(PhoneNumber::parse)
            .ok_or_else(|| Internal::other("a sealed telephone number is none"))
    }

    /// The telephone of a person.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn telephone(
        &self,
        reader: &mut impl Reader,
        user: UserId,
    ) -> Result<Option<Telephone>, Internal> {
        let Some(phone) = phones::find(reader, user).await? else {
            return Ok(None);
        };
        Ok(Some(Telephone {
            number: self.open_number(&phone.sealed)?,
            since: phone.created_at,
        }))
    }

    /// The number that a code was sent to and that waits for it.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn pending_phone(&self, person: &SignedIn) -> Result<Option<PhoneNumber>, Internal> {
        let mut reader = &self.store;
        let waiting = self.usable(&mut reader, &slot(person)).await?;
        let payload = waiting.and_then(|code| code.payload);
        payload.map(|sealed| self.open_number(&sealed)).transpose()
    }

    /// Sends a code to a number that a person says is theirs. The one that they have stays until the other
    /// is confirmed.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn ask_phone(
        &self,
        recent: &RecentlyAuthenticated,
        typed: &str,
        lang: &str,
        origin: Origin,
    ) -> Result<PhoneAsked, Internal> {
        let number =
            PhoneNumber::parse(typed).filter(|number| number.is_allowed(&self.config.sms.prefixes));
        let Some(number) = number else {
            return Ok(PhoneAsked::Refused);
        };
        let mut reader = &self.store;
        let user = recent.person().user().id;
        let known = self.telephone(&mut reader, user).await?;
        if known.is_some_and(|known| known.number == number) {
            return Ok(PhoneAsked::Unchanged);
        }
        let buckets = self.text_buckets(user, &number, &origin)?;
        if let Err(wait) = self.reserve_try(buckets, None).await? {
            return Ok(PhoneAsked::Slowed(wait));
        }
        let (tessera, recent, lang) = (self.clone(), recent.clone(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(PhoneAsked::Stale);
                    };
                    let sealed = tessera.master.seal(SEALED, number.as_str().as_bytes())?;
                    let slot = slot(recent.person());
                    let code = tessera.make_code(tx, &slot, Some(sealed)).await?;
                    let kind = TextKind::ConfirmNumber;
                    tessera.text_code(tx, &number, (kind, &code), lang).await?;
                    let event = Event::new(Kind::CodeSent, Actor::User(user.id))
                        .with("method", Method::SmsCode.as_str())
                        .with("purpose", CONFIRM);
                    tessera.record(tx, &event, &origin);
                    Ok(PhoneAsked::Sent)
                })
            })
            .await
    }

    /// Puts a code on its way to a telephone.
    pub(super) async fn text_code(
        &self,
        tx: &mut Tx<'_>,
        number: &PhoneNumber,
        (kind, code): (TextKind, &Secret<String>),
        lang: String,
    ) -> Result<(), Internal> {
        let text = TextRequest {
            kind,
            to: number.as_str().to_owned(),
            code: code.expose().clone(),
            lang,
            valid_for: LIFETIME,
        };
        self.queue_text(tx, &text).await
    }

    /// Confirms the number by the code that was sent to it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn confirm_phone(
        &self,
        recent: &RecentlyAuthenticated,
        typed: &str,
        visit: Visit,
        origin: Origin,
    ) -> Result<PhoneConfirmed, Internal> {
        let (tessera, recent) = (self.clone(), recent.clone());
        let typed = super::otp::digits_of(typed);
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(mut user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(PhoneConfirmed::Stale);
                    };
                    let slot = slot(recent.person());
                    let spent = tessera.spend_sent_code(tx, &slot, &typed).await?;
                    let Some(sealed) = spent.and_then(|code| code.payload) else {
                        let event = Event::new(Kind::FactorChanged, Actor::User(user.id))
                            .with("method", Method::SmsCode.as_str())
                            .with("change", Change::Added.as_str())
                            .failed("wrong_credentials");
                        tessera.record(tx, &event, &origin);
                        return Ok(PhoneConfirmed::Wrong);
                    };
                    let now = tessera.now();
                    let number = tessera.open_number(&sealed)?;
                    phones::set(tx, user.id, &sealed, now).await?;
                    // What is on its way to the number before must not open anything for its owner.
                    sent_codes::void(tx, user.id, Method::SmsCode.as_str()).await?;
                    let profile = &mut user.profile.0;
                    profile.insert(NUMBER.to_owned(), number.as_str().into());
                    profile.insert(VERIFIED.to_owned(), true.into());
                    users::update(tx, &user, now).await?;
                    let new = NewFactor {
                        method: Method::SmsCode,
                        factor: None,
                        at: now,
                        before: None,
                        visit: &visit,
                    };
                    let done = tessera.admit_with_new(tx, user, new, &origin).await?;
                    Ok(PhoneConfirmed::Done {
                        signed_in: done.signed_in,
                        codes: done.codes,
                    })
                })
            })
            .await
    }

    /// Takes the telephone away; false if there is none, or the person is not recently authenticated any
    /// more.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn remove_phone(
        &self,
        recent: &RecentlyAuthenticated,
        lang: &str,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let (tessera, recent, lang) = (self.clone(), recent.clone(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(mut user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(false);
                    };
                    tessera.forget_number(tx, &mut user, None).await?;
                    if !phones::delete(tx, user.id).await? {
                        return Ok(false);
                    }
                    for purpose in [Method::SmsCode.as_str(), CONFIRM] {
                        sent_codes::void(tx, user.id, purpose).await?;
                    }
                    let by = By::owner(&user, &lang, &origin);
                    let gone = (Method::SmsCode, None);
                    tessera.factor_gone(tx, &user, gone, by).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Applications are not told a number any more that is about to go: the one that the person has, if
    /// they have it `since` then. Under the lock of the account.
    pub(super) async fn forget_number(
        &self,
        tx: &mut Tx<'_>,
        user: &mut User,
        since: Option<Timestamp>,
    ) -> Result<(), Internal> {
        let known = self.telephone(tx, user.id).await?;
        let going = known.filter(|known| since.is_none_or(|since| known.since >= since));
        let told = user.profile.0.get(NUMBER).and_then(|told| told.as_str());
        if going.is_none_or(|going| told != Some(going.number.as_str())) {
            return Ok(());
        }
        user.profile.0.remove(NUMBER);
        user.profile.0.remove(VERIFIED);
        Ok(users::update(tx, user, self.now()).await?)
    }
}
