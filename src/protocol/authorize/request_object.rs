//! Authorization requests as JWTs (OpenID Connect Core §6, RFC 9101): from verified claims to
//! parameters.

use serde_json::{Map, Value};

use crate::base::Timestamp;
use crate::protocol::client::ClientId;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::params::Params;

use super::proof::UncheckedRequest;

/// Claims of the JWT itself (RFC 7519 §4.1): they are no parameters.
const OF_THE_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Clocks disagree by so much.
const SKEW: i64 = 60;

/// Where a request object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestObject<'a> {
    /// There is none.
    Absent,
    /// `request`: by value.
    Value(&'a str),
    /// `request_uri`: by reference.
    Reference(&'a str),
}

/// What becomes of the parameters that stand around a request object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// OpenID Connect Core §6.1: what the object does not say, they say.
    Merged,
    /// RFC 9101 §6.3: "The authorization server MUST only use the parameters in the Request Object, even
    /// if the same parameter is provided in the query parameter."
    Ignored,
}

fn refused(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestObject, description)
}

impl UncheckedRequest {
    /// Where the request object is, if there is one.
    ///
    /// # Errors
    /// `invalid_request` for both (§6.1: "request and request_uri [...] MUST NOT both be used").
    pub fn request_object(&self) -> Result<RequestObject<'_>, OAuthError> {
        match (self.params.get("request"), self.params.get("request_uri")) {
            (None, None) => Ok(RequestObject::Absent),
            (Some(object), None) => Ok(RequestObject::Value(object)),
            (None, Some(uri)) => Ok(RequestObject::Reference(uri)),
            (Some(_), Some(_)) => Err(OAuthError::invalid_request(
                "request and request_uri cannot both be used",
            )),
        }
    }

    /// The request with the members of its object in place of the parameters of the same name, or of all
    /// parameters. §6.1: "the values in the Request Object supersede those passed using the OAuth 2.0
    /// request syntax".
    ///
    /// # Errors
    /// `invalid_request_object` for claims that are not a request of this client for this server.
    pub fn with_object(
        self,
        claims: &Map<String, Value>,
        around: Around,
        client: &ClientId,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, OAuthError> {
        check_jwt(claims, client, issuer, now)?;
        self.check_around(claims, around, client)?;
        // "request and request_uri parameters MUST NOT be included in Request Objects."
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err(refused("a request object cannot hold another"));
        }
        let mut pairs = Vec::new();
        for (name, value) in claims {
            if !OF_THE_JWT.contains(&name.as_str()) {
                pairs.extend(
                    values(name, value)?
                        .into_iter()
                        .map(|text| (name.clone(), text)),
                );
            }
        }
        let of_the_object = ["request", "request_uri"];
        let taken = |name: &str| {
            around == Around::Merged && !claims.contains_key(name) && !of_the_object.contains(&name)
        };
        for (name, value) in self.params.iter().filter(|(name, _)| taken(name)) {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        let repeated = self.repeated.into_iter().filter(|name| taken(name));
        Ok(Self {
            params: Params::from_pairs(pairs).map_err(|error| {
                OAuthError::new(
                    ErrorCode::InvalidRequestObject,
                    error.description().to_owned(),
                )
            })?,
            repeated: repeated.collect(),
        })
    }

    /// What must be the same outside and inside.
    fn check_around(
        &self,
        claims: &Map<String, Value>,
        around: Around,
        client: &ClientId,
    ) -> Result<(), OAuthError> {
        let inside = |name: &str| claims.get(name).and_then(Value::as_str);
        match around {
            // RFC 9101 §6.3: "The client ID values in the client_id request parameter and in the
            // Request Object client_id claim MUST be identical."
            Around::Ignored if inside("client_id") != Some(client.as_str()) => Err(refused(
                "client_id of the request object must be the client's",
            )),
            Around::Ignored => Ok(()),
            // §6.1: "response_type and client_id [...] MUST match those in the Request Object, if
            // present."
            Around::Merged => {
                let differs = |name: &str| {
                    let (inner, outer) = (inside(name), self.params.get(name));
                    inner.is_some() && outer.is_some() && inner != outer
                };
                if differs("client_id") || differs("response_type") {
                    return Err(refused("client_id or response_type differs outside"));
                }
                Ok(())
            }
        }
    }
}

