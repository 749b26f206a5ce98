//! Passkeys: challenges, and what their answers open.
//!
//! A challenge is no row: strangers could make any number of them. It travels in the page, authenticated
//! under the master key and bound to the browser, as a ticket does (decision 1). It is spent when it opens
//! something, in the same transaction.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::admission::{Admission, Candidate, Entering, Visit};
use super::factors::{By, Change, FactorChange};
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Digest, Secret, Timestamp};
use crate::config::{Attestation, Config};
use crate::crypto::webauthn::{
    CHALLENGE_LIFETIME, Challenged, Models, Offer, Refused, RelyingParty, UncheckedUse, Used,
};
use crate::protocol::assurance::{Capability, Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::users::{self, User};
use crate::storage::{Tx, passkeys, tokens};

/// What a page needs to ask the browser.
#[derive(Clone, Debug)]
pub struct PasskeyPrompt {
    /// `publicKey`, as JSON.
    pub options: String,
    /// Comes back with the answer.
    pub state: String,
}

/// What came back.
#[derive(Debug)]
pub struct PasskeyAnswer {
    /// As the page had it.
    pub state: String,
    /// What the browser said, as JSON.
    pub credential: String,
    /// In which browser.
    pub browser: Digest,
}

/// Why a passkey opened nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRefusal {
    /// The challenge is too old, was spent, is another browser's or for something else.
    Expired,
    /// No such passkey, or not this person's, or not any more.
    Unknown,
    /// The account is disabled.
    Disabled,
    /// It was not right.
    Refused(Refused),
}

impl PasskeyRefusal {
    /// For the audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired_challenge",
            Self::Unknown => "unknown_passkey",
            Self::Disabled => "account_disabled",
            Self::Refused(why) => why.as_str(),
        }
    }
}

impl From<Refused> for PasskeyRefusal {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

/// What came of signing in with a passkey.
#[derive(Debug)]
pub enum PasskeySignIn {
    /// It is them.
    SignedIn {
        /// The proof.
        signed_in: Box<SignedIn>,
        /// The next cookie of the device.
        device: Option<Secret<String>>,
    },
    /// It is right, and not enough for this person.
    More(Entering),
    /// It is not.
    Refused(PasskeyRefusal),
}

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Doing {
    SignIn,
    Step,
    Register,
}

#[derive(Serialize, Deserialize)]
struct Ceremony<State> {
    doing: Doing,
    user: Option<UserId>,
    until: Timestamp,
    state: State,
}

/// What may be spent once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Once {
    digest: Digest,
    until: Timestamp,
}

/// A use whose signature is right, to be spent under the lock of the account.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckedUse {
    passkey: Uuid,
    pub(super) user: UserId,
    used: Used,
    once: Once,
}

const CEREMONY: &str = "passkey-ceremony";

/// We as authenticators see us; `None` where there are no passkeys.
///
/// # Errors
/// For certificates that cannot be read.
pub fn relying_party(config: &Config) -> Result<Option<RelyingParty>, Internal> {
    if !config.has_passkeys() {
        return Ok(None);
    }
    let settings = &config.passkeys;
    let allowed: Vec<_> = settings.allowed_models.iter().map(|m| m.0).collect();
    let roots = match (&settings.attestation_roots, settings.attestation) {
        (Some(path), Attestation::Direct) => Some(
            std::fs::read_to_string(path)
                .map_err(|why| Internal::other(format!("passkeys.attestation_roots: {why}")))?,
        ),
        _ => None,
    };
    let models = roots.as_deref().map(|roots| Models {
        roots,
        allowed: &allowed,
    });
    let issuer = config.server.issuer.url();
    RelyingParty::new(issuer, &config.branding.name, models)
        .map(Some)
        .map_err(|why| Internal::other(format!("passkeys: {why}")))
}

impl Tessera {
    pub(super) fn prompt<State: Serialize>(
        &self,
        offer: Offer<State>,
        doing: Doing,
        user: Option<UserId>,
        browser: Digest,
    ) -> Result<PasskeyPrompt, Internal> {
        let ceremony = Ceremony {
            doing,
            user,
            until: self.now() + CHALLENGE_LIFETIME,
            state: offer.state,
        };
        let body = serde_json::to_vec(&ceremony).map_err(Internal::other)?;
        let mac = self.master.mac(CEREMONY, &[&body, browser.as_bytes()])?;
        let state = [&body[..], &mac].map(|part| URL_SAFE_NO_PAD.encode(part));
        Ok(PasskeyPrompt {
            options: offer.options,
            state: state.join("."),
        })
    }

