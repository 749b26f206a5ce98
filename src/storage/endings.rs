//! The end of sessions: the only place that writes it. It cannot be had without what belongs to it:
//! what the session allowed ends, and whoever must be told is queued, in the same transaction.

use super::{Reader, Row, StorageError, Tx, args, clients, grants, logouts};
use crate::base::ids::{OrganisationId, SessionId, UserId, uuid_v7};
use crate::base::{Entropy, Timestamp};
use crate::protocol::client::Client;

/// Which sessions end.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// One of a person's.
    One(SessionId, UserId),
    /// All of a person's.
    AllOf(UserId),
    /// All of a person's but one.
    AllBut(UserId, SessionId),
    /// Those of everybody who belongs to an organisation.
    OfOrganisation(OrganisationId),
    /// One that has come to its limit.
    Expired(SessionId),
}

/// A session that was live until now. Made only by [`end`].
#[derive(Clone, Debug)]
pub struct EndedSession {
    id: SessionId,
    user_id: UserId,
    organisation: Option<OrganisationId>,
    clients: Vec<Client>,
}

impl EndedSession {
    /// Where its person was.
    #[must_use]
    pub const fn organisation(&self) -> Option<OrganisationId> {
        self.organisation
    }

    /// The `sid`.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Whose it was.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// The clients that the person signed in to, but for those that are disabled by now: they are
    /// answered as if they did not exist, and told nothing.
    #[must_use]
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// How many of them are told by a logout token.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.clients.iter().filter(|client| is_told(client)).count()
    }
}

fn is_told(client: &Client) -> bool {
    client.metadata.backchannel_logout_uri.is_some()
}

/// Ends sessions, with what they allowed but for `offline_access`, and queues a logout token for each
/// of their clients that takes one, to be delivered before `deliver_until`.
///
/// # Errors
/// As the database says.
pub async fn end(
    tx: &mut Tx<'_>,
    which: Which,
    entropy: &Entropy,
    now: Timestamp,
    deliver_until: Timestamp,
) -> Result<Vec<EndedSession>, StorageError> {
    let mut ended = Vec::new();
    for row in mark(tx, which, now).await? {
        let (id, user_id) = (SessionId(row.id("id")?), UserId(row.id("user_id")?));
        grants::end_for_session(tx, id, now).await?;
        let session = EndedSession {
            id,
            user_id,
            organisation: row
                .get::<Option<uuid::Uuid>>("organisation_id")?
                .map(OrganisationId),
            clients: take_clients(tx, id).await?,
        };
        for client in session.clients.iter().filter(|client| is_told(client)) {
            let waiting = logouts::Waiting {
                id: uuid_v7(now, entropy),
                client_id: client.id.clone(),
                user_id,
                session_id: id,
                attempts: 0,
                expires_at: deliver_until,
            };
            logouts::insert(tx, &waiting, now).await?;
        }
        ended.push(session);
    }
    Ok(ended)
}

/// Deletes an account and everything that is its owner's, after the end of what lives of it; false if
/// there is none. The audit log stays: it names the account by its id alone.
///
/// # Errors
/// As the database says.
pub async fn delete_user(
    tx: &mut Tx<'_>,
    user: UserId,
    entropy: &Entropy,
    now: Timestamp,
    deliver_until: Timestamp,
) -> Result<bool, StorageError> {
    end(tx, Which::AllOf(user), entropy, now, deliver_until).await?;
    let gone = tx
        .execute("DELETE FROM users WHERE id = $1", args![user])
        .await?;
    Ok(gone == 1)
}

async fn mark(tx: &mut Tx<'_>, which: Which, now: Timestamp) -> Result<Vec<Row>, StorageError> {
    match which {
        Which::One(id, user) => {
            tx.rows(
                "UPDATE sso_session SET ended_at = $1 WHERE id = $2 AND user_id = $3 \
                 AND ended_at IS NULL RETURNING id, user_id, organisation_id",
                args![now, id, user],
            )
            .await
        }
        Which::AllOf(user) => {
            tx.rows(
                "UPDATE sso_session SET ended_at = $1 WHERE user_id = $2 \
                 AND ended_at IS NULL RETURNING id, user_id, organisation_id",
                args![now, user],
            )
            .await
        }
        Which::AllBut(user, kept) => {
            tx.rows(
                "UPDATE sso_session SET ended_at = $1 WHERE user_id = $2 AND id <> $3 \
                 AND ended_at IS NULL RETURNING id, user_id, organisation_id",
                args![now, user, kept],
            )
            .await
        }
        Which::OfOrganisation(organisation) => {
            tx.rows(
                "UPDATE sso_session SET ended_at = $1 WHERE user_id IN \
                 (SELECT id FROM users WHERE organisation_id = $2) \
                 AND ended_at IS NULL RETURNING id, user_id, organisation_id",
                args![now, organisation],
            )
            .await
        }
        // Looked at again: it may have been used since it was found.
        Which::Expired(id) => {
            tx.rows(
                "UPDATE sso_session SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL \
                 AND (idle_expires_at <= $1 OR expires_at <= $1) RETURNING id, user_id, organisation_id",
                args![now, id],
            )
            .await
        }
    }
}

async fn take_clients(tx: &mut Tx<'_>, id: SessionId) -> Result<Vec<Client>, StorageError> {
    let clients = tx
        .rows(
            "SELECT c.client_id, c.metadata, c.by_stranger, c.organisation_id, c.version, c.created_at, \
             c.disabled_at, (SELECT disabled_at FROM organisation o WHERE o.id = c.organisation_id) AS closed_at \
             FROM session_client s \
             JOIN client c ON c.client_id = s.client_id \
             WHERE s.session_id = $1 AND c.disabled_at IS NULL ORDER BY c.client_id",
            args![id],
        )
        .await?
        .iter()
        .map(clients::read)
        .collect::<Result<_, _>>()?;
    tx.execute(
        "DELETE FROM session_client WHERE session_id = $1",
        args![id],
    )
    .await?;
    Ok(clients)
}
