//! The deployment's own claims in tokens and answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Internal, Tessera};
use crate::config::ClaimsConfig;
use crate::protocol::access::{RoleName, Roles, Tenant, effective_roles};
use crate::protocol::custom_claims::{CustomClaim, CustomClaims, Facts, Occasion};
use crate::protocol::profile::ATTRIBUTES;
use crate::storage::users::User;
use crate::storage::{Reader, role_grants, roles};

/// Reads the configured claims.
///
/// # Errors
/// A sentence for the operator about the first that cannot be used.
pub fn read(config: &ClaimsConfig) -> Result<CustomClaims, Internal> {
    let one = |mapping: &crate::config::ClaimMapping| {
        CustomClaim::read(
            &mapping.claim,
            &mapping.from,
            mapping.scope.as_deref(),
            &mapping.clients,
            &mapping.places,
        )
        .map_err(|problem| Internal::other(format!("claims.custom: {}: {problem}", mapping.claim)))
    };
    config.custom.0.iter().map(one).collect()
}

/// A person, and what else of them tokens may tell.
#[derive(Debug)]
pub struct Known {
    /// The account.
    pub user: User,
    /// Every role that counts now where they belong; empty where no claim asks for roles.
    roles: BTreeSet<RoleName>,
}

impl Tessera {
    /// Reads what tokens may tell of a person.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn know(
        &self,
        reader: &mut impl Reader,
        user: User,
    ) -> Result<Known, Internal> {
        let roles = if self.custom_claims.tell_roles() {
            let held = role_grants::held_by_user(reader, user.id).await?;
            let own = roles::all(reader).await?.into_iter().map(|of| of.role);
            let home = user
                .organisation
                .map_or(Tenant::Deployment, Tenant::Organisation);
            effective_roles(&Roles::new(own), &held, home, self.now())
        } else {
            BTreeSet::new()
        };
        Ok(Known { user, roles })
    }

    /// The deployment's own claims that are due; `person` is nobody where a machine acts for itself.
    pub(super) fn own_claims<'a>(
        &self,
        occasion: Occasion<'_>,
        requested: impl Iterator<Item = &'a String>,
        person: Option<&Known>,
    ) -> Map<String, Value> {
        let facts = person.map(|person| Facts {
            attributes: person
                .user
                .profile
                .0
                .get(ATTRIBUTES)
                .and_then(Value::as_object),
            roles: &person.roles,
        });
        self.custom_claims.due(occasion, requested, facts)
    }
}
