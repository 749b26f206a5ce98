//! Accounts: how they are made, and what their owners change.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::admission::Visit;
use super::notices::NoticeKind;
use super::session::{Ending, SignedIn};
use super::streaks::{Guards, Place, Reserved, Streak};
use super::throttle::Bucket;
use super::{Internal, Tessera};
use crate::base::ids::{SessionId, UserId};
use crate::base::{Secret, Timestamp};
use crate::crypto::password::{HashRefused, PasswordHash, Verdict};
use crate::protocol::account_rules::{
    AccountField, AccountProblem, check_email, check_name, check_username,
};
use crate::protocol::assurance::Method;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::ClientId;
use crate::protocol::scope::Scope;
use crate::storage::endings::Which;
use crate::storage::links::{self, Purpose};
use crate::storage::sessions::Session;
use crate::storage::users::{Profile, User};
use crate::storage::{StorageError, Tx, consents, devices, grants, sessions, users};

/// What is wrong, by field.
pub type Problems = Vec<(AccountField, AccountProblem)>;

/// An account to be made.
#[derive(Debug)]
pub struct NewUser {
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Name for people; may be empty.
    pub name: String,
    /// Password.
    pub password: Secret<String>,
    /// Made a super administrator at once.
    pub administrator: bool,
    /// The address is known to be theirs.
    pub email_verified: bool,
}

/// An application that a person allowed something.
#[derive(Debug)]
pub struct AllowedApplication {
    /// Which.
    pub client_id: ClientId,
    /// Its name.
    pub name: String,
    /// Where it begins a login (OpenID Connect Core §4), if it can.
    pub open: Option<String>,
    /// What it may do.
    pub scope: Scope,
    /// Since when.
    pub since: Timestamp,
}

/// What the account page shows.
#[derive(Debug)]
pub struct Overview {
    /// Applications.
    pub applications: Vec<AllowedApplication>,
    /// Signed-in browsers.
    pub sessions: Vec<Session>,
}

/// What came of a change of password.
#[derive(Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// Done; every other session is ended.
    Changed,
    /// The current password was wrong.
    WrongPassword,
    /// The new one will not do.
    Refused(AccountProblem),
    /// Too many wrong ones before.
    Slowed(std::time::Duration),
}

