//! Codes that are sent to a person: six digits, five minutes, three tries.

use std::time::Duration;

use uuid::Uuid;

use super::admission::Visit;
use super::letters::{LetterKind, LetterRequest, TextKind};
use super::step::Prover;
use super::throttle::Bucket;
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::{UserId, uuid_v7};
use crate::protocol::assurance::{Capabilities, Capability, Method};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::phone::PhoneNumber;
use crate::storage::sent_codes::{self, SentCode};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Reader, Tx};

/// NIST SP 800-63B-4 §3.1.3.2 allows ten minutes; a mailbox or a telephone at hand needs less.
pub(super) const LIFETIME: Duration = Duration::from_mins(5);

/// Wrong ones before a new code must be asked for. With the limits on sending, a guesser gets
/// 3 in 10^6 for each letter that the owner sees.
const TRIES: i64 = 3;

/// The MAC of a code: of six digits, a plain hash could be tried out by who reads the table.
const MAC: &str = "sent-code";

/// What the page says about a code that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Where it goes, mostly hidden: a thief of the password need not learn it here.
    pub to: String,
    /// One was sent and can still be used.
    pub waiting: bool,
}

/// What came of asking for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way; any older one is void.
    Sent,
    /// Too many were asked for.
    Slowed(Duration),
    /// Too late, or not for this person.
    Expired,
}

/// What a code opens: one thing, for one person, in one sign-in or session of theirs.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub user: UserId,
    pub purpose: &'static str,
    pub binding: String,
}

impl Slot {
    /// A code by `method` that proves one thing more.
    pub(super) fn of(prover: &Prover, method: Method) -> Self {
        Self {
            user: prover.user(),
            purpose: method.as_str(),
            binding: prover.binding(),
        }
    }

    fn covered(&self, id: Uuid) -> String {
        format!("{} {id} {}", self.purpose, self.binding)
    }
}

/// Where a code goes.
enum Way {
    Mailbox(String),
    Telephone(PhoneNumber),
}

impl Way {
    fn masked(&self) -> String {
        match self {
            Self::Mailbox(address) => masked(address),
            Self::Telephone(number) => number.masked(),
        }
    }
}

/// `a•••@e•••.org`
fn masked(email: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let (local, host) = email.rsplit_once('@').unwrap_or((email, ""));
    let end = host.rsplit_once('.').map_or("", |(_, end)| end);
    format!("{}•••@{}•••.{end}", first(local), first(host))
}

impl Tessera {
    /// What can be sent to this person, who has `others` set up: it stands in for them where they fail,
    /// and never takes their place. Not beside a password that came by the same mailbox: the two would be
    /// one thing, and who reads the mail would need nothing else.
    pub(super) fn sendable(&self, user: &User, others: &Capabilities) -> Option<Capability> {
        let stands_in = others.can_be_asked();
        let reaches = user.email_verified && !user.password_by_mail && self.mailer.can_send();
        (self.config.codes.email && stands_in && reaches).then(|| Method::EmailCode.into())
    }

    /// Where a code by `method` goes; `None` where it is not one that is sent.
    async fn way(
        &self,
        reader: &mut impl Reader,
        user: &User,
        method: Method,
    ) -> Result<Option<Way>, Internal> {
        Ok(match method {
            Method::EmailCode => Some(Way::Mailbox(user.email.clone())),
            Method::SmsCode => {
                let telephone = self.telephone(reader, user.id).await?;
                telephone.map(|telephone| Way::Telephone(telephone.number))
            }
            _ => None,
        })
    }

