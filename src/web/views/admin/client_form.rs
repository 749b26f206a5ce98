//! Everything that a client registers (RFC 7591), as fields of a form: one table for what is shown and for what
//! is read.

use serde_json::{Map, Value};

/// What a field is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A list, one on each line.
    Lines,
    /// Yes or no.
    Switch,
    /// A number.
    Number,
    /// JSON.
    Json,
    /// One of these; `""` leaves it to the server.
    Choice(&'static [&'static str]),
    /// Any of these.
    Several(&'static [&'static str]),
}

/// A member of the metadata.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// What it is made of.
    pub kind: Kind,
}

/// Members that belong together, under one heading: a key of the catalogue.
pub struct Part {
    /// The heading.
    pub title: &'static str,
    /// The members.
    pub specs: &'static [Spec],
}

macro_rules! specs {
    ($($name:literal: $kind:expr),* $(,)?) => { &[$(Spec { name: $name, kind: $kind }),*] };
}

const SIGNING: Kind = Kind::Choice(&["", "RS256", "ES256", "PS256", "EdDSA"]);
const KEY: Kind = Kind::Choice(&[
    "",
    "RSA-OAEP-256",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A256KW",
]);
const CONTENT: Kind = Kind::Choice(&["", "A128GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"]);

/// Every part, in the order of the page. What else was registered (names in other languages) is kept.
pub const PARTS: &[Part] = &[
    Part {
        title: "client-part-names",
        specs: specs! {
            "client_name": Kind::Text, "application_type": Kind::Choice(&["web", "native"]),
            "client_uri": Kind::Text, "logo_uri": Kind::Text, "policy_uri": Kind::Text, "tos_uri": Kind::Text,
            "contacts": Kind::Lines, "software_id": Kind::Text, "software_version": Kind::Text,
        },
    },
    Part {
        title: "client-part-addresses",
        specs: specs! {
            "redirect_uris": Kind::Lines, "post_logout_redirect_uris": Kind::Lines, "allowed_origins": Kind::Lines,
            "initiate_login_uri": Kind::Text, "request_uris": Kind::Lines,
        },
    },
    Part {
        title: "client-part-grants",
        specs: specs! {
            "grant_types": Kind::Several(&["authorization_code", "refresh_token", "client_credentials", "implicit"]),
            "response_types": Kind::Several(&["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"]),
            "scope": Kind::Text, "resources": Kind::Lines, "resource_identifiers": Kind::Lines,
        },
    },
    Part {
        title: "client-part-proof",
        specs: specs! {
            "token_endpoint_auth_method": Kind::Choice(&["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]),
            "token_endpoint_auth_signing_alg": Kind::Choice(&["", "RS256", "PS256", "ES256", "EdDSA", "HS256", "HS384", "HS512"]),
            "jwks_uri": Kind::Text, "jwks": Kind::Json, "require_pkce": Kind::Switch,
        },
    },
    Part {
        title: "client-part-people",
        specs: specs! {
            "skip_consent": Kind::Switch, "minimum_acr": Kind::Text, "default_acr_values": Kind::Lines,
            "default_max_age": Kind::Number, "require_auth_time": Kind::Switch,
            "subject_type": Kind::Choice(&["public", "pairwise"]), "sector_identifier_uri": Kind::Text,
        },
    },
    Part {
        title: "client-part-tokens",
        specs: specs! {
            "access_token_format": Kind::Choice(&["jwt", "opaque"]), "access_token_signed_response_alg": SIGNING,
            "id_token_signed_response_alg": Kind::Choice(&["RS256", "ES256", "PS256", "EdDSA", "none"]),
            "claims_in_id_token": Kind::Switch,
            "id_token_encrypted_response_alg": KEY, "id_token_encrypted_response_enc": CONTENT,
            "userinfo_signed_response_alg": SIGNING, "userinfo_encrypted_response_alg": KEY, "userinfo_encrypted_response_enc": CONTENT,
            "introspection_signed_response_alg": SIGNING, "introspection_encrypted_response_alg": KEY, "introspection_encrypted_response_enc": CONTENT,
        },
    },
    Part {
        title: "client-part-requests",
        specs: specs! {
            "require_signed_request_object": Kind::Switch,
            "request_object_signing_alg": Kind::Choice(&["", "RS256", "PS256", "ES256", "EdDSA", "none"]),
            "request_object_encryption_alg": KEY, "request_object_encryption_enc": CONTENT,
        },
    },
    Part {
        title: "client-part-logout",
        specs: specs! {
            "backchannel_logout_uri": Kind::Text, "backchannel_logout_session_required": Kind::Switch,
            "frontchannel_logout_uri": Kind::Text, "frontchannel_logout_session_required": Kind::Switch,
        },
    },
];

/// A field with what stands in it.
pub struct Field {
    /// The member.
    pub spec: Spec,
    /// As text, for everything but [`Kind::Switch`] and [`Kind::Several`].
    pub text: String,
    /// What is chosen: of a switch `["yes"]`.
    pub chosen: Vec<String>,
}

impl Spec {
    /// The key of its label.
    #[must_use]
    pub fn label(&self) -> String {
        format!("client-{}", self.name.replace('_', "-"))
    }
}

impl Field {
    /// The key of its label.
    #[must_use]
    pub fn label(&self) -> String {
        self.spec.label()
    }

    /// What kind of input it is, for the template.
    #[must_use]
    pub const fn shape(&self) -> &'static str {
        match self.spec.kind {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Lines | Kind::Json => "lines",
            Kind::Switch => "switch",
            Kind::Choice(_) => "choice",
            Kind::Several(_) => "several",
        }
    }

    /// What can be chosen, and whether it is.
    #[must_use]
    pub fn options(&self) -> Vec<(&'static str, bool)> {
        let of = match self.spec.kind {
            Kind::Choice(of) | Kind::Several(of) => of,
            _ => &[],
        };
        let is = |option: &str| self.text == option || self.chosen.iter().any(|one| one == option);
        of.iter().map(|option| (*option, is(option))).collect()
    }

    fn of(spec: Spec, value: &Value) -> Self {
        let items = || {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
        };
        let (text, chosen) = match spec.kind {
            Kind::Lines => (items().collect::<Vec<_>>().join("\n"), Vec::new()),
            Kind::Several(_) => (String::new(), items().collect()),
            Kind::Switch => {
                let on = value
                    .as_bool()
                    .unwrap_or_default()
                    .then(|| "yes".to_owned());
                (String::new(), on.into_iter().collect())
            }
            Kind::Json if value.is_null() => (String::new(), Vec::new()),
            // No JSON: as it was typed.
            Kind::Json if value.is_string() => {
                (value.as_str().unwrap_or_default().to_owned(), Vec::new())
            }
            Kind::Json => (
                serde_json::to_string_pretty(value).unwrap_or_default(),
                Vec::new(),
            ),
            Kind::Text | Kind::Number | Kind::Choice(_) => match value {
                Value::String(text) => (text.clone(), Vec::new()),
                Value::Null => (String::new(), Vec::new()),
                other => (other.to_string(), Vec::new()),
            },
        };
        Self { spec, text, chosen }
    }
}

/// The fields of a part, filled from a client's metadata.
#[must_use]
pub fn fields(part: &Part, metadata: &Map<String, Value>) -> Vec<Field> {
    let filled = part.specs.iter();
    filled
        .map(|spec| Field::of(*spec, metadata.get(spec.name).unwrap_or(&Value::Null)))
        .collect()
}

/// The name of a field that holds no JSON, and everything as it was typed.
type NoJson = (&'static str, Map<String, Value>);

/// Reads what was typed into the metadata `old`: members that have no field stay as they are. `typed` gives a
/// field by its name.
///
/// # Errors
/// [`NoJson`].
pub fn read(
    old: &Map<String, Value>,
    typed: impl Fn(&str) -> String,
) -> Result<Map<String, Value>, NoJson> {
    let (mut new, mut wrong) = (old.clone(), None);
    for spec in PARTS.iter().flat_map(|part| part.specs) {
        let text = typed(spec.name).trim().to_owned();
        let value = match spec.kind {
            Kind::Switch => Value::Bool(text == "yes"),
            Kind::Lines => text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect(),
            Kind::Several(of) => of
                .iter()
                .filter(|option| typed(&format!("{}.{option}", spec.name)) == "yes")
                .copied()
                .collect(),
            Kind::Number => text.parse::<u64>().map_or(Value::String(text), Value::from),
            Kind::Json if text.is_empty() => Value::Null,
            Kind::Json => serde_json::from_str(&text).unwrap_or_else(|_| {
                wrong = Some(spec.name);
                Value::String(text)
            }),
            Kind::Text | Kind::Choice(_) => Value::String(text),
        };
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            new.remove(spec.name);
        } else {
            new.insert(spec.name.to_owned(), value);
        }
    }
    match wrong {
        Some(field) => Err((field, new)),
        None => Ok(new),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::client::ClientMetadata;
    use crate::web::messages::{Lang, lookup};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    /// What a browser would send of a page.
    fn sent(metadata: &Map<String, Value>) -> Map<String, Value> {
        let all: Vec<Field> = PARTS
            .iter()
            .flat_map(|part| fields(part, metadata))
            .collect();
        let typed = |name: &str| {
            let (field, option) = name.split_once('.').unwrap_or((name, ""));
            let field = all.iter().find(|of| of.spec.name == field).unwrap();
            match field.spec.kind {
                Kind::Several(_) => field
                    .chosen
                    .iter()
                    .any(|one| one == option)
                    .then(|| "yes".to_owned()),
                Kind::Switch => field.chosen.first().cloned(),
                _ => Some(field.text.clone()),
            }
            .unwrap_or_default()
        };
        read(metadata, typed).unwrap()
    }

    #[test]
    fn every_member_has_a_field_and_every_field_is_a_member() {
        let known = object(serde_json::to_value(ClientMetadata::default()).unwrap());
        let mut fields: Vec<_> = PARTS
            .iter()
            .flat_map(|part| part.specs)
            .map(|spec| spec.name)
            .collect();
        fields.sort_unstable();
        // A statement is what somebody else vouched for: kept, not typed.
        let mut members: Vec<_> = known
            .keys()
            .map(String::as_str)
            .filter(|name| *name != "software_statement")
            .collect();
        members.sort_unstable();
        assert_eq!(fields, members);
    }

    #[test]
    fn a_form_that_is_sent_as_it_was_opened_changes_nothing() {
        for metadata in [
            json!({}),
            json!({"redirect_uris": ["https://a.example/cb", "https://b.example/cb"], "default_max_age": 60,
                "jwks": {"keys": [{"kty": "EC"}]}, "require_pkce": true, "response_types": ["code", "id_token token"],
                "localized": {"client_name#de": "Fotoalbum"}, "id_token_signed_response_alg": "ES256"}),
        ] {
            let old: ClientMetadata = serde_json::from_value(metadata).unwrap();
            let before = object(serde_json::to_value(&old).unwrap());
            let after: ClientMetadata =
                serde_json::from_value(Value::Object(sent(&before))).unwrap();
            assert_eq!(after, old);
        }
    }

    #[test]
    fn every_field_has_a_label_in_every_language() {
        for lang in Lang::ALL {
            for part in PARTS {
                assert_ne!(lookup(lang, part.title, &[]), part.title);
                for field in fields(part, &Map::new()) {
                    assert_ne!(lookup(lang, &field.label(), &[]), field.label());
                }
            }
        }
    }
}
