//! Which roles a group or a client holds, made what the file says.

use std::collections::BTreeSet;

use super::apply::{Apply, Stop, refused};
use crate::base::Timestamp;
use crate::flows::administration::Refused;
use crate::flows::roles::NewGrant;
use crate::protocol::access::Tenant;
use crate::protocol::declared::Given;
use crate::storage::Tx;
use crate::storage::role_grants::{self, Holder};

impl Apply<'_> {
    /// Takes what the holder should not have, and gives what it should.
    pub(super) async fn fit_grants(
        &self,
        tx: &mut Tx<'_>,
        name: &str,
        holder: &Holder,
        (old, new): (&BTreeSet<Given>, &BTreeSet<Given>),
    ) -> Result<(), Stop> {
        let permit = &self.permits.roles;
        for given in old.difference(new) {
            for id in self.present.grants_of(holder, given) {
                // It may have gone with its organisation.
                if role_grants::find(tx, permit.within(), id).await?.is_none() {
                    continue;
                }
                let done = self
                    .tessera
                    .revoke_role_in(tx, permit, id, &self.origin)
                    .await?;
                done.map_err(|why| refused(name, why))?;
            }
        }
        for given in new {
            let before = role_grants::of_holder(tx, permit.within(), holder).await?;
            let there = old.contains(given)
                && self
                    .present
                    .grants_of(holder, given)
                    .iter()
                    .any(|id| before.iter().any(|one| one.id == *id));
            if there {
                continue;
            }
            let time = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse_rfc3339);
            let tenant = match &given.organisation {
                None => Tenant::Deployment,
                Some(place) => Tenant::Organisation(self.organisation(name, place)?),
            };
            let grant = NewGrant {
                role: given.role.clone(),
                holder: holder.clone(),
                tenant,
                valid_from: time(&given.valid_from),
                valid_until: time(&given.valid_until),
            };
            let done = self
                .tessera
                .grant_role_in(tx, permit, grant, &self.origin)
                .await?;
            done.map_err(|why| refused(name, why))?;
        }
        Ok(())
    }

    /// The organisation of this short name, as it is by now.
    pub(super) fn organisation(
        &self,
        name: &str,
        organisation: &str,
    ) -> Result<crate::base::ids::OrganisationId, Stop> {
        let found = self.present.organisations.get(organisation).copied();
        found.ok_or_else(|| refused(name, Refused::Absent))
    }
}
