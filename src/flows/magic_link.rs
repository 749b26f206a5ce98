//! Signing in by a link that comes by mail. The answer is the same whether the account exists or not; the
//! link is good once, and only in the browser that asked for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::admission::{Admission, Candidate, Entering, Visit};
use super::letters::{LetterKind, LetterRequest};
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::{Digest, Secret, Timestamp};
use crate::protocol::assurance::{Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Reader, Tx};

/// How long the link works: the mail has to come, and somebody is waiting for it.
const LIFETIME: Duration = Duration::from_mins(15);

/// What a link remembers is sealed for this.
const PURPOSE: &str = "sign-in-link";

/// What a link remembers.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    /// The browser that asked: whoever else opens the link must not be signed in as somebody else, and
    /// whoever asked must not be by somebody else's click.
    browser: Vec<u8>,
    /// The authorization request that waits there.
    ticket: Option<String>,
    /// To which address. Given up meanwhile, it proves nothing.
    to: String,
}

impl Asked {
    fn is_in(&self, browser: Digest) -> bool {
        Digest::from_slice(&self.browser).is_some_and(|asked| asked.is(&browser))
    }

    fn is_to(&self, user: &User) -> bool {
        !user.disabled && user.email_verified && comparable(&user.email) == comparable(&self.to)
    }
}

/// What came from the page that asks for a link.
#[derive(Clone, Debug)]
pub struct LinkRequest {
    /// User name or e-mail address.
    pub login: String,
    /// In which browser.
    pub browser: Digest,
    /// The authorization request that waits.
    pub ticket: Option<String>,
    /// The language of the letter.
    pub lang: String,
}

/// What a link is good for, before it is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFound {
    /// It would sign this person in.
    Here {
        /// Who.
        username: String,
        /// The authorization request that waits.
        ticket: Option<String>,
    },
    /// Another browser asked for it.
    Elsewhere,
    /// Spent, too old, or never was one.
    Expired,
}

/// What came of a link.
#[derive(Debug)]
pub enum LinkSignIn {
    /// It is them.
    SignedIn {
        /// The proof.
        signed_in: Box<SignedIn>,
        /// The next cookie of the device.
        device: Option<Secret<String>>,
    },
    /// More is asked for.
    More(Entering),
    /// Another browser asked for it; it is not spent.
    Elsewhere,
    /// Spent, too old, or never was one.
    Expired,
}

impl Tessera {
    /// Whether people may sign in like that.
    #[must_use]
    pub fn sends_links(&self) -> bool {
        self.config.codes.magic_link && self.mailer.can_send()
    }

