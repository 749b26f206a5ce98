//! The live sessions of everybody whom the caller may see: found, and ended one by one or all together.

use std::time::Duration;

use uuid::Uuid;

use super::lists::{LOOK_AT, gather};
use super::{Done, Listed, Position, Refused};
use crate::base::Timestamp;
use crate::base::ids::{SessionId, UserId};
use crate::flows::{Internal, Tessera};
use crate::protocol::access::power::{ReadSessions, WriteSessions};
use crate::protocol::access::{Permit, Within};
use crate::protocol::audit::Origin;
use crate::protocol::client::ClientId;
use crate::storage::StorageError;
use crate::storage::live_sessions::{self, LiveSession, Walk};
use crate::storage::words::Sought;

/// Nobody waits longer for the end of everybody's sessions; it goes on by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which sessions to list. What is not said does not limit.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Of whoever has words that begin with these.
    pub sought: Option<Sought>,
    /// The address at which they began.
    pub address: Option<String>,
    /// A client that the person signed in to.
    pub client: Option<ClientId>,
    /// Whose they are.
    pub user: Option<UserId>,
}

impl SessionFilter {
    fn is_empty(&self) -> bool {
        self.sought.is_none()
            && self.address.is_none()
            && self.client.is_none()
            && self.user.is_none()
    }

    /// Everything but the words.
    fn fits(&self, one: &LiveSession, now: Timestamp) -> bool {
        let Self {
            address,
            client,
            user,
            ..
        } = self;
        one.is_live(now)
            && (address.as_ref()).is_none_or(|address| one.session.address == *address)
            && (client.as_ref()).is_none_or(|client| one.clients.contains(client))
            && user.is_none_or(|user| one.session.user_id == user)
    }

    /// The index that leaves the fewest.
    fn walk(&self) -> Walk<'_> {
        match (self.user, &self.client, &self.address) {
            (Some(user), ..) => Walk::Of(user),
            (None, _, Some(address)) => Walk::From(address),
            (None, Some(client), None) => Walk::In(client),
            (None, None, None) => Walk::All,
        }
    }
}

/// How far the end of everybody's sessions has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// So many ended.
    Ended(usize),
    /// There are so many that it goes on by itself.
    GoesOn,
}

impl Tessera {
    /// The live sessions of whoever the caller may see, the newest first; in a search through many, by the words
    /// that were found.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_live_sessions(
        &self,
        permit: &Permit<ReadSessions>,
        filter: &SessionFilter,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<LiveSession>, Internal> {
        let within = permit.within();
        if let Some(sought) = &filter.sought
            && self.goes_by_words(within, filter, after.as_ref()).await?
        {
            return self
                .sessions_by_word(within, (filter, sought), after, limit)
                .await;
        }
        let now = self.now();
        let read = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let before = at.id.parse().unwrap_or(Uuid::max());
            let walk = filter.walk();
            let rows = live_sessions::page(&mut reader, within, walk, before, limit).await?;
            let positioned = |one: LiveSession| (position("", one.session.id.to_string()), one);
            Ok(rows.into_iter().map(positioned).collect())
        };
        let fits = |_: &Position, one: &LiveSession| {
            filter.fits(one, now)
                && filter
                    .sought
                    .as_ref()
                    .is_none_or(|sought| one.is_of(sought))
        };
        gather(limit, after, !filter.is_empty(), read, fits).await
    }

    /// Few sessions are looked through as they are. Among many, whoever is sought is looked up.
    async fn goes_by_words(
        &self,
        within: Within,
        filter: &SessionFilter,
        after: Option<&Position>,
    ) -> Result<bool, Internal> {
        if filter.user.is_some() {
            return Ok(false);
        }
        if let Some(after) = after {
            return Ok(!after.word.is_empty());
        }
        let many = i64::try_from(LOOK_AT).unwrap_or(i64::MAX);
        let mut reader = &self.store;
        Ok(live_sessions::count(&mut reader, within, many).await? >= many)
    }

    async fn sessions_by_word(
        &self,
        within: Within,
        (filter, sought): (&SessionFilter, &Sought),
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<LiveSession>, Internal> {
        let now = self.now();
        let read = |at: Position, limit: i64| async move {
            let mut reader = &self.store;
            let (user, before) = key(&at);
            let from = (sought.from(&at.word), user, before);
            let hits = live_sessions::search(&mut reader, within, sought, from, limit).await?;
            let positioned = |hit: live_sessions::Hit| {
                let session = hit
                    .session
                    .as_ref()
                    .map_or(Uuid::nil(), |one| one.session.id.0);
                (
                    position(&hit.word, format!("{} {session}", hit.user)),
                    hit.session,
                )
            };
            Ok::<_, StorageError>(hits.into_iter().map(positioned).collect())
        };
        let fits = |at: &Position, one: &Option<LiveSession>| {
            one.as_ref()
                .is_some_and(|one| filter.fits(one, now) && one.is_listed(sought, &at.word))
        };
        let listed = gather(limit, after, true, read, fits).await?;
        Ok(Listed {
            items: listed.items.into_iter().flatten().collect(),
            next: listed.next,
        })
    }

    /// A live session that the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn live_session(
        &self,
        permit: &Permit<ReadSessions>,
        id: SessionId,
    ) -> Result<Option<LiveSession>, Internal> {
        self.find_live(permit.within(), id).await
    }

    /// As [`Self::live_session`], for who may end it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn session_to_end(
        &self,
        permit: &Permit<WriteSessions>,
        id: SessionId,
    ) -> Result<Option<LiveSession>, Internal> {
        self.find_live(permit.within(), id).await
    }

    async fn find_live(
        &self,
        within: Within,
        id: SessionId,
    ) -> Result<Option<LiveSession>, Internal> {
        let mut reader = &self.store;
        let found = live_sessions::find(&mut reader, within, id).await?;
        Ok(found.filter(|one| one.is_live(self.now())))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn end_live_session(
        &self,
        permit: Permit<WriteSessions>,
        id: SessionId,
        origin: Origin,
    ) -> Done<()> {
        let Some(found) = self.session_to_end(&permit, id).await? else {
            return Ok(Err(Refused::Absent));
        };
        let user = found.session.user_id;
        self.end_sessions_of(permit, user, Some(id), origin).await
    }

    /// Ends the sessions of everybody whom the caller may sign out and who is signed in by now, but for `kept`. Goes
    /// on when nobody waits for it any more.
    ///
    /// # Errors
    /// If it could not be written; those that were reached have ended.
    pub async fn end_everybody(
        &self,
        permit: Permit<WriteSessions>,
        kept: Option<SessionId>,
        origin: Origin,
    ) -> Result<Sweep, Internal> {
        let tessera = self.clone();
        let sweep = tokio::spawn(async move {
            let swept = tessera.end_all_within(&permit, kept, origin).await;
            if let Err(error) = &swept {
                tracing::error!(%error, "not everybody could be signed out");
            }
            swept
        });
        match tokio::time::timeout(PATIENCE, sweep).await {
            Ok(Ok(swept)) => Ok(Sweep::Ended(swept?)),
            Ok(Err(error)) => Err(Internal::other(error)),
            Err(_) => Ok(Sweep::GoesOn),
        }
    }
}

fn position(word: &str, id: String) -> Position {
    Position {
        word: word.to_owned(),
        id,
    }
}

/// Where a search ended: a person, and the last of their sessions.
fn key(at: &Position) -> (Uuid, Uuid) {
    let (user, session) = at.id.split_once(' ').unwrap_or_default();
    (
        user.parse().unwrap_or_default(),
        session.parse().unwrap_or_default(),
    )
}
