//! Which claims about a person each scope opens (OpenID Connect Core §5.4).

use serde_json::{Map, Value};

use super::claim_languages;
use super::custom_claims::CustomClaims;
use super::scope::Scope;

/// Scope -> claims.
const BY_SCOPE: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// Every claim that a scope can open.
pub fn supported() -> impl Iterator<Item = &'static str> {
    BY_SCOPE
        .iter()
        .flat_map(|(_, claims)| claims.iter().copied())
}

/// Those of a person's claims that the scope opens, in the first of the languages `wished` for that
/// there is. A claim without a value is left out: no
/// `null`, no empty string (OpenID Connect Core §5.3.2: "If a Claim is not returned, that Claim
/// Name SHOULD be omitted").
#[must_use]
pub fn released(all: &Map<String, Value>, scope: &Scope, wished: &[String]) -> Map<String, Value> {
    BY_SCOPE
        .iter()
        .filter(|(name, _)| scope.contains(name))
        .flat_map(|(_, claims)| claims.iter())
        .flat_map(|claim| claim_languages::due(all, claim, wished))
        .filter(|(_, value)| !is_empty(value))
        .collect()
}

/// The scope that opens a claim, in whatever language.
fn scope_of(claim: &str) -> Option<&'static str> {
    let claim = claim_languages::base(claim);
    BY_SCOPE
        .iter()
        .find(|(_, claims)| claims.contains(&claim))
        .map(|(scope, _)| *scope)
}

/// The scopes that open these claims, standard or of the deployment's own.
pub fn scopes_of<'a>(claims: impl Iterator<Item = &'a String>, own: &CustomClaims) -> Scope {
    claims
        .flat_map(|claim| scope_of(claim).into_iter().chain(own.scopes_of(claim)))
        .fold(Scope::default(), Scope::with)
}

/// Whether a client with these scopes could get this claim; what no scope opens says nothing that the
/// client may not know (`auth_time`, `acr`).
#[must_use]
pub fn is_within(claim: &str, registered: &Scope, own: &CustomClaims) -> bool {
    let mut scopes = scope_of(claim).into_iter().chain(own.scopes_of(claim));
    scopes.all(|scope| registered.contains(scope))
}

/// Those of a person's claims that were asked for one by one (OpenID Connect Core §5.5). What was not
/// consented to by its scope stays out. A name without a language is answered as by its scope.
#[must_use]
pub fn requested<'a>(
    all: &Map<String, Value>,
    names: impl Iterator<Item = &'a String>,
    wished: &[String],
) -> Map<String, Value> {
    names
        .filter(|name| scope_of(name).is_some())
        .flat_map(|name| match claim_languages::split(name) {
            Some(parts) => Vec::from_iter(claim_languages::in_language(all, name, parts)),
            None => claim_languages::due(all, name, wished),
        })
        .filter(|(_, value)| !is_empty(value))
        .collect()
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() || text == "null",
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn oidc_core_5_4_a_scope_opens_its_claims_and_no_others() {
        let all = json!({"name": "Ada", "email": "ada@example.org", "email_verified": true,
            "nickname": "", "website": null, "address": {}, "phone_number": "+1"});
        let all = all.as_object().unwrap();
        let released = released(
            all,
            &Scope::parse("openid profile email address").unwrap(),
            &[],
        );
        let mut names: Vec<_> = released.keys().map(String::as_str).collect();
        // Whether a JSON map keeps its order is up to the features of other crates.
        names.sort_unstable();
        assert_eq!(names, ["email", "email_verified", "name"]);
    }
}
