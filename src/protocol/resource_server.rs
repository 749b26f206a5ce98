//! Resource servers: the audiences that an operator registered (RFC 8707, RFC 9068), what each of them
//! takes, and how its access tokens are made. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::access::power;
use super::account_rules::is_unsafe;
use super::authorize::resource::is_resource_uri;
use super::client::AccessTokenFormat;
use super::discovery::{endpoint, paths};
use super::error::{ErrorCode, OAuthError};
use super::scope::{self, Scope};
use crate::crypto::jose::SigningAlgorithm;

/// Seconds in a day: the most that `tokens.access_token_lifetime` may be, too.
const MAX_LIFETIME: u64 = 24 * 60 * 60;
/// One line of a page.
const MAX_NAME: usize = 100;
/// A sentence or two on the consent page.
const MAX_DESCRIPTION: usize = 300;
/// As many as a request may name.
const MAX_SCOPES: usize = 64;

/// A resource server as an operator describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceServer {
    /// What `resource` names, and `aud` afterwards: a URI, compared byte by byte.
    pub identifier: String,
    /// Its name for people.
    pub name: String,
    /// The scopes that mean something there, each with a sentence for the consent page.
    #[serde(default)]
    pub scopes: BTreeMap<String, String>,
    /// How long its access tokens live, in seconds; `tokens.access_token_lifetime` if silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<u64>,
    /// What signs its access tokens; the client's choice if silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<SigningAlgorithm>,
    /// What its access tokens look like; the client's choice if silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_format: Option<AccessTokenFormat>,
    /// Whether discovery tells everybody its scopes. Which APIs there are is nobody's business until
    /// the operator says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub published: bool,
}

impl ResourceServer {
    /// The administration of this server, which nobody has to register. Its scopes are its permissions.
    #[must_use]
    pub fn of_administration(issuer: &str) -> Self {
        let described = power::ALL.iter().zip(power::MEANINGS);
        Self {
            identifier: endpoint(issuer, paths::API),
            name: "Administration".to_owned(),
            scopes: described
                .map(|(one, meaning)| (one.to_string(), meaning.trim().to_owned()))
                .collect(),
            access_token_lifetime: None,
            access_token_signed_response_alg: None,
            access_token_format: Some(AccessTokenFormat::Jwt),
            published: false,
        }
    }

    /// Everything that is wrong with it, in words for an operator. `algorithms` are those that have
    /// keys here.
    #[must_use]
    pub fn problems(&self, issuer: &str, algorithms: &[SigningAlgorithm]) -> Vec<String> {
        let mut found = Vec::new();
        let mut must = |holds: bool, problem: &str| {
            if !holds {
                found.push(problem.to_owned());
            }
        };
        must(
            is_resource_uri(&self.identifier),
            "identifier: must be an absolute URI without a fragment (RFC 8707 section 2)",
        );
        must(
            self.identifier != issuer,
            "identifier: the issuer is an audience of its own, for userinfo",
        );
        must(
            self.identifier != endpoint(issuer, paths::API),
            "identifier: the administration is built in",
        );
        must(
            is_text(&self.name, MAX_NAME),
            "name: must be a text of 1 to 100 characters",
        );
        must(self.scopes.len() <= MAX_SCOPES, "scopes: more than 64");
        must(
            self.access_token_lifetime
                .is_none_or(|seconds| (1..=MAX_LIFETIME).contains(&seconds)),
            "access_token_lifetime: must be from 1 to 86400 seconds",
        );
        let alg = self.access_token_signed_response_alg;
        must(
            alg.is_none_or(|alg| algorithms.contains(&alg)),
            "access_token_signed_response_alg: must be one of keys.algorithms",
        );
        must(
            alg.is_none() || self.access_token_format != Some(AccessTokenFormat::Opaque),
            "access_token_signed_response_alg: nothing signs an opaque token",
        );
        for (name, description) in &self.scopes {
            found.extend(scope_problem(name, description));
        }
        found
    }
}

fn scope_problem(name: &str, description: &str) -> Option<String> {
    let itself = Scope::parse(name).is_ok_and(|scope| scope.iter().eq([name]));
    if !itself {
        Some("scopes: a name is no scope token (RFC 6749 section 3.3)".to_owned())
    } else if scope::OF_OPENID.contains(&name) {
        // Or a resource server would put its own words beside what opens the profile.
        Some(format!("scopes: {name} belongs to OpenID Connect"))
    } else if !is_text(description, MAX_DESCRIPTION) {
        Some(format!(
            "scopes: {name} needs a description of 1 to 300 characters"
        ))
    } else {
        None
    }
}

fn is_text(text: &str, most: usize) -> bool {
    // It stands on the consent page: what turns the text around could make it say something else.
    !text.trim().is_empty() && text.chars().count() <= most && !text.contains(is_unsafe)
}

/// All resource servers by identifier.
#[derive(Clone, Debug, Default)]
pub struct ResourceServers(BTreeMap<String, ResourceServer>);

