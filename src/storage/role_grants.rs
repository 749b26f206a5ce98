//! Roles that were given: to people, to groups, to clients.

use std::collections::BTreeSet;

use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::{GroupId, OrganisationId, RoleGrantId, UserId};
use crate::protocol::access::{Held, RoleName, Tenant, Within};
use crate::protocol::client::ClientId;

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A person.
    User(UserId),
    /// Everybody in a group.
    Group(GroupId),
    /// A client, for what it does by itself (client credentials).
    Client(ClientId),
}

/// A role that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// Names it, to take it back.
    pub id: RoleGrantId,
    /// The role.
    pub role: RoleName,
    /// To whom.
    pub holder: Holder,
    /// Where.
    pub tenant: Tenant,
    /// Not before.
    pub valid_from: Option<Timestamp>,
    /// Not from then on.
    pub valid_until: Option<Timestamp>,
    /// When it was given.
    pub created_at: Timestamp,
}

impl RoleGrant {
    /// As the one decision reads it.
    #[must_use]
    pub fn held(&self) -> Held {
        Held {
            role: self.role.clone(),
            tenant: self.tenant,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            group: None,
        }
    }

    const fn organisation(&self) -> Option<OrganisationId> {
        match self.tenant {
            Tenant::Deployment => None,
            Tenant::Organisation(id) => Some(id),
        }
    }
}

fn role(row: &Row) -> Result<RoleName, StorageError> {
    RoleName::parse(&row.text("role")?).map_err(StorageError::unexpected)
}

fn tenant(row: &Row) -> Result<Tenant, StorageError> {
    let organisation: Option<uuid::Uuid> = row.get("organisation_id")?;
    Ok(organisation.map_or(Tenant::Deployment, |id| {
        Tenant::Organisation(OrganisationId(id))
    }))
}

fn held(row: &Row) -> Result<Held, StorageError> {
    Ok(Held {
        role: role(row)?,
        tenant: tenant(row)?,
        valid_from: row.time_or_null("valid_from")?,
        valid_until: row.time_or_null("valid_until")?,
        group: row.get("group_name")?,
    })
}

fn read(row: &Row) -> Result<RoleGrant, StorageError> {
    let user: Option<uuid::Uuid> = row.get("user_id")?;
    let group: Option<uuid::Uuid> = row.get("group_id")?;
    let client: Option<String> = row.get("client_id")?;
    let holder = match (user, group, client) {
        (Some(id), ..) => Holder::User(UserId(id)),
        (_, Some(id), _) => Holder::Group(GroupId(id)),
        (.., Some(id)) => Holder::Client(ClientId::new(id)),
        (None, None, None) => return Err(StorageError::unexpected("a role given to nobody")),
    };
    Ok(RoleGrant {
        id: RoleGrantId(row.id("id")?),
        role: role(row)?,
        holder,
        tenant: tenant(row)?,
        valid_from: row.time_or_null("valid_from")?,
        valid_until: row.time_or_null("valid_until")?,
        created_at: row.time("created_at")?,
    })
}

/// What a person holds, by themselves and by their groups, valid or not.
///
/// # Errors
/// As the database says.
pub async fn held_by_user(
    reader: &mut impl Reader,
    user: UserId,
) -> Result<Vec<Held>, StorageError> {
    reader
        .rows(
            "SELECT r.role, r.organisation_id, r.valid_from, r.valid_until, NULL AS group_name, r.id \
             FROM role_grant r WHERE r.user_id = $1 \
             UNION ALL \
             SELECT r.role, r.organisation_id, r.valid_from, r.valid_until, g.name AS group_name, r.id \
             FROM group_member m JOIN user_group g ON g.id = m.group_id \
             JOIN role_grant r ON r.group_id = m.group_id WHERE m.user_id = $1 \
             ORDER BY id",
            args![user],
        )
        .await?
        .iter()
        .map(held)
        .collect()
}

