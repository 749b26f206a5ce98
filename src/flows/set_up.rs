//! The first administrator: a one-time link on the console, because whoever starts the server owns
//! it.

use std::time::Duration;

use super::account::{NewUser, Problems};
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::protocol::account_rules::{AccountField, AccountProblem};
use crate::protocol::audit::{Actor, Origin};
use crate::storage::links::{self, Link, Purpose};
use crate::storage::users::User;
use crate::storage::{StorageError, role_grants};

/// Long enough to walk to another machine, short enough for a console that others read.
pub const LIFETIME: Duration = Duration::from_mins(30);

/// What a link would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpLink {
    /// It would make the first administrator.
    Works,
    /// It is spent, too old or void.
    Expired,
    /// There is an administrator: no link is needed any more.
    AlreadySetUp,
}

/// What came of it.
#[derive(Debug)]
pub enum SetUp {
    /// The administrator exists now.
    Created(Box<User>),
    /// The link does not work, for the reason that [`SetUpLink`] gives.
    Refused(SetUpLink),
    /// Something is wrong with the fields.
    Problems(Problems),
}

impl Tessera {
    /// A new link, if there is no administrator yet; older ones stop to work.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn offer_set_up_link(&self) -> Result<Option<String>, Internal> {
        let mut reader = &self.store;
        if role_grants::is_administered(&mut reader).await? {
            return Ok(None);
        }
        let token = self.entropy.token();
        let (hash, now) = (token.digest(), self.now());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    links::void(tx, Purpose::SetUp, None, now).await?;
                    let link = Link {
                        user_id: None,
                        payload: None,
                    };
                    links::insert(tx, hash, Purpose::SetUp, &link, now, now + LIFETIME).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(Some(self.url(&format!("/setup?token={}", token.expose()))))
    }

    /// What the link would do.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn peek_set_up(&self, token: &Secret<String>) -> Result<SetUpLink, Internal> {
        let mut reader = &self.store;
        if role_grants::is_administered(&mut reader).await? {
            return Ok(SetUpLink::AlreadySetUp);
        }
        let link = links::find(&mut reader, token.digest(), Purpose::SetUp, self.now()).await?;
        Ok(match link {
            Some(_) => SetUpLink::Works,
            None => SetUpLink::Expired,
        })
    }

    /// Spends the link and makes the administrator.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn create_first_admin(
        &self,
        token: &Secret<String>,
        new: NewUser,
        origin: Origin,
    ) -> Result<SetUp, Internal> {
        match self.peek_set_up(token).await? {
            SetUpLink::Works => {}
            link => return Ok(SetUp::Refused(link)),
        }
        let problems = self.check_new_user(&new);
        if !problems.is_empty() {
            return Ok(SetUp::Problems(problems));
        }
        let hash = self.hash_password(new.password.clone()).await?;
        let user = self.user_of(new, &hash);
        let (tessera, made, spent, now) = (self.clone(), user.clone(), token.digest(), self.now());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    // Two browsers with one link: the statement lets one through.
                    if !links::spend(tx, spent, Purpose::SetUp, now).await?
                        || role_grants::is_administered(tx).await?
                    {
                        return Ok(false);
                    }
                    tessera
                        .insert_user(tx, &made, Actor::Operator, &origin)
                        .await?;
                    tessera
                        .make_administrator(tx, made.id, Actor::Operator, &origin)
                        .await?;
                    Ok(true)
                })
            })
            .await;
        match written {
            Ok(true) => Ok(SetUp::Created(Box::new(user))),
            Ok(false) => Ok(SetUp::Refused(self.peek_set_up(token).await?)),
            Err(Internal::Storage(StorageError::Conflict)) => Ok(SetUp::Problems(vec![(
                AccountField::Username,
                AccountProblem::Taken,
            )])),
            Err(error) => Err(error),
        }
    }
}
