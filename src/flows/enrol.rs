//! Who may set up a factor: somebody who is recently authenticated, or who must have one to come in.

use super::admission::Entering;
use super::assurance::RecentlyAuthenticated;
use super::recovery::RecoveryCodes;
use super::session::SignedIn;
use super::{Internal, Tessera};
use crate::base::Secret;
use crate::protocol::assurance::{Assessment, Method, Proof};
use crate::storage::users::{self, User};
use crate::storage::{Reader, Tx};

/// Somebody who may set up a factor. Made only from [`RecentlyAuthenticated`] and by
/// [`Tessera::may_enrol`].
#[derive(Clone, Debug)]
pub struct Enroller(Who);

#[derive(Clone, Debug)]
enum Who {
    Recent(Box<RecentlyAuthenticated>),
    /// In the middle of signing in: nothing is set up yet, or all of it is lost, and something must be.
    Entering(Entering, Box<User>),
}

impl From<RecentlyAuthenticated> for Enroller {
    fn from(recent: RecentlyAuthenticated) -> Self {
        Self(Who::Recent(Box::new(recent)))
    }
}

impl Enroller {
    /// Whose factor it would be.
    #[must_use]
    pub fn user(&self) -> &User {
        match &self.0 {
            Who::Recent(recent) => recent.person().user(),
            Who::Entering(_, user) => user,
        }
    }

    /// They come back by a recovery: what they set up takes the place of all that was lost.
    pub(super) fn is_recovering(&self) -> bool {
        self.entering().is_some_and(|it| it.recovery().is_some())
    }

    pub(super) const fn entering(&self) -> Option<&Entering> {
        match &self.0 {
            Who::Recent(_) => None,
            Who::Entering(entering, _) => Some(entering),
        }
    }
}

/// A factor counts from now on, and the person has proved it.
#[derive(Debug)]
pub struct FactorSetUp {
    /// The proof.
    pub signed_in: Box<SignedIn>,
    /// The next cookie of the device.
    pub device: Option<Secret<String>>,
    /// Of somebody who had no second factor before.
    pub codes: Option<RecoveryCodes>,
}

impl Tessera {
    /// Whether somebody who is entering may set up a factor on the way: where everybody must have one and
    /// they have none, or by a recovery that is ready. Else who has one proves it first, or a password alone
    /// would add another.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn may_enrol(&self, entering: &Entering) -> Result<Option<Enroller>, Internal> {
        let mut reader = &self.store;
        let Some(user) = users::find(&mut reader, entering.user()).await? else {
            return Ok(None);
        };
        let may = self.enrols(&mut reader, entering, &user).await?;
        Ok(may.then(|| Enroller(Who::Entering(entering.clone(), Box::new(user)))))
    }

    async fn enrols(
        &self,
        reader: &mut impl Reader,
        entering: &Entering,
        user: &User,
    ) -> Result<bool, Internal> {
        let mut available = self.capabilities(reader, user).await?;
        if !entering.holds(user, self.now(), self.config.assurance.entering) {
            return Ok(false);
        }
        if self.is_recovering(reader, entering).await? {
            // What is lost goes when this one is there.
            available.usable.retain(|of| of.method == Method::Password);
        } else if !self.assurance.second_factor_required || available.has_second_factor() {
            return Ok(false);
        }
        // An app is as good here as a passkey: something that one has, beside what was proven.
        let of = Method::Totp.into();
        let mut proofs = entering.proofs().clone();
        proofs.add(Proof { of, at: self.now() });
        available.usable.push(of);
        let assessed = self.assess_entering(&proofs, &available, None);
        Ok(matches!(assessed, Assessment::Met(_)))
    }

    /// The account, locked, if that may still be done.
    pub(super) async fn lock_enroller(
        &self,
        tx: &mut Tx<'_>,
        enroller: &Enroller,
    ) -> Result<Option<User>, Internal> {
        match &enroller.0 {
            Who::Recent(recent) => self.lock_recent(tx, recent).await,
            Who::Entering(entering, user) => {
                let Some(user) = users::lock(tx, user.id).await? else {
                    return Ok(None);
                };
                let may = self.enrols(tx, entering, &user).await?;
                Ok(may.then_some(user))
            }
        }
    }
}
