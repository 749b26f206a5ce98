//! The deployment's own claims: where each comes from, what opens it, and where it appears. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::access::RoleName;
use super::client::ClientId;
use super::scope::Scope;
use super::{claim_languages, claims};

/// Claims that the protocols define: what they say is Tessera's to say. From RFC 7519 §4.1, RFC 9068 §2.2,
/// OpenID Connect Core §2, RFC 7662 §2.2, RFC 7800, RFC 8693, RFC 9396 and the logout specifications.
const REGISTERED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "client_id",
    "scope",
    "cnf",
    "act",
    "may_act",
    "active",
    "token_type",
    "username",
    "events",
    "sub_jwk",
    "sub_id",
    "grant_id",
    "authorization_details",
    "_claim_names",
    "_claim_sources",
    "toe",
    "txn",
];

/// The longest name of a claim; it is in every token.
const MAX_NAME: usize = 128;

/// Where a claim comes from.
#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// A member of the person's `attributes`.
    Attribute(String),
    /// Always the same.
    Constant(Value),
    /// Whether the person has a role.
    Role(RoleName),
    /// The names of all roles of the person.
    Roles,
}

/// Where a claim appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// OpenID Connect Core §2.
    IdToken,
    /// OpenID Connect Core §5.3.
    Userinfo,
    /// RFC 9068 §2.2.
    AccessToken,
    /// RFC 7662 §2.2.
    Introspection,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "id_token" => Self::IdToken,
            "userinfo" => Self::Userinfo,
            "access_token" => Self::AccessToken,
            "introspection" => Self::Introspection,
            _ => return None,
        })
    }
}

/// One claim of the deployment's own.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomClaim {
    name: String,
    source: Source,
    scope: Option<String>,
    clients: Vec<ClientId>,
    places: Vec<Place>,
}

/// What is known of whom the claims are about.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The deployment's attributes of the person.
    pub attributes: Option<&'a Map<String, Value>>,
    /// Every role that counts now.
    pub roles: &'a BTreeSet<RoleName>,
}

/// Where claims are about to appear.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// In what.
    pub place: Place,
    /// For whom.
    pub client: &'a ClientId,
    /// With what scope.
    pub scope: &'a Scope,
}

impl CustomClaim {
    /// Reads one as an operator wrote it.
    ///
    /// # Errors
    /// In words, what is wrong.
    pub fn read(
        name: &str,
        from: &str,
        scope: Option<&str>,
        clients: &[String],
        places: &[String],
    ) -> Result<Self, String> {
        if name.is_empty() || name.len() > MAX_NAME || name.contains(char::is_control) {
            return Err("claim: must be a name of 1 to 128 bytes".to_owned());
        }
        if REGISTERED.contains(&name) {
            return Err(format!("claim: {name} is defined by the protocol"));
        }
        let in_a_language = claim_languages::split(name).is_some();
        if in_a_language || claims::supported().any(|standard| standard == name) {
            return Err(format!(
                "claim: {name} is a standard claim: its value is in the profile"
            ));
        }
        let scope = scope.map(|text| match Scope::parse(text) {
            Ok(scope) if scope.iter().eq([text]) => Ok(text.to_owned()),
            _ => Err("scope: must be one scope (RFC 6749 section 3.3)".to_owned()),
        });
        let places: Option<Vec<Place>> = places.iter().map(|place| Place::parse(place)).collect();
        Ok(Self {
            name: name.to_owned(),
            source: Source::parse(from)?,
            scope: scope.transpose()?,
            clients: clients.iter().map(ClientId::new).collect(),
            places: places.filter(|places| !places.is_empty()).ok_or(
                "places: must be some of id_token, userinfo, access_token and introspection",
            )?,
        })
    }

    fn value(&self, facts: Option<Facts<'_>>) -> Option<Value> {
        let value = match &self.source {
            Source::Constant(value) => value.clone(),
            Source::Attribute(name) => facts?.attributes?.get(name)?.clone(),
            Source::Role(role) => facts?.roles.contains(role).into(),
            Source::Roles => facts?.roles.iter().map(RoleName::as_str).collect(),
        };
        (!claims::is_empty(&value)).then_some(value)
    }
}

impl Source {
    fn parse(from: &str) -> Result<Self, String> {
        let right = || {
            "from: must be attribute:NAME, role:NAME, roles or constant:VALUE, the value being JSON"
                .to_owned()
        };
        if from == "roles" {
            return Ok(Self::Roles);
        }
        match from.split_once(':').ok_or_else(right)? {
            ("attribute", name) if !name.is_empty() => Ok(Self::Attribute(name.to_owned())),
            ("constant", json) => serde_json::from_str(json)
                .map(Self::Constant)
                .map_err(|_| right()),
            ("role", role) => Ok(Self::Role(
                RoleName::parse(role).map_err(|problem| format!("from: {problem}"))?,
            )),
            _ => Err(right()),
        }
    }
}

/// All of the deployment's own claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomClaims(Vec<CustomClaim>);

impl FromIterator<CustomClaim> for CustomClaims {
    fn from_iter<I: IntoIterator<Item = CustomClaim>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl CustomClaims {
    /// None at all.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// The claims that are due. `requested` are those that the client asked for one by one and the
    /// person allowed (OpenID Connect Core §5.5): they need not their scope, but still their place. Of
    /// several with one name, the first that has a value counts.
    #[must_use]
    pub fn due<'a>(
        &self,
        occasion: Occasion<'_>,
        requested: impl Iterator<Item = &'a String>,
        facts: Option<Facts<'_>>,
    ) -> Map<String, Value> {
        let requested: Vec<&String> = requested.collect();
        let mut found = Map::new();
        for claim in &self.0 {
            let open = claim.scope.as_ref().is_none_or(|scope| {
                occasion.scope.contains(scope) || requested.contains(&&claim.name)
            });
            let here = claim.places.contains(&occasion.place)
                && (claim.clients.is_empty() || claim.clients.contains(occasion.client));
            if open
                && here
                && !found.contains_key(&claim.name)
                && let Some(value) = claim.value(facts)
            {
                found.insert(claim.name.clone(), value);
            }
        }
        found
    }

    /// Whether any of them is made from roles.
    #[must_use]
    pub fn tell_roles(&self) -> bool {
        let of_roles =
            |claim: &CustomClaim| matches!(claim.source, Source::Role(_) | Source::Roles);
        self.0.iter().any(of_roles)
    }

    /// Their names, each once.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        once(self.0.iter().map(|claim| claim.name.as_str()))
    }

    /// The scopes that open them, each once.
    #[must_use]
    pub fn scopes(&self) -> Vec<&str> {
        once(self.0.iter().filter_map(|claim| claim.scope.as_deref()))
    }

    /// The scopes that open the claim `name`.
    pub fn scopes_of(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |claim| claim.name == name)
            .filter_map(|claim| claim.scope.as_deref())
    }
}

fn once<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    all.fold(Vec::new(), |mut seen, one| {
        if !seen.contains(&one) {
            seen.push(one);
        }
        seen
    })
}

#[cfg(test)]
#[path = "custom_claims_tests.rs"]
mod tests;
