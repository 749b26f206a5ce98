//! The devices of a person that make one-time codes, as their owner sees and changes them.

use uuid::Uuid;

use super::admission::{Admission, Candidate, Entering, Visit};
use super::assurance::RecentlyAuthenticated;
use super::enrol::FactorSetUp;
use super::notices::{Notice, NoticeKind};
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::protocol::account_rules::check_name;
use crate::protocol::assurance::{Method, Proof};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::otp::{self as devices, OtpDevice};
use crate::storage::users::User;
use crate::storage::{Tx, factors, recovery, sessions};

/// What is set up.
#[derive(Debug)]
pub struct CodeFactors {
    /// Authenticator apps.
    pub apps: Vec<OtpDevice>,
    /// Hardware tokens.
    pub tokens: Vec<OtpDevice>,
    /// How many recovery codes are left; `None` for who has nothing that they could stand in for.
    pub recovery_left: Option<i64>,
}

/// What was done to a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It has another name.
    Renamed,
    /// New ones in the place of the old.
    Renewed,
    /// It is gone.
    Removed,
    /// It opens nothing any more: there may be a copy of it.
    Suspended,
    /// It was spent, and is not one of those that are used every day.
    Used,
}

impl Change {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Renamed => "renamed",
            Self::Renewed => "renewed",
            Self::Removed => "removed",
            Self::Suspended => "suspended",
            Self::Used => "used",
        }
    }

    /// The letter that its owner gets. A new name is no way in.
    const fn notice(self) -> Option<NoticeKind> {
        match self {
            Self::Added | Self::Renewed => Some(NoticeKind::FactorAdded),
            Self::Removed => Some(NoticeKind::FactorRemoved),
            Self::Suspended => Some(NoticeKind::PasskeySuspended),
            Self::Used => Some(NoticeKind::RecoveryCodeUsed),
            Self::Renamed => None,
        }
    }
}

/// What happened to which factor.
#[derive(Clone, Copy, Debug)]
pub(super) struct FactorChange {
    /// Of which method.
    pub method: Method,
    /// What.
    pub change: Change,
    /// Which, where there can be several. Its name is its owner's own words, and the record outlives the account.
    pub factor: Option<Uuid>,
    /// Since when: "it was not me" takes away what came then or later.
    pub at: Timestamp,
}

/// Who does something to an account, the language for letters about it, and from where.
#[derive(Clone, Debug)]
pub(super) struct By<'a> {
    /// Who.
    pub actor: Actor,
    /// A language tag.
    pub lang: &'a str,
    /// From where.
    pub origin: &'a Origin,
}

impl<'a> By<'a> {
    /// The owner, whose pages are in this language.
    pub fn owner(user: &User, lang: &'a str, origin: &'a Origin) -> Self {
        Self {
            actor: Actor::User(user.id),
            lang,
            origin,
        }
    }

    /// Nobody: it follows from what somebody did whose pages are in this language.
    pub const fn nobody(lang: &'a str, origin: &'a Origin) -> Self {
        Self {
            actor: Actor::System,
            lang,
            origin,
        }
    }

    /// Somebody else: the letter is in the language that the owner's profile names.
    pub fn other(actor: Actor, user: &'a User, origin: &'a Origin) -> Self {
        let locale = user.profile.0.get("locale").and_then(|tag| tag.as_str());
        let lang = locale.and_then(|tag| tag.split('-').next());
        Self {
            actor,
            lang: lang.unwrap_or_default(),
            origin,
        }
    }
}

/// A way to prove who one is that was added just now, by proving it.
#[derive(Clone, Copy)]
pub(super) struct NewFactor<'a> {
    pub method: Method,
    /// Which, where there can be several.
    pub factor: Option<Uuid>,
    /// When it was set up.
    pub at: Timestamp,
    /// What was proven before, by somebody who is not signed in yet.
    pub before: Option<&'a Entering>,
    pub visit: &'a Visit,
}

/// What came of a change of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Done.
    Done,
    /// No device of theirs.
    Unknown,
    /// Not a name for people.
    BadName,
    /// The person is not recently authenticated any more.
    Expired,
}

