//! The live sessions of everybody, for administrators: each page goes on from a key, by an index of what has not
//! ended, within what they may see. Who came to their limit a moment ago may still be there: the caller looks.

use uuid::Uuid;

use super::lists::List;
use super::sessions::{self, Session};
use super::users::Profile;
use super::words::{self, Sought};
use super::{Reader, Row, StorageError, args};
use crate::base::Timestamp;
use crate::base::ids::{SessionId, UserId};
use crate::protocol::access::Within;
use crate::protocol::client::ClientId;

/// A session, and whose it is.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// What its person types to sign in.
    pub username: String,
    /// Their address.
    pub email: String,
    /// Their name, if they have one.
    pub name: Option<String>,
    /// The clients that they signed in to.
    pub clients: Vec<ClientId>,
}

impl LiveSession {
    /// What to call the person.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.username)
    }

    /// Whether it has come to no limit at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.session.expires_at > now && self.session.idle_expires_at > now
    }

    /// What administrators find its person by.
    fn texts(&self) -> [&str; 3] {
        let name = self.name.as_deref().unwrap_or_default();
        [&self.username, &self.email, name]
    }

    /// Whether its person is sought.
    #[must_use]
    pub fn is_of(&self, sought: &Sought) -> bool {
        sought.is_in(self.texts())
    }

    /// Whether its person is sought, and this is the word by which they are listed.
    #[must_use]
    pub fn is_listed(&self, sought: &Sought, by: &str) -> bool {
        sought.meets(by, &words::of(self.texts()))
    }
}

/// A word of a person, whose it is, and one of their sessions, if they have any.
#[derive(Debug)]
pub struct Hit {
    /// The word.
    pub word: String,
    /// Whose it is.
    pub user: UserId,
    /// Their session.
    pub session: Option<LiveSession>,
}

/// Which sessions to walk through, the newest first.
#[derive(Clone, Copy, Debug)]
pub enum Walk<'a> {
    /// All.
    All,
    /// A person's.
    Of(UserId),
    /// Those in which somebody signed in to a client.
    In(&'a ClientId),
    /// Those that began at an address.
    From(&'a str),
}

macro_rules! select {
    ($before:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $before,
            "s.*, u.username, u.email, u.profile, \
             (SELECT string_agg(j.client_id, '\n') FROM session_client j WHERE j.session_id = s.id) AS clients ",
            $rest
        )
    };
}

// Outer joins, though nothing is missing: what is looked up comes after the index that the page goes by.
const ALL: List = List {
    everywhere: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.id < $1 ORDER BY s.id DESC LIMIT $2"
    ),
    within: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.organisation_id = $3 AND s.id < $1 ORDER BY s.id DESC LIMIT $2"
    ),
};

const OF_PERSON: List = List {
    everywhere: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.user_id = $3 AND s.id < $1 ORDER BY s.id DESC LIMIT $2"
    ),
    within: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.user_id = $3 AND u.organisation_id = $4 AND s.id < $1 \
         ORDER BY s.id DESC LIMIT $2"
    ),
};

const FROM_ADDRESS: List = List {
    everywhere: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.address = $3 AND s.id < $1 ORDER BY s.id DESC LIMIT $2"
    ),
    within: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.organisation_id = $4 AND s.address = $3 AND s.id < $1 \
         ORDER BY s.id DESC LIMIT $2"
    ),
};

/// What ends leaves `session_client` at once.
const IN_CLIENT: List = List {
    everywhere: select!(
        "",
        "FROM session_client c LEFT JOIN sso_session s ON s.id = c.session_id \
         LEFT JOIN users u ON u.id = s.user_id \
         WHERE c.client_id = $3 AND c.session_id < $1 ORDER BY c.session_id DESC LIMIT $2"
    ),
    within: select!(
        "",
        "FROM session_client c LEFT JOIN sso_session s ON s.id = c.session_id \
         LEFT JOIN users u ON u.id = s.user_id \
         WHERE c.organisation_id = $4 AND c.client_id = $3 AND c.session_id < $1 \
         ORDER BY c.session_id DESC LIMIT $2"
    ),
};

/// Every word comes, also of who is signed in nowhere: how far it went is known, however few have sessions.
const BY_WORD: List = List {
    everywhere: select!(
        "w.word, w.user_id AS whose, ",
        "FROM user_word w LEFT JOIN sso_session s ON s.user_id = w.user_id AND s.ended_at IS NULL \
         LEFT JOIN users u ON u.id = s.user_id \
         WHERE (w.word, w.user_id) >= ($1, $2) AND w.word < $3 \
         AND NOT (w.word = $1 AND w.user_id = $2 AND (s.id IS NULL OR s.id >= $4)) \
         ORDER BY w.word, w.user_id, s.id DESC LIMIT $5"
    ),
    within: select!(
        "w.word, w.user_id AS whose, ",
        "FROM user_word w LEFT JOIN sso_session s ON s.user_id = w.user_id AND s.ended_at IS NULL \
         LEFT JOIN users u ON u.id = s.user_id \
         WHERE w.organisation_id = $6 AND (w.word, w.user_id) >= ($1, $2) AND w.word < $3 \
         AND NOT (w.word = $1 AND w.user_id = $2 AND (s.id IS NULL OR s.id >= $4)) \
         ORDER BY w.word, w.user_id, s.id DESC LIMIT $5"
    ),
};