impl Tessera {
    /// As [`Tessera::create_user`], with a profile of checked claims beside the name.
    ///
    /// # Errors
    /// Inner: what is wrong with the fields, or that a name is taken.
    pub async fn create_user_with(
        &self,
        new: NewUser,
        profile: Map<String, Value>,
        actor: Actor,
        origin: Origin,
    ) -> Result<Result<User, Problems>, Internal> {
        let problems = self.check_new_user(&new);
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        let hash = self.hash_password(new.password.clone()).await?;
        let administrator = new.administrator;
        let mut user = self.user_of(new, &hash);
        for (claim, value) in profile {
            user.profile.0.entry(claim).or_insert(value);
        }
        let (tessera, made) = (self.clone(), user.clone());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera
                        .insert_user(tx, &made, actor.clone(), &origin)
                        .await?;
                    if administrator {
                        tessera
                            .make_administrator(tx, made.id, actor, &origin)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await;
        match written {
            Ok(()) => Ok(Ok(user)),
            Err(Internal::Storage(StorageError::Conflict)) => {
                Ok(Err(vec![(AccountField::Username, AccountProblem::Taken)]))
            }
            Err(error) => Err(error),
        }
    }

    /// What is wrong with an account before it is made.
    #[must_use]
    pub fn check_new_user(&self, new: &NewUser) -> Problems {
        let about = [&*new.username, &*new.email, &*new.name];
        [
            (
                AccountField::Username,
                check_username(&new.username, &new.email),
            ),
            (AccountField::Email, check_email(&new.email)),
            (AccountField::Name, check_name(&new.name)),
            (
                AccountField::Password,
                self.check_new_password(&new.password, &about),
            ),
        ]
        .into_iter()
        .filter_map(|(field, result)| result.err().map(|problem| (field, problem)))
        .collect()
    }

    pub(super) fn user_of(&self, new: NewUser, hash: &PasswordHash) -> User {
        let now = self.now();
        let mut profile = Profile::default();
        let name = new.name.trim();
        if !name.is_empty() {
            profile.0.insert("name".to_owned(), name.into());
        }
        User {
            id: UserId::new(now, &self.entropy),
            username: new.username,
            email: new.email,
            email_verified: new.email_verified,
            profile,
            password_hash: Some(hash.as_phc().to_owned()),
            organisation: None,
            version: 1,
            created_at: now,
            updated_at: now,
            disabled: false,
            delete_at: None,
        }
    }

    pub(super) async fn insert_user(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        actor: Actor,
        origin: &Origin,
    ) -> Result<(), Internal> {
        users::insert(tx, user).await?;
        let event = Event::new(Kind::UserCreated, actor)
            .with("user_id", user.id)
            .with("organisation_id", user.organisation);
        self.record(tx, &event, origin);
        Ok(())
    }

    pub(super) async fn hash_password(
        &self,
        password: Secret<String>,
    ) -> Result<PasswordHash, Internal> {
        self.passwords
            .hash(password, self.entropy.bytes())
            .await
            .map_err(|refused| match refused {
                HashRefused::Busy => Internal::Busy,
                HashRefused::TooLong => Internal::other("a password of checked length was refused"),
            })
    }

    /// What the account page shows, with names for people who read `lang`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn overview(&self, signed_in: &SignedIn, lang: &str) -> Result<Overview, Internal> {
        let user = signed_in.user().id;
        let mut reader = &self.store;
        let mut applications = Vec::new();
        for consent in consents::of_user(&mut reader, user).await? {
            let client = self.client(&consent.client_id).await?;
            applications.push(AllowedApplication {
                name: client.as_ref().map_or_else(
                    || consent.client_id.to_string(),
                    |client| client.name_in(lang).to_owned(),
                ),
                open: client
                    .filter(|client| !client.disabled)
                    .and_then(|client| client.login_link(self.issuer())),
                client_id: consent.client_id,
                scope: consent.scope,
                since: consent.granted_at,
            });
        }
        let sessions = sessions::of_user(&mut reader, user, self.now()).await?;
        Ok(Overview {
            applications,
            sessions,
        })
    }

