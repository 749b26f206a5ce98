//! Groups that come from another system.

use crate::flows::roles::NotChanged;
use crate::flows::{Internal, Tessera};
use crate::protocol::access::Permit;
use crate::protocol::access::power::WriteGroups;
use crate::protocol::audit::Origin;
use crate::storage::{Reader, StorageError, groups, role_grants};

/// What came of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupImport {
    /// It is new.
    New,
    /// One of this name is here.
    There,
    /// One of this name is here and holds a role: nobody is put into it.
    HoldsRoles,
}

impl Tessera {
    /// Makes a group where there is none of this name. Without `write`, only says what would come of it.
    ///
    /// # Errors
    /// The inner one says why not; the outer one that it could not be written.
    pub async fn import_group(
        &self,
        permit: Permit<WriteGroups>,
        name: &str,
        write: bool,
        origin: Origin,
    ) -> Result<Result<GroupImport, NotChanged>, Internal> {
        if !write {
            let there = namesake(&mut &self.store, &permit, name).await?;
            return Ok(Ok(there.unwrap_or(GroupImport::New)));
        }
        let (tessera, name) = (self.clone(), name.to_owned());
        let written = self
            .store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    if let Some(there) = namesake(tx, &permit, &name).await? {
                        return Ok(Ok(there));
                    }
                    let made = tessera.create_group_in(tx, &permit, &name, &origin).await?;
                    Ok(made.map(|_| GroupImport::New))
                })
            })
            .await;
        match written {
            // Somebody beside us made it just now.
            Err(Internal::Storage(StorageError::Conflict)) => Ok(Err(NotChanged::Taken)),
            other => other,
        }
    }
}

async fn namesake(
    reader: &mut impl Reader,
    permit: &Permit<WriteGroups>,
    name: &str,
) -> Result<Option<GroupImport>, Internal> {
    let organisation = permit.within().organisation();
    let Some(group) = groups::find_of(reader, organisation, name).await? else {
        return Ok(None);
    };
    let gives = role_grants::held_by_group(reader, group.id).await?;
    Ok(Some(if gives.is_empty() {
        GroupImport::There
    } else {
        GroupImport::HoldsRoles
    }))
}
