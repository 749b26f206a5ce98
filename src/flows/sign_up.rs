//! People make accounts for themselves, where the deployment lets them. The answer is the same, and
//! takes as long, whether the address has an account or not; only its owner is told, by letter.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::account::{NewUser, Problems};
use super::letters::{LetterKind, LetterRequest};
use super::{Internal, Tessera};
use crate::base::{Digest, Secret};
use crate::crypto::password::PasswordHash;
use crate::protocol::account_rules::AccountField;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::StorageError;
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::{self, User};

/// How long the letter's link works.
const LIFETIME: Duration = Duration::from_hours(1);

/// Waits in the link until the address is proven: nobody can block somebody else's address.
#[derive(Serialize, Deserialize)]
struct Waiting {
    email: String,
    name: String,
    password_hash: String,
    ticket: Option<String>,
    browser: String,
}

const PURPOSE: &str = "sign-up";

/// What a sign-up asks for. The user name is the address: names of its own could be tried out.
#[derive(Debug)]
pub struct SignUpRequest {
    /// E-mail address.
    pub email: String,
    /// Name for people; may be empty.
    pub name: String,
    /// Password.
    pub password: Secret<String>,
    /// Language of the letter.
    pub lang: String,
    /// The authorization request that waits.
    pub ticket: Option<String>,
    /// The browser that asks.
    pub browser: Digest,
}

/// What came of asking.
#[derive(Debug)]
pub enum SignUp {
    /// A letter is on its way, to the new owner or to the old one.
    LetterSent,
    /// Something is wrong with the fields.
    Refused(Problems),
    /// Too many from here.
    Slowed(Duration),
}

/// An account that was confirmed.
#[derive(Debug)]
pub struct Confirmed {
    /// Whose.
    pub user: User,
    /// The authorization request that waits.
    pub ticket: Option<String>,
    /// The link was opened in another browser than the one that asked: whoever asked may be a
    /// stranger who chose the password for somebody else's address. The account has none yet; this
    /// link, good once, lets its owner choose one.
    pub choose_password: Option<String>,
}

fn text_of(digest: Digest) -> String {
    URL_SAFE_NO_PAD.encode(digest.as_bytes())
}

