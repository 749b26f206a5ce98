//! Who is signed in, proven by a live row; and the end of it.

use super::{Internal, Tessera};
use crate::base::ids::SessionId;
use crate::protocol::audit::{Actor, Event, Kind, Origin};
use crate::storage::grants;
use crate::storage::sessions::{self, Session};
use crate::storage::users::{self, User};

/// A person in a browser whose session lives right now. Made only by [`Tessera::resolve_session`]
/// and by a sign-in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    session: Session,
}

impl SignedIn {
    pub(super) const fn new(user: User, session: Session) -> Self {
        Self { user, session }
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// In which session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }
}

impl Tessera {
    /// The person behind a session id, if the session lives and the person is not disabled. Notes
    /// that the session was used, at most once in `sessions.touch_interval`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn resolve_session(&self, id: SessionId) -> Result<Option<SignedIn>, Internal> {
        let now = self.now();
        let mut reader = &self.store;
        let Some(session) = sessions::find_live(&mut reader, id, now).await? else {
            return Ok(None);
        };
        let Some(user) = users::find(&mut reader, session.user_id).await? else {
            return Ok(None);
        };
        let settings = &self.config.sessions;
        if now.since(session.last_seen_at) >= settings.touch_interval {
            let idle = now + settings.idle_lifetime;
            self.store
                .write::<_, Internal, _>(move |tx| {
                    Box::pin(async move { Ok(sessions::touch(tx, id, now, idle).await?) })
                })
                .await?;
        }
        Ok(Some(SignedIn::new(user, session)))
    }

    /// Ends the session, and with it what it allowed without `offline_access`.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn sign_out(&self, signed_in: &SignedIn, origin: Origin) -> Result<(), Internal> {
        self.end_session(signed_in, signed_in.session.id, origin)
            .await?;
        Ok(())
    }

    /// Ends one session of the person who asks; false if it is none of theirs.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn end_session(
        &self,
        signed_in: &SignedIn,
        session: SessionId,
        origin: Origin,
    ) -> Result<bool, Internal> {
        let (tessera, user, now) = (self.clone(), signed_in.user.id, self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !sessions::end(tx, session, user, now).await? {
                        return Ok(false);
                    }
                    grants::end_for_session(tx, session, now).await?;
                    let event = Event::new(Kind::SessionEnded, Actor::User(user))
                        .with("session_id", session);
                    tessera.record(tx, &event, &origin);
                    Ok(true)
                })
            })
            .await
    }
}