    /// The ceremony that a page of ours began in this browser, for the same purpose and person.
    pub(super) fn resume<State: DeserializeOwned>(
        &self,
        answer: &PasskeyAnswer,
        doing: Doing,
        user: Option<UserId>,
    ) -> Result<Result<(State, Once), PasskeyRefusal>, Internal> {
        let parts: Option<Vec<Vec<u8>>> = answer
            .state
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).ok())
            .collect();
        let parts = parts.unwrap_or_default();
        let [body, mac] = &parts[..] else {
            return Ok(Err(PasskeyRefusal::Expired));
        };
        let browser = answer.browser.as_bytes();
        if !self.master.mac_is(CEREMONY, &[body, browser], mac)? {
            return Ok(Err(PasskeyRefusal::Expired));
        }
        let Ok(ceremony) = serde_json::from_slice::<Ceremony<State>>(body) else {
            return Ok(Err(PasskeyRefusal::Expired));
        };
        let ours = ceremony.doing == doing && ceremony.user == user;
        if !ours || ceremony.until <= self.now() {
            return Ok(Err(PasskeyRefusal::Expired));
        }
        let once = Once {
            digest: Digest::of(&[CEREMONY.as_bytes(), body].concat()),
            until: ceremony.until,
        };
        Ok(Ok((ceremony.state, once)))
    }

    /// What the sign-in page asks whoever has a passkey here. Nothing where there are none; a page without
    /// them is better than no page.
    #[must_use]
    pub fn sign_in_prompt(&self, browser: Digest) -> Option<PasskeyPrompt> {
        let offer = self.relying_party.as_ref()?.challenge_anybody();
        offer
            .map_err(Internal::from)
            .and_then(|offer| self.prompt(offer, Doing::SignIn, None, browser))
            .inspect_err(|error| tracing::error!(%error, "no challenge for a passkey"))
            .ok()
    }

    /// What somebody who is known already is asked, as one more proof.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn step_prompt(
        &self,
        user: UserId,
        browser: Digest,
    ) -> Result<Option<PasskeyPrompt>, Internal> {
        let Some(we) = self.relying_party.as_ref() else {
            return Ok(None);
        };
        let mut reader = &self.store;
        let known = passkeys::of_user(&mut reader, user).await?;
        let usable = known.into_iter().filter(|one| one.suspended_at.is_none());
        let offer = we.challenge_holder(usable.map(|one| one.credential).collect())?;
        self.prompt(offer, Doing::Step, Some(user), browser)
            .map(Some)
    }

    /// Checks all that can be checked before the account is locked. With `user`, it must be one of theirs.
    pub(super) async fn examine_passkey(
        &self,
        answer: &PasskeyAnswer,
        user: Option<UserId>,
    ) -> Result<Result<CheckedUse, PasskeyRefusal>, Internal> {
        let Some(we) = self.relying_party.as_ref() else {
            return Ok(Err(PasskeyRefusal::Unknown));
        };
        let doing = user.map_or(Doing::SignIn, |_| Doing::Step);
        let (challenged, once) = match self.resume::<Challenged>(answer, doing, user)? {
            Ok(resumed) => resumed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let unchecked = match UncheckedUse::parse(&answer.credential) {
            Ok(unchecked) => unchecked,
            Err(why) => return Ok(Err(why.into())),
        };
        let mut reader = &self.store;
        let found = passkeys::find_by_credential(&mut reader, unchecked.credential_id()).await?;
        // §7.2 step 6: the user handle is there where nobody was named before, and whatever names the
        // person, the passkey is theirs.
        let Some(passkey) = found
            .filter(|found| user.or(unchecked.user()) == Some(found.user_id))
            .filter(|found| unchecked.user().is_none_or(|told| told == found.user_id))
        else {
            return Ok(Err(PasskeyRefusal::Unknown));
        };
        let checked = we
            .verify(&challenged, &unchecked, &passkey.credential)
            .map(|used| CheckedUse {
                passkey: passkey.id,
                user: passkey.user_id,
                used,
                once,
            });
        Ok(checked.map_err(PasskeyRefusal::from))
    }

    /// Spends a challenge; false if it was spent before.
    pub(super) async fn spend_challenge(
        &self,
        tx: &mut Tx<'_>,
        once: Once,
    ) -> Result<bool, Internal> {
        Ok(tokens::spend_once(tx, once.digest, once.until).await?)
    }

    /// What a use proves. Call it under the lock of the account: the passkey may be gone meanwhile, the
    /// challenge spent, the counter further than this use.
    pub(super) async fn spend_passkey(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        checked: CheckedUse,
        (lang, origin): (&str, &Origin),
    ) -> Result<Result<Capability, PasskeyRefusal>, Internal> {
        let now = self.now();
        let Some(passkey) = passkeys::find(tx, checked.passkey, checked.user).await? else {
            return Ok(Err(PasskeyRefusal::Unknown));
        };
        if passkey.suspended_at.is_some() {
            return Ok(Err(Refused::Cloned.into()));
        }
        if !self.spend_challenge(tx, checked.once).await? {
            return Ok(Err(PasskeyRefusal::Expired));
        }
        let mut credential = passkey.credential;
        if !credential.advance(&checked.used) {
            // Of two copies, one is not its owner's, and nobody can tell which: neither opens anything from
            // here on. The owner sees why on the account page, and gets a letter.
            passkeys::suspend(tx, passkey.id, now).await?;
            let changed = FactorChange {
                method: Method::Passkey,
                change: Change::Suspended,
                factor: Some(passkey.id),
                at: now,
            };
            let by = By::nobody(lang, origin);
            self.notice_factor_changed(tx, user, by, changed).await?;
            // Also what they opened before.
            self.forget_passkeys(tx, user.id, None, origin).await?;
            return Ok(Err(Refused::Cloned.into()));
        }
        passkeys::used(tx, passkey.id, &credential, now).await?;
        Ok(Ok(Capability::passkey(
            checked.used.user_verified,
            !credential.is_backup_eligible(),
        )))
    }

    /// Signs in whoever holds a passkey: no name, no password.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn sign_in_with_passkey(
        &self,
        answer: PasskeyAnswer,
        visit: Visit,
        origin: Origin,
    ) -> Result<PasskeySignIn, Internal> {
        let checked = match self.examine_passkey(&answer, None).await? {
            Ok(checked) => checked,
            Err(refusal) => {
                let event = Event::new(Kind::SignIn, Actor::Anonymous)
                    .with("method", Method::Passkey.as_str())
                    .failed(refusal.as_str());
                self.record_some_of(None, event, origin).await?;
                return Ok(PasskeySignIn::Refused(refusal));
            }
        };
        let tessera = self.clone();
        let admitted = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(
                    async move { tessera.admit_by_passkey(tx, checked, &visit, &origin).await },
                )
            })
            .await?;
        let word = if admitted.is_ok() { "right" } else { "wrong" };
        metrics::counter!("tessera_sign_ins_total", "outcome" => word).increment(1);
        Ok(match admitted {
            Ok(Admission::SignedIn(signed_in, device)) => {
                PasskeySignIn::SignedIn { signed_in, device }
            }
            Ok(Admission::More(entering, _) | Admission::NoWay(entering)) => {
                PasskeySignIn::More(entering)
            }
            Err(refusal) => PasskeySignIn::Refused(refusal),
        })
    }

    async fn admit_by_passkey(
        &self,
        tx: &mut Tx<'_>,
        checked: CheckedUse,
        visit: &Visit,
        origin: &Origin,
    ) -> Result<Result<Admission, PasskeyRefusal>, Internal> {
        let user = users::lock(tx, checked.user).await?;
        let of = match &user {
            Some(user) if !user.disabled => {
                let by = (visit.lang.as_str(), origin);
                self.spend_passkey(tx, user, checked, by).await?
            }
            Some(_) => Err(PasskeyRefusal::Disabled),
            None => Err(PasskeyRefusal::Unknown),
        };
        let (of, user) = match (of, user) {
            (Ok(of), Some(user)) => (of, user),
            (refused, _) => {
                let refusal = refused.err().unwrap_or(PasskeyRefusal::Unknown);
                let event = Event::new(Kind::SignIn, Actor::Anonymous)
                    .with("user_id", checked.user)
                    .with("method", Method::Passkey.as_str())
                    .failed(refusal.as_str());
                self.record(tx, &event, origin);
                return Ok(Err(refusal));
            }
        };
        let candidate = Candidate {
            proof: Proof { of, at: self.now() },
            before: None,
            visit,
            meets: true,
        };
        self.admit(tx, user, candidate, origin).await.map(Ok)
    }
}