/// What a client holds for itself.
///
/// # Errors
/// As the database says.
pub async fn held_by_client(
    reader: &mut impl Reader,
    client: &ClientId,
) -> Result<Vec<Held>, StorageError> {
    reader
        .rows(
            "SELECT role, organisation_id, valid_from, valid_until, NULL AS group_name \
             FROM role_grant WHERE client_id = $1 ORDER BY id",
            args![client.as_str()],
        )
        .await?
        .iter()
        .map(held)
        .collect()
}

/// What a group gives to its members.
///
/// # Errors
/// As the database says.
pub async fn held_by_group(
    reader: &mut impl Reader,
    group: GroupId,
) -> Result<Vec<Held>, StorageError> {
    reader
        .rows(
            "SELECT role, organisation_id, valid_from, valid_until, NULL AS group_name \
             FROM role_grant WHERE group_id = $1 ORDER BY id",
            args![group],
        )
        .await?
        .iter()
        .map(held)
        .collect()
}

/// The grants of one holder that a caller may see, oldest first.
///
/// # Errors
/// As the database says.
pub async fn of_holder(
    reader: &mut impl Reader,
    within: Within,
    holder: &Holder,
) -> Result<Vec<RoleGrant>, StorageError> {
    let rows = match holder {
        Holder::User(id) => {
            reader
                .rows(
                    "SELECT * FROM role_grant WHERE user_id = $1 ORDER BY id",
                    args![*id],
                )
                .await?
        }
        Holder::Group(id) => {
            reader
                .rows(
                    "SELECT * FROM role_grant WHERE group_id = $1 ORDER BY id",
                    args![*id],
                )
                .await?
        }
        Holder::Client(id) => {
            reader
                .rows(
                    "SELECT * FROM role_grant WHERE client_id = $1 ORDER BY id",
                    args![id.as_str()],
                )
                .await?
        }
    };
    let all: Result<Vec<RoleGrant>, _> = rows.iter().map(read).collect();
    let seen =
        |grant: &RoleGrant| within.organisation().is_none() || within.holds(grant.organisation());
    Ok(all?.into_iter().filter(seen).collect())
}

