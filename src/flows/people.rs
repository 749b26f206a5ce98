//! Administration of people's accounts.

use serde_json::{Map, Value};

use super::account::{NewUser, Problems};
use super::reset_password::void_ways_in;
use super::session::Ending;
use super::{Internal, Tessera};
use crate::base::Timestamp;
use crate::base::ids::UserId;
use crate::protocol::account_rules::{check_email, check_name, check_username};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::profile;
use crate::storage::endings::Which;
use crate::storage::users::{Profile, User};
use crate::storage::{StorageError, Tx, devices, grants, users};

/// What becomes different about an account; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UserChanges {
    /// A new address, known to be theirs.
    pub email: Option<String>,
    /// A new name for people.
    pub name: Option<String>,
    /// A new profile in place of the whole old one.
    pub profile: Option<Map<String, Value>>,
    /// Disabled or enabled.
    pub disabled: Option<bool>,
}

/// Why an account stayed as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// Nobody would be left to administer the deployment.
    #[error("nobody would be left to administer the deployment")]
    LastAdministrator,
    /// Somebody has the address.
    #[error("the e-mail address is taken")]
    Taken,
    /// All that is wrong.
    #[error("{}", .0.join("; "))]
    Wrong(Vec<String>),
}

impl UserChanges {
    /// Changes `user`, or says all that is wrong.
    fn apply(self, user: &mut User) -> Result<(), NotChanged> {
        let mut wrong = Vec::new();
        if let Some(profile) = self.profile {
            wrong.extend(profile::problems(&profile));
            user.profile = Profile(profile);
        }
        if let Some(name) = self.name {
            if let Err(problem) = check_name(&name) {
                wrong.push(format!("the name {problem}"));
            }
            // An empty one takes the name away.
            user.profile.0.remove("name");
            let name = name.trim();
            if !name.is_empty() {
                user.profile.0.insert("name".to_owned(), name.into());
            }
        }
        if let Some(email) = self.email {
            if let Err(problem) = check_email(&email) {
                wrong.push(format!("the e-mail address {problem}"));
            } else if check_username(&user.username, &email).is_err() {
                // It would look like an address that is not theirs.
                wrong.push("the user name is the old e-mail address".to_owned());
            }
            user.email = email;
            user.email_verified = true;
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(NotChanged::Wrong(wrong))
        }
    }

    /// What the record says was changed: names only, for a profile is private.
    fn names(&self) -> Vec<&'static str> {
        [
            ("email", self.email.is_some()),
            ("name", self.name.is_some()),
            ("profile", self.profile.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
    }
}

impl Tessera {
    /// Makes an account, for whoever may.
    ///
    /// # Errors
    /// Inner: what is wrong with the fields, or that a name is taken.
    pub async fn create_user(
        &self,
        new: NewUser,
        actor: Actor,
        origin: Origin,
    ) -> Result<Result<User, Problems>, Internal> {
        self.create_user_with(new, Map::new(), actor, origin).await
    }

    /// Changes an account.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn change_user(
        &self,
        id: UserId,
        changes: UserChanges,
        actor: Actor,
        origin: Origin,
    ) -> Result<Result<User, NotChanged>, Internal> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move { tessera.change(tx, id, changes, actor, &origin).await })
            })
            .await;
        match written {
            Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
            written => written,
        }
    }

    pub(super) async fn change(
        &self,
        tx: &mut Tx<'_>,
        id: UserId,
        changes: UserChanges,
        actor: Actor,
        origin: &Origin,
    ) -> Result<Result<User, NotChanged>, Internal> {
        let now = self.now();
        let Some(mut user) = users::lock(tx, id).await? else {
            return Ok(Err(NotChanged::Unknown));
        };
        let (disabled, names) = (changes.disabled, changes.names());
        let address = user.email.clone();
        if let Err(refused) = changes.apply(&mut user) {
            return Ok(Err(refused));
        }
        if let Some(disabled) = disabled {
            let switched = self.switch_user(tx, id, disabled, actor.clone(), origin, now);
            if let Err(refused) = switched.await? {
                return Ok(Err(refused));
            }
            user.disabled = disabled;
        }
        if !names.is_empty() {
            users::update(tx, &user, now).await?;
            user.updated_at = now;
            let event = Event::new(Kind::UserChanged, actor)
                .with("user_id", id)
                .with("changed", names);
            self.record(tx, &event, origin);
        }
        if user.email != address {
            // What lies in the old mailbox must not open the account any more.
            void_ways_in(tx, id, now).await?;
            self.end_own_recovery(tx, id, "email_changed", origin)
                .await?;
        }
        Ok(Ok(user))
    }

    /// Disables or enables an account inside a transaction.
    pub(super) async fn switch_user(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        disabled: bool,
        actor: Actor,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Result<(), NotChanged>, Internal> {
        if users::lock(tx, user).await?.is_none() {
            return Ok(Err(NotChanged::Unknown));
        }
        if disabled && self.is_last_administrator(tx, user).await? {
            return Ok(Err(NotChanged::LastAdministrator));
        }
        let at = disabled.then_some(now);
        if !users::set_disabled(tx, user, at, now).await? {
            return Ok(Err(NotChanged::Unknown));
        }
        if disabled {
            let (which, ending) = (Which::AllOf(user), Ending::UserDisabled);
            self.end_sessions(tx, which, ending, &actor, origin).await?;
            grants::end_for_user(tx, user, now, "user_disabled").await?;
            devices::forget_all(tx, user, None).await?;
            void_ways_in(tx, user, now).await?;
            self.end_recovery(tx, user, "user_disabled", origin).await?;
        }
        let event = Event::new(Kind::UserChanged, actor)
            .with("user_id", user)
            .with("disabled", disabled);
        self.record(tx, &event, origin);
        Ok(Ok(()))
    }

    /// The account of this id, user name or e-mail address.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_user(&self, named: &str) -> Result<Option<User>, Internal> {
        let mut reader = &self.store;
        if let Ok(id) = named.parse() {
            return Ok(users::find(&mut reader, UserId(id)).await?);
        }
        Ok(users::find_by_login(&mut reader, named).await?)
    }

    /// At most `limit` accounts, oldest first, after the one of the id `after`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn user_page(
        &self,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<User>, Internal> {
        let mut reader = &self.store;
        Ok(users::page(&mut reader, after, limit).await?)
    }
}
