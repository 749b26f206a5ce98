//! The people behind the sessions of one browser.

use super::users::Profile;
use super::{Reader, Row, StorageError, args};
use crate::base::Timestamp;
use crate::base::ids::{SessionId, UserId};
use crate::protocol::accounts::MAX_ACCOUNTS;

/// An account that a browser is, or was, signed in to.
#[derive(Clone, Debug)]
pub struct Member {
    /// The session.
    pub session_id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What they type to sign in.
    pub username: String,
    /// Their address.
    pub email: String,
    /// The name for people: `name`, or the user name.
    pub name: String,
    /// Whether the session lives.
    pub is_live: bool,
}

fn read(row: &Row) -> Result<Member, StorageError> {
    let username = row.text("username")?;
    let profile: Profile = row.json("profile")?;
    Ok(Member {
        session_id: SessionId(row.id("session_id")?),
        user_id: UserId(row.id("user_id")?),
        email: row.text("email")?,
        name: profile.name().unwrap_or(&username).to_owned(),
        username,
        is_live: row.get("is_live")?,
    })
}

/// The people behind these sessions, in this order, ended or not. Those of whom nothing is left, and
/// who are disabled, are not among them.
///
/// # Errors
/// As the database says.
pub async fn members(
    reader: &mut impl Reader,
    sessions: &[SessionId],
    now: Timestamp,
) -> Result<Vec<Member>, StorageError> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    // One text for any number: what is not there is nobody's id.
    let mut values = args![now];
    let padding = std::iter::repeat(SessionId(uuid::Uuid::nil()));
    let ids = sessions.iter().copied().chain(padding).take(MAX_ACCOUNTS);
    values.extend(ids.map(super::Value::from));
    let mut members = reader
        .rows(
            "SELECT s.id AS session_id, u.id AS user_id, u.username, u.email, u.profile, \
             (s.ended_at IS NULL AND s.expires_at > $1 AND s.idle_expires_at > $1) AS is_live \
             FROM sso_session s JOIN users u ON u.id = s.user_id \
             WHERE s.id IN ($2, $3, $4, $5, $6, $7, $8, $9) AND u.disabled_at IS NULL",
            values,
        )
        .await?
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;
    members.sort_by_key(|member| sessions.iter().position(|id| *id == member.session_id));
    Ok(members)
}
