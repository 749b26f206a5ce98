//! Where a client can be reached for something other than an authorization response.

use url::Url;

use super::rules::{MAX_URIS, fail, is_web_uri};
use crate::protocol::client::ClientMetadata;
use crate::protocol::error::OAuthError;

/// OpenID Connect Core §6.2: "The entire Request URI SHOULD NOT exceed 512 ASCII characters."
const MAX_REQUEST_URI: usize = 512;

/// OpenID Connect Registration §2: "URI using the https scheme". On loopback too: nothing here is ever
/// fetched, and certification tries http.
pub(super) fn initiate_login_uri(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let is_https = |uri: &str| Url::parse(uri).is_ok_and(|url| url.scheme() == "https");
    match &metadata.initiate_login_uri {
        Some(uri) if !is_web_uri(uri) || !is_https(uri) => {
            fail("initiate_login_uri: must be an https URI")
        }
        _ => Ok(()),
    }
}

/// OpenID Connect Core §6.2. A fragment is allowed: it has the hash of what lies there.
pub(super) fn request_uris(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let uris = &metadata.request_uris;
    let fits = |uri: &String| uri.len() <= MAX_REQUEST_URI && is_web_uri(uri);
    if uris.len() > MAX_URIS || !uris.iter().all(fits) {
        return fail("request_uris: each must be an https URI of 512 characters at most");
    }
    Ok(())
}

/// Front-Channel Logout §2: "The domain, port, and scheme of this URL MUST be the same as that of a
/// registered Redirection URI value." A page of ours loads it with the person's cookies there.
pub(super) fn frontchannel_logout_uri(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    let Some(uri) = &metadata.frontchannel_logout_uri else {
        return Ok(());
    };
    if !is_web_uri(uri) || uri.contains('#') {
        return fail("frontchannel_logout_uri: must be an https URI without a fragment");
    }
    let origin = |uri: &str| Url::parse(uri).ok().map(|url| url.origin());
    let own = origin(uri);
    if metadata.redirect_uris.iter().any(|uri| origin(uri) == own) {
        return Ok(());
    }
    fail("frontchannel_logout_uri: must have the scheme, host and port of a redirect URI")
}

/// Back-Channel Logout §2.2: "This URL [...] MUST NOT include a fragment component."
pub(super) fn backchannel_logout_uri(metadata: &ClientMetadata) -> Result<(), OAuthError> {
    match &metadata.backchannel_logout_uri {
        Some(uri) if !is_web_uri(uri) || uri.contains('#') => {
            fail("backchannel_logout_uri: must be an https URI without a fragment")
        }
        _ => Ok(()),
    }
}
