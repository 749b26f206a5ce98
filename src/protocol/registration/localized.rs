//! Members in a language (RFC 7591 §2.2, OpenID Connect Registration §2.1): `client_name#ja-Jpan-JP`.

use oxilangtag::LanguageTag;
use serde_json::Value;

use super::rules::{MAX_URIS, fail, is_name, is_web_uri};
use super::{Localized, Members, metadata_error};
use crate::protocol::client::ClientMetadata;
use crate::protocol::error::OAuthError;

/// The members that people read, or that point to something that they read.
const NAMES: [&str; 5] = [
    "client_name",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
];

/// Takes the members in a language out of `members`. Those of other members are left to be ignored or
/// complained about like any that is unknown.
pub(super) fn take(members: &mut Members) -> Result<Localized, OAuthError> {
    let names: Vec<String> = members
        .keys()
        .filter(|name| base(name).is_some())
        .cloned()
        .collect();
    let mut found = Localized::new();
    for name in names {
        match members.remove(&name) {
            Some(Value::String(text)) => drop(found.insert(name, text)),
            _ => return Err(metadata_error(format!("{name}: must be a string"))),
        }
    }
    Ok(found)
}

/// The member that a name with a language is about.
fn base(name: &str) -> Option<&'static str> {
    let (base, _) = name.split_once('#')?;
    NAMES.into_iter().find(|known| *known == base)
}

/// OpenID Connect Registration §2.1: "To specify the languages and scripts, BCP47 language tags are
/// added to Client Metadata member names, delimited by a # character."
pub(super) fn rule(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    if metadata.localized.len() > MAX_URIS {
        return fail("client_name: in too many languages");
    }
    let mut seen = Vec::new();
    for (name, text) in &metadata.localized {
        let (Some(base), Some((_, tag))) = (base(name), name.split_once('#')) else {
            return fail(format!("{name}: this member has no languages"));
        };
        if LanguageTag::parse(tag).is_err() {
            return fail(format!("{name}: not a language tag of BCP 47"));
        }
        // "BCP47 language tags are case insensitive": which of two would be shown?
        let comparable = name.to_ascii_lowercase();
        if seen.contains(&comparable) {
            return fail(format!("{name}: the same language twice"));
        }
        seen.push(comparable);
        if base == "client_name" && !is_name(text) {
            return fail(format!("{name}: must be 1 to 200 visible characters"));
        }
        if base != "client_name" && !is_web_uri(text) {
            return fail(format!("{name}: must be an https URI"));
        }
    }
    Ok(())
}