const ONE: List = List {
    everywhere: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id WHERE s.ended_at IS NULL AND s.id = $1"
    ),
    within: select!(
        "",
        "FROM sso_session s LEFT JOIN users u ON u.id = s.user_id \
         WHERE s.ended_at IS NULL AND s.id = $1 AND s.organisation_id = $2"
    ),
};

/// Those that began at an instant or before, oldest first.
const BEGUN: List = List {
    everywhere: "SELECT id, user_id FROM sso_session \
         WHERE ended_at IS NULL AND id > $1 AND created_at <= $2 ORDER BY id LIMIT $3",
    within: "SELECT id, user_id FROM sso_session \
         WHERE ended_at IS NULL AND organisation_id = $4 AND id > $1 AND created_at <= $2 \
         ORDER BY id LIMIT $3",
};

const COUNT: List = List {
    everywhere: "SELECT count(*) AS n FROM \
         (SELECT id FROM sso_session WHERE ended_at IS NULL LIMIT $1) AS counted",
    within: "SELECT count(*) AS n FROM \
         (SELECT id FROM sso_session WHERE ended_at IS NULL AND organisation_id = $2 LIMIT $1) AS counted",
};

fn read(row: &Row) -> Result<LiveSession, StorageError> {
    let profile: Profile = row.json("profile")?;
    let clients: Option<String> = row.get("clients")?;
    let mut clients: Vec<ClientId> = clients
        .iter()
        .flat_map(|all| all.split('\n').map(ClientId::new))
        .collect();
    clients.sort();
    Ok(LiveSession {
        session: sessions::read(row)?,
        username: row.text("username")?,
        email: row.text("email")?,
        name: profile.name().map(str::to_owned),
        clients,
    })
}

/// Sessions that have not ended, the newest first, before `before`.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    within: Within,
    walk: Walk<'_>,
    before: Uuid,
    limit: i64,
) -> Result<Vec<LiveSession>, StorageError> {
    let (list, args) = match walk {
        Walk::All => (ALL, args![before, limit]),
        Walk::Of(user) => (OF_PERSON, args![before, limit, user]),
        Walk::In(client) => (IN_CLIENT, args![before, limit, client.as_str()]),
        Walk::From(address) => (FROM_ADDRESS, args![before, limit, address]),
    };
    let rows = list.read(reader, within, args).await?;
    rows.iter().map(read).collect()
}

/// The words that begin with what is sought, each with the sessions of whose it is, from `from` on: a word, a
/// person, and their session before which it goes on.
///
/// # Errors
/// As the database says.
pub async fn search(
    reader: &mut impl Reader,
    within: Within,
    sought: &Sought,
    (word, user, before): (&str, Uuid, Uuid),
    limit: i64,
) -> Result<Vec<Hit>, StorageError> {
    let args = args![word, user, sought.end(), before, limit];
    let rows = BY_WORD.read(reader, within, args).await?;
    let hit = |row: &Row| {
        let id: Option<Uuid> = row.get("id")?;
        Ok(Hit {
            word: row.text("word")?,
            user: UserId(row.id("whose")?),
            session: id.map(|_| read(row)).transpose()?,
        })
    };
    rows.iter().map(hit).collect()
}

/// One that has not ended.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    within: Within,
    id: SessionId,
) -> Result<Option<LiveSession>, StorageError> {
    let rows = ONE.read(reader, within, args![id]).await?;
    rows.first().map(read).transpose()
}

/// How many have not ended; counts no further than `limit`.
///
/// # Errors
/// As the database says.
pub async fn count(
    reader: &mut impl Reader,
    within: Within,
    limit: i64,
) -> Result<i64, StorageError> {
    let rows = COUNT.read(reader, within, args![limit]).await?;
    rows.first().map_or(Ok(0), |row| row.get("n"))
}

/// Sessions that began at `instant` or before and have not ended, after `after`, and whose they are.
///
/// # Errors
/// As the database says.
pub async fn begun_by(
    reader: &mut impl Reader,
    within: Within,
    instant: Timestamp,
    after: SessionId,
    limit: i64,
) -> Result<Vec<(SessionId, UserId)>, StorageError> {
    let rows = BEGUN
        .read(reader, within, args![after, instant, limit])
        .await?;
    rows.iter()
        .map(|row| Ok((SessionId(row.id("id")?), UserId(row.id("user_id")?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::lists::tests::assert_by_index;

    #[tokio::test]
    async fn no_list_of_sessions_looks_at_what_ended_or_sorts() {
        let (live, own) = ("sso_session_live", "sso_session_live_organisation");
        let words = ("PRIMARY KEY", "user_word_organisation");
        let lists = [ALL, BEGUN, OF_PERSON, FROM_ADDRESS, IN_CLIENT, BY_WORD];
        let by = [
            (live, own),
            (live, own),
            ("sso_session_user", "sso_session_user"),
            (
                "sso_session_live_address",
                "sso_session_live_organisation_address",
            ),
            ("session_client_client", "session_client_organisation"),
            words,
        ];
        assert_by_index(&lists, &by).await;
    }
}