impl Tessera {
    /// Takes a sign-up and sends a letter.
    ///
    /// # Errors
    /// If it could not be written, or too many passwords are being hashed.
    pub async fn request_sign_up(
        &self,
        request: SignUpRequest,
        origin: Origin,
    ) -> Result<SignUp, Internal> {
        if !self.sign_up_is_open() {
            return Err(Internal::other("sign-up is closed: no page may offer it"));
        }
        let request = SignUpRequest {
            email: request.email.trim().to_owned(),
            ..request
        };
        let problems = self.check_sign_up(&request);
        if !problems.is_empty() {
            return Ok(SignUp::Refused(problems));
        }
        if let Some(wait) = self.letter_wait("sign-up", &request.email, &origin).await? {
            return Ok(SignUp::Slowed(wait));
        }
        // Hashed whether it will be used or not: the time tells nothing.
        let hash = self.hash_password(request.password.clone()).await?;
        let mut reader = &self.store;
        let existing = users::find_by_login(&mut reader, &request.email).await?;
        let token = self.entropy.token();
        let payload = self.seal_sign_up(&request, &hash)?;
        let letter = self.sign_up_letter(request, existing.as_ref(), &token);
        let (tessera, hash, now) = (self.clone(), token.digest(), self.now());
        // Written also where an account exists, so that the time tells nothing; nobody is sent its
        // token then.
        let link = Link {
            user_id: None,
            payload: Some(payload),
        };
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    links::insert(tx, hash, Purpose::SignUp, &link, now, now + LIFETIME).await?;
                    tessera.queue_letter(tx, &letter).await?;
                    let event = Event::new(Kind::SignUpRequested, Actor::Anonymous)
                        .with("existing", existing.is_some());
                    tessera.record(tx, &event, &origin);
                    Ok(())
                })
            })
            .await?;
        Ok(SignUp::LetterSent)
    }

    fn check_sign_up(&self, request: &SignUpRequest) -> Problems {
        let new = NewUser {
            password: request.password.clone(),
            ..owner_of(request.email.clone(), request.name.clone())
        };
        let mut problems = self.check_new_user(&new);
        problems.retain(|(field, _)| *field != AccountField::Username);
        problems
    }

    /// What waits in the link.
    fn seal_sign_up(
        &self,
        request: &SignUpRequest,
        hash: &PasswordHash,
    ) -> Result<String, Internal> {
        let waiting = Waiting {
            email: request.email.clone(),
            name: request.name.clone(),
            password_hash: hash.as_phc().to_owned(),
            ticket: request.ticket.clone(),
            browser: text_of(request.browser),
        };
        let payload = serde_json::to_vec(&waiting).map_err(Internal::other)?;
        Ok(self.master.seal(PURPOSE, &payload)?)
    }

    /// To the new owner of the address, or to the one whom it has.
    fn sign_up_letter(
        &self,
        request: SignUpRequest,
        existing: Option<&User>,
        token: &Secret<String>,
    ) -> LetterRequest {
        match existing {
            None => LetterRequest {
                kind: LetterKind::VerifyEmail,
                to: request.email.clone(),
                // Not the name that a stranger may have typed for the owner of the address: it would
                // be his text in our letter.
                name: request.email,
                link: Some(self.url(&format!("/verify-email?token={}", token.expose()))),
                lang: request.lang,
                valid_for: Some(LIFETIME),
            },
            Some(user) => LetterRequest {
                kind: LetterKind::AccountExists,
                to: user.email.clone(),
                name: user.display_name().to_owned(),
                link: Some(self.url("/sign-in")),
                lang: request.lang,
                valid_for: None,
            },
        }
    }

    /// Letters are slowed like guesses: by address of mail, and by where the request comes from.
    pub(super) async fn letter_wait(
        &self,
        kind: &str,
        email: &str,
        origin: &Origin,
    ) -> Result<Option<Duration>, Internal> {
        let email = users::comparable(email);
        let buckets = self.letter_buckets(kind, &email, origin.address)?;
        Ok(self.reserve_try(buckets, None).await?.err())
    }

    /// Whether the owner of the account had as many letters as one name may ask for, whichever of their names
    /// it was. A stranger must not learn which names belong together, so this is never said: no letter
    /// goes out, and those before it are young.
    pub(super) async fn mailbox_is_full(
        &self,
        kind: &str,
        owner: Option<&User>,
        typed: &str,
    ) -> Result<bool, Internal> {
        // Counted for nobody too, so that the time tells nothing.
        let to = users::comparable(owner.map_or(typed, |owner| &owner.email));
        let buckets = self.letter_buckets(&format!("mailbox/{kind}"), &to, None)?;
        Ok(self.reserve_try(buckets, None).await?.is_err())
    }

    /// The address that a link would confirm, if it works.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_sign_up(&self, token: &Secret<String>) -> Result<Option<String>, Internal> {
        Ok(self
            .waiting_sign_up(token)
            .await?
            .map(|waiting| waiting.email))
    }

    async fn waiting_sign_up(&self, token: &Secret<String>) -> Result<Option<Waiting>, Internal> {
        if !self.sign_up_is_open() {
            return Ok(None);
        }
        let mut reader = &self.store;
        let link = links::find(&mut reader, token.digest(), Purpose::SignUp, self.now()).await?;
        let Some(payload) = link.and_then(|link| link.payload) else {
            return Ok(None);
        };
        let opened = self.master.open(PURPOSE, &payload)?;
        serde_json::from_slice(opened.expose())
            .map(Some)
            .map_err(Internal::other)
    }

    /// Spends the link and makes the account. `None`: spent, too old, or the address was taken since.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn confirm_sign_up(
        &self,
        token: &Secret<String>,
        browser: Digest,
        origin: Origin,
    ) -> Result<Option<Confirmed>, Internal> {
        let Some(waiting) = self.waiting_sign_up(token).await? else {
            return Ok(None);
        };
        let ticket = waiting.ticket.clone();
        let same_browser = waiting.browser == text_of(browser);
        let mut user = self.user_of_waiting(waiting)?;
        let choose = self.entropy.token();
        let chooser = (!same_browser).then(|| choose.digest());
        if chooser.is_some() {
            user.password_hash = None;
        }
        let written = self
            .make_confirmed(token.digest(), user.clone(), chooser, origin)
            .await;
        match written {
            Ok(true) if same_browser => Ok(Some(Confirmed {
                user,
                ticket,
                choose_password: None,
            })),
            Ok(true) => Ok(Some(Confirmed {
                user,
                // A stranger's request is not the owner's to go on with.
                ticket: None,
                choose_password: Some(format!("/reset-password?token={}", choose.expose())),
            })),
            Ok(false) | Err(Internal::Storage(StorageError::Conflict)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn user_of_waiting(&self, waiting: Waiting) -> Result<User, Internal> {
        let hash = PasswordHash::from_phc(waiting.password_hash)
            .map_err(|_| Internal::other("a waiting sign-up holds no password hash"))?;
        Ok(self.user_of(owner_of(waiting.email, waiting.name), &hash))
    }

    /// One transaction: the link is spent, the account is there, and with `chooser` the link with
    /// which its owner chooses a password. False: the link was spent before.
    async fn make_confirmed(
        &self,
        spent: Digest,
        user: User,
        chooser: Option<Digest>,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let (tessera, now) = (self.clone(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if !links::spend(tx, spent, Purpose::SignUp, now).await? {
                        return Ok(false);
                    }
                    let actor = Actor::User(user.id);
                    tessera.insert_user(tx, &user, actor, &origin).await?;
                    if let Some(chooser) = chooser {
                        let link = Link {
                            user_id: Some(user.id),
                            payload: None,
                        };
                        let (purpose, until) = (Purpose::ResetPassword, now + LIFETIME);
                        links::insert(tx, chooser, purpose, &link, now, until).await?;
                    }
                    Ok(true)
                })
            })
            .await
    }
}

/// The account that an address asks for. Its password comes as a hash.
fn owner_of(email: String, name: String) -> NewUser {
    NewUser {
        username: email.clone(),
        email,
        name,
        password: Secret::new(String::new()),
        administrator: false,
        email_verified: true,
    }
}
