//! The `claims` parameter: single claims, asked for in one place (OpenID Connect Core §5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::custom_claims::CustomClaims;
use super::error::OAuthError;
use super::scope::Scope;
use super::{claim_languages, claims};

/// Longer than any request that a person could be asked to consent to.
const MAX_BYTES: usize = 8192;
const MAX_CLAIMS: usize = 64;

/// How one claim is asked for (§5.5.1). The default is a plain wish (`null` on the wire).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimRequest {
    /// "Indicates whether the Claim being requested is an Essential Claim."
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The one value asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Values asked for, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimRequest {
    /// The values that would do; empty where any would.
    pub fn wanted(&self) -> impl Iterator<Item = &Value> {
        self.value.iter().chain(&self.values)
    }
}

/// Claims by name.
pub type Claims = BTreeMap<String, Option<ClaimRequest>>;

/// A parsed `claims` parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// For the userinfo response.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: Claims,
    /// For the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: Claims,
    /// `claims_locales`: in which languages, the most wished for first (§5.2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<String>,
}

impl ClaimsRequest {
    /// Reads the parameter. §5.5: "Other members MAY be present. Any members used that are not
    /// understood MUST be ignored."
    ///
    /// # Errors
    /// `invalid_request` for what is not such a JSON object, or too large.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let refused =
            || OAuthError::invalid_request("claims is not a JSON object as OpenID Connect defines");
        if text.len() > MAX_BYTES {
            return Err(OAuthError::invalid_request("claims is too long"));
        }
        // An object: serde would take an array for a struct too.
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|_| refused())?;
        let part = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(Claims::new()),
            Some(part @ Value::Object(_)) => {
                serde_json::from_value::<Claims>(part.clone()).map_err(|_| refused())
            }
            Some(_) => Err(refused()),
        };
        let request = Self {
            userinfo: part("userinfo")?,
            id_token: part("id_token")?,
            locales: Vec::new(),
        };
        if request.userinfo.len() + request.id_token.len() > MAX_CLAIMS {
            return Err(OAuthError::invalid_request("claims asks for too many"));
        }
        Ok(request)
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The scopes whose claims are asked for one by one: what a person consents to.
    #[must_use]
    pub fn scopes(&self, own: &CustomClaims) -> Scope {
        claims::scopes_of(self.userinfo.keys().chain(self.id_token.keys()), own)
    }

    /// The same, in these languages.
    #[must_use]
    pub fn in_languages(mut self, wished: &[String]) -> Self {
        self.locales = claim_languages::known(wished);
        self
    }

    /// Leaves out what the client could not get by a scope either.
    #[must_use]
    pub fn within(mut self, registered: &Scope, own: &CustomClaims) -> Self {
        for part in [&mut self.userinfo, &mut self.id_token] {
            part.retain(|name, _| claims::is_within(name, registered, own));
        }
        self
    }

    /// Whether a claim of the ID token is asked for as essential (§5.5.1).
    #[must_use]
    pub fn is_essential(&self, name: &str) -> bool {
        let asked = self.id_token.get(name).and_then(Option::as_ref);
        asked.is_some_and(|asked| asked.essential)
    }

    /// Whether the request names values for this claim of the ID token, fitting ones or not.
    #[must_use]
    pub fn names_values(&self, name: &str) -> bool {
        let asked = self.id_token.get(name).and_then(Option::as_ref);
        asked.is_some_and(|asked| asked.wanted().next().is_some())
    }

    /// The values of `sub` or `acr` that the ID token may have; empty where any may.
    pub fn wanted<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.id_token
            .get(name)
            .and_then(Option::as_ref)
            .into_iter()
            .flat_map(ClaimRequest::wanted)
            .filter_map(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of §5.5.
    const EXAMPLE: &str = r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null,
        "http://example.info/claims/groups": null},
        "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:silver"]}}}"#;

    #[test]
    fn oidc_core_5_5_the_example_is_read() {
        let request = ClaimsRequest::parse(EXAMPLE).unwrap();
        assert_eq!(request.userinfo.len(), 3);
        assert!(request.userinfo["given_name"].as_ref().unwrap().essential);
        assert_eq!(request.userinfo["nickname"], None);
        let wanted: Vec<_> = request.wanted("acr").collect();
        assert_eq!(wanted, ["urn:mace:silver"]);
        assert_eq!(
            request.scopes(&CustomClaims::none()),
            Scope::parse("profile").unwrap()
        );
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(
            serde_json::from_str::<ClaimsRequest>(&stored).unwrap(),
            request
        );
    }

    #[test]
    fn oidc_core_5_5_what_is_not_understood_is_ignored() {
        let request =
            ClaimsRequest::parse(r#"{"verified": 1, "userinfo": {"name": {"purpose": "x"}}}"#);
        assert_eq!(request.unwrap().userinfo.len(), 1);
        assert!(ClaimsRequest::parse("{}").unwrap().is_empty());
    }

    #[test]
    fn oidc_core_5_5_what_is_no_such_object_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "[{},{}]",
            "\"x\"",
            "{\"userinfo\": []}",
            "{\"userinfo\": {\"name\": \"x\"}}",
            "{\"id_token\": {\"name\": {\"essential\": \"yes\"}}}",
            "{\"id_token\": {\"name\": {\"values\": \"x\"}}}",
            "{",
        ] {
            let error = ClaimsRequest::parse(text).unwrap_err();
            assert_eq!(error.code.as_str(), "invalid_request", "{text}");
        }
        let long = format!("{{\"x\": \"{}\"}}", "y".repeat(MAX_BYTES));
        assert!(ClaimsRequest::parse(&long).is_err());
    }

    #[test]
    fn a_client_gets_no_claim_that_its_scopes_would_not_open() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo": {"email": null, "name": null}, "id_token": {"auth_time": null}}"#,
        )
        .unwrap()
        .within(
            &Scope::parse("openid email").unwrap(),
            &CustomClaims::none(),
        );
        let names: Vec<_> = request.userinfo.keys().map(String::as_str).collect();
        assert_eq!(names, ["email"]);
        assert!(request.id_token.contains_key("auth_time"));
    }

    #[test]
    fn oidc_core_5_5_2_a_claim_in_a_language_belongs_to_the_scope_of_the_claim() {
        let own = CustomClaims::none();
        let request = ClaimsRequest::parse(r#"{"userinfo": {"name#de": null}}"#).unwrap();
        let profile = Scope::parse("profile").unwrap();
        assert_eq!(request.scopes(&own), profile);
        let email = Scope::parse("openid email").unwrap();
        assert!(request.clone().within(&email, &own).is_empty());
        assert_eq!(request.clone().within(&profile, &own), request);
    }
}