/// What a JWT says of itself must be true, where it says it (RFC 9101 §4, §10.8; RFC 8725 §3.9).
fn check_jwt(
    claims: &Map<String, Value>,
    client: &ClientId,
    issuer: &str,
    now: Timestamp,
) -> Result<(), OAuthError> {
    if claims.get("iss").is_some_and(|iss| iss != client.as_str()) {
        return Err(refused("iss must be the client_id"));
    }
    // RFC 9101 §10.8: "the use of "sub" with the value of the "client_id" [...] MUST NOT be used": else
    // it would be an assertion with which anybody who sees it is the client.
    if claims.get("sub").is_some_and(|sub| sub == client.as_str()) {
        return Err(refused("sub must not be the client_id"));
    }
    let names_us = match claims.get("aud") {
        None => true,
        Some(Value::Array(all)) => all.iter().any(|aud| aud == issuer),
        Some(one) => one == issuer,
    };
    if !names_us {
        return Err(refused("aud must be this server"));
    }
    let seconds = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_f64()
            .map(Some)
            .ok_or_else(|| refused("exp, nbf and iat must be numbers")),
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 fit a double"
    )]
    let (now, skew) = (now.seconds() as f64, SKEW as f64);
    if seconds("exp")?.is_some_and(|exp| exp <= now - skew) {
        return Err(refused("the request object has expired"));
    }
    if seconds("nbf")?.is_some_and(|nbf| nbf > now + skew) {
        return Err(refused("the request object is not valid yet"));
    }
    Ok(())
}

/// A member as parameters: §6.1 "numerical values are represented as JSON numbers", `claims` is an
/// object, and RFC 8707 §2 makes `resource` an array where there are several.
fn values(name: &str, value: &Value) -> Result<Vec<String>, OAuthError> {
    Ok(match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(flag) => vec![flag.to_string()],
        Value::Object(_) => vec![value.to_string()],
        Value::Array(items) if name == "resource" => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| refused("resource must be one or several strings"))?,
        Value::Array(_) => return Err(refused("a member of the request object is an array")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{fixture, read};
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn merged(outer: &str, claims: &Value) -> Result<Vec<(String, String)>, OAuthError> {
        opened(outer, claims, Around::Merged)
    }

    fn opened(
        outer: &str,
        claims: &Value,
        around: Around,
    ) -> Result<Vec<(String, String)>, OAuthError> {
        let merged = read(outer.as_bytes()).unwrap().with_object(
            claims.as_object().unwrap(),
            around,
            &ClientId::new("app"),
            fixture::POLICY.issuer,
            NOW,
        )?;
        let mut all: Vec<_> = merged
            .params()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        all.sort_unstable();
        Ok(all)
    }

    #[test]
    fn oidc_core_6_1_members_supersede_parameters_and_the_jwts_own_claims_are_none() {
        let all = merged(
            "client_id=app&response_type=code&scope=openid&state=outer&nonce=n&request=x",
            &json!({"iss": "app", "aud": [fixture::POLICY.issuer], "exp": 1_800_000_030, "jti": "1",
                "state": "inner", "max_age": 30, "resource": ["https://a.example", "https://b.example"],
                "claims": {"userinfo": {"name": null}}, "login_hint": null}),
        );
        let expected = [
            ("claims", r#"{"userinfo":{"name":null}}"#),
            ("client_id", "app"),
            ("max_age", "30"),
            ("nonce", "n"),
            ("resource", "https://a.example"),
            ("resource", "https://b.example"),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "inner"),
        ];
        assert_eq!(
            all.unwrap(),
            expected.map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn rfc9101_6_3_parameters_around_the_object_are_not_used_at_all() {
        let outer =
            "client_id=app&response_type=token&scope=openid+admin&prompt=none&nonce=a&nonce=b";
        let inner = json!({"client_id": "app", "response_type": "code", "scope": "openid"});
        let all = opened(outer, &inner, Around::Ignored).unwrap();
        let expected = [
            ("client_id", "app"),
            ("response_type", "code"),
            ("scope", "openid"),
        ];
        assert_eq!(all, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        for inner in [
            json!({"scope": "openid"}),
            json!({"client_id": "other"}),
            json!({"client_id": 1}),
        ] {
            let error = opened(outer, &inner, Around::Ignored).unwrap_err();
            assert_eq!(error.code.as_str(), "invalid_request_object", "{inner}");
        }
    }

    #[test]
    fn oidc_core_6_1_an_object_that_is_not_this_clients_request_to_us_is_refused() {
        for claims in [
            json!({"client_id": "other"}),
            json!({"response_type": "id_token"}),
            json!({"request": "x"}),
            json!({"request_uri": "https://app.example/r"}),
            json!({"iss": "other"}),
            json!({"iss": 1}),
            json!({"sub": "app"}),
            json!({"aud": "https://other.example"}),
            json!({"aud": []}),
            json!({"exp": 1_799_999_900}),
            json!({"exp": "soon"}),
            json!({"nbf": 1_800_000_100}),
            json!({"scope": ["openid"]}),
            json!({"resource": [1]}),
        ] {
            let error = merged("client_id=app&response_type=code", &claims).unwrap_err();
            assert_eq!(error.code.as_str(), "invalid_request_object", "{claims}");
        }
    }

    #[test]
    fn oidc_core_6_1_by_value_and_by_reference_at_once_is_refused() {
        let both = read(b"request=a&request_uri=https%3A%2F%2Fapp.example").unwrap();
        let error = both.request_object().unwrap_err();
        assert_eq!(error.code.as_str(), "invalid_request");
        let none = read(b"client_id=app").unwrap();
        assert_eq!(none.request_object().unwrap(), RequestObject::Absent);
    }
}