    /// What the page says about a code by `method`; `None` where it is not one that is sent.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn sending(
        &self,
        prover: &Prover,
        method: Method,
    ) -> Result<Option<Sending>, Internal> {
        let mut reader = &self.store;
        let Some(user) = users::find(&mut reader, prover.user()).await? else {
            return Ok(None);
        };
        let Some(way) = self.way(&mut reader, &user, method).await? else {
            return Ok(None);
        };
        let slot = Slot::of(prover, method);
        let waiting = self.usable(&mut reader, &slot).await?.is_some();
        let to = way.masked();
        Ok(Some(Sending { to, waiting }))
    }

    pub(super) async fn usable(
        &self,
        reader: &mut impl Reader,
        slot: &Slot,
    ) -> Result<Option<SentCode>, Internal> {
        let found = sent_codes::find(reader, slot.user, slot.purpose, self.now()).await?;
        Ok(found.filter(|code| code.tries < TRIES))
    }

    /// Text messages cost money and wake people up: they are counted by number, by person and by the
    /// address from which they are asked for, whatever they are for.
    pub(super) fn text_buckets(
        &self,
        user: UserId,
        number: &PhoneNumber,
        origin: &Origin,
    ) -> Result<Vec<Bucket>, Internal> {
        let kind = Method::SmsCode.as_str();
        let mut buckets = self.letter_buckets(kind, number.as_str(), origin.address)?;
        buckets.extend(self.letter_buckets("code", &user.to_string(), None)?);
        Ok(buckets)
    }

    /// Sends a code to somebody who may use it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn send_code(
        &self,
        prover: &Prover,
        method: Method,
        visit: &Visit,
        origin: Origin,
    ) -> Result<Sent, Internal> {
        let mut reader = &self.store;
        let user = users::find(&mut reader, prover.user()).await?;
        let Some(user) = user.filter(|user| self.still(prover, user)) else {
            return Ok(Sent::Expired);
        };
        let available = self.capabilities(&mut reader, &user).await?;
        let way = self.way(&mut reader, &user, method).await?;
        let Some(way) = way.filter(|_| available.usable.iter().any(|of| of.method == method))
        else {
            return Ok(Sent::Expired);
        };
        // Whoever guesses at codes gets no further ones to guess at.
        let guards = self.step_guards(user.id, method, visit, &origin).await?;
        let buckets = match &way {
            Way::Telephone(number) => self.text_buckets(user.id, number, &origin)?,
            Way::Mailbox(address) => {
                let address = comparable(address);
                let mut buckets = self.letter_buckets(method.as_str(), &address, origin.address)?;
                buckets.extend(self.letter_buckets("code", &user.id.to_string(), None)?);
                buckets
            }
        };
        if let Err(wait) = self.reserve_try(buckets, Some(guards.own)).await? {
            return Ok(Sent::Slowed(wait));
        }
        let (tessera, slot, lang) = (self.clone(), Slot::of(prover, method), visit.lang.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = users::lock(tx, user.id).await? else {
                        return Ok(Sent::Expired);
                    };
                    // Changed meanwhile, the code would go to whoever had it before.
                    let Some(way) = tessera.way(tx, &user, method).await? else {
                        return Ok(Sent::Expired);
                    };
                    let code = tessera.make_code(tx, &slot, None).await?;
                    tessera.dispatch(tx, &user, way, &code, lang).await?;
                    let event = Event::new(Kind::CodeSent, Actor::User(user.id))
                        .with("method", method.as_str());
                    tessera.record(tx, &event, &origin);
                    Ok(Sent::Sent)
                })
            })
            .await
    }

    async fn dispatch(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        way: Way,
        code: &Secret<String>,
        lang: String,
    ) -> Result<(), Internal> {
        match way {
            Way::Telephone(number) => {
                let kind = TextKind::SignInCode;
                self.text_code(tx, &number, (kind, code), lang).await
            }
            Way::Mailbox(address) => {
                let letter = LetterRequest {
                    kind: LetterKind::SignInCode,
                    to: address,
                    name: user.display_name().to_owned(),
                    link: Some(code.expose().clone()),
                    lang,
                    valid_for: Some(LIFETIME),
                };
                self.queue_letter(tx, &letter).await
            }
        }
    }

    /// A new code; any older one for the same is void.
    pub(super) async fn make_code(
        &self,
        tx: &mut Tx<'_>,
        slot: &Slot,
        payload: Option<String>,
    ) -> Result<Secret<String>, Internal> {
        let now = self.now();
        // Of 2^64 numbers: no digit is likelier than another by more than one in 10^13.
        let number = u64::from_be_bytes(self.entropy.bytes()) % 1_000_000;
        let code = Secret::new(format!("{number:06}"));
        let id = uuid_v7(now, &self.entropy);
        let row = SentCode {
            id,
            payload,
            mac: self
                .master
                .mac(MAC, &parts(&slot.covered(id), &code))?
                .to_vec(),
            tries: 0,
        };
        sent_codes::replace(tx, slot.user, slot.purpose, &row, now, now + LIFETIME).await?;
        Ok(code)
    }

    /// Spends the code that was sent last; a wrong one is counted. Under the lock of the account.
    pub(super) async fn spend_sent_code(
        &self,
        tx: &mut Tx<'_>,
        slot: &Slot,
        typed: &str,
    ) -> Result<Option<SentCode>, Internal> {
        let Some(code) = self.usable(tx, slot).await? else {
            return Ok(None);
        };
        let typed = Secret::new(typed.to_owned());
        let name = slot.covered(code.id);
        if self.master.mac_is(MAC, &parts(&name, &typed), &code.mac)? {
            sent_codes::void(tx, slot.user, slot.purpose).await?;
            return Ok(Some(code));
        }
        sent_codes::count_try(tx, code.id).await?;
        Ok(None)
    }
}

fn parts<'a>(name: &'a str, code: &'a Secret<String>) -> [&'a [u8]; 2] {
    [name.as_bytes(), code.expose().as_bytes()]
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn an_address_is_known_again_by_its_owner_and_told_to_nobody_else() {
        assert_eq!(masked("alice@example.org"), "a•••@e•••.org");
        assert_eq!(masked("b@localhost"), "b•••@l•••.");
        assert_eq!(masked(""), "•••@•••.");
    }
}
