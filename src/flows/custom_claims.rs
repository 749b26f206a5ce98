//! The deployment's own claims in tokens and answers.

use serde_json::{Map, Value};

use super::{Internal, Tessera};
use crate::config::ClaimsConfig;
use crate::protocol::custom_claims::{CustomClaim, CustomClaims, Facts, Occasion};
use crate::protocol::profile::ATTRIBUTES;
use crate::storage::users::User;

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

impl Tessera {
    /// The deployment's own claims that are due; `person` is nobody where a machine acts for itself.
    pub(super) fn own_claims<'a>(
        &self,
        occasion: Occasion<'_>,
        requested: impl Iterator<Item = &'a String>,
        person: Option<&User>,
    ) -> Map<String, Value> {
        let facts = person.map(|user| Facts {
            attributes: user.profile.0.get(ATTRIBUTES).and_then(Value::as_object),
            is_admin: user.is_admin,
        });
        self.custom_claims.due(occasion, requested, facts)
    }
}