    /// Sends a link to the owner, if there is one with a confirmed address. `Some` is how long to wait
    /// first.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn request_link(
        &self,
        request: LinkRequest,
        origin: Origin,
    ) -> Result<Option<Duration>, Internal> {
        let wait = self.letter_wait("sign-in-link", &request.login, &origin);
        if let Some(wait) = wait.await? {
            return Ok(Some(wait));
        }
        let mut reader = &self.store;
        let user = users::find_by_login(&mut reader, &request.login).await?;
        let user = user.filter(|user| !user.disabled && user.email_verified);
        let token = self.entropy.token();
        let asked = Asked {
            browser: request.browser.as_bytes().to_vec(),
            ticket: request.ticket,
            to: user
                .as_ref()
                .map_or("nobody@example.com", |user| &user.email)
                .to_owned(),
        };
        let letter = LetterRequest {
            kind: LetterKind::SignInLink,
            to: asked.to.clone(),
            name: user
                .as_ref()
                .map_or("nobody", User::display_name)
                .to_owned(),
            link: Some(self.url(&format!("/sign-in/link?token={}", token.expose()))),
            lang: request.lang,
            valid_for: Some(LIFETIME),
        };
        // The same statements in either case, so that the time tells nothing. A link of nobody opens
        // nothing, and nobody is sent its token.
        let link = Link {
            user_id: user.as_ref().map(|user| user.id),
            payload: Some(self.seal_asked(&asked)?),
        };
        let (tessera, hash, now) = (self.clone(), token.digest(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let until = now + LIFETIME;
                    links::insert(tx, hash, Purpose::SignIn, &link, now, until).await?;
                    let event = Event::new(Kind::SignInLinkRequested, Actor::Anonymous);
                    let event = if let Some(user) = &user {
                        tessera.queue_letter(tx, &letter).await?;
                        event.with("user_id", user.id)
                    } else {
                        tessera.queue_decoy(tx, &letter).await?;
                        event.failed("unknown_account")
                    };
                    tessera.record(tx, &event, &origin);
                    Ok(None)
                })
            })
            .await
    }

    fn seal_asked(&self, asked: &Asked) -> Result<String, Internal> {
        let plain = serde_json::to_vec(asked).map_err(Internal::other)?;
        Ok(self.master.seal(PURPOSE, &plain)?)
    }

    /// Whose link it is, as long as it works.
    async fn asked(
        &self,
        reader: &mut impl Reader,
        hash: Digest,
        now: Timestamp,
    ) -> Result<Option<(User, Asked)>, Internal> {
        if !self.sends_links() {
            return Ok(None);
        }
        let link = links::find(reader, hash, Purpose::SignIn, now).await?;
        let Some((id, payload)) = link.and_then(|link| link.user_id.zip(link.payload)) else {
            return Ok(None);
        };
        let plain = self.master.open(PURPOSE, &payload)?;
        let asked: Asked = serde_json::from_slice(plain.expose()).map_err(Internal::other)?;
        let user = users::find(reader, id).await?;
        let user = user.filter(|user| asked.is_to(user));
        Ok(user.map(|user| (user, asked)))
    }

    /// What a link is good for in this browser. Nothing is spent: software that follows the links in mail
    /// only looks.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_link(
        &self,
        token: &Secret<String>,
        browser: Digest,
    ) -> Result<LinkFound, Internal> {
        let mut reader = &self.store;
        let found = self.asked(&mut reader, token.digest(), self.now()).await?;
        Ok(match found {
            None => LinkFound::Expired,
            Some((_, asked)) if !asked.is_in(browser) => LinkFound::Elsewhere,
            Some((user, asked)) => LinkFound::Here {
                username: user.username,
                ticket: asked.ticket,
            },
        })
    }

    /// Spends a link. It proves that the mailbox can be read, and no more than that.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn sign_in_by_link(
        &self,
        token: &Secret<String>,
        browser: Digest,
        visit: Visit,
        origin: Origin,
    ) -> Result<LinkSignIn, Internal> {
        let (hash, mut reader) = (token.digest(), &self.store);
        let user = match self.asked(&mut reader, hash, self.now()).await? {
            None => return Ok(LinkSignIn::Expired),
            Some((_, asked)) if !asked.is_in(browser) => return Ok(LinkSignIn::Elsewhere),
            Some((user, _)) => user,
        };
        let tessera = self.clone();
        let admitted = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if users::lock(tx, user.id).await?.is_none() {
                        return Ok(None);
                    }
                    let Some(user) = tessera.spend_link(tx, hash).await? else {
                        return Ok(None);
                    };
                    let candidate = Candidate {
                        proof: Proof {
                            of: Method::MagicLink.into(),
                            at: tessera.now(),
                        },
                        before: None,
                        visit: &visit,
                        meets: true,
                    };
                    tessera.admit(tx, user, candidate, &origin).await.map(Some)
                })
            })
            .await?;
        Ok(match admitted {
            None => LinkSignIn::Expired,
            Some(Admission::SignedIn(signed_in, device)) => {
                LinkSignIn::SignedIn { signed_in, device }
            }
            Some(Admission::More(entering, _) | Admission::NoWay(entering)) => {
                LinkSignIn::More(entering)
            }
        })
    }

    /// Under the lock of the account: looked at again, because all of it may have changed.
    async fn spend_link(&self, tx: &mut Tx<'_>, hash: Digest) -> Result<Option<User>, Internal> {
        let now = self.now();
        let Some((user, _)) = self.asked(tx, hash, now).await? else {
            return Ok(None);
        };
        if !links::spend(tx, hash, Purpose::SignIn, now).await? {
            return Ok(None);
        }
        // Older ones of the same hour have had their day.
        links::void(tx, Purpose::SignIn, Some(user.id), now).await?;
        Ok(Some(user))
    }
}