    /// Takes back what an application was allowed: its consent and everything that came from it.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn revoke_application(
        &self,
        signed_in: &SignedIn,
        client: &ClientId,
        origin: Origin,
    ) -> Result<(), Internal> {
        let (tessera, user, client, now) = (
            self.clone(),
            signed_in.user().id,
            client.clone(),
            self.now(),
        );
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    users::lock(tx, user).await?;
                    let remembered = consents::delete(tx, user, &client).await?;
                    let ended =
                        grants::end_for_client(tx, user, &client, now, "consent_revoked").await?;
                    if remembered || ended > 0 {
                        let event = Event::new(Kind::ConsentRevoked, Actor::User(user))
                            .with("client_id", client.as_str());
                        tessera.record(tx, &event, &origin);
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Changes the password of who is signed in and knows the current one.
    ///
    /// # Errors
    /// If it could not be written, or too many passwords are being checked.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        current: Secret<String>,
        new: Secret<String>,
        visit: &Visit,
        origin: Origin,
    ) -> Result<PasswordChange, Internal> {
        let user = signed_in.user().clone();
        // Before anything is counted: who chooses a weak password five times has not guessed.
        if let Err(problem) = self.check_new_password(&new, &about(&user)) {
            return Ok(PasswordChange::Refused(problem));
        }
        // A stolen session must not become a way to guess the password.
        let guards = Guards {
            own: self.settings_bucket(user.id)?,
            address: None,
            streak: self.streak(user.id, Method::Password, Place::Settings)?,
        };
        let failed = |kind, why| Event::new(kind, Actor::User(user.id)).failed(why);
        let reserved = match self.reserve_guess(guards).await? {
            Ok(reserved) => reserved,
            Err(wait) => {
                let event = failed(Kind::SignInSlowed, "too_many_tries");
                self.record_some_of(Some(user.id), event, origin).await?;
                return Ok(PasswordChange::Slowed(wait));
            }
        };
        let stored = user
            .password_hash
            .clone()
            .filter(|_| self.is_listened_to(reserved))
            .and_then(|phc| PasswordHash::from_phc(phc).ok());
        let verdict = self.verify_or_give_back(guards, current, stored).await?;
        if verdict == Verdict::Wrong {
            let event = failed(Kind::PasswordChanged, "wrong_password");
            let counted = (Method::Password, guards.streak, reserved);
            self.refuse_change(user, counted, event, (&visit.lang, &origin))
                .await?;
            return Ok(PasswordChange::WrongPassword);
        }
        let hash = self.hash_password(new).await?;
        let proven = Proven {
            user,
            session: signed_in.session().id,
            device: self.named_device(visit.device.as_ref())?,
        };
        self.replace_password(proven, hash, guards.own, &visit.lang, origin)
            .await
    }

    async fn refuse_change(
        &self,
        user: User,
        counted: (Method, Streak, Reserved),
        event: Event,
        (lang, origin): (&str, &Origin),
    ) -> Result<(), Internal> {
        let (tessera, lang, origin) = (self.clone(), lang.to_owned(), origin.clone());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    tessera.record(tx, &event, &origin);
                    tessera
                        .count_streak(tx, &user, counted, (&lang, &origin))
                        .await
                })
            })
            .await
    }

    /// The transaction of a change of password.
    async fn replace_password(
        &self,
        proven: Proven,
        hash: PasswordHash,
        bucket: Bucket,
        lang: &str,
        origin: Origin,
    ) -> Result<PasswordChange, Internal> {
        let (tessera, now, lang) = (self.clone(), self.now(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let id = proven.user.id;
                    if !proven.still_holds(tx, now).await? {
                        return Ok(PasswordChange::WrongPassword);
                    }
                    tessera.forgive(tx, &[bucket]).await?;
                    tessera.begin_password_streaks(tx, id).await?;
                    users::set_password(tx, id, hash.as_phc(), now).await?;
                    links::void(tx, Purpose::ResetPassword, Some(id), now).await?;
                    // Offline access too: who changes a password because it leaked wants everybody
                    // out. What this very session allowed stays.
                    let (which, actor) = (Which::AllBut(id, proven.session), Actor::User(id));
                    tessera
                        .end_sessions(tx, which, Ending::PasswordChanged, &actor, &origin)
                        .await?;
                    grants::end_for_user_but(tx, id, proven.session, now).await?;
                    devices::forget_all(tx, id, proven.device).await?;
                    tessera.end_recovery_by_password(tx, id, &origin).await?;
                    let (user, kind) = (&proven.user, NoticeKind::PasswordChanged);
                    tessera.queue_notice(tx, user, kind, &lang).await?;
                    let event = Event::new(Kind::PasswordChanged, Actor::User(id));
                    tessera.record(tx, &event, &origin);
                    Ok(PasswordChange::Changed)
                })
            })
            .await
    }

    /// Disables or enables an account. Disabling ends its sessions and all that it allowed, at once.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn set_user_disabled(
        &self,
        user: UserId,
        disabled: bool,
        actor: Actor,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let (tessera, now) = (self.clone(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let switched = tessera
                        .switch_user(tx, user, disabled, actor, &origin, now)
                        .await?;
                    Ok(switched.is_ok())
                })
            })
            .await
    }
}

/// A person as they were when they proved their password, a moment before the transaction.
struct Proven {
    user: User,
    session: SessionId,
    /// Where they sit: it stays known.
    device: Option<Uuid>,
}

impl Proven {
    /// It must still be the password, and the session must still live, or a thief could race the
    /// owner. Locks the account.
    async fn still_holds(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, Internal> {
        let known = users::lock(tx, self.user.id).await?;
        let same = known
            .is_some_and(|known| !known.disabled && known.password_hash == self.user.password_hash);
        Ok(same && sessions::find_live(tx, self.session, now).await?.is_some())
    }
}

/// What a password must not be made of.
pub(super) fn about(user: &User) -> [&str; 3] {
    [&user.username, &user.email, user.display_name()]
}
