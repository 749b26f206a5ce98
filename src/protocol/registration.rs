//! Client registration (RFC 7591, OpenID Connect Registration): from JSON to [`ClientMetadata`], and
//! back to the answer.

mod algorithms;
mod keys;
mod localized;
mod management;
mod policy;
mod rules;
mod sector;
mod statement;
mod uris;
mod words;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::client::{Client, ClientMetadata};
use super::error::{ErrorCode, OAuthError};
use super::scope::Scope;
use crate::base::{Secret, Timestamp};
use crate::crypto::jose::is_object_with_unique_members;

pub use management::{check_replacement, management_response};
pub use policy::Policy;
pub use rules::{RULES, Rule};
pub use sector::check_sector;
pub use statement::metadata_of_statement;

/// Members in a language, by their whole name.
type Localized = BTreeMap<String, String>;

/// Room for a hundred URIs and keys; a stranger's JSON is parsed in memory.
const MAX_BYTES: usize = 64 * 1024;

/// What people's applications nearly always want. RFC 7591 §2: "If omitted, an authorization server
/// MAY register a client with a default set of scopes."
const DEFAULT_SCOPE: &str = "openid profile email offline_access";

/// What only an operator may grant: a stranger could otherwise skip consent, read tokens that are
/// meant for others, or obtain tokens for services of its choice. On the open path they are treated
/// like members that the server does not understand, so that a client can send back what it was told.
const OPERATOR_ONLY: [&str; 4] = [
    "skip_consent",
    "resource_identifiers",
    "resources",
    "minimum_acr",
];

impl ClientMetadata {
    /// Reads the metadata of a stranger: open registration.
    ///
    /// RFC 7591 §2: "The authorization server MUST ignore any client metadata sent by the client that
    /// it does not understand".
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 §3.2.2), naming the member.
    pub fn parse(json: &[u8]) -> Result<Self, OAuthError> {
        Self::from_members(read_members(json)?)
    }

    /// As [`ClientMetadata::parse`], from members that were already read.
    ///
    /// # Errors
    /// As [`ClientMetadata::parse`].
    pub fn from_members(mut members: Members) -> Result<Self, OAuthError> {
        let localized = localized::take(&mut members)?;
        let known = known_members();
        members
            .retain(|name, _| known.contains_key(name) && !OPERATOR_ONLY.contains(&name.as_str()));
        build(members, localized).map_err(first)
    }

    /// Reads the metadata of an operator, to whom a mistyped member is worth an error.
    ///
    /// # Errors
    /// As [`ClientMetadata::parse`], and `invalid_client_metadata` for an unknown member, naming the
    /// nearest known one.
    pub fn parse_strict(json: &[u8]) -> Result<Self, OAuthError> {
        Self::from_members_strict(read_members(json)?).map_err(first)
    }

    /// As [`ClientMetadata::parse_strict`], from members that were already read.
    ///
    /// # Errors
    /// Everything that is wrong with them, at least one thing.
    pub fn from_members_strict(mut members: Members) -> Result<Self, Vec<OAuthError>> {
        let known = known_members();
        members.retain(|_, value| !value.is_null());
        let localized = localized::take(&mut members).map_err(|error| vec![error])?;
        let mut wrong = Vec::new();
        // It would be kept and shown as if somebody had checked it.
        if members.remove("software_statement").is_some() {
            wrong.push(metadata_error(
                "software_statement: only for clients that register themselves",
            ));
        }
        let names: Vec<String> = members.keys().cloned().collect();
        for name in names.iter().filter(|name| !known.contains_key(*name)) {
            members.remove(name);
            wrong.push(unknown_member(name, &known));
        }
        match build(members, localized) {
            Ok(metadata) if wrong.is_empty() => Ok(metadata),
            Ok(_) => Err(wrong),
            Err(further) => {
                wrong.extend(further);
                Err(wrong)
            }
        }
    }

    /// The members that say something, by their registered names: what [`ClientMetadata::from_members_strict`]
    /// reads back.
    #[must_use]
    pub fn members(&self) -> Members {
        // RFC 7591 §3.2.1: "the authorization server MUST return all registered metadata about this client,
        // including any fields provisioned by the authorization server itself."
        let mut members = match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        };
        members.retain(|name, value| {
            // Empty, and yet not the same as absent: their defaults are something else.
            let kept = matches!(
                name.as_str(),
                "grant_types" | "response_types" | "redirect_uris"
            );
            let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("");
            !value.is_null() && (kept || !empty)
        });
        // RFC 7591 §2.2: each under its own name again.
        members.remove("localized");
        for (name, value) in &self.localized {
            members.insert(name.clone(), json!(value));
        }
        members
    }

    /// Keeps what only an operator may give, where a client replaces the rest of its metadata.
    #[must_use]
    pub fn with_privileges_of(mut self, old: &Self) -> Self {
        self.skip_consent = old.skip_consent;
        self.resource_identifiers
            .clone_from(&old.resource_identifiers);
        self.resources.clone_from(&old.resources);
        self.minimum_acr.clone_from(&old.minimum_acr);
        self
    }

    /// Runs every rule over metadata, wherever it came from.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 §3.2.2), naming the member.
    pub fn validate(&self) -> Result<(), OAuthError> {
        RULES.iter().try_for_each(|rule| rule.run(self))
    }
}

