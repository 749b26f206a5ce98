//! People, for administrators. Whoever changes an account could sign in to it: so all that its owner holds must
//! be within what the caller has.

use std::time::Duration;

use serde_json::{Map, Value};

use super::lists::gather;
use super::{Done, Listed, Position, Refused, is_fresh};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::flows::people::{self, UserChanges};
use crate::flows::reset_password::void_ways_in;
use crate::flows::session::Ending;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::power::{ReadUsers, WriteUsers};
use crate::protocol::access::{Permit, Power};
use crate::protocol::account_rules::{
    AccountField, AccountProblem, check_email, check_name, check_username,
};
use crate::protocol::audit::{Event, Kind, Origin};
use crate::protocol::profile;
use crate::storage::endings::{self, Which};
use crate::storage::users::{self, Profile, User};
use crate::storage::words::Sought;
use crate::storage::{StorageError, Tx, devices, grants, lists, role_grants};

/// An invitation works for a week: people are on holiday.
const INVITATION: Duration = Duration::from_hours(7 * 24);

/// As long as a link that somebody asked for by themselves.
const RESET: Duration = Duration::from_mins(30);

/// Which people to list. What is not said does not limit.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// The words that begin with these.
    pub sought: Option<Sought>,
    /// Disabled or not.
    pub disabled: Option<bool>,
}

impl UserFilter {
    fn fits(&self, at: &Position, user: &User) -> bool {
        let wanted = self
            .disabled
            .is_none_or(|disabled| user.disabled == disabled);
        match &self.sought {
            Some(sought) => wanted && sought.meets(&at.word, &user.words()),
            None => wanted,
        }
    }
}

/// An account to be made.
#[derive(Debug)]
pub struct NewAccount {
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// The address is known to be theirs.
    pub email_verified: bool,
    /// The standard claims and the deployment's own attributes.
    pub profile: Map<String, Value>,
    /// The password; `None`: its owner is invited by a letter to choose one.
    pub password: Option<Secret<String>>,
}

