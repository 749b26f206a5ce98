//! What a deployment demands of everybody.

use super::capabilities::Capabilities;
use super::level::{Level, Levels};
use crate::protocol::scope::Scope;

/// The levels of a deployment, and where they are demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssurancePolicy {
    /// The levels.
    pub levels: Levels,
    /// The least level for a scope, by its name.
    pub scopes: Vec<(String, String)>,
    /// Everybody needs two factors, not only those who have them.
    pub second_factor_required: bool,
}

impl AssurancePolicy {
    /// Whether a password is not enough for somebody who could prove these.
    #[must_use]
    pub fn wants_two_factors(&self, available: &Capabilities) -> bool {
        self.second_factor_required || available.has_second_factor()
    }

    /// The least levels for what is asked for: of the scopes and of the client. `None` where one of them
    /// is not configured: then nothing is enough, and nobody guesses what was meant.
    #[must_use]
    pub fn minimum(&self, scope: &Scope, of_client: Option<&str>) -> Option<Vec<&Level>> {
        let of_scopes = self
            .scopes
            .iter()
            .filter(|(name, _)| scope.contains(name))
            .map(|(_, level)| level.as_str());
        of_scopes
            .chain(of_client)
            .map(|name| self.levels.find(name))
            .collect()
    }
}