/// Of everything that is wrong, what is told to whoever takes one error.
fn first(mut wrong: Vec<OAuthError>) -> OAuthError {
    if wrong.is_empty() {
        return metadata_error("the metadata cannot be read");
    }
    wrong.swap_remove(0)
}

fn unknown_member(name: &str, known: &Members) -> OAuthError {
    let nearest = known
        .keys()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= name.len() / 2);
    metadata_error(match nearest {
        Some((_, candidate)) => format!("unknown member {name}: did you mean {candidate}?"),
        None => format!("unknown member {name}"),
    })
}

/// The members of [`ClientMetadata`], by their serialised names.
fn known_members() -> Members {
    match serde_json::to_value(ClientMetadata::default()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// The members of a registration request, before anybody knows what they mean.
pub type Members = Map<String, Value>;

/// Reads a JSON object. RFC 7592 §2.2 treats an omitted field "as null", and so `null` as omitted.
///
/// # Errors
/// `invalid_client_metadata` for what is no JSON object, is too large or has a member twice.
pub fn read_members(json: &[u8]) -> Result<Members, OAuthError> {
    if json.len() > MAX_BYTES {
        return Err(metadata_error("the metadata is larger than 64 KiB"));
    }
    let mut members = match serde_json::from_slice(json) {
        Ok(Value::Object(members)) => members,
        Ok(_) => return Err(metadata_error("the metadata must be a JSON object")),
        Err(_) => return Err(metadata_error("the metadata is not valid JSON")),
    };
    // RFC 8259 §4: what a reader makes of a repeated name is unpredictable, so that whoever approved
    // the registration may have read the other redirect URI.
    if !is_object_with_unique_members(json) {
        return Err(metadata_error("the metadata has a member twice"));
    }
    members.retain(|_, value| !value.is_null());
    Ok(members)
}

fn build(members: Members, localized: Localized) -> Result<ClientMetadata, Vec<OAuthError>> {
    // One by one first: the error of the whole would not name the member.
    let mut wrong = Vec::new();
    for (name, value) in &members {
        if let Err(error) = serde_json::from_value::<ClientMetadata>(json!({ name: value })) {
            wrong.push(metadata_error(words::told(name, value, &error)));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let has_response_types = members.contains_key("response_types");
    let mut metadata: ClientMetadata = serde_json::from_value(Value::Object(members))
        .map_err(|_| vec![metadata_error("the metadata cannot be read")])?;
    let signs_people_in = metadata
        .grant_types
        .iter()
        .any(|grant| grant.signs_people_in());
    if !has_response_types && !signs_people_in {
        metadata.response_types.clear();
    }
    if metadata.scope.is_empty() && signs_people_in {
        metadata.scope = Scope::parse(DEFAULT_SCOPE).map_err(|error| vec![error])?;
    }
    metadata.localized = localized;
    algorithms::fill_defaults(&mut metadata);
    let broken = |rule: &Rule| rule.run(&metadata).err();
    let wrong: Vec<OAuthError> = RULES.iter().filter_map(broken).collect();
    if wrong.is_empty() {
        Ok(metadata)
    } else {
        Err(wrong)
    }
}

fn metadata_error(description: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, description)
}

/// The client information response (RFC 7591 §3.2.1) without the management members of RFC 7592.
/// `secret_expires_at: None` is a secret that never ends.
///
/// It holds the secret in clear: send it, and do not log it.
#[must_use]
pub fn registration_response(
    client: &Client,
    secret: Option<&Secret<String>>,
    secret_expires_at: Option<Timestamp>,
) -> Value {
    let mut members = client.metadata.members();
    members.insert("client_id".to_owned(), json!(client.id));
    members.insert(
        "client_id_issued_at".to_owned(),
        json!(client.created_at.seconds()),
    );
    if let Some(secret) = secret {
        members.insert("client_secret".to_owned(), json!(secret.expose()));
        // RFC 7591 §3.2.1: "REQUIRED if "client_secret" is issued. Time at which the client secret
        // will expire or 0 if it will not expire."
        members.insert(
            "client_secret_expires_at".to_owned(),
            json!(secret_expires_at.map_or(0, Timestamp::seconds)),
        );
    }
    Value::Object(members)
}

#[cfg(test)]
mod member_tests;
#[cfg(test)]
mod tests;