impl Tessera {
    /// The people whom the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_users(
        &self,
        permit: &Permit<ReadUsers>,
        filter: &UserFilter,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<User>, Internal> {
        let within = permit.within();
        let key = |at: &Position| at.id.parse().unwrap_or(uuid::Uuid::nil());
        let by_id = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let rows = lists::users(&mut reader, within, key(&at), limit).await?;
            let positioned = |user: User| (position("", &user), user);
            Ok(rows.into_iter().map(positioned).collect())
        };
        let by_word = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let Some(sought) = &filter.sought else {
                return Ok(Vec::new());
            };
            let after = (sought.from(&at.word), key(&at));
            let rows = lists::search_users(&mut reader, within, sought, after, limit).await?;
            let positioned = |(word, user): (String, User)| (position(&word, &user), user);
            Ok(rows.into_iter().map(positioned).collect())
        };
        let fits = |at: &Position, user: &User| filter.fits(at, user);
        if filter.sought.is_some() {
            return gather(limit, after, true, by_word, fits).await;
        }
        gather(limit, after, filter.disabled.is_some(), by_id, fits).await
    }

    /// One person whom the caller may see, by whatever permission.
    ///
    /// # Errors
    /// As the database says.
    pub async fn user_within<P: Power>(
        &self,
        permit: &Permit<P>,
        id: UserId,
    ) -> Result<Option<User>, Internal> {
        let mut reader = &self.store;
        let found = users::find(&mut reader, id).await?;
        Ok(found.filter(|user| permit.within().holds(user.organisation)))
    }

    /// Makes an account, of the organisation that the caller acts in, and invites its owner where there is no
    /// password.
    ///
    /// # Errors
    /// If it could not be written, or too many passwords are being hashed.
    pub async fn create_account(
        &self,
        permit: Permit<WriteUsers>,
        new: NewAccount,
        origin: Origin,
    ) -> Done<User> {
        let problems = self.wrong_with(&new);
        if !problems.is_empty() {
            return Ok(Err(Refused::Wrong(problems)));
        }
        let password_hash = match new.password {
            Some(password) => Some(self.hash_password(password).await?.as_phc().to_owned()),
            None => None,
        };
        let now = self.now();
        let user = User {
            id: UserId::new(now, &self.entropy),
            username: new.username,
            email: new.email,
            email_verified: new.email_verified,
            profile: Profile(new.profile),
            password_hash,
            password_by_mail: false,
            organisation: permit.within().organisation(),
            version: 1,
            created_at: now,
            updated_at: now,
            disabled: false,
            delete_at: None,
        };
        let (tessera, made) = (self.clone(), user.clone());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let actor = permit.actor().clone();
                    tessera.insert_user(tx, &made, actor, &origin).await?;
                    if made.password_hash.is_none() {
                        tessera.send_reset_link(tx, &made, INVITATION).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match written {
            Ok(()) => Ok(Ok(user)),
            Err(Internal::Storage(StorageError::Conflict)) => {
                Ok(Err(Refused::Taken("the user name or the e-mail address")))
            }
            // There is no such organisation.
            Err(Internal::Storage(StorageError::InUse)) => Ok(Err(Refused::Absent)),
            Err(error) => Err(error),
        }
    }

    fn wrong_with(&self, new: &NewAccount) -> Vec<String> {
        let name = new
            .profile
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let about = [&*new.username, &*new.email, name];
        let checked: [(AccountField, Result<(), AccountProblem>); 3] = [
            (
                AccountField::Username,
                check_username(&new.username, &new.email),
            ),
            (AccountField::Email, check_email(&new.email)),
            (AccountField::Name, check_name(name)),
        ];
        let password = new.password.as_ref().map(|password| {
            let checked = self.check_new_password(password, &about);
            (AccountField::Password, checked)
        });
        let word = |field| match field {
            AccountField::Username => "username",
            AccountField::Email => "email",
            AccountField::Name => "profile.name",
            AccountField::Password => "password",
        };
        let all = checked.into_iter().chain(password);
        let mut problems: Vec<String> = all
            .filter_map(|(field, checked)| Some(format!("{}: {}", word(field), checked.err()?)))
            .collect();
        problems.extend(profile::problems(&new.profile));
        problems
    }

    /// Changes an account, from the version that the caller saw.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn change_account(
        &self,
        permit: Permit<WriteUsers>,
        id: UserId,
        changes: UserChanges,
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<User> {
        let tessera = self.clone();
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if let Err(refused) = tessera.may_change(tx, &permit, id, expected).await? {
                        return Ok(Err(refused));
                    }
                    let actor = permit.actor().clone();
                    let written = tessera.change(tx, id, changes, actor, &origin).await?;
                    if let Err(refused) = written {
                        return Ok(Err(refused.into()));
                    }
                    Ok(users::find(tx, id).await?.ok_or(Refused::Absent))
                })
            })
            .await;
        match written {
            Err(Internal::Storage(StorageError::Conflict)) => {
                Ok(Err(Refused::Taken("the e-mail address")))
            }
            other => other,
        }
    }

    /// Takes a person's password away, signs them out everywhere, and sends them a link to choose another one.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn force_reset(
        &self,
        permit: Permit<WriteUsers>,
        id: UserId,
        origin: Origin,
    ) -> Done<()> {
        let (tessera, now) = (self.clone(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let user = match tessera.may_change(tx, &permit, id, None).await? {
                        Ok(user) => user,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    let (which, ending) = (Which::AllOf(id), Ending::PasswordReset);
                    let actor = permit.actor();
                    tessera
                        .end_sessions(tx, which, ending, actor, &origin)
                        .await?;
                    grants::end_for_user(tx, id, now, "password_reset").await?;
                    devices::forget_all(tx, id, None).await?;
                    void_ways_in(tx, id, now).await?;
                    users::clear_password(tx, id, now).await?;
                    tessera.send_reset_link(tx, &user, RESET).await?;
                    let event =
                        Event::new(Kind::PasswordResetRequested, actor.clone()).with("user_id", id);
                    tessera.record(tx, &event, &origin);
                    Ok(Ok(()))
                })
            })
            .await
    }

    /// Deletes an account at once, with everything that is its owner's, from the version that the caller saw.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn remove_user(
        &self,
        permit: Permit<WriteUsers>,
        id: UserId,
        expected: Option<i64>,
        origin: Origin,
    ) -> Done<()> {
        let (tessera, now) = (self.clone(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let user = match tessera.may_change(tx, &permit, id, expected).await? {
                        Ok(user) => user,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    if tessera.is_last_administrator(tx, id).await? {
                        return Ok(Err(Refused::LastAdministrator));
                    }
                    let actor = permit.actor();
                    let (which, ending) = (Which::AllOf(id), Ending::EndedByOperator);
                    tessera
                        .end_sessions(tx, which, ending, actor, &origin)
                        .await?;
                    endings::delete_user(tx, id, &tessera.entropy, now, now).await?;
                    let event = Event::new(Kind::UserDeleted, actor.clone())
                        .with("user_id", id)
                        .with("organisation_id", user.organisation);
                    tessera.record(tx, &event, &origin);
                    Ok(Ok(()))
                })
            })
            .await
    }

    /// The account, locked, if the caller may change it.
    pub(super) async fn may_change<P: Power>(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit<P>,
        id: UserId,
        expected: Option<i64>,
    ) -> Done<User> {
        let locked = users::lock(tx, id).await?;
        let Some(user) = locked.filter(|user| permit.within().holds(user.organisation)) else {
            return Ok(Err(Refused::Absent));
        };
        let held = role_grants::held_by_user(tx, id).await?;
        if !permit.covers(&self.roles(tx).await?, &held, self.now()) {
            return Ok(Err(Refused::Beyond));
        }
        Ok(is_fresh(expected, user.version).map(|()| user))
    }
}

impl From<people::NotChanged> for Refused {
    fn from(refused: people::NotChanged) -> Self {
        match refused {
            people::NotChanged::Unknown => Self::Absent,
            people::NotChanged::LastAdministrator => Self::LastAdministrator,
            people::NotChanged::Taken => Self::Taken("the e-mail address"),
            people::NotChanged::Wrong(problems) => Self::Wrong(problems),
        }
    }
}

fn position(word: &str, user: &User) -> Position {
    Position {
        word: word.to_owned(),
        id: user.id.to_string(),
    }
}
