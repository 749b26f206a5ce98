//! Sectors: sites of one owner, which know a person by the same pairwise `sub` (OpenID Connect Core
//! §8.1, Registration §5).

use std::collections::BTreeSet;

use url::Url;

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
    let hosts: BTreeSet<Option<String>> = metadata
        .redirect_uris
        .iter()
        .map(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned))
        .collect();
    let one_host = hosts.len() <= 1 && !hosts.contains(&None);
    if metadata.subject_type == SubjectType::Pairwise && !one_host {
        return fail("sector_identifier_uri: needed, as the redirect URIs have not one host");
    }
    Ok(())
}

impl ClientMetadata {
    /// Whose `sub`s a person has here: the host of `sector_identifier_uri`, else the one host of the
    /// redirect URIs.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        let uri = self
            .sector_identifier_uri
            .as_ref()
            .or_else(|| self.redirect_uris.first())?;
        Url::parse(uri).ok()?.host_str().map(str::to_owned)
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
