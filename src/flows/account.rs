//! Accounts: how they are made, and what their owners change.

use serde_json::{Map, Value};

use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Secret, Timestamp};
use crate::crypto::password::{HashRefused, PasswordHash};
use crate::protocol::account_rules::{
    AccountField, AccountProblem, check_email, check_name, check_username,
};
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::protocol::client::ClientId;
use crate::protocol::scope::Scope;
use crate::storage::sessions::Session;
use crate::storage::users::{Profile, User};
use crate::storage::{StorageError, Tx, consents, grants, sessions, users};

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
            password_by_mail: false,
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

/// What a password must not be made of.
pub(super) fn about(user: &User) -> [&str; 3] {
    [&user.username, &user.email, user.display_name()]
}
