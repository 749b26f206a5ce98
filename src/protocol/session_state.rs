//! Session Management 1.0: a client's page learns, without asking us, that the login here has changed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::client::ClientId;
use crate::base::Digest;

/// The `session_state` of an authorization response (§3.2: "a salted cryptographic hash of Client ID,
/// origin URL, and OP User Agent state"). `assets/check_session.js` computes the same.
#[must_use]
pub fn session_state(
    client: &ClientId,
    redirect_uri: &str,
    browser_state: &str,
    salt: &[u8],
) -> String {
    let origin = Url::parse(redirect_uri)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let salt = URL_SAFE_NO_PAD.encode(salt);
    let digest = Digest::of(format!("{client} {origin} {browser_state} {salt}").as_bytes());
    format!("{}.{salt}", URL_SAFE_NO_PAD.encode(digest.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_management_3_2_the_state_depends_on_client_origin_browser_and_salt_only() {
        let state = |client: &str, uri, browser, salt: &[u8]| {
            session_state(&ClientId::new(client), uri, browser, salt)
        };
        let one = state("app", "https://app.example/cb?x=1", "b", b"salt");
        assert!(!one.contains(' ') && one.ends_with(".c2FsdA"), "{one}");
        assert_eq!(
            one,
            state("app", "https://app.example:443/other", "b", b"salt")
        );
        for other in [
            state("app2", "https://app.example/cb", "b", b"salt"),
            state("app", "https://app.example:8443/cb", "b", b"salt"),
            state("app", "https://app.example/cb", "c", b"salt"),
            state("app", "https://app.example/cb", "b", b"pepper"),
        ] {
            assert_ne!(one, other);
        }
    }
}
