//! Lists of what is found by its name: groups, organisations, who holds a role.

use uuid::Uuid;

use super::lists::gather;
use super::{Listed, Position};
use crate::base::ids::{GroupId, RoleGrantId, UserId};
use crate::flows::{Internal, Tessera};
use crate::protocol::access::power::{ReadGroups, ReadOrganisations, ReadRoles};
use crate::protocol::access::{Permit, RoleName};
use crate::storage::groups::{self, Group};
use crate::storage::organisations::{self, Organisation};
use crate::storage::role_grants::{self, RoleGrant};
use crate::storage::words::Sought;

fn at(id: &impl ToString) -> Position {
    Position {
        word: String::new(),
        id: id.to_string(),
    }
}

fn id(at: &Position) -> Option<Uuid> {
    at.id.parse().ok()
}

impl Tessera {
    /// The groups that the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_groups(
        &self,
        permit: &Permit<ReadGroups>,
        sought: Option<&Sought>,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<Group>, Internal> {
        let read = |from: Position, limit: i64| async move {
            let mut reader = &self.store;
            let after = id(&from).map(GroupId);
            let rows = groups::page(&mut reader, permit.within(), after, limit).await?;
            Ok(rows.into_iter().map(|row| (at(&row.id), row)).collect())
        };
        let fits =
            |_: &Position, group: &Group| sought.is_none_or(|sought| sought.is_in([&*group.name]));
        gather(limit, after, sought.is_some(), read, fits).await
    }

    /// Who is in a group that the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_members(
        &self,
        permit: &Permit<ReadGroups>,
        group: GroupId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Option<Listed<UserId>>, Internal> {
        let mut reader = &self.store;
        if groups::find(&mut reader, permit.within(), group)
            .await?
            .is_none()
        {
            return Ok(None);
        }
        let read = |from: Position, limit: i64| async move {
            let mut reader = &self.store;
            let after = id(&from).map(UserId);
            let rows = groups::members(&mut reader, group, after, limit).await?;
            Ok(rows.into_iter().map(|row| (at(&row), row)).collect())
        };
        Ok(Some(gather(limit, after, false, read, |_, _| true).await?))
    }

    /// The organisations that the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_organisations(
        &self,
        permit: &Permit<ReadOrganisations>,
        sought: Option<&Sought>,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<Organisation>, Internal> {
        let read = |from: Position, limit: i64| async move {
            let mut reader = &self.store;
            let rows = organisations::page(&mut reader, permit.within(), &from.id, limit).await?;
            Ok(rows.into_iter().map(|row| (at(&row.name), row)).collect())
        };
        let fits = |_: &Position, one: &Organisation| {
            sought.is_none_or(|sought| sought.is_in([&*one.name, &*one.title]))
        };
        gather(limit, after, sought.is_some(), read, fits).await
    }

    /// Who holds a role, by grants that the caller may see.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_holders(
        &self,
        permit: &Permit<ReadRoles>,
        role: &RoleName,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listed<RoleGrant>, Internal> {
        let read = |from: Position, limit: i64| async move {
            let mut reader = &self.store;
            let (within, after) = (permit.within(), id(&from).map(RoleGrantId));
            let rows = role_grants::of_role(&mut reader, within, role, after, limit).await?;
            Ok(rows.into_iter().map(|row| (at(&row.id), row)).collect())
        };
        gather(limit, after, false, read, |_, _| true).await
    }
}
