//! What administrators do, by the API and by pages: each takes a [`Permit`](crate::protocol::access::Permit),
//! sees what that is good for, and changes a thing from the version that the caller saw.

mod audit;
mod audit_export;
mod belongings;
mod client_changes;
mod client_imports;
mod clients;
pub mod declared;
mod deployment;
mod group_imports;
mod idempotency;
mod imports;
mod lists;
mod names;
mod role_imports;
mod sessions;
mod settings;
mod trial_log;
mod trials;
mod users;

use super::access::Asking;
use super::{Internal, Tessera, roles};
use crate::base::ids::SessionId;
use crate::protocol::client::ClientId;
use crate::protocol::discovery::{endpoint, paths};
use crate::protocol::scope::Scope;
use crate::storage::grants;

pub use audit::Found;
pub use audit_export::{Export, verify_file};
pub use belongings::{Credential, Credentials};
pub use client_imports::ClientImport;
pub use clients::{ClientFilter, ClientKind};
pub use group_imports::{GroupImport, GroupNames, Realm};
pub use idempotency::{Kept, Repeated};
pub use imports::{Entry, MayImport, Tally};
pub use lists::{Listed, Position};
pub use role_imports::{RoleImport, RoleImported};
pub use sessions::{SessionFilter, Sweep};
pub use settings::SettingsChange;
pub use trials::{Begun, Finished, Spent, Tried, Wish};
pub use users::{NewAccount, UserFilter};

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is none, or none that the caller may see.
    #[error("there is none")]
    Absent,
    /// There is another version by now.
    #[error("somebody else changed it meanwhile")]
    Stale,
    /// It would give, take or touch what the caller has not.
    #[error("it would give or take more than you have")]
    Beyond,
    /// Only who administers the whole deployment may do that.
    #[error("only who administers the whole deployment may do that")]
    NotHere,
    /// The name is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// Something else needs it.
    #[error("{0}")]
    InUse(String),
    /// Nobody would be left to administer the deployment.
    #[error("nobody would be left to administer the deployment")]
    LastAdministrator,
    /// What was sent will not do, in words.
    #[error("{}", .0.join("; "))]
    Wrong(Vec<String>),
}

impl From<roles::NotChanged> for Refused {
    fn from(refused: roles::NotChanged) -> Self {
        use roles::NotChanged;
        match refused {
            NotChanged::Unknown => Self::Absent,
            NotChanged::Stale => Self::Stale,
            NotChanged::Beyond => Self::Beyond,
            NotChanged::NotHere => Self::NotHere,
            NotChanged::Taken => Self::Taken("the name"),
            NotChanged::LastAdministrator => Self::LastAdministrator,
            NotChanged::Inherited(_) | NotChanged::InUse => Self::InUse(refused.to_string()),
            NotChanged::Wrong(_) | NotChanged::BadName | NotChanged::Never => {
                Self::Wrong(vec![refused.to_string()])
            }
        }
    }
}

/// The outer error rolls back, the inner one is the answer.
pub type Done<T> = Result<Result<T, Refused>, Internal>;

/// Why a token opens nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// Its time is over.
    Expired,
    /// It is none of ours, was revoked, or rests on something that has ended.
    Invalid,
    /// It is for somebody else, or for others as well.
    Audience,
}

impl Tessera {
    /// The name of the administration as an audience.
    #[must_use]
    pub fn api(&self) -> String {
        endpoint(self.issuer(), paths::API)
    }

    /// The session in which a person allowed this access token.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn session_behind(&self, token: &str) -> Result<Option<SessionId>, Internal> {
        let claims = self.known_token(token).await?;
        let Some(grant) = claims.and_then(|claims| claims.grant_id) else {
            return Ok(None);
        };
        let mut reader = &self.store;
        let grant = grants::find(&mut reader, grant).await?;
        Ok(grant.and_then(|grant| grant.session_id))
    }

    /// Who calls with this access token. What they may do is asked anew with each request.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn who_asks(&self, token: &str) -> Result<Result<Asking, TokenProblem>, Internal> {
        let Some(live) = self.live_token(token).await? else {
            let known = self.known_token(token).await?;
            let over = known.is_some_and(|claims| !claims.is_current(self.now()));
            return Ok(Err(if over {
                TokenProblem::Expired
            } else {
                TokenProblem::Invalid
            }));
        };
        let claims = live.claims();
        // RFC 9068 §4: "The resource server MUST validate that the "aud" claim contains a resource
        // indicator value corresponding to an identifier the resource server expects for itself." And
        // nobody else: whoever also gets the token for themselves could use it here.
        if claims.iss != self.issuer() || claims.aud.as_slice() != [self.api()] {
            return Ok(Err(TokenProblem::Audience));
        }
        let Ok(scope) = Scope::parse(&claims.scope) else {
            return Ok(Err(TokenProblem::Invalid));
        };
        Ok(match (claims.grant_id, live.user()) {
            (Some(_), Some(user)) => Ok(Asking::PersonByToken(user, scope)),
            (None, _) => Ok(Asking::Client(
                ClientId::new(claims.client_id.as_str()),
                scope,
            )),
            (Some(_), None) => Err(TokenProblem::Invalid),
        })
    }
}

/// Whether a change that is made from `expected` may be made to what is at `version`.
pub(super) fn is_fresh(expected: Option<i64>, version: i64) -> Result<(), Refused> {
    match expected {
        Some(expected) if expected != version => Err(Refused::Stale),
        _ => Ok(()),
    }
}