impl Tessera {
    /// The devices of a person, and how many recovery codes they have left.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn code_factors(&self, person: &SignedIn) -> Result<CodeFactors, Internal> {
        let mut reader = &self.store;
        let user = person.user();
        let all = devices::of_user(&mut reader, user.id).await?;
        let (apps, tokens) = all
            .into_iter()
            .partition(|device| device.kind == Method::Totp);
        let second = self
            .capabilities(&mut reader, user)
            .await?
            .has_second_factor();
        let left = recovery::left(&mut reader, user.id).await?;
        Ok(CodeFactors {
            apps,
            tokens,
            recovery_left: (second || left > 0).then_some(left),
        })
    }

    /// Gives an authenticator app another name.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn rename_app(
        &self,
        recent: &RecentlyAuthenticated,
        id: Uuid,
        name: &str,
        origin: Origin,
    ) -> Result<Changed, Internal> {
        let name = name.trim().to_owned();
        if check_name(&name).is_err() {
            return Ok(Changed::BadName);
        }
        let (tessera, recent) = (self.clone(), recent.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(Changed::Expired);
                    };
                    if !devices::rename(tx, id, user.id, &name).await? {
                        return Ok(Changed::Unknown);
                    }
                    let changed = FactorChange {
                        method: Method::Totp,
                        change: Change::Renamed,
                        factor: Some(id),
                        at: tessera.now(),
                    };
                    let by = By::owner(&user, "", &origin);
                    tessera
                        .notice_factor_changed(tx, &user, by, changed)
                        .await?;
                    Ok(Changed::Done)
                })
            })
            .await
    }

    /// Removes an authenticator app. What it proved is forgotten, unless another one could have proved it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn remove_app(
        &self,
        recent: &RecentlyAuthenticated,
        id: Uuid,
        lang: &str,
        origin: Origin,
    ) -> Result<Changed, Internal> {
        let (tessera, recent, lang) = (self.clone(), recent.clone(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(Changed::Expired);
                    };
                    let mine = devices::of_user(tx, user.id).await?;
                    let is_it =
                        |device: &&OtpDevice| device.id == id && device.kind == Method::Totp;
                    let Some(device) = mine.iter().find(is_it) else {
                        return Ok(Changed::Unknown);
                    };
                    let by = By::owner(&user, &lang, &origin);
                    tessera.remove_device(tx, &user, device, by).await?;
                    Ok(Changed::Done)
                })
            })
            .await
    }

    /// Removes a device, with what it proved. Under the lock of the account.
    pub(super) async fn remove_device(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        device: &OtpDevice,
        by: By<'_>,
    ) -> Result<(), Internal> {
        devices::delete(tx, device.id, user.id).await?;
        let gone = (device.kind, Some(device.id));
        self.factor_gone(tx, user, gone, by).await
    }

    /// What else goes with a factor that was removed: what it proved, unless another one of the kind could
    /// have. Under the lock of the account.
    pub(super) async fn factor_gone(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        (method, factor): (Method, Option<Uuid>),
        by: By<'_>,
    ) -> Result<(), Internal> {
        let rest = factors::of_user(tx, user.id).await?;
        if !rest.usable.iter().any(|other| other.method == method) {
            sessions::forget_method(tx, user.id, method, self.now()).await?;
        }
        self.drop_unneeded_codes(tx, user).await?;
        let changed = FactorChange {
            method,
            change: Change::Removed,
            factor,
            at: self.now(),
        };
        self.notice_factor_changed(tx, user, by, changed).await
    }

    /// Whoever set up a factor has proved it: they are let in by it, with codes for a bad day if it is their
    /// first one. Under the lock of the account.
    pub(super) async fn admit_with_new(
        &self,
        tx: &mut Tx<'_>,
        user: User,
        new: NewFactor<'_>,
        origin: &Origin,
    ) -> Result<FactorSetUp, Internal> {
        let codes = self.first_recovery_codes(tx, user.id).await?;
        let changed = FactorChange {
            method: new.method,
            change: Change::Added,
            factor: new.factor,
            at: new.at,
        };
        let by = By::owner(&user, &new.visit.lang, origin);
        self.notice_factor_changed(tx, &user, by, changed).await?;
        let candidate = Candidate {
            proof: Proof {
                of: new.method.into(),
                at: self.now(),
            },
            before: new.before,
            visit: new.visit,
            meets: new.before.is_some(),
        };
        match self.admit(tx, user, candidate, origin).await? {
            Admission::SignedIn(signed_in, device) => Ok(FactorSetUp {
                signed_in,
                device,
                codes,
            }),
            // Looked at before, under the same lock. Nothing of it is written.
            Admission::More(..) | Admission::NoWay(_) => {
                Err(Internal::other("a factor was set up that does not suffice"))
            }
        }
    }

    /// With nothing left to stand in for, recovery codes go: the next factor comes with codes of its own.
    pub(super) async fn drop_unneeded_codes(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
    ) -> Result<(), Internal> {
        if !self.capabilities(tx, user).await?.has_second_factor() {
            recovery::replace(tx, user.id, &[], self.now()).await?;
        }
        Ok(())
    }

    /// The one place that every change of a factor passes, in its transaction: for the record, and to tell
    /// its owner by letter.
    pub(super) async fn notice_factor_changed(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        by: By<'_>,
        changed: FactorChange,
    ) -> Result<(), Internal> {
        let event = Event::new(Kind::FactorChanged, by.actor)
            .with("user_id", user.id)
            .with("method", changed.method.as_str())
            .with("change", changed.change.as_str())
            .with("factor_id", changed.factor);
        self.record(tx, &event, by.origin);
        let Some(kind) = changed.change.notice() else {
            return Ok(());
        };
        let notice = Notice {
            since: changed.at,
            ..self.notice(user, kind)
        };
        self.queue_told(tx, user, &notice, by.lang).await
    }
}
