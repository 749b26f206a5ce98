//! Sectors: sites of one owner, which know a person by the same pairwise `sub` (OpenID Connect Core
//! §8.1, Registration §5).

use std::collections::BTreeSet;

use url::{Host, Url};

use super::metadata_error;
use super::rules::{fail, is_web_uri};
use crate::protocol::client::{ClientMetadata, SubjectType};
use crate::protocol::error::OAuthError;

/// OpenID Connect Core §8.1: "If there are multiple hostnames in the registered redirect_uris, the
/// Client MUST register a sector_identifier_uri."
pub(super) fn rule(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    if let Some(uri) = &metadata.sector_identifier_uri {
        return if is_web_uri(uri) {
            Ok(())
        } else {
            fail("sector_identifier_uri: must be an https URI")
        };
    }
    if metadata.subject_type == SubjectType::Pairwise && one_host(&metadata.redirect_uris).is_none()
    {
        return fail("sector_identifier_uri: needed, as the redirect URIs have not one https host");
    }
    Ok(())
}

/// The host that every redirect URI shares, if somebody must own it to receive the answer. What
/// stands after `//` in a private-use URI is anybody's choice, and loopback is everybody's: with them
/// an application could take the sector, and so the subjects, of another one's site.
fn one_host(redirect_uris: &[String]) -> Option<String> {
    let owned = |uri: &String| {
        let url = Url::parse(uri).ok().filter(|url| url.scheme() == "https")?;
        let host = url.host_str()?.to_owned();
        let is_loopback = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        (!is_loopback).then_some(host)
    };
    let hosts: BTreeSet<Option<String>> = redirect_uris.iter().map(owned).collect();
    match (hosts.len(), hosts.into_iter().next()) {
        (1, Some(host)) => host,
        _ => None,
    }
}

impl ClientMetadata {
    /// Whose `sub`s a person has here: the host of `sector_identifier_uri`, else the one https host of
    /// the redirect URIs.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        match &self.sector_identifier_uri {
            Some(uri) => Url::parse(uri).ok()?.host_str().map(str::to_owned),
            None => one_host(&self.redirect_uris),
        }
    }
}

/// Checks what was fetched from `sector_identifier_uri`.
///
/// OpenID Connect Registration §5: "The values of the registered redirect_uris MUST be included in the
/// elements of the array, or registration MUST fail."
///
/// # Errors
/// `invalid_client_metadata`.
pub fn check_sector(metadata: &ClientMetadata, document: &[u8]) -> Result<(), OAuthError> {
    let Ok(listed) = serde_json::from_slice::<BTreeSet<String>>(document) else {
        return Err(metadata_error(
            "sector_identifier_uri: must answer with a JSON array of redirect URIs",
        ));
    };
    if metadata
        .redirect_uris
        .iter()
        .all(|uri| listed.contains(uri))
    {
        return Ok(());
    }
    Err(metadata_error(
        "sector_identifier_uri: does not list every redirect URI",
    ))
}