/// Every grant of a group or a client, oldest first.
///
/// # Errors
/// As the database says.
pub async fn of_groups_and_clients(
    reader: &mut impl Reader,
) -> Result<Vec<RoleGrant>, StorageError> {
    reader
        .rows(
            "SELECT * FROM role_grant WHERE user_id IS NULL ORDER BY id",
            vec![],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Who holds a role by a grant, oldest first, after the grant `after`.
///
/// # Errors
/// As the database says.
pub async fn of_role(
    reader: &mut impl Reader,
    within: Within,
    role: &RoleName,
    after: Option<RoleGrantId>,
    limit: i64,
) -> Result<Vec<RoleGrant>, StorageError> {
    let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
    let rows = match within.organisation() {
        None => {
            let sql = "SELECT * FROM role_grant WHERE role = $1 AND id > $2 ORDER BY id LIMIT $3";
            reader.rows(sql, args![role.as_str(), after, limit]).await?
        }
        Some(organisation) => {
            let sql = "SELECT * FROM role_grant WHERE role = $1 AND organisation_id = $4 AND id > $2 ORDER BY id LIMIT $3";
            let args = args![role.as_str(), after, limit, organisation];
            reader.rows(sql, args).await?
        }
    };
    rows.iter().map(read).collect()
}

/// The grant of this id, if the caller may see it.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    within: Within,
    id: RoleGrantId,
) -> Result<Option<RoleGrant>, StorageError> {
    let row = reader
        .row("SELECT * FROM role_grant WHERE id = $1", args![id])
        .await?;
    let grant = row.as_ref().map(read).transpose()?;
    Ok(grant.filter(|grant| within.holds(grant.organisation())))
}

/// Gives a role.
///
/// # Errors
/// [`StorageError::Conflict`] if its holder or its organisation is not there.
pub async fn insert(tx: &mut Tx<'_>, grant: &RoleGrant) -> Result<(), StorageError> {
    let (user, group, client) = match &grant.holder {
        Holder::User(id) => (Some(*id), None, None),
        Holder::Group(id) => (None, Some(*id), None),
        Holder::Client(id) => (None, None, Some(id.as_str())),
    };
    tx.execute(
        "INSERT INTO role_grant (id, role, user_id, group_id, client_id, organisation_id, valid_from, \
         valid_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            grant.id,
            grant.role.as_str(),
            user,
            group,
            client,
            grant.organisation(),
            grant.valid_from,
            grant.valid_until,
            grant.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Takes a role back.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: RoleGrantId) -> Result<bool, StorageError> {
    let rows = tx
        .execute("DELETE FROM role_grant WHERE id = $1", args![id])
        .await?;
    Ok(rows == 1)
}

/// Everybody who was made a super administrator of the deployment by themselves, now or for later.
///
/// # Errors
/// As the database says.
pub async fn super_administrators(
    reader: &mut impl Reader,
) -> Result<BTreeSet<UserId>, StorageError> {
    reader
        .rows(
            "SELECT user_id FROM role_grant WHERE role = $1 AND organisation_id IS NULL \
             AND user_id IS NOT NULL",
            args![RoleName::SUPER_ADMINISTRATOR],
        )
        .await?
        .iter()
        .map(|row| Ok(UserId(row.id("user_id")?)))
        .collect()
}

/// Whether anybody was ever made a super administrator and still is one on paper, able to sign in or not: the
/// link of the first start makes no further one.
///
/// # Errors
/// As the database says.
pub async fn is_administered(reader: &mut impl Reader) -> Result<bool, StorageError> {
    let row = reader
        .row(
            "SELECT 1 AS one FROM role_grant WHERE role = $1 AND organisation_id IS NULL LIMIT 1",
            args![RoleName::SUPER_ADMINISTRATOR],
        )
        .await?;
    Ok(row.is_some())
}

/// Whether anybody who can sign in may do everything at `now`, by themselves or by a group.
///
/// # Errors
/// As the database says.
pub async fn anybody_administers(
    reader: &mut impl Reader,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let row = reader
        .row(
            "SELECT 1 AS one FROM role_grant r LEFT JOIN group_member m ON m.group_id = r.group_id \
             JOIN users u ON u.id = r.user_id OR u.id = m.user_id \
             LEFT JOIN organisation o ON o.id = u.organisation_id \
             WHERE r.role = $1 AND r.organisation_id IS NULL \
             AND (r.valid_from IS NULL OR r.valid_from <= $2) \
             AND (r.valid_until IS NULL OR r.valid_until > $2) \
             AND u.disabled_at IS NULL AND o.disabled_at IS NULL LIMIT 1",
            args![RoleName::SUPER_ADMINISTRATOR, now],
        )
        .await?;
    Ok(row.is_some())
}

/// What is not counted.
#[derive(Clone, Copy, Debug)]
pub enum Besides {
    /// What this person holds.
    User(UserId),
    /// This one grant.
    Grant(RoleGrantId),
}

/// Whether somebody is a super administrator: everywhere, for good, by themselves, and can sign in whatever
/// happens to an organisation.
/// Grants through groups or with an end do not count: they can be gone without anybody having said so.
///
/// # Errors
/// As the database says.
pub async fn has_super_administrator(
    reader: &mut impl Reader,
    besides: Option<Besides>,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let none = uuid::Uuid::nil();
    let (user, grant) = match besides {
        None => (none, none),
        Some(Besides::User(id)) => (id.0, none),
        Some(Besides::Grant(id)) => (none, id.0),
    };
    let row = reader
        .row(
            "SELECT 1 AS one FROM role_grant r JOIN users u ON u.id = r.user_id \
             WHERE r.role = $1 AND r.organisation_id IS NULL AND r.valid_until IS NULL \
             AND (r.valid_from IS NULL OR r.valid_from <= $2) AND u.disabled_at IS NULL AND u.organisation_id IS NULL AND u.id <> $3 AND r.id <> $4 LIMIT 1",
            args![RoleName::SUPER_ADMINISTRATOR, now, user, grant],
        )
        .await?;
    Ok(row.is_some())
}
