//! Groups of people: a role given to one is held by everybody in it.

use super::users::comparable;
use super::version::Changed;
use super::{Reader, Row, StorageError, Tx, args};
use crate::base::Timestamp;
use crate::base::ids::{GroupId, OrganisationId, UserId};
use crate::protocol::access::Within;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Whose it is.
    pub organisation: Option<OrganisationId>,
    /// Its name.
    pub name: String,
    /// How often it was written.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Two organisations may have a group of one name; one may not have two.
fn key(organisation: Option<OrganisationId>, name: &str) -> String {
    let organisation = organisation.map(|id| id.to_string());
    format!("{}/{}", organisation.unwrap_or_default(), comparable(name))
}

fn read(row: &Row) -> Result<Group, StorageError> {
    let organisation: Option<uuid::Uuid> = row.get("organisation_id")?;
    Ok(Group {
        id: GroupId(row.id("id")?),
        organisation: organisation.map(OrganisationId),
        name: row.text("name")?,
        version: row.get("version")?,
        created_at: row.time("created_at")?,
    })
}

/// Those that a caller may see, in the order in which they were made, after `after`.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    within: Within,
    after: Option<GroupId>,
    limit: i64,
) -> Result<Vec<Group>, StorageError> {
    let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
    let rows = match within.organisation() {
        None => {
            let sql = "SELECT * FROM user_group WHERE id > $1 ORDER BY id LIMIT $2";
            reader.rows(sql, args![after, limit]).await?
        }
        Some(organisation) => {
            let sql = "SELECT * FROM user_group WHERE organisation_id = $3 AND id > $1 ORDER BY id LIMIT $2";
            reader.rows(sql, args![after, limit, organisation]).await?
        }
    };
    rows.iter().map(read).collect()
}

/// The group of this name, among those of the organisation that the caller acts in, or of none.
///
/// # Errors
/// As the database says.
pub async fn find_by_name(
    reader: &mut impl Reader,
    within: Within,
    name: &str,
) -> Result<Option<Group>, StorageError> {
    find_of(reader, within.organisation(), name).await
}

/// The group of this name, of this organisation or of none.
///
/// # Errors
/// As the database says.
pub async fn find_of(
    reader: &mut impl Reader,
    organisation: Option<OrganisationId>,
    name: &str,
) -> Result<Option<Group>, StorageError> {
    let sql = "SELECT * FROM user_group WHERE key = $1";
    let row = reader.row(sql, args![key(organisation, name)]).await?;
    row.as_ref().map(read).transpose()
}

/// The group of this id, if the caller may see it.
///
/// # Errors
/// As the database says.
pub async fn find(
    reader: &mut impl Reader,
    within: Within,
    id: GroupId,
) -> Result<Option<Group>, StorageError> {
    let row = reader
        .row("SELECT * FROM user_group WHERE id = $1", args![id])
        .await?;
    let group = row.as_ref().map(read).transpose()?;
    Ok(group.filter(|group| within.holds(group.organisation)))
}

/// Adds one.
///
/// # Errors
/// [`StorageError::Conflict`] if its organisation has one of this name.
pub async fn insert(tx: &mut Tx<'_>, new: &Group) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO user_group (id, organisation_id, name, key, version, created_at) \
         VALUES ($1, $2, $3, $4, 1, $5)",
        args![
            new.id,
            new.organisation,
            new.name.as_str(),
            key(new.organisation, &new.name),
            new.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Gives one another name, from the version that the caller saw.
///
/// # Errors
/// [`StorageError::Conflict`] if its organisation has another of this name.
pub async fn rename(
    tx: &mut Tx<'_>,
    group: &Group,
    version: Option<i64>,
) -> Result<Changed, StorageError> {
    let rows = tx
        .execute(
            "UPDATE user_group SET name = $1, key = $2, version = version + 1 \
             WHERE id = $3 AND ($4 IS NULL OR version = $4)",
            args![
                group.name.as_str(),
                key(group.organisation, &group.name),
                group.id,
                version
            ],
        )
        .await?;
    let row = tx
        .row(
            "SELECT 1 AS one FROM user_group WHERE id = $1",
            args![group.id],
        )
        .await?;
    Ok(Changed::of(rows, row.is_some()))
}

/// Removes one, and with it what it gave to its members.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx<'_>, id: GroupId) -> Result<bool, StorageError> {
    let rows = tx
        .execute("DELETE FROM user_group WHERE id = $1", args![id])
        .await?;
    Ok(rows == 1)
}

/// Who is in a group, after `after`.
///
/// # Errors
/// As the database says.
pub async fn members(
    reader: &mut impl Reader,
    group: GroupId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<UserId>, StorageError> {
    let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
    reader
        .rows(
            "SELECT user_id FROM group_member WHERE group_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3",
            args![group, after, limit],
        )
        .await?
        .iter()
        .map(|row| Ok(UserId(row.id("user_id")?)))
        .collect()
}

/// The groups of a person.
///
/// # Errors
/// As the database says.
pub async fn of_user(reader: &mut impl Reader, user: UserId) -> Result<Vec<Group>, StorageError> {
    reader
        .rows(
            "SELECT g.* FROM user_group g JOIN group_member m ON m.group_id = g.id \
             WHERE m.user_id = $1 ORDER BY g.name, g.id",
            args![user],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Puts somebody into a group; who is in it stays.
///
/// # Errors
/// As the database says.
pub async fn add_member(tx: &mut Tx<'_>, group: GroupId, user: UserId) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO group_member (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        args![group, user],
    )
    .await?;
    Ok(())
}

/// Takes somebody out of a group.
///
/// # Errors
/// As the database says.
pub async fn remove_member(
    tx: &mut Tx<'_>,
    group: GroupId,
    user: UserId,
) -> Result<bool, StorageError> {
    let rows = tx
        .execute(
            "DELETE FROM group_member WHERE group_id = $1 AND user_id = $2",
            args![group, user],
        )
        .await?;
    Ok(rows == 1)
}
