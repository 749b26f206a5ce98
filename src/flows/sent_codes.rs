//! Codes that are sent to a person: six digits, five minutes, three tries.

use std::time::Duration;

use uuid::Uuid;

use super::admission::Visit;
use super::letters::{LetterKind, LetterRequest};
use super::step::Prover;
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::base::ids::{UserId, uuid_v7};
use crate::protocol::assurance::{Capability, Method};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::sent_codes::{self, SentCode};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Reader, Tx};

/// NIST SP 800-63B-4 §3.1.3.2 allows ten minutes; a mailbox or a telephone at hand needs less.
const LIFETIME: Duration = Duration::from_mins(5);

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

/// `a•••@e•••.org`
fn masked(email: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let (local, host) = email.rsplit_once('@').unwrap_or((email, ""));
    let end = host.rsplit_once('.').map_or("", |(_, end)| end);
    format!("{}•••@{}•••.{end}", first(local), first(host))
}

impl Tessera {
    /// What can be sent to this person, who has `others` set up: it stands in for them where they fail,
    /// and never takes their place.
    pub(super) fn sendable(&self, user: &User, others: &[Capability]) -> Option<Capability> {
        let stands_in = super::assurance::has_second_factor(others);
        let reaches = user.email_verified && self.mailer.can_send();
        (self.config.codes.email && stands_in && reaches).then(|| Method::EmailCode.into())
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
        if method != Method::EmailCode {
            return Ok(None);
        }
        let mut reader = &self.store;
        let Some(user) = users::find(&mut reader, prover.user()).await? else {
            return Ok(None);
        };
        let waiting = self.usable(&mut reader, user.id, method).await?.is_some();
        let to = masked(&user.email);
        Ok(Some(Sending { to, waiting }))
    }

    async fn usable(
        &self,
        reader: &mut impl Reader,
        user: UserId,
        method: Method,
    ) -> Result<Option<SentCode>, Internal> {
        let found = sent_codes::find(reader, user, method.as_str(), self.now()).await?;
        Ok(found.filter(|code| code.tries < TRIES))
    }

    /// Sends a code to somebody who may use it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn send_code(
        &self,
        prover: &Prover,
        lang: &str,
        visit: &Visit,
        origin: Origin,
    ) -> Result<Sent, Internal> {
        let mut reader = &self.store;
        let user = users::find(&mut reader, prover.user()).await?;
        let Some(user) = user.filter(|user| self.still(prover, user)) else {
            return Ok(Sent::Expired);
        };
        let method = Method::EmailCode;
        let available = self.capabilities(&mut reader, &user).await?;
        if !available.iter().any(|of| of.method == method) {
            return Ok(Sent::Expired);
        }
        // Whoever guesses at codes gets no further ones to guess at.
        let guards = self.step_guards(user.id, method, visit, &origin).await?;
        let mut buckets =
            self.letter_buckets(method.as_str(), &comparable(&user.email), origin.address)?;
        buckets.extend(self.letter_buckets("code", &user.id.to_string(), None)?);
        if let Err(wait) = self.reserve_try(buckets, Some(guards.own)).await? {
            return Ok(Sent::Slowed(wait));
        }
        let (tessera, prover, lang) = (self.clone(), prover.clone(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = users::lock(tx, user.id).await? else {
                        return Ok(Sent::Expired);
                    };
                    let code = tessera.make_code(tx, &prover, method).await?;
                    let letter = LetterRequest {
                        kind: LetterKind::SignInCode,
                        to: user.email.clone(),
                        name: user.display_name().to_owned(),
                        link: Some(code.expose().clone()),
                        lang,
                        valid_for: Some(LIFETIME),
                    };
                    tessera.queue_letter(tx, &letter).await?;
                    let event = Event::new(Kind::CodeSent, Actor::User(user.id))
                        .with("method", method.as_str());
                    tessera.record(tx, &event, &origin);
                    Ok(Sent::Sent)
                })
            })
            .await
    }

    async fn make_code(
        &self,
        tx: &mut Tx<'_>,
        prover: &Prover,
        method: Method,
    ) -> Result<Secret<String>, Internal> {
        let now = self.now();
        // Of 2^64 numbers: no digit is likelier than another by more than one in 10^13.
        let number = u64::from_be_bytes(self.entropy.bytes()) % 1_000_000;
        let code = Secret::new(format!("{number:06}"));
        let id = uuid_v7(now, &self.entropy);
        let row = SentCode {
            id,
            mac: self
                .master
                .mac(MAC, &parts(&row_name(id, method, prover), &code))?
                .to_vec(),
            tries: 0,
        };
        sent_codes::replace(
            tx,
            prover.user(),
            method.as_str(),
            &row,
            now,
            now + LIFETIME,
        )
        .await?;
        Ok(code)
    }

    /// Spends the code that this person was sent last; a wrong one is counted. Under the lock of the
    /// account.
    pub(super) async fn spend_sent_code(
        &self,
        tx: &mut Tx<'_>,
        prover: &Prover,
        method: Method,
        typed: &str,
    ) -> Result<bool, Internal> {
        let user = prover.user();
        let Some(code) = self.usable(tx, user, method).await? else {
            return Ok(false);
        };
        let typed = Secret::new(typed.to_owned());
        let name = row_name(code.id, method, prover);
        if self.master.mac_is(MAC, &parts(&name, &typed), &code.mac)? {
            sent_codes::void(tx, user, method.as_str()).await?;
            return Ok(true);
        }
        sent_codes::count_try(tx, code.id).await?;
        Ok(false)
    }
}

fn row_name(id: Uuid, method: Method, prover: &Prover) -> String {
    format!("{} {id} {}", method.as_str(), prover.binding())
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