impl FromIterator<ResourceServer> for ResourceServers {
    fn from_iter<I: IntoIterator<Item = ResourceServer>>(servers: I) -> Self {
        let named = servers
            .into_iter()
            .map(|server| (server.identifier.clone(), server));
        Self(named.collect())
    }
}

/// How an access token for some audience is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    lifetimes: Vec<Option<Duration>>,
    /// What signs it, if the audience says so.
    pub alg: Option<SigningAlgorithm>,
    /// What it looks like, if the audience says so.
    pub format: Option<AccessTokenFormat>,
}

impl Terms {
    /// The shortest life that one of the audience allows; those that say nothing allow `default`.
    #[must_use]
    pub fn lifetime(&self, default: Duration) -> Duration {
        self.lifetimes(default).min().unwrap_or(default)
    }

    /// The longest life that a token for some of the audience could have.
    #[must_use]
    pub fn longest_lifetime(&self, default: Duration) -> Duration {
        self.lifetimes(default).max().unwrap_or(default)
    }

    fn lifetimes(&self, default: Duration) -> impl Iterator<Item = Duration> {
        self.lifetimes.iter().map(move |own| own.unwrap_or(default))
    }
}

impl ResourceServers {
    /// None at all.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The scopes of those that are published, in order of the identifiers.
    pub fn published_scopes(&self) -> impl Iterator<Item = &str> {
        let published = self.0.values().filter(|server| server.published);
        published.flat_map(|server| server.scopes.keys().map(String::as_str))
    }

    /// The one of this identifier.
    #[must_use]
    pub fn get(&self, identifier: &str) -> Option<&ResourceServer> {
        self.0.get(identifier)
    }

    /// How a token for all of `audience` is made. One token has one signature and one form: whom two
    /// resource servers cannot agree on that, asks for a token each.
    ///
    /// # Errors
    /// `invalid_target` (RFC 8707 §2).
    pub fn terms(&self, audience: &[String]) -> Result<Terms, OAuthError> {
        let mut terms = Terms::default();
        for identifier in audience {
            let server = self.get(identifier);
            let seconds = server.and_then(|server| server.access_token_lifetime);
            terms.lifetimes.push(seconds.map(Duration::from_secs));
            let Some(server) = server else { continue };
            terms.alg = agreed(
                terms.alg,
                server.access_token_signed_response_alg,
                "these resources take tokens of different algorithms: ask for one at a time",
            )?;
            terms.format = agreed(
                terms.format,
                server.access_token_format,
                "these resources take tokens of different formats: ask for one at a time",
            )?;
        }
        Ok(terms)
    }

    /// What of `scope` a token for `audience` carries. RFC 9068 §2.2.3: "All the individual scope
    /// strings in the "scope" claim MUST have meaning for the resources indicated in the "aud" claim."
    ///
    /// Of an audience that nobody registered we do not know what it means: it takes everything, but
    /// not, in the company of registered ones, what only others define.
    #[must_use]
    pub fn narrow(&self, scope: &Scope, audience: &[String]) -> Scope {
        if audience.iter().all(|one| self.get(one).is_none()) {
            return scope.clone();
        }
        scope.filter(|token| {
            audience.iter().any(|one| match self.get(one) {
                Some(server) => server.scopes.contains_key(token),
                None => !self.defining(token).any(|_| true),
            })
        })
    }

    /// The sentence for the consent page about a scope that is asked for together with `resources`. If
    /// none of these defines it, whoever alone defines it.
    #[must_use]
    pub fn describe(&self, scope: &str, resources: &[String]) -> Option<&str> {
        let mut asked = self
            .defining(scope)
            .filter(|(server, _)| resources.contains(&server.identifier));
        if let Some((_, description)) = asked.next() {
            return Some(description);
        }
        let mut all = self.defining(scope);
        match (all.next(), all.next()) {
            (Some((_, description)), None) => Some(description),
            _ => None,
        }
    }

    /// What the consent page calls a resource: by its name where it has one, and always by the
    /// identifier, which is what the token will say.
    #[must_use]
    pub fn display_name(&self, identifier: &str) -> String {
        self.get(identifier).map_or_else(
            || identifier.to_owned(),
            |server| format!("{} ({identifier})", server.name),
        )
    }

    fn defining<'a>(&'a self, scope: &str) -> impl Iterator<Item = (&'a ResourceServer, &'a str)> {
        self.0
            .values()
            .filter_map(move |server| Some((server, server.scopes.get(scope)?.as_str())))
    }
}

fn agreed<T: PartialEq>(
    before: Option<T>,
    one: Option<T>,
    reason: &'static str,
) -> Result<Option<T>, OAuthError> {
    match (before, one) {
        (Some(before), Some(one)) if before != one => {
            Err(OAuthError::new(ErrorCode::InvalidTarget, reason))
        }
        (before, one) => Ok(before.or(one)),
    }
}

#[cfg(test)]
#[path = "resource_server_tests.rs"]
mod tests;
