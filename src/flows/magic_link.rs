//! Signing in by a link that comes by mail. The answer is the same whether the account exists or not; the
//! link is good once, and only in the browser that asked for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::admission::{Admission, Candidate, Entering, Visit};
use super::letters::{LetterKind, LetterRequest};
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Digest, Secret, Timestamp};
use crate::protocol::assurance::{Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User, comparable};
use crate::storage::{Reader, Tx};

/// How long the link works: the mail has to come, and somebody is waiting for it. OWASP ASVS 5.0 V6.5.5:
/// "Out-of-band requests, codes, or tokens must have a maximum lifetime of 10 minutes".
const LIFETIME: Duration = Duration::from_mins(10);

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
        visit: &Visit,
        origin: Origin,
    ) -> Result<Option<Duration>, Internal> {
        let mut reader = &self.store;
        let user = users::find_by_login(&mut reader, &request.login).await?;
        let user = user.filter(|user| !user.disabled && user.email_verified);
        let known_device = match self
            .link_wait(user.as_ref(), &request, visit, &origin)
            .await?
        {
            Ok(known_device) => known_device,
            Err(wait) => return Ok(Some(wait)),
        };
        // On a device of theirs no stranger's letters keep the owner from one.
        let full = self
            .mailbox_is_full("sign-in-link", user.as_ref(), &request.login)
            .await?
            && !known_device;
        let user = user.filter(|_| !full);
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
            lang: visit.lang.clone(),
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
                        event.failed(if full {
                            "too_many_letters"
                        } else {
                            "unknown_account"
                        })
                    };
                    tessera.record(tx, &event, &origin);
                    Ok(None)
                })
            })
            .await
    }

    /// By name, whether it is anybody's or not; but on a device that this person signed in on before, by
    /// that device: a stranger who asks for letters all day must not keep the owner from theirs. Whether it was such
    /// a device, or how long to wait.
    async fn link_wait(
        &self,
        user: Option<&User>,
        request: &LinkRequest,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<Result<bool, Duration>, Internal> {
        let known = self.known_device(user.map(|user| user.id), visit, origin);
        if let (Some(device), Some(user)) = (known.await?, user) {
            let bucket = self.device_bucket(device, user.id, Method::MagicLink)?;
            let reserved = self.reserve_try(vec![bucket], None).await?;
            return Ok(reserved.map(|()| true));
        }
        let wait = self
            .letter_wait("sign-in-link", &request.login, origin)
            .await?;
        Ok(wait.map_or(Ok(false), Err))
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
        let Some((user, asked)) = self.asked(&mut reader, hash, self.now()).await? else {
            return self.refuse_link(None, LinkSignIn::Expired, origin).await;
        };
        if !asked.is_in(browser) {
            let user = Some(user.id);
            return self.refuse_link(user, LinkSignIn::Elsewhere, origin).await;
        }
        let id = user.id;
        let (tessera, from) = (self.clone(), origin.clone());
        let admitted = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if users::lock(tx, id).await?.is_none() {
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
                    tessera.admit(tx, user, candidate, &from).await.map(Some)
                })
            })
            .await?;
        Ok(match admitted {
            None => {
                return self
                    .refuse_link(Some(id), LinkSignIn::Expired, origin)
                    .await;
            }
            Some(Admission::SignedIn(signed_in, device)) => {
                LinkSignIn::SignedIn { signed_in, device }
            }
            Some(Admission::More(entering, _) | Admission::NoWay(entering)) => {
                LinkSignIn::More(entering)
            }
        })
    }

    async fn refuse_link(
        &self,
        user: Option<UserId>,
        refused: LinkSignIn,
        origin: Origin,
    ) -> Result<LinkSignIn, Internal> {
        let why = match refused {
            LinkSignIn::Elsewhere => "another_browser",
            _ => "expired_link",
        };
        let event = Event::new(Kind::SignIn, Actor::Anonymous)
            .with("user_id", user)
            .with("method", Method::MagicLink.as_str())
            .failed(why);
        self.record_some_of(user, event, origin).await?;
        Ok(refused)
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
